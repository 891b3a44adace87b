"""A theme: spans that say the same thing, under an id that lasts."""

from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import Vector
from sqlalchemy import false
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, changed_column, noted_column, organisation_column

STAGES = ("heard", "understood", "decided", "delivered", "measured")


class Theme(SQLModel, table=True):
    """A theme or, with a parent, a sub-theme. A theme is never deleted: it retires, and leads on."""

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    parent_id: str | None = Field(default=None, foreign_key="theme.id")
    successor_id: str | None = Field(default=None, foreign_key="theme.id")
    """The theme that most of this one's spans went to, once it has none of its own."""
    title: str
    """In the theme's own language."""
    titles: dict[str, str | None] = Field(default_factory=dict, sa_type=Json)
    """`en` and `ja`, as far as known."""
    keywords: list[str] = Field(default_factory=list, sa_type=Json)
    lang: str
    kind: str = "other"
    stage: str = "heard"
    stage_since: datetime | None = noted_column()
    """Since when it stands there; None where nobody knows."""
    retired: bool = False
    """True when the live run has no span for it."""
    pinned: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """A person said that no run may end it."""
    ignored: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """A person said that it is of no interest: it is in no list and no figure, and is there all the same."""
    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often people have changed it: who looked at an older one is told, not obeyed."""
    effort_days: float | None = None
    """How many days of work solving it takes, as somebody said; None where nobody did."""
    heard_at: datetime | None = Field(default=None, sa_type=Instant)
    """When its spans last became others than they were."""
    born_at: datetime | None = noted_column()
    """When Koe made it."""
    changed_at: datetime | None = changed_column()


class Centroid(SQLModel, table=True):
    """The mean vector of a theme's spans in the space of one embedder, as of the last run that had any."""

    theme_id: str = Field(foreign_key="theme.id", ondelete="CASCADE", primary_key=True)
    embedder: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    vector: Any = Field(sa_type=Vector)
