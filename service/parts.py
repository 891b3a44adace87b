"""The swappable parts that the settings ask for; heavy ones are loaded when they are first used."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from pydantic import SecretStr

from connectors.errors import ConnectorError, Refused
from connectors.http import MOST_BODY, SECONDS, Http
from connectors.model_server import ModelDoor, chat_door, embeddings_door
from connectors.ports import Means
from connectors.ports import Source as SourcePort
from connectors.registry import SOURCES, TARGETS, open_source, open_target
from connectors.replying import KIND, Replier, Replies
from connectors.target_port import Target as TargetPort
from nlp.clusterers import open_clusterer
from nlp.embedders import Embedders, open_embedders, remote_embedders
from nlp.errors import ModelFails
from nlp.labelers import open_labeler
from nlp.polish import ChatPolisher
from nlp.ports import Polisher
from service import credentials
from service.config import Settings
from service.db import Database
from service.errors import NotFound, Unavailable, WrongUse
from service.models import Source, Target
from service.models.columns import digest
from service.pipeline.run import Ports
from service.repositories import sources
from service.sealing import Seal
from service.turns import Turns

ADVICE = "See to the server, KOE_{name}_MODEL and KOE_{name}_KEY, and run again; what was done is kept."


MOST_PAGE = 32 << 20
"""Bytes of one answer of a source or a target: lists hold whole texts."""
PAGE_SECONDS = 60.0


def door(
    settings: Settings,
    *,
    most_body: int = MOST_BODY,
    seconds: float = SECONDS,
    turn: Callable[[], None] | None = None,
) -> Http:
    """Return the door to other systems. Raises WrongUse where KOE_PRIVATE_HOSTS names none."""
    hosts = settings.private_hosts.split(",")
    try:
        return Http(private_hosts=hosts, most_body=most_body, seconds=seconds, turn=turn)
    except ValueError as error:
        raise WrongUse(f"KOE_PRIVATE_HOSTS: {error}.") from error


def connecting(settings: Settings, db: Database | None = None) -> Callable[[Target], TargetPort]:
    """Return what builds the connector of a configured target, with its secret and the door to other systems.

    With a database all processes take turns at it, as often as it may be asked. What is returned raises
    Refused where the settings are wrong or the secret does not open.
    """
    http = door(settings, most_body=MOST_PAGE)

    def connect(target: Target) -> TargetPort:
        if target.kind == KIND:
            return replies_of(settings, db, target)
        try:
            secret = secret_of(target, settings)
        except Unavailable as error:
            raise Refused(str(error)) from error
        kind, used = TARGETS.get(target.kind), http
        if db is not None and kind is not None and kind.pace is not None:
            key = digest("pace", target.kind, json.dumps(target.settings, sort_keys=True), secret or "")
            turns = Turns(db=db, organisation_id=target.organisation_id, key=key, pace=kind.pace)
            used = door(settings, most_body=MOST_PAGE, turn=turns)
        return open_target(target.kind, target.settings, Means(http=used, secret=secret))

    return connect


def replies_of(settings: Settings, db: Database | None, target: Target) -> Replies:
    """Return the conversations of a source as what deliveries go to.

    Raises Refused where that source is gone, is of a kind that cannot reply, or does not open.
    """
    if db is None:
        raise Refused("replies are sent by the worker alone")
    name = str(target.settings["source"])
    try:
        with db.begin() as session:
            source = sources.get_source(session, target.organisation_id, name)
    except NotFound as error:
        raise Refused(str(error)) from error
    port = listening(settings, db)(source)
    if not isinstance(port, Replier):
        raise Refused(f"a source of the kind {source.kind} cannot reply")
    return Replies(port)


def taking_turns(parts: Ports, settings: Settings, db: Database) -> Ports:
    """Return the parts with targets that all processes together ask no more often than they allow."""
    return replace(parts, connect=connecting(settings, db))


def listening(settings: Settings, db: Database) -> Callable[[Source], SourcePort]:
    """Return what builds the connector of a configured source, with its credentials and its turns.

    That raises Refused where the settings are wrong or the credentials do not open.
    """

    def listen(source: Source) -> SourcePort:
        try:
            known = {**source.settings, **credentials.of(Seal.of(settings), source)}
        except Unavailable as error:
            raise Refused(str(error)) from error
        if source.kind not in SOURCES:
            raise Refused(f"a source of the kind {source.kind} cannot be asked for what it holds")
        return ask(settings, db, source.organisation_id, source.kind, known)

    return listen


def ask(
    settings: Settings, db: Database, organisation_id: str, kind: str, known: Mapping[str, str]
) -> SourcePort:
    """Return a connector that asks with these settings, secret ones among them. Raises Refused."""
    pace = SOURCES[kind].pace
    key = digest("pace", kind, json.dumps(dict(known), sort_keys=True))
    turns = Turns(db=db, organisation_id=organisation_id, key=key, pace=pace) if pace else None
    http = door(settings, most_body=MOST_PAGE, seconds=PAGE_SECONDS, turn=turns)
    return open_source(kind, known, Means(http=http))


def secret_of(target: Target, settings: Settings) -> str | None:
    """Return what Koe proves itself with at a target, None if nothing.

    Raises Unavailable where it does not open.
    """
    if target.sealed_secret is None:
        return None
    return Seal.of(settings).open(target.sealed_secret, _about(target.id))


def sealed_secret(target_id: str, secret: str | None, settings: Settings) -> bytes | None:
    """Return a target's secret as it is kept."""
    return None if secret is None else Seal.of(settings).seal(secret, _about(target_id))


