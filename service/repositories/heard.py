"""When customers were heard: the bounds of what was heard at all, and who asked again in a resolved item."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from service.models import Item, Message
from service.models.item import CHANNELS
from service.repositories.among import among
from service.rules.contacts import Bounds, plausible

_STRETCH = text(
    """
    WITH RECURSIVE hop AS (
        SELECT min(found.at) AS at FROM unnest(CAST(:channels AS text[])) AS by (channel), LATERAL (
            SELECT min(created_at) AS at FROM item
            WHERE organisation_id = :organisation_id AND channel = by.channel
        ) AS found
        UNION ALL
        SELECT (
            SELECT max(found.at) FROM unnest(CAST(:channels AS text[])) AS by (channel), LATERAL (
                SELECT max(created_at) AS at FROM item
                WHERE organisation_id = :organisation_id AND channel = by.channel
                    AND created_at > hop.at AND created_at <= hop.at + interval '365 days'
            ) AS found
        )
        FROM hop WHERE hop.at IS NOT NULL
    ), reached AS (SELECT min(at) AS first, max(at) AS last FROM hop)
    SELECT reached.first, reached.last, again.first, again.last, newest.at > reached.last
    FROM reached, (
        SELECT max(found.at) AS at FROM unnest(CAST(:channels AS text[])) AS by (channel), LATERAL (
            SELECT max(created_at) AS at FROM item
            WHERE organisation_id = :organisation_id AND channel = by.channel
        ) AS found
    ) AS newest, (
        SELECT min(created_at) AS first, max(created_at) AS last FROM message
        WHERE organisation_id = :organisation_id AND reopens
    ) AS again
    """
)
"""The first and the last moment that hops of a year lead to, and whether anything lies beyond."""
YEAR = timedelta(days=365)


def heard_between(
    session: Session, organisation_id: str, *, zone: tzinfo, channels: Collection[str] = CHANNELS
) -> Bounds | None:
    """Return the first and the last plausible day on which anybody was heard; None where nobody ever was.

    Where no year passed in silence, the index alone tells: every day is plausible.
    """
    given = {"organisation_id": organisation_id, "channels": list(channels)}
    first, last, again_first, again_last, beyond = session.execute(_STRETCH, given).one()
    if first is not None and not beyond:
        moments = [each for each in (first, last, again_first, again_last) if each is not None]
        if first - min(moments) < YEAR and max(moments) - last < YEAR:
            return min(moments).astimezone(zone).date(), max(moments).astimezone(zone).date()
    return _counted_between(session, organisation_id, zone=zone, channels=channels)


def _counted_between(
    session: Session, organisation_id: str, *, zone: tzinfo, channels: Collection[str]
) -> Bounds | None:
    """Return the same from how much was heard on each day."""
    query = (
        select(func.min(Item.created_at), func.max(Item.created_at), func.count())
        .where(Item.organisation_id == organisation_id, col(Item.channel).in_(channels))
        .group_by(func.date_trunc("day", Item.created_at))
    )
    counts: Counter[date] = Counter()
    for first, last, count in session.exec(query):
        counts[first.astimezone(zone).date()] += count
        counts[last.astimezone(zone).date()] += 0
    for moments in returns(session, organisation_id).values():
        counts.update(moment.astimezone(zone).date() for moment in moments)
    return plausible(counts)


def returns(
    session: Session, organisation_id: str, *, item_ids: Collection[str] | None = None
) -> Mapping[str, Sequence[datetime]]:
    """Return when customers asked again in items (all, or these) that were resolved, by the item's id."""
    query = select(Message.item_id, col(Message.created_at)).where(
        Message.organisation_id == organisation_id, col(Message.reopens)
    )
    if item_ids is not None:
        query = query.where(among(col(Message.item_id), item_ids))
    found: dict[str, list[datetime]] = defaultdict(list)
    for item_id, moment in session.exec(query.order_by(col(Message.id).collate("C"))):
        if moment is not None:
            found[item_id].append(moment)
    return found
