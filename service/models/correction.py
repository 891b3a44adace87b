"""What people changed about themes, and which themes of two languages may be one."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, changed_column, organisation_column

PAIR_STATUSES = ("open", "apart", "merged")


class Correction(SQLModel, table=True):
    """What a person changed: an event that every run obeys until somebody takes it back."""

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    op: str
    """One of `service.rules.corrections.OPS`, which says what each is about."""
    theme_ids: list[str] = Field(default_factory=list, sa_type=Json)
    title: str | None = None
    spans: dict[str, list[str]] = Field(default_factory=dict, sa_type=Json)
    """The spans of each theme on that day: by them a later run knows which groups are meant."""
    chosen: list[str] = Field(default_factory=list, sa_type=Json)
    """The spans that the person picked."""
    contents: dict[str, list[str]] = Field(default_factory=dict, sa_type=Json)
    """Span to its item and the digest of its text: a span that was cut anew is found again by these."""
    by: str
    at: datetime = Field(sa_type=Instant)
    reason: str | None = None
    before: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What it takes to take this back: `places` (where each span was, and the theme that it went to),
    `retired` (the themes left without spans), `title` and `titles`, and the `parent` of a sub-theme."""
    carried_out_at: datetime | None = Field(default=None, sa_type=Instant)
    """When it was done in the live run; None for what came in a file and waits for its turn."""
    conflict: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """Why it does not hold, or not all of it: `service.rules.corrections.Conflict`."""
    undone_by: str | None = None
    undone_at: datetime | None = Field(default=None, sa_type=Instant)
    changed_at: datetime | None = changed_column()


class ThemePair(SQLModel, table=True):
    """Two themes of different languages that may say the same; Koe proposes, a person decides."""

    __tablename__ = "theme_pair"
    __table_args__ = (UniqueConstraint("theme_id", "other_id"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    theme_id: str = Field(foreign_key="theme.id", ondelete="CASCADE")
    other_id: str = Field(foreign_key="theme.id", ondelete="CASCADE", index=True)
    likeness: float
    """How much of what outlives a change of language both say, 0 to 1."""
    shared: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """`[{kind, left, right}]`, the most telling first: how each theme writes it. The kind is `word`, `code`,
    `link`, `sound`, or `article` with its id."""
    status: str = "open"
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
