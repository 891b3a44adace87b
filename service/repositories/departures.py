"""Browsers that were sent to the provider."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from service.models import Departure


def lock(session: Session, departure_id: str) -> Departure | None:
    """Return a way that nobody else can use until this transaction ends."""
    query = select(Departure).where(Departure.id == departure_id).with_for_update()
    return session.exec(query).one_or_none()


def delete_ended(session: Session, *, now: datetime) -> None:
    """Forget the ways that nobody can come back on any more, with what was typed."""
    session.execute(delete(Departure).where(col(Departure.ends_at) <= now))


def keep_newest(session: Session, most: int) -> None:
    """Forget all but the newest ways."""
    older = select(Departure.id).order_by(col(Departure.created_at).desc()).offset(most)
    session.execute(delete(Departure).where(col(Departure.id).in_(older)))
