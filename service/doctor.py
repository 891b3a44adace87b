"""What `koe doctor` looks at: the database, the weights, the disk, and what waits or failed."""

import shutil
from dataclasses import dataclass

from sqlalchemy import text

from nlp.embedders import Embedders
from service.config import Settings
from service.db import Database
from service.models import MAIN
from service.repositories import deliveries, inbox

LEAST_FREE = 0.1
"""Below this free share of the disk, PostgreSQL may soon be unable to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    ok: bool
    what: str


def examine(db: Database, settings: Settings, embedders: Embedders) -> list[Finding]:
    """Look at everything that a run needs; a finding that is not ok says what to do."""
    return [_database(db), *_work(db), _disk(settings), *_weights(embedders)]


def _database(db: Database) -> Finding:
    with db.begin() as session:
        version = session.connection().execute(text("SHOW server_version")).scalar_one()
        vectors = (
            session.connection()
            .execute(text("SELECT extversion FROM pg_extension WHERE extname = 'vector'"))
            .scalar_one()
        )
    return Finding(ok=True, what=f"PostgreSQL {version} with pgvector {vectors}; the schema is up to date")


def _work(db: Database) -> list[Finding]:
    with db.begin() as session:
        states = inbox.count_by_state(session, MAIN)
        stuck = deliveries.count_by_state(session, MAIN)
    dead = states.get("dead", 0)
    waiting = stuck.get("paused", 0) + stuck.get("dead", 0)
    return [
        Finding(
            ok=not dead,
            what=f"{dead:,} received records could not be read" + (" (see the inbox table)" if dead else ""),
        ),
        Finding(
            ok=not waiting,
            what=f"{waiting:,} deliveries were refused or given up"
            + ("; open their suggestions to see why, mend the target, and run again" if waiting else ""),
        ),
    ]


def _disk(settings: Settings) -> Finding:
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    usage = shutil.disk_usage(folder)
    share = usage.free / usage.total
    what = f"{usage.free / 2**30:.0f} GiB ({share:.0%}) free where {settings.home} is"
    return Finding(
        ok=share >= LEAST_FREE, what=what + ("" if share >= LEAST_FREE else "; make room before importing")
    )


def _weights(embedders: Embedders) -> list[Finding]:
    if embedders.notes:
        return [Finding(ok=False, what=note) for note in embedders.notes]
    return [Finding(ok=True, what=f"reads for meaning with {', '.join(embedders.names)}")]
