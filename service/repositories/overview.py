"""How much of what was heard is in a theme."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol

from sqlalchemy import false, func, or_
from sqlmodel import Session, col, select

from service.models import Assignment, Item, Span, TallyOfAll, Theme
from service.models.item import CONTACT_CHANNELS
from service.repositories import theme_lists
from service.repositories.runs import live_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Items by what became of them."""

    with_content: int
    """Items that were neither set aside nor ignored."""
    themed: int
    """Of these, those with a span in a theme."""
    aside: Mapping[str, int]
    """Those that were set aside, by reason: `empty`, `spam`, `bot`."""

    ignored: int = 0
    """Items of which a person said that they are of no interest, or that their theme is."""

    @property
    def set_aside(self) -> int:
        """How many were set aside."""
        return sum(self.aside.values())


QUICK = 0.25
"""Seconds; where counting takes longer, it is done at most once in `PAUSE`."""
PAUSE = timedelta(minutes=1)


class Counted(Protocol):
    """What was counted, when, and how long that took."""

    counted_at: datetime
    seconds: float


def is_quick(counted: Counted) -> bool:
    """Say whether it is counted in a moment, so that nobody need wait for it."""
    return counted.seconds <= QUICK


def is_fresh(counted: Counted, now: datetime) -> bool:
    """Say whether it takes long to count, and was done just now."""
    return not is_quick(counted) and now - counted.counted_at < PAUSE


def share(session: Session, organisation_id: str) -> Share:
    """Return how many items were set aside or ignored, and how many of the others are in a theme.

    What was counted last is told: after every run, correction and take-in, and at least every hour.
    """
    kept = session.get(TallyOfAll, organisation_id)
    if kept is None:
        return counted_share(session, organisation_id)
    return Share(with_content=kept.with_content, themed=kept.themed, ignored=kept.ignored, aside=kept.aside)


def keep_share(session: Session, organisation_id: str, *, now: datetime) -> None:
    """Count what became of all items, and by what themes are chosen; not where that takes long, just now."""
    kept = session.get(TallyOfAll, organisation_id)
    if kept is not None and is_fresh(kept, now):
        return
    began = monotonic()
    found = counted_share(session, organisation_id)
    session.merge(
        TallyOfAll(
            organisation_id=organisation_id,
            with_content=found.with_content,
            themed=found.themed,
            ignored=found.ignored,
            aside=dict(found.aside),
            facets=theme_lists.counted_facets(session, organisation_id),
            currency=theme_lists.counted_currency(session, organisation_id),
            counted_at=now,
            seconds=monotonic() - began,
        )
    )
    session.flush()


def counted_share(session: Session, organisation_id: str) -> Share:
    """Return the same, counted now."""
    ours = Item.organisation_id == organisation_id
    counted = select(Item.set_aside, func.count()).where(ours).group_by(col(Item.set_aside))
    by_reason = dict(session.exec(counted.order_by(func.count().desc(), col(Item.set_aside))).all())
    with_content = by_reason.pop(None, 0)
    run = live_run(session, organisation_id)
    themed = ignored = 0
    if run is not None:
        uninteresting = or_(col(Assignment.ignored), func.coalesce(col(Theme.ignored), false()))
        by_item = (
            select(
                func.bool_or(col(Assignment.theme_id).is_not(None) & ~uninteresting).label("themed"),
                func.bool_or(uninteresting).label("ignored"),
            )
            .select_from(Assignment)
            .join(Span, col(Span.id) == col(Assignment.span_id))
            .outerjoin(Theme, col(Theme.id) == col(Assignment.theme_id))
            .where(Assignment.run_id == run.id)
            .group_by(col(Span.item_id))
            .subquery()
        )
        themed, ignored = session.exec(
            select(
                func.count().filter(by_item.c.themed),
                func.count().filter(by_item.c.ignored & ~by_item.c.themed),
            ).select_from(by_item)
        ).one()
    return Share(
        with_content=with_content - ignored,
        ignored=ignored,
        themed=themed,
        aside={reason: count for reason, count in by_reason.items() if reason},
    )


def reached_out(session: Session, organisation_id: str) -> bool:
    """Say whether anybody reached out about a theme by ticket, chat or call."""
    run = live_run(session, organisation_id)
    query = (
        select(Item.id)
        .join(Span, col(Span.item_id) == col(Item.id))
        .join(Assignment, col(Assignment.span_id) == col(Span.id))
        .where(Assignment.run_id == (run.id if run else ""), col(Assignment.theme_id).is_not(None))
        .where(Item.organisation_id == organisation_id, col(Item.channel).in_(CONTACT_CHANNELS))
    )
    return session.exec(query.limit(1)).first() is not None
