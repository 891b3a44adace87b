"""Rows whose ids are made of what they are about: inserted, or replaced where they changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select
from sqlmodel import Session, SQLModel

from service.repositories.bulk import insert_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserted:
    """What became of rows, one by one in their order."""

    new: int
    changed: tuple[str, ...]
    """Ids of rows that were known with other content, once for each time."""
    same: int


def upsert(
    session: Session,
    table: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    *,
    newest_by: str | None = None,
) -> Upserted:
    """Write rows with an `id`; of several with one id the last counts.

    With `newest_by`, a column of instants, one that is older than what is known changes nothing.
    """
    if not rows:
        return Upserted(new=0, changed=(), same=0)
    columns = inspect(table).local_table.c
    query = select(*(columns[name] for name in rows[0])).where(columns.id.in_({row["id"] for row in rows}))
    known = {str(row["id"]): dict(row) for row in session.execute(query).mappings()}
    current: dict[str, Mapping[str, Any]] = {}
    new = same = 0
    changed: list[str] = []
    for row in rows:
        before = current.get(row["id"], known.get(row["id"]))
        if before is None:
            new += 1
        elif all(before[name] == value for name, value in row.items()) or _is_older(row, before, newest_by):
            same += 1
            continue
        else:
            changed.append(row["id"])
        current[row["id"]] = row
    insert_rows(session, table, list(current.values()), replace=True)
    return Upserted(new=new, changed=tuple(changed), same=same)


def _is_older(row: Mapping[str, Any], before: Mapping[str, Any], newest_by: str | None) -> bool:
    if newest_by is None or row[newest_by] is None or before[newest_by] is None:
        return False
    return bool(row[newest_by] < before[newest_by])
