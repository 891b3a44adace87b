"""A run: one reading of all spans into themes, and what it did to the themes that were there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, false
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, changed_column, organisation_column


class Run(SQLModel, table=True):
    """One grouping of all spans. At most one run of an organisation is live."""

    __table_args__ = (Index("run_live", "organisation_id", unique=True, postgresql_where="state = 'live'"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    ordinal: int
    """1 for the organisation's first run; runs that never went live leave no gap."""
    state: str
    """`grouped` (not yet matched with the themes), `preview`, `live`, `superseded`, `discarded`."""
    input_digest: str
    """A digest of the spans, the parts and the settings that the run read."""
    seed: int = 0
    embedder: str
    clusterer: str
    as_of: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    changed_at: datetime | None = changed_column()


class Assignment(SQLModel, table=True):
    """Where a run put a span. A span of no group has no theme: None, never a number."""

    __table_args__ = (Index("assignment_by_theme", "run_id", "theme_id"),)

    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE", primary_key=True)
    span_id: str = Field(foreign_key="span.id", ondelete="CASCADE", primary_key=True, index=True)
    organisation_id: str = organisation_column()
    group_number: int | None = None
    subgroup_number: int | None = None
    confidence: float | None = None
    theme_id: str | None = Field(default=None, foreign_key="theme.id")
    subtheme_id: str | None = Field(default=None, foreign_key="theme.id")
    origin: str = "model"
    """`model`, or `person` where a correction decided about this very span."""
    ignored: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """A person said that the span is of no interest; it is in no theme."""


class Lineage(SQLModel, table=True):
    """What happened to a theme between two runs."""

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE", index=True)
    event: str
    """`continue`, `split`, `merge`, `birth` or `death`."""
    from_ids: list[str] = Field(default_factory=list, sa_type=Json)
    to_ids: list[str] = Field(default_factory=list, sa_type=Json)
    overlap: float
