"""What to do about a theme, and its way to the target."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, changed_column, organisation_column

ACTIONS = (
    "fix_product",
    "write_article",
    "edit_article",
    "make_findable",
    "resolve_contradiction",
    "no_action",
)
STATUSES = ("open", "accepted", "dismissed", "snoozed", "delivered", "done")


class Coverage(SQLModel, table=True):
    """Which articles answer an item, and how probable it is that one does."""

    item_id: str = Field(foreign_key="item.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = organisation_column()
    answered: float
    """Probability, 0 to 1."""
    articles: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """`[{article_id, score}]`, best first, at most ten."""


class Suggestion(SQLModel, table=True):
    """What to do about a theme, with reasons and evidence. One theme has one suggestion an action."""

    __table_args__ = (UniqueConstraint("theme_id", "action"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    theme_id: str = Field(foreign_key="theme.id", index=True)
    action: str
    audience: str = "public"
    lang: str
    confidence: float
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """`[{code, …figures}]`: pages write the sentence in the reader's language."""
    article_id: str | None = Field(default=None, foreign_key="article.id", ondelete="SET NULL")
    draft: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """`{title, body, sentences [{text, held, citations [{source, external_id, start, end}]}]}`; `held` is a
    digest of the words as they stood where they are cited."""
    status: str = "open"
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decision_reason: str | None = None
    sent_to: list[str] | None = Field(default=None, sa_type=Json)
    """Ids of the targets that whoever accepted it chose; None for each that takes it, now or later."""
    review_at: datetime | None = Field(default=None, sa_type=Instant)
    """When a decision not to act is looked at again; None for never by itself."""
    premise: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """What it rested on: `{people, contacts}` of that day."""
    came_back: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """Why it is open again though it was decided against, or should be though it is done: `{code, …}`."""
    came_back_at: datetime | None = Field(default=None, sa_type=Instant)
    """When it did."""
    carried_on_by: str | None = Field(default=None, foreign_key="suggestion.id", ondelete="SET NULL")
    """The suggestion that carries on for this one, since their themes became one; None for most."""
    published_url: str | None = None
    changed_at: datetime | None = changed_column()


class Target(SQLModel, table=True):
    """A backlog or a knowledge base that deliveries go to."""

    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    name: str
    kind: str
    """The connector: `markdown-git`, `backlog-file`, …"""
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    automatic: bool = False
    """True where it takes suggestions that nobody accepted; off unless asked for."""
    sealed_secret: bytes | None = Field(default=None, sa_type=LargeBinary)
    """What Koe proves itself with there, encrypted; None where nothing is needed."""
    proof: str | None = None
    """How calls prove themselves by which it tells that something changed; None where it sends none."""
    sealed_secrets: bytes | None = Field(default=None, sa_type=LargeBinary)
    """The secrets that prove those calls, newest first, encrypted; more than one while they are changed."""
    setbacks: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Deliveries in a row that failed here; from some on, one at a time tries whether it works again."""
    held_until: datetime | None = Field(default=None, sa_type=Instant)
    """Until when it is left alone, because it asked for that or because it does not work."""
    held_reason: str | None = None
    """Why it is left alone, or refuses."""
    refuses_since: datetime | None = Field(default=None, sa_type=Instant)
    """Since when it lets Koe do nothing, of which others were told once; None while it does."""
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    """Since when a person lets it rest: nothing is handed over and nothing looked at; None while it works."""
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    """Since when it takes nothing any more; what was delivered stays known."""
    changed_at: datetime | None = changed_column()


class Delivery(SQLModel, table=True):
    """One suggestion, or the news of something else, on its way to one target, exactly once."""

    __table_args__ = (
        UniqueConstraint("event", "subject_id", "target_id"),
        Index(
            "delivery_due",
            "organisation_id",
            "next_at",
            postgresql_where="state IN ('pending', 'sending', 'uncertain', 'paused')",
        ),
        Index("delivery_look", "organisation_id", "look_at", postgresql_where="look_at IS NOT NULL"),
        Index("delivery_tracked", "target_id", "reference", postgresql_where="look_at IS NOT NULL"),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    event: str = Field(
        default="suggestion.accepted", sa_column_kwargs={"server_default": "suggestion.accepted"}
    )
    """What is told: `suggestion.accepted`, `alarm.raised`, …"""
    subject_id: str
    """What it is about: the id of the suggestion, the alarm, …"""
    suggestion_id: str | None = Field(default=None, foreign_key="suggestion.id", index=True)
    payload: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """News as they were when they were put here; None for a suggestion, whose draft is frozen itself."""
    target_id: str = Field(foreign_key="target.id")
    state: str = "pending"
    """`pending`, `sending`, `uncertain`, `delivered`, `paused`, `dead`."""
    attempts: int = 0
    reason: str | None = None
    reference: str | None = None
    url: str | None = None
    link_to: str | None = None
    """What is there already and says the same: it is given a note, and nothing is made."""
    settles_at: datetime | None = Field(default=None, sa_type=Instant)
    """Until when a look-up may still miss what an attempt of unknown outcome has made."""
    remote_state: str | None = None
    """How it stands there: `open`, `done`, `dropped`, `gone`; None where nobody has looked."""
    remote_status: str | None = None
    """What the target calls that."""
    remote_at: datetime | None = Field(default=None, sa_type=Instant)
    """Since when it stands so, as far as that is known."""
    look_at: datetime | None = Field(default=None, sa_type=Instant)
    """When it is looked at next; None where it is not."""
    looked_at: datetime | None = Field(default=None, sa_type=Instant)
    """When it was looked at last."""
    created_at: datetime = Field(sa_type=Instant)
    next_at: datetime = Field(sa_type=Instant)
    """When it is tried next, while it waits."""
    updated_at: datetime = Field(sa_type=Instant)
    changed_at: datetime | None = changed_column()


class DeliveryAttempt(SQLModel, table=True):
    """One try to hand a delivery over, and what came of it."""

    __tablename__ = "delivery_attempt"

    delivery_id: str = Field(foreign_key="delivery.id", ondelete="CASCADE", primary_key=True)
    number: int = Field(primary_key=True)
    organisation_id: str = organisation_column()
    began_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str = "sending"
    """`sending` (under way, or cut off), `delivered`, `found` (it had arrived before), `busy`, `refused`,
    `uncertain`."""
    reason: str | None = None
