"""What happened since a moment, or up to another, by the clock: what home and the digest tell."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, not_, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from service.models import Alarm, Effect, Intervention, Item, Suggestion, Tally, Theme
from service.repositories.alarms import Told
from service.repositories.among import among

UNTOLD = "cannot_tell"
"""The verdict that is none."""


class Shipped(NamedTuple):
    """What was done about a theme."""

    intervention: Intervention
    theme: Theme


class Measured(NamedTuple):
    """What came of what was done."""

    effect: Effect
    intervention: Intervention
    theme: Theme


class Reopened(NamedTuple):
    """A suggestion that asks for a decision once more."""

    suggestion: Suggestion
    theme: Theme


def is_any_theme_there(session: Session, organisation_id: str) -> bool:
    """Say whether any theme lives."""
    query = select(Theme.id).where(Theme.organisation_id == organisation_id, col(Theme.retired).is_(False))
    return session.exec(query.limit(1)).first() is not None


def is_anything_there(session: Session, organisation_id: str) -> bool:
    """Say whether anything was ever heard."""
    query = select(Item.id).where(Item.organisation_id == organisation_id).limit(1)
    return session.exec(query).first() is not None


def _happened(column: Any, since: datetime, until: datetime | None) -> Any:
    """Return what holds for moments after one and, where it is given, up to another."""
    return column > since if until is None else and_(column > since, column <= until)


def born(
    session: Session,
    organisation_id: str,
    *,
    since: datetime,
    until: datetime | None = None,
    but: Collection[str],
    limit: int,
) -> tuple[list[Theme], int]:
    """Return the upper themes that were made since and live, but for some, and how many there are.

    Those that most people speak of come first, and no more than `limit`.
    """
    fits = and_(
        col(Theme.organisation_id) == organisation_id,
        col(Theme.parent_id).is_(None),
        col(Theme.retired).is_(False),
        col(Theme.ignored).is_(False),
        _happened(col(Theme.born_at), since, until),
        not_(among(col(Theme.id), but)),
    )
    largest = (
        select(Theme)
        .outerjoin(Tally, col(Tally.theme_id) == col(Theme.id))
        .where(fits)
        .order_by(col(Tally.people).desc().nulls_last(), col(Theme.id).collate("C"))
        .limit(limit)
    )
    total = session.exec(select(func.count()).select_from(Theme).where(fits)).one()
    return list(session.exec(largest)), total


def raised(
    session: Session, organisation_id: str, *, since: datetime, until: datetime | None = None
) -> list[Told]:
    """Return the open alarms that were raised since, those farthest above what is usual first."""
    query = (
        select_columns(Alarm, Theme)
        .outerjoin(Theme, col(Theme.id) == col(Alarm.theme_id))
        .where(col(Alarm.organisation_id) == organisation_id, col(Alarm.ended_at).is_(None))
        .where(_happened(col(Alarm.noted_at), since, until))
        .order_by((col(Alarm.contacts) - col(Alarm.expected)).desc(), col(Alarm.id).collate("C"))
    )
    return [Told(*row) for row in session.execute(query)]


def shipped(
    session: Session, organisation_id: str, *, since: datetime, until: datetime | None = None
) -> list[Shipped]:
    """Return what was done about themes and noted since, the latest first."""
    query = (
        select_columns(Intervention, Theme)
        .join(Theme, col(Theme.id) == col(Intervention.theme_id))
        .where(col(Intervention.organisation_id) == organisation_id)
        .where(_happened(col(Intervention.noted_at), since, until))
        .order_by(col(Intervention.occurred_at).desc(), col(Intervention.id).collate("C"))
    )
    return [Shipped(*row) for row in session.execute(query)]


def measured(
    session: Session, organisation_id: str, *, since: datetime, until: datetime | None = None
) -> list[Measured]:
    """Return the effects of which the verdict is known since, the largest first."""
    query = (
        select_columns(Effect, Intervention, Theme)
        .join(Intervention, col(Intervention.id) == col(Effect.intervention_id))
        .join(Theme, col(Theme.id) == col(Effect.theme_id))
        .where(col(Effect.organisation_id) == organisation_id, col(Effect.verdict) != UNTOLD)
        .where(_happened(col(Effect.told_at), since, until))
        .order_by(col(Effect.relative_effect), col(Intervention.id).collate("C"))
    )
    return [Measured(*row) for row in session.execute(query)]


def reopened(
    session: Session, organisation_id: str, *, since: datetime, until: datetime | None = None
) -> list[Reopened]:
    """Return what was decided or done and asks for a decision again since, the latest first."""
    left = col(Suggestion.came_back)["left_by"].astext
    query = (
        select_columns(Suggestion, Theme)
        .join(Theme, col(Theme.id) == col(Suggestion.theme_id))
        .where(col(Suggestion.organisation_id) == organisation_id)
        .where(_happened(col(Suggestion.came_back_at), since, until))
        .where(col(Suggestion.came_back).is_not(None), left.is_(None))
        .where(or_(col(Suggestion.status) == "open", col(Suggestion.status) == "done"))
        .order_by(col(Suggestion.came_back_at).desc(), col(Suggestion.id).collate("C"))
    )
    return [Reopened(*row) for row in session.execute(query)]
