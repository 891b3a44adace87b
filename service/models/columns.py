"""Column types that several tables share, and how an id is made."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

Json = JSONB(none_as_null=True)
Instant = DateTime(timezone=True)


def digest(*parts: str, length: int = 20) -> str:
    """Return an opaque id derived from `parts`: equal content gives an equal id, in any home.

    The parts are joined by a character that none of them may hold, so ("ab", "c") and ("a", "bc") differ.
    """
    joined = "\x1f".join(part.replace("\x1f", " ") for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def new_id() -> str:
    """Return an id by chance, which nobody can guess: for what nothing else makes what it is."""
    return secrets.token_hex(10)


def organisation_column() -> Any:
    """Return the column that every table carries: whose row this is."""
    return Field(foreign_key="organisation.id", index=True)


def noted_column() -> datetime | None:
    """Return the column that says when the database was first given a row; None where nobody knows."""
    column: datetime | None = Field(
        default=None, sa_type=Instant, sa_column_kwargs={"server_default": func.clock_timestamp()}
    )
    return column


def changed_column() -> datetime | None:
    """Return the column that says when anything of the row last changed.

    A trigger of the database writes it, whoever changes the row and however; `updated_since` reads it.
    """
    column: datetime | None = Field(
        default=None,
        sa_type=Instant,
        nullable=False,
        index=True,
        sa_column_kwargs={"server_default": func.clock_timestamp()},
    )
    return column
