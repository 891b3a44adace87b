"""Saved views: lists with their filters, one's own and those that are shared."""

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models.view import SavedView


def seen_by(
    session: Session, organisation_id: str, caller_id: str, *, place: str | None = None
) -> list[SavedView]:
    """Return the views that somebody sees, by name: their own, and those that are shared."""
    query = select(SavedView).where(*_seen(organisation_id, caller_id), col(SavedView.removed_at).is_(None))
    if place is not None:
        query = query.where(SavedView.place == place)
    return list(session.exec(query.order_by(col(SavedView.name), col(SavedView.id))))


def save(session: Session, view: SavedView) -> SavedView:
    """Keep a view; where its owner has one of this name on this page, that one becomes it."""
    query = select(SavedView).where(
        SavedView.organisation_id == view.organisation_id,
        SavedView.owner_id == view.owner_id,
        SavedView.place == view.place,
        SavedView.name == view.name,
        col(SavedView.removed_at).is_(None),
    )
    known = session.exec(query).first()
    if known is not None:
        known.query, known.shared, known.at = view.query, view.shared, view.at
        return known
    session.add(view)
    session.flush()
    return view


def get(session: Session, organisation_id: str, caller_id: str, view_id: str) -> SavedView:
    """Return a view that somebody sees, also one that was removed. Raises NotFound."""
    query = select(SavedView).where(*_seen(organisation_id, caller_id), SavedView.id == view_id)
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no view {view_id}.")
    return found


def _seen(organisation_id: str, caller_id: str) -> list[ColumnElement[bool]]:
    return [
        col(SavedView.organisation_id) == organisation_id,
        or_(col(SavedView.owner_id) == caller_id, col(SavedView.shared)),
    ]
