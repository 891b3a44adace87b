"""The data's way, as a list of stages. Start reading here.

connector ─▶ inbox ─▶ item ─▶ redacted spans ─▶ vectors ─▶ groups ─▶ themes
    ─▶ suggestions ─▶ deliveries ─▶ effects
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from connectors.target_port import Target as TargetPort
from nlp.embedders import Embedders
from nlp.ports import Clusterer, Labeler, Polisher
from service.db import Database
from service.models import Run, Target
from service.pipeline import (
    chart,
    cluster,
    correct,
    deliver,
    embed,
    ingest,
    look,
    measure,
    place,
    polish,
    preview,
    redact,
    route,
    steer,
    themes,
    track,
    value,
)
from service.pipeline.report import Progress, Report, silent
from service.repositories.runs import lock_runs
from service.rules.alarms import ALLOWED


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The swappable parts that a run uses."""

    embedders: Embedders
    clusterer: Clusterer
    labeler: Labeler
    connect: Callable[[Target], TargetPort]
    """Builds the connector of a configured target."""
    false_alarms: float = ALLOWED
    """How many alarms may come in four weeks where nothing happens."""
    public_url: str | None = None
    """Where people find the pages, for links in what is sent."""
    polisher: Polisher | None = None
    """Puts titles and drafts into better words, where somebody wants that."""


STAGES = (
    "ingest",
    "redact",
    "embed",
    "cluster",
    "themes",
    "place",
    "alarms",
    "route",
    "polish",
    "deliver",
    "track",
    "measure",
    "value",
    "steer",
    "map",
)
AFTER_THEMES = STAGES[STAGES.index("themes") + 1 :]


def _nobody(news: str) -> None:
    """Tell nobody."""


def run(
    db: Database,
    organisation_id: str,
    ports: Ports,
    *,
    seed: int | None = None,
    as_of: datetime | None = None,
    only: str | None = None,
    progress: Progress = silent,
    announce: Callable[[str], None] = _nobody,
) -> list[Report]:
    """Take everything that waits through every stage (or the `only` one) and say what each did.

    Every stage is safe to repeat: it finds its work in the database and commits it in batches, so a
    run that was cut off goes on where it stopped. `as_of` leaves out what came in later; without a `seed`
    it is that of the live run. Of two runs at once, the second waits for the first, which `announce` is told.
    """
    line = _line(db, organisation_id, ports, seed=seed, as_of=as_of, progress=progress)
    with _alone(db, organisation_id, announce):
        correct.carry_out_waiting(db, organisation_id)
        reports = [stage() for name, stage in line.items() if only in (None, name)]
        if only is None:
            _followed(db, organisation_id)
        return reports


def _line(
    db: Database,
    organisation_id: str,
    ports: Ports,
    *,
    seed: int | None = None,
    as_of: datetime | None = None,
    progress: Progress,
) -> dict[str, Callable[[], Report]]:
    """Return every stage by its name, ready to be run."""
    return {
        "ingest": lambda: ingest.run(db, organisation_id, progress=progress),
        "redact": lambda: redact.run(db, organisation_id, read_anew=True, progress=progress),
        "embed": lambda: embed.run(db, organisation_id, ports.embedders, progress=progress),
        "cluster": lambda: cluster.run(
            db, organisation_id, ports.embedders, ports.clusterer, seed=seed, as_of=as_of, progress=progress
        ),
        "themes": lambda: themes.run(db, organisation_id, ports.labeler, progress=progress),
        "place": lambda: place.run(db, organisation_id, ports.embedders, progress=progress),
        "alarms": lambda: look.run(
            db,
            organisation_id,
            allowed=ports.false_alarms,
            as_of=as_of,
            public_url=ports.public_url,
            progress=progress,
        ),
        "route": lambda: route.run(db, organisation_id, ports.embedders, progress=progress),
        "polish": lambda: polish.run(db, organisation_id, ports.polisher, progress=progress),
        "deliver": lambda: deliver.run(
            db, organisation_id, ports.connect, public_url=ports.public_url, progress=progress
        ),
        "track": lambda: track.run(
            db, organisation_id, ports.connect, public_url=ports.public_url, progress=progress
        ),
        "measure": lambda: measure.run(db, organisation_id, public_url=ports.public_url, progress=progress),
        "value": lambda: value.run(db, organisation_id, progress=progress),
        "steer": lambda: steer.run(db, organisation_id, progress=progress),
        "map": lambda: chart.run(db, organisation_id, progress=progress),
    }


def run_preview(
    db: Database,
    organisation_id: str,
    ports: Ports,
    *,
    seed: int | None = None,
    as_of: datetime | None = None,
    progress: Progress = silent,
    announce: Callable[[str], None] = _nobody,
) -> list[Report]:
    """Take everything that waits up to its vectors, and make a run that is stored beside the live one."""
    line = _line(db, organisation_id, ports, progress=progress)
    with _alone(db, organisation_id, announce):
        correct.carry_out_waiting(db, organisation_id)
        reports = [line[name]() for name in ("ingest", "redact", "embed")]
        made = preview.run(
            db,
            organisation_id,
            ports.embedders,
            ports.clusterer,
            ports.labeler,
            seed=seed,
            as_of=as_of,
            progress=progress,
        )
        return [*reports, made]


def accept_preview(
    db: Database,
    organisation_id: str,
    run_id: str,
    ports: Ports,
    *,
    by: str,
    progress: Progress = silent,
    announce: Callable[[str], None] = _nobody,
) -> tuple[Run, list[Report]]:
    """Make a preview the live run, and do all that follows on themes. Raises NotFound and Conflict."""
    line = _line(db, organisation_id, ports, progress=progress)
    with _alone(db, organisation_id, announce):
        with db.begin() as session:
            taken = preview.accept(session, organisation_id, run_id, by=by)
        reports = [stage() for name, stage in line.items() if name in AFTER_THEMES]
        _followed(db, organisation_id)
    return taken, reports


def _followed(db: Database, organisation_id: str) -> None:
    """Note that all stages have been through the live run."""
    with db.begin() as session:
        preview.note_followed(session, organisation_id)


def take_in(db: Database, organisation_id: str, *, progress: Progress = silent) -> list[Report]:
    """Take what was received through the first two stages, so that it can be looked at.

    Any number of processes may do this at once, also beside a run.
    """
    reports = [
        ingest.run(db, organisation_id, progress=progress),
        redact.run(db, organisation_id, progress=progress),
    ]
    correct.carry_out_waiting(db, organisation_id)
    return reports


def take_live(db: Database, organisation_id: str, embedders: Embedders) -> list[Report]:
    """Take what was received all the way into the themes that exist: a matter of seconds."""
    return [*take_in(db, organisation_id), place.run(db, organisation_id, embedders)]


@contextmanager
def _alone(db: Database, organisation_id: str, announce: Callable[[str], None]) -> Iterator[None]:
    """Keep other runs of the organisation out: they would find and do the very same work."""
    with db.begin() as guard:
        if not lock_runs(guard, organisation_id, wait=False):
            announce("Another Koe process is at it; waiting until it is through …")
            lock_runs(guard, organisation_id, wait=True)
        yield
