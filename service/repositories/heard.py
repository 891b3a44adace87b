"""When customers were heard: the bounds of what was heard at all, and who asked again in a resolved item."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, tzinfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.models import Item, Message
from service.models.item import CHANNELS
from service.rules.contacts import Bounds, plausible


def heard_between(
    session: Session, organisation_id: str, *, zone: tzinfo, channels: Collection[str] = CHANNELS
) -> Bounds | None:
    """Return the first and the last plausible day on which anybody was heard; None where nobody ever was."""
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


def returns(session: Session, organisation_id: str) -> Mapping[str, Sequence[datetime]]:
    """Return when customers asked again in items that were resolved, by the item's id."""
    query = select(Message.item_id, col(Message.created_at)).where(
        Message.organisation_id == organisation_id, col(Message.reopens)
    )
    found: dict[str, list[datetime]] = defaultdict(list)
    for item_id, moment in session.exec(query.order_by(col(Message.id).collate("C"))):
        if moment is not None:
            found[item_id].append(moment)
    return found
