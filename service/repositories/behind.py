"""What stands behind measures of voices: who waited longest, and who looked into the help centre."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from service.models import Account, Event, Item, Message
from service.models.item import CONTACT_CHANNELS
from service.repositories.slices import in_slice
from service.rules.routing import SOLVED

EXCERPT = 180
"""Code points of a voice that a list shows."""


class Wait(NamedTuple):
    """An item by which a customer reached out, and when it was answered and solved."""

    item_id: str
    text: str | None
    lang: str | None
    created_at: datetime
    answered_at: datetime | None
    solved_at: datetime | None


class Looked(NamedTuple):
    """A customer who looked into the help centre on a day."""

    customer_id: str
    day: date


def longest_waits(
    session: Session,
    organisation_id: str,
    since: datetime,
    until: datetime,
    *,
    slice_: str,
    until_solved: bool,
    limit: int,
) -> list[Wait]:
    """Return the items of a time that waited longest, those first that wait still.

    They wait for an answer, or until they are solved; one that is solved waits no more for an answer. Left
    out is what is closed, nobody knows when, and sources that tell nothing of the kind in that time.
    """
    by_agent = (
        select(func.min(Message.created_at))
        .where(col(Message.item_id) == col(Item.id), col(Message.author_role) == "agent")
        .scalar_subquery()
    )
    query = (
        select_columns(
            col(Item.id),
            col(Item.source_id),
            func.lower(func.trim(func.coalesce(col(Item.status), ""))).label("status"),
            col(Item.created_at),
            func.least(col(Item.replied_at), by_agent).label("answered_at"),
            col(Item.resolved_at),
        )
        .where(col(Item.organisation_id) == organisation_id, col(Item.channel).in_(CONTACT_CHANNELS))
        .where(col(Item.text).is_not(None), col(Item.set_aside).is_(None))
        .where(col(Item.created_at) >= since, col(Item.created_at) < until)
    )
    if slice_:
        query = query.where(in_slice(slice_))
    asked = query.cte("asked")
    first = func.least(asked.c.answered_at, asked.c.resolved_at)
    reached = asked.c.resolved_at if until_solved else first
    telling = select_columns(asked.c.source_id).where(reached.is_not(None))
    longest = (
        select_columns(asked, (reached - asked.c.created_at).label("waited"))
        .where(asked.c.source_id.in_(telling), or_(reached.is_not(None), asked.c.status.not_in(SOLVED)))
        .order_by((reached - asked.c.created_at).desc().nulls_first(), asked.c.created_at, asked.c.id)
        .limit(limit)
        .subquery()
    )
    rows = session.execute(
        select_columns(
            col(Item.id),
            func.left(col(Item.text), EXCERPT),
            col(Item.lang),
            longest.c.created_at,
            longest.c.answered_at,
            longest.c.resolved_at,
        )
        .join(longest, col(Item.id) == longest.c.id)
        .order_by(longest.c.waited.desc().nulls_first(), longest.c.created_at, longest.c.id)
    )
    return [Wait._make(row) for row in rows]


def newest_looks(
    session: Session,
    organisation_id: str,
    since: datetime,
    until: datetime,
    *,
    slice_: str,
    zone: str,
    limit: int,
) -> list[Looked]:
    """Return the customers who last looked at an article, each once a day."""
    day = func.date(func.timezone(zone, col(Event.occurred_at)))
    query = (
        select_columns(col(Event.customer_id), day)
        .where(col(Event.organisation_id) == organisation_id, col(Event.kind) == "article_view")
        .where(col(Event.customer_id).is_not(None))
        .where(col(Event.occurred_at) >= since, col(Event.occurred_at) < until)
        .distinct()
        .order_by(day.desc(), col(Event.customer_id))
        .limit(limit)
    )
    trait, _, value = slice_.partition(":")
    if trait in ("segment", "plan"):
        column = Account.segment if trait == "segment" else Account.plan
        of = select(Account.account_id).where(Account.organisation_id == organisation_id, column == value)
        query = query.where(col(Event.account_id).in_(of))
    return [Looked._make(row) for row in session.execute(query)]
