"""A source, and the inbox in which everything it sends is kept as it came."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, organisation_column


class Source(SQLModel, table=True):
    """One configured connection that feedback or articles come from."""

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    name: str = Field(unique=True)
    """Unique over all organisations: webhooks are addressed by it."""
    kind: str
    """The connector: `file`, later `generic`, `zendesk`, …"""
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)


class InboxEntry(SQLModel, table=True):
    """One record as it was received, committed before anything is done with it."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("source_id", "delivery_key"),
        Index("inbox_waiting", "organisation_id", "sequence", postgresql_where="state = 'pending'"),
    )

    sequence: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    """The order of arrival; where two versions of one thing carry no time, the later one wins."""
    organisation_id: str = organisation_column()
    source_id: str = Field(foreign_key="source.id")
    delivery_key: str
    """What makes this record itself: its id and a digest of its content."""
    external_id: str = Field(index=True)
    """The item that the record belongs to (for a chat, its thread)."""
    body: bytes = Field(sa_type=LargeBinary)
    """The bytes as received; for a row of a file, its import fields as UTF-8 JSON."""
    received_at: datetime = Field(sa_type=Instant)
    state: str = "pending"
    """`pending`, `done` or `dead`."""
    tries: int = 0
    reason: str | None = None
