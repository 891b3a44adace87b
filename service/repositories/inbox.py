"""The inbox: every record as it was received, and which of them wait to become items."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from service.models import InboxEntry


class Belonging(NamedTuple):
    """The item that records belong to."""

    source_id: str
    external_id: str


def known_keys(session: Session, source_id: str, external_ids: Collection[str]) -> set[str]:
    """Return the delivery keys of all records that belong to these items."""
    query = select(InboxEntry.delivery_key).where(
        InboxEntry.source_id == source_id, col(InboxEntry.external_id).in_(external_ids)
    )
    return set(session.exec(query))


def add(session: Session, entries: Sequence[Mapping[str, Any]]) -> set[str]:
    """Store records that are not there yet; return the delivery keys of those that were new."""
    if not entries:
        return set()
    statement = (
        insert(InboxEntry)
        .on_conflict_do_nothing(index_elements=["source_id", "delivery_key"])
        .returning(col(InboxEntry.delivery_key))
    )
    return set(session.execute(statement, entries).scalars())


def count_waiting(session: Session, organisation_id: str) -> int:
    """Return how many records wait."""
    query = select(func.count()).where(
        InboxEntry.organisation_id == organisation_id, InboxEntry.state == "pending"
    )
    return session.exec(query).one()


def waiting(session: Session, organisation_id: str, *, most: int, most_bytes: int) -> list[Belonging]:
    """Return the items that the next waiting records belong to, oldest first.

    As many records as `most` and `most_bytes` allow are looked at, and always one. Until the end of the
    transaction no other process gets any: the records of one item must not be read by two at once.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"koe inbox {organisation_id}"))))
    query = (
        select(InboxEntry.source_id, InboxEntry.external_id, func.octet_length(InboxEntry.body))
        .where(InboxEntry.organisation_id == organisation_id, InboxEntry.state == "pending")
        .order_by(col(InboxEntry.sequence))
        .limit(most)
    )
    found: dict[Belonging, None] = {}
    size = 0
    for source_id, external_id, length in session.exec(query):
        size += length
        if found and size > most_bytes:
            break
        found[Belonging(source_id, external_id)] = None
    return list(found)


def of_items(session: Session, items: Collection[Belonging]) -> list[InboxEntry]:
    """Return all records of these items that are not dead, in the order of arrival."""
    query = (
        select(InboxEntry)
        .where(
            tuple_(col(InboxEntry.source_id), col(InboxEntry.external_id)).in_(items),
            InboxEntry.state != "dead",
        )
        .order_by(col(InboxEntry.sequence))
    )
    return list(session.exec(query))


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
