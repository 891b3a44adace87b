"""Locks that belong to no row: whoever holds one works alone until the transaction ends."""

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, select


def hold(session: Session, name: str, organisation_id: str) -> None:
    """Wait for the lock of this name of an organisation, and hold it until the transaction ends."""
    session.exec(select(func.pg_advisory_xact_lock(_key(name, organisation_id)))).one()


def try_to_hold(session: Session, name: str, organisation_id: str) -> bool:
    """Hold the lock if nobody else does; say whether it is held."""
    return bool(session.exec(select(func.pg_try_advisory_xact_lock(_key(name, organisation_id)))).one())


def _key(name: str, organisation_id: str) -> ColumnElement[int]:
    return func.hashtextextended(f"{name} {organisation_id}", 0)
