"""An alarm about a theme, the themes that raise none, and how far was looked."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, changed_column, noted_column, organisation_column

ALARM_KINDS = ("new", "rising", "spam")
COUNTED = ("contacts", "voices", "set_aside")


class Alarm(SQLModel, table=True):
    """A theme that is new or rises beyond what was expected, or a wave of spam."""

    __table_args__ = (
        Index(
            "alarm_open",
            "organisation_id",
            "theme_id",
            "counted",
            unique=True,
            postgresql_where="ended_at IS NULL AND theme_id IS NOT NULL",
        ),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    theme_id: str | None = Field(default=None, foreign_key="theme.id")
    """The theme that it is about today: it follows the lineage. None for what is set aside as spam."""
    kind: str
    """`new`, `rising` or `spam`."""
    counted: str = Field(default="contacts", sa_column_kwargs={"server_default": "contacts"})
    """What came too often: `contacts`, `voices` of any channel, or what was `set_aside` as spam."""
    onset: datetime = Field(sa_type=Instant)
    raised_at: datetime = Field(sa_type=Instant)
    """When the voices that it rests on were all there, by their own times."""
    contacts: int
    expected: float
    items: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """`[{source, external_id, item_id}]` since the onset, by time; it grows as long as the alarm is open."""
    days: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """`[{day, contacts, expected, low, high}]`, some weeks before the onset too."""
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ending: str | None = None
    """`over`, `settled` (it has become the usual level) or `merged` (into another alarm)."""
    acknowledged_at: datetime | None = Field(default=None, sa_type=Instant)
    acknowledged_by: str | None = None
    noted_at: datetime | None = noted_column()
    """When Koe raised it, by the clock; `raised_at` goes by the voices' own times."""
    changed_at: datetime | None = changed_column()


class Mute(SQLModel, table=True):
    """A theme that raises no alarm: the quiet list."""

    theme_id: str = Field(foreign_key="theme.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = organisation_column()
    until: date | None = None
    """The last quiet day; None for ever."""
    by: str
    at: datetime = Field(sa_type=Instant)


class Watch(SQLModel, table=True):
    """How far an organisation's days were looked at."""

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    looked_until: date
