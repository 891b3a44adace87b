"""What `koe doctor` looks at: the database, what waits or failed, the targets, the disk and the models."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text

from connectors.errors import ConnectorError
from connectors.target_port import Target as TargetPort
from nlp.clusterers import open_clusterer
from nlp.errors import NlpError
from service.config import Settings
from service.db import Database
from service.errors import WrongUse
from service.models import Target
from service.parts import embedders_of
from service.posting import mail_server
from service.repositories import deliveries, inbox, targets

LEAST_FREE = 0.1
ENOUGH_FREE = 5 << 30
"""With less than this share of the disk and fewer bytes free, PostgreSQL may soon be unable to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    ok: bool
    what: str
    """Where it is not ok, it says what to do."""


def examine_database(
    db: Database, organisation_id: str, connect: Callable[[Target], TargetPort]
) -> list[Finding]:
    """Look at the database, at what is stuck in it, and at the targets that it names."""
    return [_database(db), *_work(db, organisation_id), *_targets(db, organisation_id, connect)]


def examine_machine(settings: Settings) -> list[Finding]:
    """Look at what a run needs beside the database. Each model reads a word, which takes some seconds."""
    return [_disk(settings), *_models(settings), _clusterer(settings), *_mail(settings)]


def _database(db: Database) -> Finding:
    with db.begin() as session:
        asked = session.connection().execute(
            text(
                "SELECT current_setting('server_version'),"
                " (SELECT extversion FROM pg_extension WHERE extname = 'vector')"
            )
        )
        version, vectors = asked.one()
    return Finding(ok=True, what=f"PostgreSQL {version} with pgvector {vectors}; the schema is up to date")


def _work(db: Database, organisation_id: str) -> list[Finding]:
    with db.begin() as session:
        dead = inbox.count_by_state(session, organisation_id).get("dead", 0)
        stuck = deliveries.count_by_state(session, organisation_id)
    waiting = stuck.get("paused", 0) + stuck.get("dead", 0)
    return [
        Finding(ok=False, what=f"{dead:,} received records could not be read; import them again, corrected")
        if dead
        else Finding(ok=True, what="every received record could be read"),
        Finding(
            ok=False,
            what=f"{waiting:,} deliveries were refused or given up; koe deliveries list says why. "
            "Mend the target, then koe deliveries replay --target NAME",
        )
        if waiting
        else Finding(ok=True, what="no delivery was refused or given up"),
    ]


def _targets(db: Database, organisation_id: str, connect: Callable[[Target], TargetPort]) -> list[Finding]:
    with db.begin() as session:
        configured = targets.list_targets(session, organisation_id)
    return [_target(target, connect) for target in configured]


def _target(target: Target, connect: Callable[[Target], TargetPort]) -> Finding:
    try:
        return Finding(ok=True, what=f"target {target.name}: {connect(target).check()}")
    except ConnectorError as error:
        return Finding(ok=False, what=f"target {target.name}: {error}")


def _disk(settings: Settings) -> Finding:
    try:
        folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
        usage = shutil.disk_usage(folder)
    except OSError as error:
        return Finding(ok=False, what=f"KOE_HOME cannot be used: {error}")
    share = usage.free / usage.total
    what = f"{usage.free / 2**30:.0f} GiB ({share:.0%}) free where {settings.home} is"
    if share >= LEAST_FREE or usage.free >= ENOUGH_FREE:
        return Finding(ok=True, what=what)
    return Finding(ok=False, what=f"{what}; make room before importing")


def _models(settings: Settings) -> list[Finding]:
    try:
        embedders = embedders_of(settings)
        for embedder in {
            one.name: one for one in (embedders.default, *embedders.by_language.values())
        }.values():
            embedder.embed(["声"])
        names = embedders.names
    except NlpError as error:
        told = str(error) if settings.embeddings_url else f"KOE_EMBEDDER={settings.embedder}: {error}"
        return [Finding(ok=False, what=told)]
    except WrongUse as error:
        return [Finding(ok=False, what=str(error))]
    if embedders.notes:
        return [Finding(ok=False, what=note) for note in embedders.notes]
    return [Finding(ok=True, what=f"reads for meaning with {', '.join(names)}")]


def _clusterer(settings: Settings) -> Finding:
    try:
        return Finding(ok=True, what=f"finds what recurs with {open_clusterer(settings.clusterer).name}")
    except ValueError as error:
        return Finding(ok=False, what=f"KOE_CLUSTERER: {error}")


def _mail(settings: Settings) -> list[Finding]:
    """Look at the mail server, where there is one."""
    try:
        server = mail_server(settings)
        return [Finding(ok=True, what=f"mail: {server.check()}")] if server else []
    except (ConnectorError, WrongUse) as error:
        return [Finding(ok=False, what=f"mail: {error}")]
