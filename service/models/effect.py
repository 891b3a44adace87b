"""An intervention, and what it did to the theme's contacts."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, changed_column, noted_column, organisation_column

INTERVENTION_KINDS = ("fix", "article", "other")
VERDICTS = ("reduced", "increased", "unchanged", "cannot_tell")


class Intervention(SQLModel, table=True):
    """The day something changed for customers."""

    __table_args__ = (UniqueConstraint("organisation_id", "intervention_id"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    intervention_id: str
    """As given, or derived from the content."""
    theme: str
    """The theme as it was named: an id, a title, or a voice `SOURCE/EXTERNAL_ID` that is in it."""
    theme_id: str | None = Field(default=None, foreign_key="theme.id")
    """The theme that this name means in the live run; None while there is none."""
    occurred_at: datetime = Field(sa_type=Instant)
    kind: str = "other"
    segment: str | None = None
    foreseen: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """What was expected of the weeks after, written down before anything was heard of them; then it stays."""
    suggestion_id: str | None = Field(default=None, foreign_key="suggestion.id")
    noted_at: datetime | None = noted_column()
    """When Koe heard of it."""


class Effect(SQLModel, table=True):
    """What an intervention did to its theme's contacts."""

    intervention_id: str = Field(foreign_key="intervention.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = organisation_column()
    theme_id: str = Field(foreign_key="theme.id")
    verdict: str
    relative_effect: float | None = None
    low: float | None = None
    high: float | None = None
    naive: float | None = None
    """Contacts a week after ÷ before − 1, with nothing taken into account."""
    observed: float | None = None
    expected: float | None = None
    weeks_needed: int | None = None
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    told_at: datetime | None = Field(default=None, sa_type=Instant)
    """Since when the verdict is this one."""
    course: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """Week by week what was heard and what was expected (`period, heard, expected, low, high`)."""
    changed_at: datetime | None = changed_column()
