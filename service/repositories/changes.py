"""Lists that programs follow: rows in the order of their last change, from a place on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, func, text, tuple_
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlmodel import Session, SQLModel, col

S = TypeVar("S", bound=Select[*tuple[Any, ...]])

Column = SQLCoreOperations[Any]

SETTLED = text("""
    SELECT least(statement_timestamp(), min(coalesce(xact_start, backend_start))) FROM pg_stat_activity
    WHERE backend_xid IS NOT NULL AND datname = current_database()
""")


class Place(NamedTuple):
    """Where a row stands in a list."""

    changed_at: datetime
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows of a list are wanted: those that pass every filter, from a place on."""

    limit: int
    filters: Mapping[str, object] = field(default_factory=dict)
    """Value by name; None asks for the rows that have none."""
    since: datetime | None = None
    after: Place | None = None
    newest_first: bool = False
    """For whoever reads the newest alone; a list that is followed begins at its oldest row."""


def settled_until(session: Session) -> datetime:
    """Return until when all changes can be seen by every statement after this one.

    A row says when it was written, and is seen only once its transaction is committed: later, and in any
    order. Whoever asked again from the newest row on that they saw would miss what an older transaction
    still held. So this is the beginning of the oldest transaction that has written something and goes on,
    else now: what such a transaction wrote is younger than its beginning, and what has not written yet
    will write later than now. (The database tells a role about its own connections alone, and they are
    the ones that write.)
    """
    moment: datetime = session.execute(SETTLED).scalar_one()
    return moment


def columns_of(table: type[SQLModel], *names: str, **renamed: str) -> dict[str, Column]:
    """Return columns of a table by the names that filters have for them."""
    both = {**{name: name for name in names}, **renamed}
    return {name: col(getattr(table, column)) for name, column in both.items()}


def following(
    query: S,
    wanted: Wanted,
    table: type[SQLModel],
    columns: Mapping[str, Column],
    *,
    key: str = "id",
) -> S:
    """Return the query for what is wanted of a table, and for one row more where the list goes on.

    `columns` are those that filters may name, and `key` is the column that tells rows apart.
    """
    changed_at, row_id = col(getattr(table, "changed_at")), col(getattr(table, key)).collate("C")  # noqa: B009
    for name, value in wanted.filters.items():
        query = query.where(_fits(columns[name], value))
    if wanted.since is not None:
        query = query.where(changed_at >= wanted.since)
    if wanted.after is not None:
        query = query.where(tuple_(changed_at, row_id) > tuple_(*wanted.after))
    if wanted.newest_first:
        return query.order_by(changed_at.desc(), row_id).limit(wanted.limit)
    return query.order_by(changed_at, row_id).limit(wanted.limit + 1)


def _fits(column: Column, value: object) -> ColumnElement[bool]:
    if value is None:
        return column.is_(None)
    if isinstance(value, datetime):
        return func.date_trunc("second", column) == value  # as a list tells it
    return column == value
