"""The inbox: every record as it was received, and which of them wait to become items."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    LargeBinary,
    Text,
    delete,
    func,
    inspect,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from service.models import InboxEntry
from service.repositories import locks


class Belonging(NamedTuple):
    """The item that records belong to."""

    source_id: str
    external_id: str


class Incoming(Protocol):
    """A record to be stored."""

    @property
    def delivery_key(self) -> str:
        """What makes the record itself."""
        ...

    @property
    def external_id(self) -> str:
        """The item that it belongs to."""
        ...

    @property
    def body(self) -> bytes:
        """The bytes to keep."""
        ...


class Stored(NamedTuple):
    """A record that is in the inbox."""

    sequence: int
    belongs_to: Belonging
    body: bytes
    waits: bool


def known_keys(session: Session, source_id: str, external_ids: Collection[str]) -> set[str]:
    """Return the delivery keys of all records that belong to these items."""
    query = select(col(InboxEntry.delivery_key)).where(
        col(InboxEntry.source_id) == source_id, col(InboxEntry.external_id).in_(external_ids)
    )
    return set(session.execute(query).scalars())


def add(
    session: Session,
    organisation_id: str,
    source_id: str,
    records: Sequence[Incoming],
    *,
    received_at: datetime,
    upload_id: str | None = None,
) -> set[str]:
    """Store records that are not there yet, in their order; return the keys of those that were new."""
    if not records:
        return set()
    # One array a column: a parameter for each value takes several times as long.
    arrays = func.unnest(
        literal([record.delivery_key for record in records], ARRAY(Text)),
        literal([record.external_id for record in records], ARRAY(Text)),
        literal([record.body for record in records], ARRAY(LargeBinary)),
    )
    given = arrays.table_valued("delivery_key", "external_id", "body").render_derived()
    values: dict[str, ColumnElement[Any]] = {
        **dict(given.c.items()),
        "organisation_id": literal(organisation_id),
        "source_id": literal(source_id),
        "received_at": literal(received_at),
        "upload_id": literal(upload_id, Text),
        "state": literal("pending"),
        "tries": literal(0),
    }
    statement = (
        insert(InboxEntry)
        .from_select(list(values), select(*values.values()))
        .on_conflict_do_nothing(index_elements=["source_id", "delivery_key"])
        .returning(col(InboxEntry.delivery_key))
    )
    return set(session.execute(statement).scalars())


def count_waiting(session: Session, organisation_id: str) -> int:
    """Return how many records wait."""
    query = select(func.count()).where(
        col(InboxEntry.organisation_id) == organisation_id, col(InboxEntry.state) == "pending"
    )
    return int(session.execute(query).scalar_one())


def count_by_state(session: Session, organisation_id: str) -> dict[str, int]:
    """Return how many records are `pending`, `done` and `dead`."""
    ours = col(InboxEntry.organisation_id) == organisation_id
    query = select(col(InboxEntry.state), func.count()).where(ours).group_by(col(InboxEntry.state))
    return dict(session.execute(query).tuples().all())


def waiting(session: Session, organisation_id: str, *, most: int, most_bytes: int) -> list[Belonging]:
    """Return the items that the next waiting records belong to, oldest first.

    As many records as `most` and `most_bytes` allow are looked at, and always one. Until the end of the
    transaction no other process gets any: the records of one item must not be read by two at once.
    """
    locks.hold(session, "inbox", organisation_id)
    query = (
        select(col(InboxEntry.source_id), col(InboxEntry.external_id), func.octet_length(InboxEntry.body))
        .where(col(InboxEntry.organisation_id) == organisation_id, col(InboxEntry.state) == "pending")
        .order_by(col(InboxEntry.sequence))
        .limit(most)
    )
    found: dict[Belonging, None] = {}
    size = 0
    for source_id, external_id, length in session.execute(query):
        size += length
        if found and size > most_bytes:
            break
        found[Belonging(source_id, external_id)] = None
    return list(found)


def of_items(session: Session, items: Collection[Belonging]) -> list[Stored]:
    """Return all records of these items that are not dead, in the order of arrival."""
    table = inspect(InboxEntry).local_table.c
    columns = (table.sequence, table.source_id, table.external_id, table.body, table.state)
    query = (
        select(*columns)
        .where(tuple_(table.source_id, table.external_id).in_(items), table.state != "dead")
        .order_by(table.sequence)
    )
    return [
        Stored(sequence, Belonging(source_id, external_id), body, state == "pending")
        for sequence, source_id, external_id, body, state in session.execute(query)
    ]


def drop_of_upload(session: Session, organisation_id: str, upload_id: str, *, most: int) -> list[Belonging]:
    """Remove so many records that came in a file; return the items that they told of, none once all are gone.

    Until the end of the transaction nobody makes items of records.
    """
    locks.hold(session, "inbox", organisation_id)
    ours = (col(InboxEntry.organisation_id) == organisation_id, col(InboxEntry.upload_id) == upload_id)
    first = select(col(InboxEntry.sequence)).where(*ours).order_by(col(InboxEntry.sequence)).limit(most)
    gone = delete(InboxEntry).where(col(InboxEntry.sequence).in_(first))
    found = session.execute(gone.returning(col(InboxEntry.source_id), col(InboxEntry.external_id)))
    return sorted({Belonging(*row) for row in found})


def read_anew(session: Session, items: Collection[Belonging]) -> set[Belonging]:
    """Let the items of which records are left be made of these anew; return those items."""
    columns = (col(InboxEntry.source_id), col(InboxEntry.external_id), func.max(InboxEntry.sequence))
    query = select(*columns).where(
        tuple_(*columns[:2]).in_(items), col(InboxEntry.state).in_(("done", "pending"))
    )
    left = {Belonging(*row[:2]): row[2] for row in session.execute(query.group_by(*columns[:2]))}
    latest = col(InboxEntry.sequence).in_(left.values())
    session.execute(update(InboxEntry).where(latest).values(state="pending"))
    return set(left)


def count_of_upload(session: Session, organisation_id: str, upload_id: str) -> int:
    """Return how many records are left that came in a file."""
    query = select(func.count()).where(
        col(InboxEntry.organisation_id) == organisation_id, col(InboxEntry.upload_id) == upload_id
    )
    return int(session.execute(query).scalar_one())


def drop_others(session: Session, item: Belonging, keep: Collection[int]) -> None:
    """Remove all records of an item but these: nothing stays of what was withdrawn."""
    session.execute(
        delete(InboxEntry).where(
            col(InboxEntry.source_id) == item.source_id,
            col(InboxEntry.external_id) == item.external_id,
            col(InboxEntry.sequence).not_in(keep),
        )
    )


def drop(session: Session, sequences: Collection[int]) -> None:
    """Remove records for good."""
    if sequences:
        session.execute(delete(InboxEntry).where(col(InboxEntry.sequence).in_(sequences)))


def mark_done(session: Session, sequences: Collection[int]) -> None:
    """Say that these records have become items."""
    session.execute(update(InboxEntry).where(col(InboxEntry.sequence).in_(sequences)).values(state="done"))


def mark_dead(session: Session, reasons: Mapping[int, str]) -> None:
    """Set aside records that cannot become items, each with its reason; a person may replay them."""
    for sequence, reason in reasons.items():
        session.execute(
            update(InboxEntry)
            .where(col(InboxEntry.sequence) == sequence)
            .values(state="dead", tries=InboxEntry.tries + 1, reason=reason)
        )
