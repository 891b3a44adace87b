"""How far a source was asked for what it holds, what of it is to be fetched, and how fast it may be asked."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, organisation_column


class Walk(SQLModel, table=True):
    """The walk through all that a source holds, page by page; once through, it is walked again every hour.

    The cursor is stored in one transaction with the page before it, so a walk that is cut off goes on there.
    """

    source_id: str = Field(primary_key=True, foreign_key="source.id", ondelete="CASCADE")
    organisation_id: str = organisation_column()
    since: datetime | None = Field(default=None, sa_type=Instant)
    """From when on changes are asked for; None for ever."""
    began_at: datetime | None = Field(default=None, sa_type=Instant)
    """When this walk began; None between two walks."""
    cursor: str | None = None
    """Where the next page begins, in the source's words; None for the first one."""
    through: datetime | None = Field(default=None, sa_type=Instant)
    """Up to when Koe has all that the source told; None until the first walk is through."""
    items: int = Field(default=0, sa_type=BigInteger)
    """Items that this walk, or the last one, brought."""
    total: int | None = Field(default=None, sa_type=BigInteger)
    """What it will come to, where the source tells."""
    repaired: int = Field(default=0, sa_type=BigInteger)
    """Items that a later walk found and no call had told of, ever."""
    misfits: int = Field(default=0, sa_type=BigInteger)
    """Parts of this walk, or the last one, that fit nothing."""
    reasons: list[str] = Field(default_factory=list, sa_type=Json)
    """Why, of the last of them."""
    tries: int = 0
    """Failures in a row."""
    refusals: int = 0
    """Those among them by which the source said no; that it was busy or Koe stumbled counts for none."""
    next_at: datetime = Field(sa_type=Instant)
    reason: str | None = None
    """Why the last try failed; None where it did not."""


class Hint(SQLModel, table=True):
    """An item that has changed, as a call said, and is to be fetched."""

    __table_args__ = (Index("hint_due", "organisation_id", "next_at"),)

    source_id: str = Field(primary_key=True, foreign_key="source.id", ondelete="CASCADE")
    external_id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    told_at: datetime = Field(sa_type=Instant)
    """When it was told last; one that is told again meanwhile is fetched again."""
    tries: int = 0
    next_at: datetime = Field(sa_type=Instant)
    reason: str | None = None


class PaceMark(SQLModel, table=True):
    """When a credential may be used next, for all processes."""

    __tablename__ = "pace"

    key: str = Field(primary_key=True)
    """A digest of the credential."""
    organisation_id: str = organisation_column()
    free_at: datetime = Field(sa_type=Instant)
