"""Feedback: rows into the inbox, each under a key that stays the same when the file comes again."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlmodel import Session

from connectors.files.notes import turns_in
from connectors.files.records import parsed
from connectors.files.roles import CUSTOMER
from connectors.ports import Row
from service.imports import dates, values
from service.imports.columns import recognise_message
from service.imports.reading import Reading, Tally
from service.models.columns import digest
from service.repositories import inbox, locks
from service.rules.records import AuthorRole, Channel, FeedbackRecord, Layer, MessageRecord, Moment

INTERVIEW = "interview"
_ZOOM = re.compile(r"\s*\[[^\]\n]+\] ?\d{1,2}:\d{2}")
"""How a transcript of Zoom begins, which looks like a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A record on its way to the inbox."""

    external_id: str
    """The item it belongs to."""
    name: str
    """A digest of what the record is: its item and, in a thread, its message."""
    content: str
    """A digest of what it says."""
    body: bytes

    @property
    def delivery_key(self) -> str:
        """What makes the record itself: what it is, and what it says."""
        return f"{self.name}.{self.content}"


def received(record: FeedbackRecord) -> Received:
    """Return a record with its keys. The day that was assumed is no part of what it says."""
    external_id = record.thread_id or record.external_id
    said = record.model_copy(update={"assumed_at": None}).as_bytes()
    return Received(
        external_id=external_id,
        name=digest(external_id, record.external_id),
        content=digest(said.decode()),
        body=record.as_bytes(),
    )


def store(
    session: Session,
    organisation_id: str,
    source_id: str,
    records: Sequence[Received],
    *,
    upload_id: str | None = None,
) -> Tally:
    """Put records into the inbox, as often as wanted: what is there stays as it is."""
    locks.hold_source(session, source_id)
    known = inbox.known_keys(session, source_id, {record.external_id for record in records})
    named = {key.partition(".")[0] for key in known}
    fresh = {record.delivery_key: record for record in records if record.delivery_key not in known}
    added = inbox.add(
        session,
        organisation_id,
        source_id,
        list(fresh.values()),
        received_at=datetime.now(UTC),
        upload_id=upload_id,
    )
    stored = updated = 0
    for record in records:
        if record.delivery_key in added:
            added.discard(record.delivery_key)
            updated += record.name in named
            stored += record.name not in named
            named.add(record.name)
    return Tally(stored=stored, duplicates=len(records) - stored, updated=updated)


def unheard(session: Session, source_id: str, records: Sequence[Received]) -> set[str]:
    """Return the items of which a record tells something that was never heard, be it in another version."""
    known = inbox.known_keys(session, source_id, {record.external_id for record in records})
    named = {key.partition(".")[0] for key in known}
    return {record.external_id for record in records if record.name not in named}


class FeedbackImporter:
    """Reads tickets, chats, notes, reviews and answers."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._equal: Counter[str] = Counter()
        self._undated = 0

    def read(self, row: Row) -> Received:
        """Return the row as a record. Raises ValueError for one without words or with a date that is none."""
        channel = self._channel(row)
        record = self._record(row, channel)
        if not (record.text or record.title or record.messages):
            raise ValueError("no text")
        record.external_id = self._external_id(row, record)
        options = self._reading.options
        record.channel = channel
        record.lang = record.lang or options.lang
        if not (record.created_at or record.updated_at or record.replied_at or record.resolved_at):
            record.assumed_at = self._reading.assumed_at
            self._undated += 1
        return received(record)

    def store(self, session: Session, records: Sequence[Received]) -> Tally:
        """Put a batch into the inbox."""
        reading = self._reading
        whose = (session, reading.organisation_id, reading.source_id)
        return store(*whose, records, upload_id=reading.upload_id)

    def notes(self) -> Sequence[str]:
        """Say which day was assumed for how many rows."""
        if not self._undated:
            return ()
        day = self._reading.assumed_at.date().isoformat()
        return (
            f"{self._undated:,} rows say no day; they count as of {day}, when the file was last changed.",
        )

    def _record(self, row: Row, channel: Channel) -> FeedbackRecord:
        cell, instant = self._reading.cell, self._reading.instant
        turn, text = cell(row, "turn"), values.words(cell(row, "text"))
        messages = self._messages(cell(row, "messages"), channel)
        if text and "\n" in text and not messages and channel == INTERVIEW:
            messages = self._transcript(text, channel)
            text = None if messages else text
        return FeedbackRecord(
            external_id="",
            thread_id=values.identifier(cell(row, "thread_id")),
            turn=None if turn is None else values.quantity(turn),
            title=values.words(cell(row, "title")),
            text=text,
            messages=messages,
            author_role=cast(AuthorRole, values.role(cell(row, "author_role"))),
            lang=values.language(cell(row, "lang")),
            created_at=instant(row, "created_at"),
            updated_at=instant(row, "updated_at"),
            replied_at=instant(row, "replied_at"),
            resolved_at=instant(row, "resolved_at"),
            customer_id=values.identifier(cell(row, "customer_id")),
            customer_email=values.short(cell(row, "customer_email")),
            account_id=values.identifier(cell(row, "account_id")),
            status=values.short(cell(row, "status")),
            rating=values.rating(cell(row, "rating"), most=self._reading.best_rating),
            url=values.link(cell(row, "url")),
            tags=values.tags(cell(row, "tags")),
            product_area=values.short(cell(row, "product_area")),
            team=values.short(cell(row, "team")),
            segment=values.short(cell(row, "segment")),
            layer=cast(Layer | None, values.layer(cell(row, "layer"))),
            moment=cast(Moment | None, values.moment(cell(row, "moment"))),
        )

    def _external_id(self, row: Row, record: FeedbackRecord) -> str:
        """Return the row's own id, or one made of what it says and how often the file has said it before."""
        own = values.identifier(self._reading.cell(row, "external_id"))
        if own is not None:
            part = values.text(row.values.get(self._reading.part)) if self._reading.part else None
            return own if part is None else values.identifier(f"{own}/{part}") or own
        said = digest(record.as_bytes().decode())
        self._equal[said] += 1
        return digest(said, str(self._equal[said]))

    def _channel(self, row: Row) -> Channel:
        named = values.channel(self._reading.cell(row, "channel"))
        usual = "chat" if "thread_id" in self._reading.taken.columns else "ticket"
        return cast(Channel, named or self._reading.options.channel or self._reading.channel or usual)

    def _messages(self, cell: object, channel: Channel) -> list[MessageRecord]:
        if isinstance(cell, str) and cell.strip():
            if not cell.lstrip().startswith(("[", "{")) or _ZOOM.match(cell):
                return self._transcript(cell, channel) or [MessageRecord(text=cell.strip())]
            try:
                cell = parsed(cell)
            except ValueError as error:
                raise ValueError(f"messages: {error}") from error
        if values.is_missing(cell):
            return []
        if not isinstance(cell, list):
            raise ValueError("messages: this is no list")
        read = (self._message(one) for one in cell)
        return [message for message in read if message is not None]

    def _transcript(self, text: str, channel: Channel) -> list[MessageRecord]:
        """Return the turns of a talk that stands in one cell; empty where it names nobody but customers."""
        asks: AuthorRole = "interviewer" if channel == INTERVIEW else "agent"
        return [
            MessageRecord(
                text=turn["text"], author_role="customer" if turn["author_role"] == CUSTOMER else asks
            )
            for turn in turns_in(text, interviewers=self._reading.options.interviewers)
        ]

    def _message(self, value: object) -> MessageRecord | None:
        if not isinstance(value, Mapping):
            text = values.words(value)
            return None if text is None else MessageRecord(text=text)
        given = cast(Mapping[str, Any], value)
        columns = recognise_message(list(given))
        cells = {name: given[column] for name, column in columns.items()}
        text = values.words(cells.get("text"))
        if text is None:
            return None
        return MessageRecord(
            external_id=values.identifier(cells.get("external_id")),
            author_role=cast(AuthorRole, values.role(cells.get("author_role"))),
            text=text,
            created_at=dates.instant(
                cells.get("created_at"), self._reading.zone, day_first=self._reading.day_first
            ),
        )
