"""Which version of a record is the newest, and what the records of one thread say together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from service.rules.records import FeedbackRecord, MessageRecord

Value = TypeVar("Value")

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record, and its place in the order of arrival."""

    sequence: int
    record: FeedbackRecord


def newest(arrivals: Iterable[Arrival]) -> Arrival:
    """Return the newest version: by its own time, and where that does not tell by its arrival."""
    return max(arrivals, key=_age)


def folded(arrivals: Sequence[Arrival]) -> FeedbackRecord:
    """Return the item that these records (at least one, all of one item) are together.

    Its `messages` hold all that was said, in order, and its `text` is None. Records with a `thread_id` are
    messages, or what is known of the thread itself; of each the newest version counts. Otherwise the newest
    record is the item. One that was withdrawn says nothing.
    """
    if not any(arrival.record.thread_id for arrival in arrivals):
        record = newest(arrivals).record
        return record.model_copy(update={"messages": _messages(record), "text": None})
    versions: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        versions.setdefault(arrival.record.external_id, []).append(arrival)
    known = [newest(of_one) for of_one in versions.values()]
    withdrawn = [arrival for arrival in known if arrival.record.withdrawn]
    return _thread(withdrawn or [arrival for arrival in known if not arrival.record.unsaid] or known)


def taken_back(arrivals: Sequence[Arrival]) -> list[int]:
    """Return the records with what messages said that have no words any more: none of it may be kept."""
    newest_of = {arrival.record.external_id: arrival for arrival in sorted(arrivals, key=_age)}
    return [
        arrival.sequence
        for arrival in arrivals
        if arrival.record.thread_id
        and _says(arrival.record)
        and not _says(newest_of[arrival.record.external_id].record)
    ]


def _age(arrival: Arrival) -> tuple[datetime, int]:
    return arrival.record.updated_at or _NEVER, arrival.sequence


def _says(record: FeedbackRecord) -> bool:
    """Say whether a record brings words of a message."""
    return bool(record.text or record.messages)


def said_at(record: FeedbackRecord) -> datetime | None:
    """Return when the item began, as well as its record tells."""
    spoken = [message.created_at for message in record.messages if message.created_at is not None]
    return (
        record.created_at
        or (min(spoken) if spoken else None)
        or record.updated_at
        or record.replied_at
        or record.resolved_at
        or record.assumed_at
    )


def _messages(record: FeedbackRecord) -> list[MessageRecord]:
    """Return what a record says: its text first, unless the messages begin with it."""
    own = record.text
    if own is None or (record.messages and record.messages[0].text == own):
        return list(record.messages)
    first = MessageRecord(author_role=record.author_role, text=own, created_at=record.created_at)
    return [first, *record.messages]


def _thread(arrivals: list[Arrival]) -> FeedbackRecord:
    records = _in_order(arrivals)
    by_customer = [record for record in records if record.author_role == "customer"] or records
    messages = [
        message.model_copy(update={"external_id": message.external_id or record.external_id})
        for record in records
        for message in _messages(record)
    ]
    first = records[0]
    return FeedbackRecord(
        external_id=first.thread_id or first.external_id,
        title=_first(record.title for record in records),
        messages=messages,
        channel=first.channel,
        lang=_first(record.lang for record in records),
        created_at=_least(record.created_at for record in records),
        updated_at=_most(record.updated_at for record in records),
        replied_at=_least(record.replied_at for record in records),
        resolved_at=_most(record.resolved_at for record in records),
        assumed_at=_least(record.assumed_at for record in records),
        customer_id=_first(record.customer_id for record in by_customer),
        customer_email=_first(record.customer_email for record in by_customer),
        customer_own_id=_first(record.customer_own_id for record in by_customer),
        account_id=_first(record.account_id for record in by_customer),
        account_own_id=_first(record.account_own_id for record in by_customer),
        status=_last(record.status for record in records),
        rating=_last(record.rating for record in records),
        url=_first(record.url for record in records),
        tags=list(dict.fromkeys(tag for record in records for tag in record.tags)),
        product_area=_first(record.product_area for record in records),
        team=_last(record.team for record in records),
        segment=_first(record.segment for record in records),
        layer=_first(record.layer for record in records),
        moment=_first(record.moment for record in records),
        withdrawn=any(record.withdrawn for record in records),
    )


def _in_order(arrivals: list[Arrival]) -> list[FeedbackRecord]:
    """Return the messages as they were said: by time, then number, where all have one; else as they came.

    What is known of the thread itself goes before them.
    """
    spoken = [arrival.record for arrival in arrivals if _says(arrival.record)]
    timed = all(record.created_at is not None for record in spoken)
    numbered = all(record.turn is not None for record in spoken)

    def place(arrival: Arrival) -> tuple[datetime, float, int]:
        record = arrival.record
        says = _says(record)
        time = record.created_at if timed and says else None
        turn = record.turn if numbered else None
        return time or _NEVER, turn or 0.0, arrival.sequence if says else -1

    return [arrival.record for arrival in sorted(arrivals, key=place)]


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value is not None), None)


def _last(values: Iterable[Value | None]) -> Value | None:
    return _first(reversed(list(values)))


def _least(values: Iterable[datetime | None]) -> datetime | None:
    return min((value for value in values if value is not None), default=None)


def _most(values: Iterable[datetime | None]) -> datetime | None:
    return max((value for value in values if value is not None), default=None)
