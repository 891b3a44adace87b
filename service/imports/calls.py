"""A call that brings feedback: its body as records for the inbox, and a reason for each that is none."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from connectors.errors import Unreadable
from connectors.ports import BadRow, Call, Source
from nlp.redact import redact
from service.imports import heard
from service.imports.bodies import FIELDS, Body, Unmapped, open_body, rows
from service.imports.columns import Taken
from service.imports.feedback import FeedbackImporter, Received
from service.imports.heard import Told
from service.imports.reading import Options, Reading
from service.imports.values import is_missing

MOST_MISTAKES = 100
"""Of one call that are told one by one; all are counted."""
MOST_REASONS = 5
"""Of them that the reason of a dead letter names."""
BEST_RATING = 5
GENERIC = "generic"
BY_MAPPING = frozenset({GENERIC, "file", "api"})
"""Kinds of source whose records are read by their names and a mapping: they need no connector."""
UNOPENED = (
    "the connector of the kind {kind} is not installed, or its settings do not fit any more: "
    "see koe source test {name}, and replay the call"
)
UNFETCHED = (
    "it only names what has changed, and Koe cannot fetch it: give the source what it needs to ask "
    "(koe source set), and replay the call"
)
TAKEN = Taken(columns={field: field for field in FIELDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The source that calls, and how it writes."""

    organisation_id: str
    source_id: str
    name: str
    mapping: Mapping[str, str]
    """Dotted path by field."""
    zone: tzinfo
    """Of times without an offset."""
    kind: str = GENERIC
    port: Source | None = None
    """The connector that reads its calls; None for a generic source, and where it does not open."""
    can_fetch: bool = False
    """Whether what a call only names can be fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A record that cannot be stored."""

    place: int
    """In the list, from 1; 0 where the body as a whole is meant."""
    pointer: str
    """Where it stands in the body, as a JSON pointer."""
    reason: str
    """Redacted: it may repeat what was sent."""
    unmapped: bool = False
    """True where a mapping may mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a call came to."""

    records: tuple[Received, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    wrong: int = 0
    """How many records cannot be stored."""
    told: Told = field(default_factory=Told)
    """What a connector read out of it beside records."""


def read_call(call: Call, sender: Sender, *, named: str, received_at: datetime) -> Read:
    """Return what a call brings, whatever it is: read by its connector, or by the mapping of its source."""
    if sender.port is None and sender.kind in BY_MAPPING:
        return read(call.body, sender, named=named, received_at=received_at)
    if sender.port is None:
        return _refused(UNOPENED.format(name=shlex.quote(sender.name), kind=sender.kind))
    try:
        told = heard.read(sender.port.read(call), received_at=received_at)
    except Unreadable as error:
        return _refused(str(error))
    mistakes = list(told.mistakes)
    if told.changed and not sender.can_fetch and not told.records:
        mistakes.append(BadRow(line=1, reason=UNFETCHED))
    return Read(
        records=tuple(told.records),
        mistakes=tuple(
            Mistake(place=row.line, pointer="", reason=redact(row.reason).text) for row in mistakes
        ),
        wrong=len(mistakes),
        told=replace(told, records=[], changed=told.changed if sender.can_fetch else []),
    )


def read(body: bytes, sender: Sender, *, named: str, received_at: datetime) -> Read:
    """Return the records of a body, whatever it is, and why others are none.

    `named` is the sender's id of the call, if it gave one: the id of a record that has none itself.
    """
    try:
        opened = open_body(body)
    except ValueError as error:
        return _refused(str(error))
    importer = FeedbackImporter(_reading(sender, received_at))
    records: list[Received] = []
    wrong: list[BadRow] = []
    for row in rows(opened, sender.mapping):
        if isinstance(row, BadRow):
            wrong.append(row)
            continue
        found = dict(row.values)
        if named and is_missing(found.get("external_id")):
            found["external_id"] = f"{named}/{row.line}" if opened.is_list else named
        try:
            records.append(importer.read(replace(row, values=found)))
        except ValueError as error:
            wrong.append(BadRow(line=row.line, reason=str(error)))
    mistakes = tuple(_mistake(opened, each) for each in wrong[:MOST_MISTAKES])
    return Read(records=tuple(records), mistakes=mistakes, wrong=len(wrong))


def failed(error: Exception) -> Read:
    """Return what to say of a call that Koe stumbled over: a fault of its own."""
    return _refused(
        f"Koe failed to read this call ({type(error).__name__}); replay it with a newer version of Koe"
    )


def _refused(reason: str) -> Read:
    """Return a call of which nothing can be stored."""
    return Read(mistakes=(Mistake(place=0, pointer="", reason=reason),), wrong=1)


def reason(found: Read, name: str) -> str:
    """Return why not all of a call became records, and what to do, for whoever looks after the source."""
    told = [f"record {m.place}: {m.reason}" if m.place else m.reason for m in found.mistakes[:MOST_REASONS]]
    more = found.wrong - len(told)
    if more:
        told.append(f"and {more:,} more")
    said = "; ".join(told)
    if not any(mistake.unmapped for mistake in found.mistakes):
        return said
    return (
        f"{said}. Say where the text stands, and replay the call: koe source map {shlex.quote(name)} "
        "text=PATH, with a dotted path such as ticket.description"
    )


def _mistake(body: Body, row: BadRow) -> Mistake:
    return Mistake(
        place=row.line,
        pointer=body.pointer(row.line),
        reason=redact(row.reason).text,
        unmapped=isinstance(row, Unmapped),
    )


def _reading(sender: Sender, received_at: datetime) -> Reading:
    return Reading(
        organisation_id=sender.organisation_id,
        source_id=sender.source_id,
        source=sender.name,
        options=Options(),
        taken=TAKEN,
        zone=sender.zone,
        day_first=False,
        best_rating=BEST_RATING,
        assumed_at=received_at,
    )
