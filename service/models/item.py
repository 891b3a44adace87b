"""A feedback item and its messages."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, changed_column, organisation_column

CHANNELS = ("ticket", "chat", "call", "interview", "review", "survey")
CONTACT_CHANNELS = ("ticket", "chat", "call")
"""The channels by which a customer reaches out; the others are voices, never contacts."""
AUTHOR_ROLES = ("customer", "agent", "bot", "interviewer")


class Item(SQLModel, table=True):
    """One ticket, chat, call, interview note, review or survey answer."""

    __table_args__ = (
        UniqueConstraint("source_id", "external_id"),
        Index("item_to_redact", "organisation_id", "id", postgresql_where="text IS NULL"),
        Index("item_to_place", "organisation_id", "id", postgresql_where="unplaced"),
        Index("item_by_time", "organisation_id", "created_at"),
        Index("item_by_channel", "organisation_id", "channel", "created_at"),
        Index("item_by_reading", "organisation_id", "reading", "id"),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    source_id: str = Field(foreign_key="source.id")
    external_id: str
    channel: str
    lang: str | None = None
    """ISO 639-1, as given or as recognised; None where nothing could be recognised."""
    lang_given: bool = False
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime | None = Field(default=None, sa_type=Instant)
    replied_at: datetime | None = Field(default=None, sa_type=Instant)
    resolved_at: datetime | None = Field(default=None, sa_type=Instant)
    status: str | None = None
    customer_id: str | None = Field(default=None, index=True)
    account_id: str | None = Field(default=None, index=True)
    rating: float | None = None
    url: str | None = None
    tags: list[str] = Field(default_factory=list, sa_type=Json)
    product_area: str | None = None
    team: str | None = None
    segment: str | None = None
    layer: str | None = None
    """Where it was heard, if it says so itself: a layer, or `unknown`."""
    moment: str | None = None
    """The moment of truth in which it was heard, if it says so itself, or `unknown`."""
    raw_title: str | None = None
    """The title as received, until it is redacted; then None."""
    text: str | None = None
    """The redacted plain text: title, then messages, joined by one blank line. None until redacted."""
    title_end: int = 0
    """Where the title ends in `text`; 0 without a title."""
    set_aside: str | None = None
    """Why the item is kept out of the themes: `spam`, `empty`, `bot`; None where it is not."""
    unplaced: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """True from its redaction on until each of its spans has been put into a theme, or into none."""
    reading: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """By which of Koe's readings its spans were made; 0 until then."""
    version: str
    """A digest of everything received of the item; another version is redacted anew."""
    changed_at: datetime | None = changed_column()


class Message(SQLModel, table=True):
    """One turn of an item."""

    __table_args__ = (
        UniqueConstraint("item_id", "position"),
        Index("message_reopens", "organisation_id", "created_at", postgresql_where="reopens"),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    item_id: str = Field(foreign_key="item.id", ondelete="CASCADE", index=True)
    position: int
    external_id: str | None = None
    author_role: str = "customer"
    created_at: datetime | None = Field(default=None, sa_type=Instant)
    raw: str | None = None
    """The plain text as received, until it is redacted; then None (the inbox has the bytes)."""
    start: int = 0
    end: int = 0
    """Where the message stands in the item's text, half-open, in code points."""
    reopens: bool = False
    """True where the customer asks again after the item was resolved: a further contact."""
