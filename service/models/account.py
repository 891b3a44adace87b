"""An account, and what happened in its life."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, changed_column, organisation_column

EVENT_KINDS = (
    "usage",
    "signup",
    "renewal",
    "expansion",
    "contraction",
    "churn",
    "release",
    "outage",
    "article_view",
)

HAPPENINGS = ("release", "outage")
"""Kinds of events that may move all themes."""


class Account(SQLModel, table=True):
    """The company or contract behind customers."""

    __table_args__ = (UniqueConstraint("organisation_id", "account_id"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    account_id: str
    """As the customer's own systems call it."""
    name: str | None = None
    plan: str | None = None
    revenue: Decimal | None = None
    """A year."""
    currency: str | None = None
    segment: str | None = None
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    renews_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    changed_at: datetime | None = changed_column()


class Event(SQLModel, table=True):
    """Something that happened: usage, a renewal, a release, an outage, …"""

    __table_args__ = (
        Index("event_by_account", "organisation_id", "account_id"),
        Index("event_by_customer", "organisation_id", "customer_id"),
        Index(
            "event_that_moves_all",
            "organisation_id",
            "occurred_at",
            postgresql_where=text("kind IN ('release', 'outage')"),
        ),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    source_id: str = Field(foreign_key="source.id")
    occurred_at: datetime = Field(sa_type=Instant, index=True)
    kind: str
    account_id: str | None = None
    customer_id: str | None = None
    article: str | None = None
    amount: Decimal | None = None
    has_text: bool = False
    """True where the event's words came in as a voice of its own (a churn with a reason)."""
