"""Suggestions: what to do about a theme."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import Article, Suggestion, Theme
from service.repositories.alarms import successors
from service.rules.alarms import led_on


def list_suggestions(
    session: Session,
    organisation_id: str,
    *,
    theme_id: str | None = None,
    status: str | None = None,
    action: str | None = None,
    lang: str | None = None,
    audience: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Suggestion]:
    """Return the suggestions that fit every filter given, the surest first."""
    wanted = {"theme_id": theme_id, "status": status, "action": action, "lang": lang, "audience": audience}
    query = select(Suggestion).where(Suggestion.organisation_id == organisation_id)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(getattr(Suggestion, name) == value)
    query = query.order_by(col(Suggestion.confidence).desc(), col(Suggestion.id))
    return list(session.exec(query.limit(limit).offset(offset)))


def count_open(session: Session, organisation_id: str) -> int:
    """Return how many suggestions about themes that live, and that nobody ignores, wait for a decision."""
    query = (
        select(func.count())
        .select_from(Suggestion)
        .join(Theme, col(Theme.id) == col(Suggestion.theme_id))
        .where(Suggestion.organisation_id == organisation_id, Suggestion.status == "open")
        .where(col(Theme.retired).is_(False), col(Theme.ignored).is_(False), col(Theme.parent_id).is_(None))
    )
    return session.exec(query).one()


def under_way_elsewhere(session: Session, theme: Theme) -> list[Suggestion]:
    """Return what was accepted, and is not done yet, of themes that ended and are this one today."""
    query = (
        select(Suggestion)
        .join(Theme, col(Theme.id) == col(Suggestion.theme_id))
        .where(Suggestion.organisation_id == theme.organisation_id, col(Theme.retired))
        .where(col(Suggestion.status).in_(("accepted", "delivered")))
    )
    found = session.exec(query.order_by(col(Suggestion.id))).all()
    leads_on = successors(session, theme.organisation_id) if found else {}
    return [one for one in found if led_on(one.theme_id, leads_on) == theme.id]


def lock_suggestions(
    session: Session, organisation_id: str, *, theme_id: str | None = None, status: str | None = None
) -> list[Suggestion]:
    """Return the suggestions that fit, as they are now, and keep them from others until the end."""
    query = select(Suggestion).where(Suggestion.organisation_id == organisation_id)
    if theme_id is not None:
        query = query.where(Suggestion.theme_id == theme_id)
    if status is not None:
        query = query.where(Suggestion.status == status)
    locked = query.order_by(col(Suggestion.id)).with_for_update()
    return list(session.exec(locked.execution_options(populate_existing=True)))


def get_suggestion(session: Session, organisation_id: str, suggestion_id: str) -> Suggestion:
    """Return one suggestion; raises NotFound where this organisation has none of this id."""
    return _one(session, organisation_id, suggestion_id, locked=False)


def lock_suggestion(session: Session, organisation_id: str, suggestion_id: str) -> Suggestion:
    """Return one suggestion as it is now, and keep it from others until the transaction ends."""
    return _one(session, organisation_id, suggestion_id, locked=True)


def _one(session: Session, organisation_id: str, suggestion_id: str, *, locked: bool) -> Suggestion:
    query = select(Suggestion).where(
        Suggestion.organisation_id == organisation_id, Suggestion.id == suggestion_id
    )
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"there is no suggestion {suggestion_id}")
    return found


def article_of(session: Session, suggestion: Suggestion) -> Article | None:
    """Return the article that a suggestion is about, where it is about one that is there."""
    query = select(Article).where(
        Article.organisation_id == suggestion.organisation_id, Article.id == suggestion.article_id
    )
    return session.exec(query).one_or_none()


def theme_of(session: Session, suggestion: Suggestion) -> Theme:
    """Return the theme that a suggestion is about."""
    query = select(Theme).where(
        Theme.organisation_id == suggestion.organisation_id, Theme.id == suggestion.theme_id
    )
    return session.exec(query).one()
