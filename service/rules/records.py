"""A record of feedback as the inbox keeps it: the import fields, read and checked."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

Channel = Literal["ticket", "chat", "call", "interview", "review", "survey"]
Layer = Literal["tech", "low", "high", "unknown"]
Moment = Literal["zero", "first", "second", "third", "unknown"]
AuthorRole = Literal["customer", "agent", "bot", "interviewer"]


class MessageRecord(BaseModel):
    """One message of a record that brings several."""

    external_id: str | None = None
    author_role: AuthorRole = "customer"
    text: str
    created_at: AwareDatetime | None = None


class FeedbackRecord(BaseModel):
    """One received record: an item, or with a `thread_id` one message of the item of that name."""

    external_id: str
    """Of the item; with a `thread_id`, of the message."""
    thread_id: str | None = None
    turn: float | None = None
    """The message's place in its thread, where the source numbers them."""
    title: str | None = None
    text: str | None = None
    messages: list[MessageRecord] = Field(default_factory=list)
    author_role: AuthorRole = "customer"
    channel: Channel = "ticket"
    lang: str | None = None
    """ISO 639-1."""
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    replied_at: AwareDatetime | None = None
    resolved_at: AwareDatetime | None = None
    assumed_at: AwareDatetime | None = None
    """The day that stands in where the record says no day at all."""
    customer_id: str | None = None
    customer_email: str | None = None
    customer_own_id: str | None = None
    """What the organisation's own systems call the customer, where a connected system knows that."""
    account_id: str | None = None
    account_own_id: str | None = None
    status: str | None = None
    rating: float | None = None
    """1 (worst) to 5 (best)."""
    url: str | None = None
    tags: list[str] = Field(default_factory=list)
    product_area: str | None = None
    team: str | None = None
    segment: str | None = None
    layer: Layer | None = None
    """Where it was heard, if it says so itself …"""
    moment: Moment | None = None
    """… and in which moment of truth."""
    withdrawn: bool = False
    """Whether the source has deleted it: nothing of it is kept."""
    unsaid: bool = False
    """Whether it only tells of a message that was taken back; that makes no item."""

    def as_bytes(self) -> bytes:
        """Return the record as UTF-8 JSON: equal records give equal bytes."""
        return self.model_dump_json(exclude_defaults=True).encode()
