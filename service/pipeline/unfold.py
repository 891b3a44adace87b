"""Webhook calls → inbox: what a call brings, record by record, in the order in which the calls came."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from connectors.errors import Refused
from connectors.ports import Call
from connectors.ports import Source as SourcePort
from connectors.registry import SOURCES, open_source
from service.db import Database, apart
from service.imports import calls as readings
from service.imports import feedback
from service.imports.calls import Read, Sender
from service.imports.feedback import Received
from service.models import Source
from service.pipeline.told import keep
from service.repositories import calls, locks, organisations, sources
from service.repositories.calls import Waiting

BATCH = 200
"""Calls a transaction."""
BATCH_BYTES = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfolded:
    """What became of calls."""

    done: int = 0
    dead: int = 0


def unfold(db: Database, organisation_id: str) -> Unfolded:
    """Put the records of all calls that wait into the inbox.

    Of a call in which not all records fit, those that do are stored, and the call is dead with the reasons of
    the others; a replay stores nothing twice.
    """
    done = dead = 0
    while True:
        with db.begin() as session:
            batch = _take(session, organisation_id)
        if batch is None:
            return Unfolded(done=done, dead=dead)
        done += batch.done
        dead += batch.dead


def _take(session: Session, organisation_id: str) -> Unfolded | None:
    """Deal with the next calls; None if none wait."""
    found = calls.waiting(session, organisation_id, most=BATCH, most_bytes=BATCH_BYTES)
    if not found:
        return None
    zone = organisations.zone_of(session, organisation_id)
    known = {source.id: source for source in sources.list_sources(session, organisation_id)}
    senders = _senders(known.values(), zone)
    records: dict[str, list[Received]] = defaultdict(list)
    dead: dict[int, str] = {}
    for source_id in sorted({call.source_id for call in found}):
        locks.hold_source(session, source_id)
    for call in found:
        sender = senders[call.source_id]
        read = _keep(session, known[call.source_id], _read(call, sender))
        records[call.source_id].extend(read.records)
        if read.mistakes:
            dead[call.sequence] = readings.reason(read, sender.name)
    for source_id, of_source in records.items():
        feedback.store(session, organisation_id, source_id, of_source)
    done = [call.sequence for call in found if call.sequence not in dead]
    calls.settle(session, done, dead)
    return Unfolded(done=len(done), dead=len(dead))


def _senders(known: Iterable[Source], zone: ZoneInfo) -> Mapping[str, Sender]:
    return {
        source.id: Sender(
            organisation_id=source.organisation_id,
            source_id=source.id,
            name=source.name,
            mapping=source.settings.get("map", {}),
            zone=zone,
            port=_reader(source),
            kind=source.kind,
            can_fetch=source.sealed_credentials is not None,
        )
        for source in known
    }


def _reader(source: Source) -> SourcePort | None:
    """Return the connector that reads a source's calls, which takes no secret; None for a generic one."""
    if source.kind not in SOURCES:
        return None
    try:
        return open_source(source.kind, source.settings)
    except Refused:
        return None  # its settings were right when it was added; what comes is kept as dead letters


def _keep(session: Session, source: Source, read: Read) -> Read:
    """Put what a call tells beside records where it belongs; what does not fit holds up no other call."""
    if read.told.says_nothing:
        return read
    try:
        with apart(session):
            keep(session, source, read.told)
    except OperationalError:
        raise  # the call is not at fault
    except Exception as error:  # noqa: BLE001  whatever it is, it is told where the call is shown
        return replace(readings.failed(error), records=read.records)
    return read


def _read(call: Waiting, sender: Sender) -> Read:
    """Return what a call says. A fault of our own in reading one must not hold up those behind it."""
    named = calls.named(call.call_key)
    came = Call(url="", headers=call.headers, body=call.body)
    try:
        return readings.read_call(came, sender, named=named, received_at=call.received_at)
    except Exception as error:  # noqa: BLE001  whatever it is, it is told where the call is shown
        return readings.failed(error)
