"""What solving a theme is worth, as it was last weighed, and by which weights an organisation does that."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, organisation_column


class Value(SQLModel, table=True):
    """The worth of an upper theme that lives."""

    theme_id: str = Field(foreign_key="theme.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = organisation_column()
    worth: float
    low: float
    high: float
    rank: int
    """1 for the theme that is worth most."""
    rank_low: int
    rank_high: int
    """Between which ranks it stands in nine of ten draws of the customers."""
    terms: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """The sum, term by term, with what each rests on."""
    since: date
    until: date
    """From which to which day what was heard counted."""


class ValueSettings(SQLModel, table=True):
    """The weights of an organisation, where they are others than the defaults."""

    __tablename__ = "value_settings"

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    set_by: str
    set_at: datetime = Field(sa_type=Instant)
