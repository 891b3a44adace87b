"""Deliveries: the outbox, in which each suggestion waits once for each target."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from service.models import Delivery, DeliveryAttempt, Suggestion, Target
from service.models.columns import digest

WAITING = ("pending", "sending", "uncertain", "paused")
"""States of what has not arrived and is not given up."""


def put(session: Session, suggestion: Suggestion, target: Target, *, at: datetime) -> None:
    """Let the suggestion wait for the target from `at` on, unless it does or did so already."""
    values = {
        "id": digest(suggestion.organisation_id, "delivery", suggestion.id, target.id),
        "organisation_id": suggestion.organisation_id,
        "suggestion_id": suggestion.id,
        "target_id": target.id,
        "state": "pending",
        "attempts": 0,
        "created_at": at,
        "next_at": at,
        "updated_at": at,
    }
    session.execute(insert(Delivery).values(values).on_conflict_do_nothing())


def missing(
    session: Session, target: Target, *, actions: Collection[str], statuses: Collection[str]
) -> list[Suggestion]:
    """Return the suggestions with a draft that do not wait for a target yet, in the order of decision.

    They stay as they are until the transaction ends; those that somebody is deciding on are left out.
    """
    waits = select(Delivery.id).where(
        Delivery.target_id == target.id, col(Delivery.suggestion_id) == col(Suggestion.id)
    )
    query = (
        select(Suggestion)
        .where(Suggestion.organisation_id == target.organisation_id, col(Suggestion.draft).is_not(None))
        .where(col(Suggestion.action).in_(actions), col(Suggestion.status).in_(statuses), ~waits.exists())
        .order_by(col(Suggestion.decided_at), col(Suggestion.id))
        .with_for_update(read=True, skip_locked=True)
    )
    return list(session.exec(query))


def lock_delivery(session: Session, organisation_id: str, delivery_id: str) -> Delivery | None:
    """Return one delivery as it is now and keep it from others until the transaction ends."""
    query = select(Delivery).where(Delivery.organisation_id == organisation_id, Delivery.id == delivery_id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return session.exec(locked).one_or_none()


def lock_deliveries(
    session: Session, organisation_id: str, *, target_id: str, states: Collection[str]
) -> list[Delivery]:
    """Return a target's deliveries in these states as they are now, and keep them from others."""
    query = select(Delivery).where(
        Delivery.organisation_id == organisation_id,
        Delivery.target_id == target_id,
        col(Delivery.state).in_(states),
    )
    locked = query.order_by(col(Delivery.id)).with_for_update().execution_options(populate_existing=True)
    return list(session.exec(locked))


def list_deliveries(
    session: Session, organisation_id: str, *, suggestion_id: str | None = None, state: str | None = None
) -> list[Delivery]:
    """Return the deliveries that fit the filters, by id."""
    query = select(Delivery).where(Delivery.organisation_id == organisation_id)
    if suggestion_id is not None:
        query = query.where(Delivery.suggestion_id == suggestion_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    return list(session.exec(query.order_by(col(Delivery.id))))


def count_by_state(session: Session, organisation_id: str) -> dict[str, int]:
    """Return how many deliveries there are in each state."""
    query = select(Delivery.state, func.count()).where(Delivery.organisation_id == organisation_id)
    return dict(session.exec(query.group_by(Delivery.state)).all())


def withdraw(session: Session, organisation_id: str, suggestion_id: str) -> bool:
    """Take back the deliveries of a suggestion; False where one of them has arrived, or may have."""
    query = select(Delivery).where(
        Delivery.organisation_id == organisation_id, Delivery.suggestion_id == suggestion_id
    )
    locked = query.order_by(col(Delivery.id)).with_for_update().execution_options(populate_existing=True)
    waiting = list(session.exec(locked))
    if any(delivery.state in ("sending", "uncertain", "delivered") for delivery in waiting):
        return False
    unknown = select(DeliveryAttempt.delivery_id).where(
        col(DeliveryAttempt.delivery_id).in_([delivery.id for delivery in waiting]),
        DeliveryAttempt.outcome == "uncertain",
    )
    if session.exec(unknown.limit(1)).first() is not None:
        return False
    for delivery in waiting:
        session.delete(delivery)
    return True
