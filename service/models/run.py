"""A run: one reading of all spans into themes, and what it did to the themes that were there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, false
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, changed_column, organisation_column


class Run(SQLModel, table=True):
    """One grouping of all spans. At most one run of an organisation is live, and at most one a preview."""

    __table_args__ = (
        Index("run_live", "organisation_id", unique=True, postgresql_where="state = 'live'"),
        Index("run_preview", "organisation_id", unique=True, postgresql_where="state = 'preview'"),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    ordinal: int
    """1 for the organisation's first run; runs that never went live leave no gap. Of a preview, the ordinal
    that it would have."""
    state: str
    """`grouped` (not yet matched with the themes), `draft` (will be a preview once it is named), `preview`
    (waits for a decision beside the live run), `live`, `superseded`, `discarded`."""
    input_digest: str
    """A digest of the spans, the parts and the settings that the run read."""
    seed: int = 0
    embedder: str
    clusterer: str
    as_of: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    decided_by: str | None = None
    """Who took the preview that it was, or threw it away."""
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    changed_at: datetime | None = changed_column()


class Assignment(SQLModel, table=True):
    """Where a run put a span. A span of no group has no theme: None, never a number."""

    __table_args__ = (
        Index("assignment_by_theme", "run_id", "theme_id"),
        Index("assignment_by_subtheme", "run_id", "subtheme_id", postgresql_where="subtheme_id IS NOT NULL"),
        Index("assignment_late", "run_id", postgresql_where="late"),
    )

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
    late: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """True where the span came after the run had grouped, and was put where it is by itself."""


class PreviewTheme(SQLModel, table=True):
    """Which theme a group of a preview would be, and what it would be called; gone once it is decided."""

    __tablename__ = "preview_theme"

    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE", primary_key=True)
    level: str = Field(primary_key=True)
    """`upper` or `lower`."""
    number: int = Field(primary_key=True)
    """Of the group on its level."""
    organisation_id: str = organisation_column()
    theme_id: str
    """A theme that exists, or the id of one that would be born."""
    title: str
    titles: dict[str, str | None] = Field(default_factory=dict, sa_type=Json)
    keywords: list[str] = Field(default_factory=list, sa_type=Json)
    lang: str
    kind: str
    given: bool = False
    """True where a person said that the group is this theme."""


class Lineage(SQLModel, table=True):
    """What happened to a theme between two runs, or would happen if a preview were taken."""

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE", index=True)
    event: str
    """`continue`, `split`, `merge`, `birth` or `death`."""
    from_ids: list[str] = Field(default_factory=list, sa_type=Json)
    to_ids: list[str] = Field(default_factory=list, sa_type=Json)
    overlap: float
