"""What is counted of a theme, as it was last counted: lists of themes read this, not a million voices."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import false
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, organisation_column


class Tally(SQLModel, table=True):
    """The figures of an upper theme."""

    theme_id: str = Field(foreign_key="theme.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = organisation_column()
    spans: int
    items: int
    customers: int
    people: int
    accounts: int
    contacts: int
    repeats: int
    """How many of the contacts are repeat inquiries."""
    repeat_rate: float | None = None
    revenue: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """A year's revenue of its accounts by currency, as decimal text."""
    first_seen: datetime | None = Field(default=None, sa_type=Instant)
    last_seen: datetime | None = Field(default=None, sa_type=Instant)
    weeks: list[int] = Field(default_factory=list, sa_type=Json)
    """Contacts of the last weeks, the latest last; empty where nobody reached out."""
    until: date | None = None
    """The Monday of the last of these weeks."""
    weeks_items: list[int] = Field(default_factory=list, sa_type=Json)
    """Items of the last weeks."""
    until_items: date | None = None
    """The Monday of the last of these."""
    facets: dict[str, dict[str, int]] = Field(default_factory=dict, sa_type=Json)
    """What the theme's voices are told apart by, to value to items: `source` (its name), `channel`, `area`,
    `plan` (of the account), `layer` and `moment` (a touchpoint, or `unknown`) and `lang` (to spans)."""
    told: dict[str, dict[str, int]] = Field(default_factory=dict, sa_type=Json)
    """`severity` and `tone`, each to how many items say something of it, by the words for both."""
    stale: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """True where voices left the theme since; it is counted anew wherever it is shown."""


class TallyOfAll(SQLModel, table=True):
    """What became of an organisation's items, and by what its themes are chosen, as it was last counted."""

    __tablename__ = "tally_of_all"

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    with_content: int
    """Items that were neither set aside nor ignored."""
    themed: int
    ignored: int
    aside: dict[str, int] = Field(default_factory=dict, sa_type=Json)
    """Those that were set aside, by reason."""
    facets: dict[str, list[str]] = Field(default_factory=dict, sa_type=Json)
    """What the themes' voices are told apart by, to its values: those of `Tally.facets`, but for `lang`."""
    currency: str | None = None
    """That in which the revenue behind most themes is; None where none is known."""
    counted_at: datetime = Field(sa_type=Instant)
    seconds: float
    """How long counting took."""


class TallyOfTouchpoints(SQLModel, table=True):
    """What was heard where in the last weeks, as it was last counted, see `repositories.matrix`."""

    __tablename__ = "tally_of_touchpoints"

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    since: date
    until: date
    """The last day that is meant, in the organisation's zone."""
    rows: list[list[Any]] = Field(default_factory=list, sa_type=Json)
    counted_at: datetime = Field(sa_type=Instant)
    seconds: float
    """How long counting took."""
