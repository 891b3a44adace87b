"""Accounts, the events of their lives, and which of them stand behind a theme."""

from typing import NamedTuple

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import Account, Assignment, Event, Item, Run, Span


class AccountBehind(NamedTuple):
    """An account whose customers spoke of a theme."""

    account_id: str
    account: Account | None
    """None where nothing is known of it but its id."""
    items: int


def list_accounts(
    session: Session, organisation_id: str, *, limit: int = 50, offset: int = 0
) -> list[Account]:
    """Return accounts, those with most revenue first."""
    query = (
        select(Account)
        .where(Account.organisation_id == organisation_id)
        .order_by(col(Account.revenue).desc().nulls_last(), col(Account.account_id))
        .limit(limit)
        .offset(offset)
    )
    return list(session.exec(query))


def count_accounts(session: Session, organisation_id: str) -> int:
    """Return how many accounts there are."""
    return session.exec(select(func.count()).where(Account.organisation_id == organisation_id)).one()


def get(session: Session, organisation_id: str, account_id: str) -> Account:
    """Return an account by the id that its own systems call it. Raises NotFound."""
    query = select(Account).where(
        Account.organisation_id == organisation_id, Account.account_id == account_id
    )
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no account “{account_id}”.")
    return found


def behind(session: Session, organisation_id: str, theme_id: str) -> list[AccountBehind]:
    """Return the accounts behind a theme or sub-theme in the live run, those with most revenue first."""
    items = func.count(func.distinct(Item.id))
    ours = and_(
        col(Account.organisation_id) == organisation_id, col(Account.account_id) == col(Item.account_id)
    )
    query = (
        select(Item.account_id, Account, items)
        .join(Span, col(Span.item_id) == col(Item.id))
        .join(Assignment, col(Assignment.span_id) == col(Span.id))
        .join(Run, and_(col(Run.id) == col(Assignment.run_id), col(Run.state) == "live"))
        .outerjoin(Account, ours)
        .where(Assignment.organisation_id == organisation_id, col(Item.account_id).is_not(None))
        .where(or_(col(Assignment.theme_id) == theme_id, col(Assignment.subtheme_id) == theme_id))
        .group_by(col(Item.account_id), col(Account.id))
        .order_by(col(Account.revenue).desc().nulls_last(), items.desc(), col(Item.account_id).collate("C"))
    )
    return [AccountBehind(*row) for row in session.exec(query)]


def events(session: Session, organisation_id: str, account_id: str) -> list[Event]:
    """Return what happened to an account, in the order of time."""
    query = (
        select(Event)
        .where(Event.organisation_id == organisation_id, Event.account_id == account_id)
        .order_by(col(Event.occurred_at), col(Event.id))
    )
    return list(session.exec(query))
