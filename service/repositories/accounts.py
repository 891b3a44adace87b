"""Accounts, and the events of their lives."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import Account, Event
from service.models.columns import digest
from service.repositories.among import among


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


def names(
    session: Session, organisation_id: str, account_ids: Collection[str] | None = None
) -> dict[str, str]:
    """Return what accounts are called, all or these, by their ids."""
    query = select(Account.account_id, col(Account.name)).where(Account.organisation_id == organisation_id)
    if account_ids is not None:
        query = query.where(among(col(Account.account_id), account_ids))
    return {account_id: name or account_id for account_id, name in session.exec(query)}


def count_accounts(session: Session, organisation_id: str) -> int:
    """Return how many accounts there are."""
    return session.exec(select(func.count()).where(Account.organisation_id == organisation_id)).one()


def find(session: Session, organisation_id: str, account_id: str) -> Account | None:
    """Return an account by the id that its own systems call it; None where nothing is known but the id."""
    query = select(Account).where(
        Account.organisation_id == organisation_id, Account.account_id == account_id
    )
    return session.exec(query).one_or_none()


def get(session: Session, organisation_id: str, account_id: str) -> Account:
    """Return an account by the id that its own systems call it. Raises NotFound."""
    found = find(session, organisation_id, account_id)
    if found is None:
        raise NotFound(f"There is no account “{account_id}”.")
    return found


def merge(session: Session, organisation_id: str, merged: Mapping[str, str]) -> None:
    """Let accounts be another that they turned out to be; what that one does not tell is taken from them."""
    for old, new in merged.items():
        before = session.get(Account, _id(organisation_id, old))
        if before is None:
            continue
        told = before.model_dump(exclude={"id", "account_id", "changed_at"})
        session.delete(before)
        session.flush()
        complete(session, organisation_id, new, told)


def complete(session: Session, organisation_id: str, account_id: str, told: Mapping[str, Any]) -> None:
    """Write what is told of an account where nothing was known."""
    known = session.get(Account, _id(organisation_id, account_id))
    if known is None:
        named = {"id": _id(organisation_id, account_id), "account_id": account_id}
        session.add(Account(**{**told, **named, "organisation_id": organisation_id}))
    else:
        for name, value in told.items():
            if getattr(known, name) is None:
                setattr(known, name, value)


def update(session: Session, organisation_id: str, account_id: str, told: Mapping[str, Any]) -> None:
    """Write what is told of an account; what is not told (None) stays as it was."""
    given = {name: value for name, value in told.items() if value is not None}
    known = session.get(Account, _id(organisation_id, account_id))
    if known is None:
        complete(session, organisation_id, account_id, given)
    else:
        for name, value in given.items():
            setattr(known, name, value)


def _id(organisation_id: str, account_id: str) -> str:
    return digest(organisation_id, "account", account_id)


def life(
    session: Session, organisation_id: str, account_id: str, kinds: Collection[str], *, limit: int
) -> list[Event]:
    """Return what of some kinds happened to an account, the latest first."""
    query = (
        select(Event)
        .where(Event.organisation_id == organisation_id, Event.account_id == account_id)
        .where(col(Event.kind).in_(kinds))
        .order_by(col(Event.occurred_at).desc(), col(Event.id))
    )
    return list(session.exec(query.limit(limit)))


def events(session: Session, organisation_id: str, account_id: str) -> list[Event]:
    """Return what happened to an account, in the order of time."""
    query = (
        select(Event)
        .where(Event.organisation_id == organisation_id, Event.account_id == account_id)
        .order_by(col(Event.occurred_at), col(Event.id))
    )
    return list(session.exec(query))
