"""Many rows by one statement."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, SQLModel


def insert_rows(
    session: Session,
    table: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    *,
    replace: bool = False,
    keep: bool = False,
) -> None:
    """Insert rows, all with the same columns; with `replace` in place of those that have their `id`, with
    `keep` without those that are there already.

    The rows travel as one JSON text: a statement for each row, or one with a parameter for each value, takes
    several times as long.
    """
    if not rows:
        return
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    others = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name != "id")
    conflict = f" ON CONFLICT (id) DO UPDATE SET {others}" if replace else ""
    conflict = " ON CONFLICT DO NOTHING" if keep else conflict
    into = f'"{table.__tablename__}"'
    statement = (
        f"INSERT INTO {into} ({columns}) SELECT {columns} "
        f"FROM jsonb_populate_recordset(NULL::{into}, CAST(:rows AS jsonb)){conflict}"
    )
    given = json.dumps([dict(row) for row in rows], ensure_ascii=False, default=_as_json)
    session.execute(text(statement), {"rows": given})


def _as_json(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value)} has no form in JSON")
