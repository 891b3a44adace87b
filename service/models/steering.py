"""The measures by which a company steers, as they were last reckoned, and what stands behind them."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.models.columns import Json, organisation_column

CASES = (
    "account",
    "first_deals_kept",
    "shrinkage_avoided",
    "growth_won",
    "theme",
    "work",
    "repeat",
    "effort",
)
"""What stands behind numbers: accounts at the end of a month, decisions of accounts, themes that came due and
that were solved, contacts that were followed by another, problems that took more than one."""


class MeasureSeries(SQLModel, table=True):
    """A measure of everybody, or of a slice, in each month, week or year."""

    __tablename__ = "measure_series"

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    slice: str = Field(primary_key=True)
    """Like `plan:Standard`; empty for everybody."""
    measure: str = Field(primary_key=True)
    every: str = Field(primary_key=True)
    """`month`, `week` or `year`."""
    first: date
    until: date
    """The first and the last day of which anything was known."""
    later: int
    """Items dated after the last day, which wait for theirs."""
    readings: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """Oldest first; the last one is that of the period in which the last day lies."""


class MeasureCase(SQLModel, table=True):
    """An account, a theme or a contact behind a measure."""

    __tablename__ = "measure_case"
    __table_args__ = (Index("measure_case_by_day", "organisation_id", "kind", "day"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    kind: str
    day: date
    """On which it counts: of an account at the end of a month the month's first day."""
    key: str
    """The account's own id, or the id of the theme or item."""
    slices: list[str] = Field(default_factory=list, sa_type=Json)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
