"""The swappable parts that the settings ask for; heavy ones are loaded when they are first used."""

from connectors.ports import Target as TargetPort
from connectors.registry import open_target
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.labelers import open_labeler
from service.config import Settings
from service.errors import WrongUse
from service.models import Target
from service.pipeline.run import Ports


def connect(target: Target) -> TargetPort:
    """Return the connector of a configured target."""
    return open_target(target.kind, target.settings)


def ports(settings: Settings) -> Ports:
    """Return the parts that the settings ask for; heavy ones are loaded when they are first used."""
    try:
        clusterer = open_clusterer(settings.clusterer)
    except ValueError as error:
        raise WrongUse(f"KOE_CLUSTERER: {error}.") from error
    return Ports(
        embedders=open_embedders(settings.embedder),
        clusterer=clusterer,
        labeler=open_labeler(),
        connect=connect,
    )
