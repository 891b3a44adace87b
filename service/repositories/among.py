"""Rows whose id is among any number of given ones."""

from collections.abc import Iterable

from sqlalchemy import ARRAY, ColumnElement, Text, any_, literal
from sqlalchemy.orm import Mapped


def among(column: ColumnElement[str] | Mapped[str], values: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a column has one of these values.

    They go as one array: PostgreSQL takes no more than 65,535 parameters, and a theme may have more items.
    """
    return column == any_(literal(list(values), ARRAY(Text)))
