"""What to do about a theme, and its way to the target."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, organisation_column

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
    """`{title, body, sentences [{text, citations [{source, external_id, start, end}]}]}`"""
    status: str = "open"
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decision_reason: str | None = None
    published_url: str | None = None


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


class Delivery(SQLModel, table=True):
    """One suggestion on its way to one target, exactly once."""

    __table_args__ = (UniqueConstraint("suggestion_id", "target_id"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    suggestion_id: str = Field(foreign_key="suggestion.id", index=True)
    target_id: str = Field(foreign_key="target.id")
    state: str = "pending"
    """`pending`, `sending`, `uncertain`, `delivered`, `paused`, `dead`."""
    attempts: int = 0
    reason: str | None = None
    reference: str | None = None
    url: str | None = None
    updated_at: datetime = Field(sa_type=Instant)
