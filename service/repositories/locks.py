"""Locks that belong to no row: whoever holds one works alone until the transaction ends."""

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, select


def hold(session: Session, name: str, organisation_id: str) -> None:
    """Wait for the lock of this name of an organisation, and hold it until the transaction ends."""
    session.exec(select(func.pg_advisory_xact_lock(_key(name, organisation_id)))).one()


def hold_source(session: Session, source_id: str) -> None:
    """Wait until nobody else writes what a source told, and write alone until the transaction ends.

    Two calls, or a call and a walk, tell of the same things in any order: without it they would wait for each
    other in a circle. Whoever needs other locks as well takes this one before all of them but that of calls,
    and of several sources the one with the lowest id first.
    """
    session.exec(select(func.pg_advisory_xact_lock(_key("source", source_id)))).one()


def try_to_hold(session: Session, name: str, organisation_id: str) -> bool:
    """Hold the lock if nobody else does; say whether it is held."""
    return bool(session.exec(select(func.pg_try_advisory_xact_lock(_key(name, organisation_id)))).one())


def _key(name: str, whose: str) -> ColumnElement[int]:
    return func.hashtextextended(f"{name} {whose}", 0)
