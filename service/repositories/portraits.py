"""What one account or one customer said: about which themes, how often, and what it took to be helped."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col, select

from service.models import Account, Assignment, Intervention, Item, Message, Span, Theme
from service.models.item import CONTACT_CHANNELS
from service.repositories.runs import live_run
from service.rules.portraits import Asked
from service.rules.routing import is_solved

MOST_ASKED = 2_000
"""The latest items that effort is reckoned from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose voices are meant: an account's or a customer's."""

    organisation_id: str
    account_id: str | None = None
    customer_id: str | None = None

    def said(self) -> list[ColumnElement[bool]]:
        """Return the conditions on items."""
        theirs = (
            col(Item.account_id) == self.account_id
            if self.customer_id is None
            else col(Item.customer_id) == self.customer_id
        )
        return [col(Item.organisation_id) == self.organisation_id, theirs]


class Figures(NamedTuple):
    """How much was heard, and of whom."""

    voices: int
    customers: int
    first: datetime | None
    last: datetime | None


class Raised(NamedTuple):
    """A theme that they raised."""

    theme: Theme
    voices: int
    last: datetime
    gravest: int
    """1 to 4, from low to critical; 0 where nothing is wrong."""
    done: Intervention | None
    """The latest thing that was done about it for them; None where nothing was."""


class Known(NamedTuple):
    """An account in the list."""

    account: Account
    voices: int
    last: datetime | None


def accounts(
    session: Session, organisation_id: str, *, sort: str, plan: str, limit: int, offset: int
) -> list[Known]:
    """Return accounts: those with most revenue first, or with `sort` those that renew next, or by name."""
    orders: dict[str, ColumnElement[Any]] = {
        "renews": col(Account.renews_at).asc(),
        "name": func.coalesce(col(Account.name), col(Account.account_id)).asc(),
    }
    order = orders.get(sort, col(Account.revenue).desc().nulls_last())
    query = select(Account).where(*_listed(organisation_id, sort=sort, plan=plan))
    found = list(
        session.exec(query.order_by(order, col(Account.account_id).collate("C")).limit(limit).offset(offset))
    )
    heard = _heard_of(session, organisation_id, [each.account_id for each in found])
    return [Known(each, *heard.get(each.account_id, (0, None))) for each in found]


def count(session: Session, organisation_id: str, *, sort: str, plan: str) -> int:
    """Return how many accounts such a list has."""
    query = select(func.count()).where(*_listed(organisation_id, sort=sort, plan=plan))
    return session.exec(query).one()


def _listed(organisation_id: str, *, sort: str, plan: str) -> list[ColumnElement[bool]]:
    """Return which accounts a list has: those that renew next are only those that will."""
    conditions = [col(Account.organisation_id) == organisation_id]
    if plan:
        conditions.append(col(Account.plan) == plan)
    if sort == "renews":
        conditions += [col(Account.ended_at).is_(None), col(Account.renews_at) >= func.now()]
    return conditions


def plans(session: Session, organisation_id: str) -> list[str]:
    """Return the plans that accounts have."""
    query = select(Account.plan).where(
        Account.organisation_id == organisation_id, col(Account.plan).is_not(None)
    )
    return sorted(plan for plan in session.exec(query.distinct()) if plan)


def figures(session: Session, whose: Whose) -> Figures:
    """Return how much was heard of them."""
    query = select(
        func.count(),
        func.count(func.distinct(Item.customer_id)),
        func.min(Item.created_at),
        func.max(Item.created_at),
    ).where(*whose.said())
    return Figures(*session.exec(query).one())


def raised(session: Session, whose: Whose, *, segment: str | None) -> list[Raised]:
    """Return the themes that they raised in the live run, the one heard last first.

    What was done for another segment of accounts than theirs was not done for them.
    """
    run = live_run(session, whose.organisation_id)
    if run is None:
        return []
    voices, last = func.count(func.distinct(Item.id)), func.max(Item.created_at)
    query = (
        select(Theme, voices, last, func.max(func.coalesce(col(Span.severity), 0)))
        .join(Assignment, and_(col(Assignment.theme_id) == col(Theme.id), col(Assignment.run_id) == run.id))
        .join(Span, col(Span.id) == col(Assignment.span_id))
        .join(Item, col(Item.id) == col(Span.item_id))
        .where(*whose.said(), col(Theme.ignored).is_(False), col(Theme.retired).is_(False))
        .group_by(col(Theme.id))
        .order_by(last.desc(), col(Theme.id))
    )
    found = list(session.exec(query))
    done = done_about(session, whose.organisation_id, [theme.id for theme, *_ in found], segment)
    return [Raised(theme, count, last, gravest, done.get(theme.id)) for theme, count, last, gravest in found]


def asked(session: Session, whose: Whose, *, since: datetime) -> list[Asked]:
    """Return the latest items by which they reached out since a moment, the latest first."""
    by_agent = (
        select(Message.item_id, func.min(Message.created_at).label("at"))
        .join(Item, col(Item.id) == col(Message.item_id))
        .where(*whose.said(), Message.author_role == "agent")
        .group_by(col(Message.item_id))
        .subquery()
    )
    query = (
        select(Item, by_agent.c.at)
        .outerjoin(by_agent, by_agent.c.item_id == col(Item.id))
        .where(*whose.said(), col(Item.channel).in_(CONTACT_CHANNELS), col(Item.set_aside).is_(None))
        .where(col(Item.created_at) >= since)
        .order_by(col(Item.created_at).desc(), col(Item.id))
        .limit(MOST_ASKED)
    )
    rows = list(session.exec(query))
    themes = _themes_of(session, whose.organisation_id, [item.id for item, _ in rows])
    return [
        Asked(
            item_id=item.id,
            customer_id=item.customer_id,
            created_at=item.created_at,
            answered_at=min((at for at in (item.replied_at, by) if at is not None), default=None),
            solved_at=item.resolved_at,
            is_closed=is_solved(item.status, item.resolved_at),
            theme_ids=themes.get(item.id, ()),
        )
        for item, by in rows
    ]


def quotes(session: Session, whose: Whose, theme_ids: list[str]) -> dict[str, Span]:
    """Return of each theme what they said last about it."""
    run = live_run(session, whose.organisation_id)
    if run is None or not theme_ids:
        return {}
    query = (
        select(Assignment.theme_id, Span)
        .join(Span, col(Span.id) == col(Assignment.span_id))
        .join(Item, col(Item.id) == col(Span.item_id))
        .where(*whose.said(), Assignment.run_id == run.id, col(Assignment.theme_id).in_(theme_ids))
        .ext(distinct_on(col(Assignment.theme_id)))
        .order_by(col(Assignment.theme_id), col(Item.created_at).desc(), col(Span.id))
    )
    return {theme_id: span for theme_id, span in session.exec(query) if theme_id is not None}


def _heard_of(
    session: Session, organisation_id: str, account_ids: list[str]
) -> dict[str, tuple[int, datetime | None]]:
    query = (
        select(Item.account_id, func.count(), func.max(Item.created_at))
        .where(Item.organisation_id == organisation_id, col(Item.account_id).in_(account_ids))
        .group_by(col(Item.account_id))
    )
    return {account or "": (voices, last) for account, voices, last in session.exec(query)}


def done_about(
    session: Session, organisation_id: str, theme_ids: list[str], segment: str | None
) -> dict[str, Intervention]:
    """Return the latest thing that was done about each theme, for everybody or for a segment of accounts."""
    query = (
        select(Intervention)
        .where(Intervention.organisation_id == organisation_id, col(Intervention.theme_id).in_(theme_ids))
        .where(col(Intervention.occurred_at) <= func.now())
        .order_by(col(Intervention.occurred_at), col(Intervention.id))
    )
    return {
        each.theme_id: each
        for each in session.exec(query)
        if each.theme_id is not None and each.segment in (None, segment)
    }


def _themes_of(session: Session, organisation_id: str, item_ids: list[str]) -> dict[str, tuple[str, ...]]:
    run = live_run(session, organisation_id)
    if run is None:
        return {}
    query = (
        select(Span.item_id, Assignment.theme_id)
        .join(Assignment, and_(col(Assignment.span_id) == col(Span.id), col(Assignment.run_id) == run.id))
        .where(Span.organisation_id == organisation_id, col(Span.item_id).in_(item_ids))
        .where(col(Assignment.theme_id).is_not(None))
        .distinct()
        .order_by(col(Span.item_id), col(Assignment.theme_id))
    )
    found: dict[str, tuple[str, ...]] = {}
    for item_id, theme_id in session.exec(query):
        found[item_id] = (*found.get(item_id, ()), theme_id or "")
    return found