def _about(target_id: str) -> str:
    return f"target:{target_id}"


def embedders_of(settings: Settings) -> Embedders:
    """Return what reads texts for their meaning: a server's model, or one on this machine.

    Raises WrongUse where the settings contradict each other, and ModelMissing for a folder that is not there.
    """
    if settings.embeddings_url is None:
        return open_embedders(settings.embedder)
    if settings.embedder != "default":
        raise WrongUse("KOE_EMBEDDER and KOE_EMBEDDINGS_URL are both set; unset one of them.")
    model = _model(settings.embeddings_model, "EMBEDDINGS")
    key, hosts = settings.embeddings_key, settings.private_hosts.split(",")
    with _address_of("EMBEDDINGS"):
        server = embeddings_door(settings.embeddings_url, key=_revealed(key), private_hosts=hosts)
    return remote_embedders(_asking(server, "EMBEDDINGS"), model=model)


def polisher_of(settings: Settings) -> Polisher | None:
    """Return what puts titles and drafts into better words; None, the default, where nobody wants that.

    Raises WrongUse for settings that do not fit together.
    """
    if settings.llm_url is None:
        return None
    model = _model(settings.llm_model, "LLM")
    key, hosts = settings.llm_key, settings.private_hosts.split(",")
    with _address_of("LLM"):
        server = chat_door(settings.llm_url, key=_revealed(key), private_hosts=hosts)
    return ChatPolisher(_asking(server, "LLM"), model=model)


def _model(named: str | None, name: str) -> str:
    """Return the model that a server is asked for. Raises WrongUse where none is named."""
    model = (named or "").strip()
    if not model or not model.isprintable():
        raise WrongUse(f"KOE_{name}_MODEL must name the model that KOE_{name}_URL is asked for.")
    return model


def _revealed(key: SecretStr | None) -> str | None:
    return key.get_secret_value() if key else None


@contextmanager
def _address_of(name: str) -> Iterator[None]:
    """Raise WrongUse that names the settings where an address or the private hosts are none."""
    try:
        yield
    except ValueError as error:
        raise WrongUse(f"KOE_{name}_URL or KOE_PRIVATE_HOSTS: {error}.") from error


def _asking(server: ModelDoor, name: str) -> Callable[[Mapping[str, object]], object]:
    """Return what asks a server; it raises ModelFails with the settings to see to."""

    def ask(body: Mapping[str, object]) -> object:
        try:
            return server.ask(body)
        except ConnectorError as error:
            raise ModelFails(f"KOE_{name}_URL: {error}. {ADVICE.format(name=name)}") from error

    return ask


def ports(settings: Settings) -> Ports:
    """Return the parts that the settings ask for; heavy ones are loaded when they are first used."""
    try:
        clusterer = open_clusterer(settings.clusterer)
    except ValueError as error:
        raise WrongUse(f"KOE_CLUSTERER: {error}.") from error
    return Ports(
        embedders=embedders_of(settings),
        clusterer=clusterer,
        labeler=open_labeler(),
        connect=connecting(settings),
        false_alarms=settings.false_alarms,
        public_url=settings.public_url,
        polisher=polisher_of(settings),
    )
