"""A notice to those who raised a theme, who is told by it, and whether customers want to be."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, organisation_column


class Consent(SQLModel, table=True):
    """What a customer said about being told of things; who said nothing has none."""

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    customer_id: str = Field(primary_key=True)
    answer: str
    """`yes` or `no`."""
    told_by: str
    """The person or program that entered it, or the source of the file."""
    told_at: datetime = Field(sa_type=Instant)


class Notice(SQLModel, table=True):
    """What those who raised a theme are told of one intervention; its id is that of the intervention."""

    id: str = Field(foreign_key="intervention.id", primary_key=True)
    organisation_id: str = organisation_column()
    texts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The texts that people changed, by language and form (`ja-mail`)."""
    version: int = 0
    """How often people have changed it: who agrees to an older one is told, not obeyed."""


class Recipient(SQLModel, table=True):
    """One customer who is told by a notice, once, in one conversation."""

    __table_args__ = (Index("recipient_by_customer", "organisation_id", "customer_id"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    notice_id: str = Field(foreign_key="notice.id", ondelete="CASCADE", index=True)
    customer_id: str | None = None
    """None where nobody knows who spoke."""
    item_id: str | None = Field(default=None, foreign_key="item.id", ondelete="SET NULL", index=True)
    """The voice in whose conversation they are told; None once it is gone."""
    delivery_id: str | None = Field(default=None, foreign_key="delivery.id", ondelete="SET NULL", index=True)
    """The reply on its way; None where a person told them by hand."""
    words: str
    """A digest of what is said, by which it is known when it comes back from the source."""
    agreed_by: str
    agreed_at: datetime = Field(sa_type=Instant)
    stopped_by: str | None = None
    """Who stopped it while it was on its way; it is looked up then, and never sent again."""
