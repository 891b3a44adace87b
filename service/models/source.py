"""A source, and the inbox in which everything it sends is kept as it came."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, changed_column, organisation_column


class Source(SQLModel, table=True):
    """One configured connection that feedback or articles come from."""

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    name: str = Field(unique=True)
    """Unique over all organisations: webhooks are addressed by it."""
    kind: str
    """The connector: `file`, `generic`, `zendesk`, …"""
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """For a generic source: `map`, from import field to dotted path. For a connector: what it was told, but
    for secrets."""
    proof: str | None = None
    """How its webhooks prove themselves: `signature`, `bearer`, `url`, `own` or `older`; None where
    it has none."""
    sealed_secrets: bytes | None = Field(default=None, sa_type=LargeBinary)
    """The secrets that prove a webhook, newest first, encrypted; more than one while they are changed."""
    sealed_credentials: bytes | None = Field(default=None, sa_type=LargeBinary)
    """What Koe proves itself with there, encrypted; None where it cannot ask for anything."""
    layer: str | None = None
    """Where its voices are heard, unless they say so themselves: a layer, or `unknown`; None leaves it to the
    channel of each."""
    moment: str | None = None
    """The moment of truth in which they are heard, alike."""
    created_at: datetime = Field(sa_type=Instant)
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    """Since when calls are kept but not read; None while they are."""
    refuses_since: datetime | None = Field(default=None, sa_type=Instant)
    """Since when it lets Koe read nothing of what it holds; None while it does."""
    changed_at: datetime | None = changed_column()


class InboxEntry(SQLModel, table=True):
    """One record as it was received, committed before anything is done with it."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("source_id", "delivery_key"),
        Index("inbox_waiting", "organisation_id", "sequence", postgresql_where="state = 'pending'"),
        Index("inbox_dead", "organisation_id", "sequence", postgresql_where="state = 'dead'"),
        Index("inbox_by_source", "source_id", "sequence"),
        Index("inbox_by_upload", "upload_id", "sequence", postgresql_where="upload_id IS NOT NULL"),
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
    upload_id: str | None = Field(default=None, foreign_key="upload.id", ondelete="SET NULL")
    """The file that it came in, where one was given to the pages: what it brought can be taken back."""
    body: bytes = Field(sa_type=LargeBinary)
    """The bytes as received; for a row of a file, its import fields as UTF-8 JSON."""
    received_at: datetime = Field(sa_type=Instant)
    state: str = "pending"
    """`pending`, `done` or `dead`."""
    tries: int = 0
    reason: str | None = None


class WebhookCall(SQLModel, table=True):
    """One call of a source's webhook, kept byte for byte and committed before it was answered."""

    __tablename__ = "webhook_call"
    __table_args__ = (
        UniqueConstraint("source_id", "call_key"),
        Index("webhook_call_waiting", "organisation_id", "sequence", postgresql_where="state = 'pending'"),
        Index("webhook_call_dead", "organisation_id", "sequence", postgresql_where="state = 'dead'"),
        Index("webhook_call_said", "received_at", postgresql_where="state = 'done' AND body <> ''"),
        Index("webhook_call_held", "organisation_id", "sequence", postgresql_where="state = 'held'"),
        Index("webhook_call_by_source", "source_id", "sequence"),
    )

    sequence: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    """The order of arrival."""
    organisation_id: str = organisation_column()
    source_id: str = Field(foreign_key="source.id")
    call_key: str
    """The sender's id of the call, if it names one, and a digest of the body."""
    headers: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """Those without which the body cannot be read."""
    body: bytes = Field(sa_type=LargeBinary)
    received_at: datetime = Field(sa_type=Instant)
    state: str = "pending"
    """`pending`, `held` (its source is paused), `done`, or `dead` (waits for a mapping and a replay)."""
    tries: int = 0
    reason: str | None = None
    """Why it is dead, in words for the person who mends it."""
