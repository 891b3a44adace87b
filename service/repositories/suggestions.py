"""Suggestions: what to do about a theme."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import Article, Suggestion, Tally, Theme, Value
from service.repositories import theme_lists
from service.repositories.alarms import successors
from service.repositories.among import among
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


def of_themes(session: Session, organisation_id: str, theme_ids: Collection[str]) -> dict[str, Suggestion]:
    """Return for each of these themes the surest suggestion that it has."""
    query = (
        select(Suggestion)
        .where(Suggestion.organisation_id == organisation_id, among(col(Suggestion.theme_id), theme_ids))
        .order_by(col(Suggestion.confidence), col(Suggestion.id).desc())
    )
    return {one.theme_id: one for one in session.exec(query)}


class About(NamedTuple):
    """A suggestion with the theme that it is about."""

    suggestion: Suggestion
    theme: Theme


SORTS = ("worth", "contacts", "customers", "certainty")
"""By what lists of suggestions can be sorted; a list without a wish is sorted by the first."""


def order(sort: str) -> Sequence[ColumnElement[Any]]:
    """Return what sorts suggestions about living themes: what is better left comes last, whatever the wish.

    Where worth says nothing, contacts do, and then customers.
    """
    worth = col(Value.rank).asc().nulls_last()
    contacts = col(Tally.contacts).desc().nulls_last()
    customers = col(Tally.customers).desc().nulls_last()
    first: dict[str, tuple[ColumnElement[Any], ...]] = {
        "worth": (worth, contacts, customers),
        "contacts": (contacts, worth, customers),
        "customers": (customers, worth, contacts),
        "certainty": (col(Suggestion.confidence).desc(), worth, contacts),
    }
    return (
        col(Suggestion.action) == "no_action",
        *first.get(sort, first["worth"]),
        col(Tally.people).desc().nulls_last(),
        col(Suggestion.id).collate("C"),
    )


def about_living(organisation_id: str) -> Select[Suggestion, Theme]:
    """Return the query for suggestions about themes that live and that nobody ignores, with these."""
    return (
        select_columns(Suggestion, Theme)
        .join(Theme, col(Theme.id) == col(Suggestion.theme_id))
        .outerjoin(Tally, col(Tally.theme_id) == col(Theme.id))
        .outerjoin(Value, col(Value.theme_id) == col(Theme.id))
        .where(col(Suggestion.organisation_id) == organisation_id)
        .where(col(Theme.retired).is_(False), col(Theme.ignored).is_(False), col(Theme.parent_id).is_(None))
    )


def find(
    session: Session,
    organisation_id: str,
    *,
    status: str = "",
    action: str = "",
    lang: str = "",
    sort: str = "worth",
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[About], int]:
    """Return a part of what is suggested about themes that live and that nobody ignores, and how much it is.

    It is sorted by one of `SORTS`. `lang` is `en`, `ja` or `other`.
    """
    query = about_living(organisation_id)
    for column, value in ((Suggestion.status, status), (Suggestion.action, action)):
        if value:
            query = query.where(col(column) == value)
    if lang:
        query = query.where(written_in(lang))
    total = session.execute(query.with_only_columns(func.count())).scalar_one()
    ordered = query.order_by(*order(sort))
    return [About(*row) for row in session.execute(ordered.limit(limit).offset(offset))], total


def written_in(lang: str) -> ColumnElement[bool]:
    """Return the condition for suggestions in a language: `en`, `ja`, or `other` for all else."""
    if lang == theme_lists.OTHER:
        return col(Suggestion.lang).not_in(theme_lists.WRITTEN)
    return col(Suggestion.lang) == lang


def refusals(session: Session, organisation_id: str, theme_ids: Collection[str]) -> dict[str, Suggestion]:
    """Return for each of these themes the last decision not to act, where there is one that holds."""
    query = (
        select(Suggestion)
        .where(Suggestion.organisation_id == organisation_id, among(col(Suggestion.theme_id), theme_ids))
        .where(
            or_(
                col(Suggestion.status) == "dismissed",
                and_(col(Suggestion.status) == "accepted", col(Suggestion.action) == "no_action"),
            )
        )
        .order_by(col(Suggestion.decided_at), col(Suggestion.id))
    )
    return {one.theme_id: one for one in session.exec(query)}


def done_and_asking(session: Session, organisation_id: str) -> list[About]:
    """Return what is done, and came back because it is asked about as much as before."""
    query = about_living(organisation_id).where(col(Suggestion.status) == "done")
    rows = session.execute(query.where(col(Suggestion.came_back).is_not(None)).order_by(col(Suggestion.id)))
    return [About(*row) for row in rows]


def count_open(session: Session, organisation_id: str) -> int:
    """Return how many suggestions about themes that live, and that nobody ignores, wait for a decision."""
    query = about_living(organisation_id).where(col(Suggestion.status) == "open")
    return int(session.execute(query.with_only_columns(func.count())).scalar_one())


UNDER_WAY = ("accepted", "delivered")
"""How a suggestion stands that was accepted and is not done yet."""


def lock_accepted(session: Session, organisation_id: str) -> list[Suggestion]:
    """Return what is under way, what another one carries on, and what carries on; keep them from others."""
    carriers = select(Suggestion.carried_on_by).where(
        Suggestion.organisation_id == organisation_id, col(Suggestion.carried_on_by).is_not(None)
    )
    query = (
        select(Suggestion)
        .where(Suggestion.organisation_id == organisation_id)
        .where(
            or_(
                col(Suggestion.status).in_(UNDER_WAY),
                col(Suggestion.carried_on_by).is_not(None),
                col(Suggestion.id).in_(carriers),
            )
        )
        .order_by(col(Suggestion.id))
        .with_for_update()
    )
    return list(session.exec(query.execution_options(populate_existing=True)))


def carried_by(session: Session, suggestion: Suggestion) -> list[Suggestion]:
    """Return the suggestions that one carries on for, by their ids."""
    query = select(Suggestion).where(
        Suggestion.organisation_id == suggestion.organisation_id, Suggestion.carried_on_by == suggestion.id
    )
    return list(session.exec(query.order_by(col(Suggestion.id))))


def under_way_elsewhere(session: Session, theme: Theme) -> list[Suggestion]:
    """Return what was accepted, and is not done yet, of themes that ended and are this one today."""
    query = (
        select(Suggestion)
        .join(Theme, col(Theme.id) == col(Suggestion.theme_id))
        .where(Suggestion.organisation_id == theme.organisation_id, col(Theme.retired))
        .where(col(Suggestion.status).in_(UNDER_WAY))
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
