"""Effects: what interventions did."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, delete, select

from service.errors import NotFound
from service.models import Effect, Event, Intervention, Theme
from service.repositories.among import among

WAITING = "waiting"
"""Stands for a verdict where nothing was measured yet."""


class Done(NamedTuple):
    """Something that was done, the theme that it means today, and what came of it where that is measured."""

    intervention: Intervention
    theme: Theme | None
    effect: Effect | None


def done(
    session: Session,
    organisation_id: str,
    *,
    verdict: str | None = None,
    intervention_id: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Done]:
    """Return what was done, the latest first; `verdict` may also be `WAITING`."""
    query = (
        select(Intervention, Theme, Effect)
        .join(Theme, col(Theme.id) == col(Intervention.theme_id), isouter=True)
        .join(Effect, col(Effect.intervention_id) == col(Intervention.id), isouter=True)
        .where(Intervention.organisation_id == organisation_id)
    )
    if verdict is not None:
        query = query.where(_has(verdict))
    if intervention_id is not None:
        query = query.where(Intervention.id == intervention_id)
    latest = query.order_by(col(Intervention.occurred_at).desc(), col(Intervention.id))
    return [Done(*row) for row in session.exec(latest.limit(limit).offset(offset))]


def one_done(session: Session, organisation_id: str, intervention_id: str) -> Done:
    """Return one thing that was done. Raises NotFound."""
    for found in done(session, organisation_id, intervention_id=intervention_id):
        return found
    raise NotFound(f"There is no intervention {intervention_id}.")


def verdicts(session: Session, organisation_id: str) -> Mapping[str, int]:
    """Return how much of what was done has which verdict, or none yet."""
    told = func.coalesce(Effect.verdict, WAITING)
    query = (
        select(told, func.count())
        .select_from(Intervention)
        .join(Effect, col(Effect.intervention_id) == col(Intervention.id), isouter=True)
        .where(Intervention.organisation_id == organisation_id)
        .group_by(told)
    )
    return dict(session.exec(query).all())


def _has(verdict: str) -> ColumnElement[bool]:
    return col(Effect.verdict).is_(None) if verdict == WAITING else col(Effect.verdict) == verdict


def happened(
    session: Session, organisation_id: str, kinds: Sequence[str], *, zone: ZoneInfo
) -> dict[str, list[date]]:
    """Return the days on which events of some kinds happened, each day once, in the order of time."""
    day: ColumnElement[date] = func.date(func.timezone(zone.key, col(Event.occurred_at)))
    query = (
        select(Event.kind, day)
        .where(col(Event.organisation_id) == organisation_id, col(Event.kind).in_(kinds))
        .distinct()
        .order_by(day)
    )
    found: dict[str, list[date]] = {}
    for kind, when in session.execute(query):
        found.setdefault(kind, []).append(when)
    return found


def effects_of_theme(session: Session, organisation_id: str, theme_id: str) -> list[Effect]:
    """Return a theme's effects, by intervention."""
    query = select(Effect).where(Effect.organisation_id == organisation_id, Effect.theme_id == theme_id)
    return list(session.exec(query.order_by(col(Effect.intervention_id))))


class Kept(NamedTuple):
    """An effect that was written, and what was known before."""

    is_new: bool
    """Whether its verdict is another one than before, or is the first, or is about another theme."""
    before: str | None
    """The verdict before; None where there was none about this theme."""


def of_interventions(
    session: Session, organisation_id: str, intervention_ids: Collection[str]
) -> list[Effect]:
    """Return what came of some interventions, of those that were measured."""
    query = select(Effect).where(Effect.organisation_id == organisation_id)
    return list(session.exec(query.where(among(col(Effect.intervention_id), intervention_ids))))


def keep(session: Session, effect: Effect) -> Kept:
    """Write an effect in the place of what was known; a verdict that stays is not told anew."""
    known = session.get(Effect, effect.intervention_id)
    before = known.verdict if known is not None and known.theme_id == effect.theme_id else None
    is_new = before != effect.verdict
    effect.told_at = known.told_at if known is not None and not is_new else datetime.now(UTC)
    session.merge(effect)
    return Kept(is_new=is_new, before=before)


def forget(session: Session, organisation_id: str, intervention_id: str) -> None:
    """Remove the effect of an intervention that means no theme any more."""
    session.execute(
        delete(Effect).where(
            col(Effect.organisation_id) == organisation_id, col(Effect.intervention_id) == intervention_id
        )
    )
