"""What a source brought last, as people may see it: the newest voice, and the newest call that failed."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session, col, select

from service.models import InboxEntry, Item, WebhookCall


class Mark(NamedTuple):
    """How far a source had come: the last record, and the last call."""

    record: int
    call: int


NOWHERE = Mark(0, 0)


class Arrival(NamedTuple):
    """A voice that came, redacted, and when its last record did."""

    item: Item
    received_at: datetime


class Failure(NamedTuple):
    """A call that came and could not be read."""

    reason: str | None
    received_at: datetime


def mark(session: Session, source_id: str) -> Mark:
    """Return how far a source has come."""
    query = text(
        """
        SELECT coalesce((SELECT max(sequence) FROM inbox WHERE source_id = :source), 0),
               coalesce((SELECT max(sequence) FROM webhook_call WHERE source_id = :source), 0)
        """
    )
    return Mark(*session.execute(query, {"source": source_id}).one())


def newest(session: Session, source_id: str, *, after: Mark = NOWHERE) -> Arrival | None:
    """Return the voice that came last, if one did and is redacted already."""
    query = (
        select(Item, InboxEntry.received_at)
        .join(
            InboxEntry,
            (col(InboxEntry.source_id) == col(Item.source_id))
            & (col(InboxEntry.external_id) == col(Item.external_id)),
        )
        .where(InboxEntry.source_id == source_id, col(InboxEntry.sequence) > after.record)
        .where(InboxEntry.state == "done", col(Item.text) != "")
        .order_by(col(InboxEntry.sequence).desc())
        .limit(1)
    )
    found = session.exec(query).one_or_none()
    return None if found is None else Arrival(*found)


def newest_failure(session: Session, source_id: str, *, after: Mark = NOWHERE) -> Failure | None:
    """Return the call that could not be read and came last, if there is one."""
    query = (
        select(WebhookCall.reason, WebhookCall.received_at)
        .where(WebhookCall.source_id == source_id, col(WebhookCall.sequence) > after.call)
        .where(WebhookCall.state == "dead")
        .order_by(col(WebhookCall.sequence).desc())
        .limit(1)
    )
    found = session.exec(query).one_or_none()
    return None if found is None else Failure(*found)
