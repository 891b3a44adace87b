"""Accounts, and the events of their lives."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import Account, Event


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


def events(session: Session, organisation_id: str, account_id: str) -> list[Event]:
    """Return what happened to an account, in the order of time."""
    query = (
        select(Event)
        .where(Event.organisation_id == organisation_id, Event.account_id == account_id)
        .order_by(col(Event.occurred_at), col(Event.id))
    )
    return list(session.exec(query))
