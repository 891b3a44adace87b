"""A span, the words that it is found by, and the vectors of texts."""

from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import Vector
from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import BIT, TSVECTOR
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, organisation_column

KINDS = ("pain_point", "question", "request", "praise", "other")
SEVERITIES = ("low", "medium", "high", "critical")
"""The words for 1 to 4."""
TONES = ("negative", "neutral", "positive")


class Span(SQLModel, table=True):
    """The piece of redacted customer text that says one thing."""

    __table_args__ = (Index("span_by_item", "item_id", "start"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    item_id: str = Field(foreign_key="item.id", ondelete="CASCADE")
    start: int
    end: int
    """Offsets in the item's text, half-open, in code points."""
    text: str
    lang: str | None = None
    kind: str = "other"
    kind_confidence: float = 0.0
    kind_reason: str | None = None
    """The words or the rating that decided the kind."""
    severity: int | None = None
    """How bad it is, 1 (low) to 4 (critical); None where nothing is wrong."""
    severity_reason: str | None = None
    sentiment: float | None = None
    """How it sounds, -1 to 1; None where neither words nor a rating tell."""
    sentiment_reason: str | None = None
    """The words or the rating that decided these."""
    content_hash: str = Field(index=True)
    """A digest of the text; equal texts share a vector."""


class SpanWords(SQLModel, table=True):
    """The words of a span, and what a search is narrowed by; a span of an item that is set aside has none.

    A table of its own, because it is read from end to end where a word is common, and must be small.
    """

    __tablename__ = "span_words"
    __table_args__ = (
        Index("span_words_by_word", "words", postgresql_using="gin"),
        Index("span_words_by_time", "organisation_id", "said_at"),
    )

    id: str = Field(foreign_key="span.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    source_id: str
    said_at: datetime = Field(sa_type=Instant)
    """When the item came."""
    lang: str | None = None
    kind: str
    words: Any = Field(sa_type=TSVECTOR, nullable=False)
    """Normal forms of the content words, each once."""


class Embedding(SQLModel, table=True):
    """The vector of a text in the space of one embedder; spaces never mix."""

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    embedder: str = Field(primary_key=True)
    content_hash: str = Field(primary_key=True)
    vector: Any = Field(sa_type=Vector)


class VectorSigns(SQLModel, table=True):
    """Which numbers of a vector are above zero: a bit each, so that all vectors can be looked through.

    What is near by these is then compared by the vectors themselves.
    """

    __tablename__ = "vector_signs"

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    embedder: str = Field(primary_key=True)
    content_hash: str = Field(primary_key=True)
    signs: Any = Field(sa_column=Column(BIT(varying=True), nullable=False))
