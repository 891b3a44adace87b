"""Deliveries: the outbox, in which each suggestion waits once for each target."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.models import Delivery, Suggestion, Target
from service.models.columns import digest

WAITING = ("pending", "sending", "uncertain", "paused")


def put(session: Session, suggestion: Suggestion, target: Target, *, at: datetime) -> None:
    """Let the suggestion wait for the target, unless it does or did so already."""
    delivery_id = digest(suggestion.organisation_id, "delivery", suggestion.id, target.id)
    if session.get(Delivery, delivery_id) is None:
        session.add(
            Delivery(
                id=delivery_id,
                organisation_id=suggestion.organisation_id,
                suggestion_id=suggestion.id,
                target_id=target.id,
                created_at=at,
                next_at=at,
                updated_at=at,
            )
        )


def lock_delivery(session: Session, organisation_id: str, delivery_id: str) -> Delivery | None:
    """Return one delivery as it is now and keep it from others until the transaction ends."""
    query = select(Delivery).where(Delivery.organisation_id == organisation_id, Delivery.id == delivery_id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return session.exec(locked).one_or_none()


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


def waiting_ids(session: Session, organisation_id: str) -> list[str]:
    """Return the ids of all deliveries that have not arrived and are not given up."""
    query = select(Delivery.id).where(
        Delivery.organisation_id == organisation_id, col(Delivery.state).in_(WAITING)
    )
    return list(session.exec(query.order_by(col(Delivery.id))))


def withdraw(session: Session, organisation_id: str, suggestion_id: str) -> bool:
    """Take back the deliveries of a suggestion; False where one of them is under way or has arrived."""
    query = select(Delivery).where(
        Delivery.organisation_id == organisation_id, Delivery.suggestion_id == suggestion_id
    )
    locked = query.order_by(col(Delivery.id)).with_for_update().execution_options(populate_existing=True)
    waiting = list(session.exec(locked))
    if any(delivery.state in ("sending", "uncertain", "delivered") for delivery in waiting):
        return False
    for delivery in waiting:
        session.delete(delivery)
    return True


def lock_outbox(session: Session, organisation_id: str) -> bool:
    """Say whether this transaction may send, and keep all others from it until it ends."""
    query = select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"deliver {organisation_id}", 0)))
    return bool(session.exec(query).one())
