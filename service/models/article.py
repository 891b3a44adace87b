"""An article of a knowledge base, the passages it is searched by, and their words."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, changed_column, organisation_column


class Article(SQLModel, table=True):
    """A page of a knowledge base."""

    __table_args__ = (UniqueConstraint("source_id", "external_id"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    source_id: str = Field(foreign_key="source.id")
    external_id: str
    title: str
    body: str = ""
    """Plain text."""
    url: str | None = None
    lang: str | None = None
    audience: str = "public"
    section: str | None = None
    status: str | None = None
    updated_at: datetime | None = Field(default=None, sa_type=Instant)
    views: int | None = None
    helpful: int | None = None
    unhelpful: int | None = None
    version: str
    """A digest of the content; another version is cut into passages anew."""
    changed_at: datetime | None = changed_column()


class Passage(SQLModel, table=True):
    """A stretch of an article that is short enough to be compared with a question."""

    __table_args__ = (UniqueConstraint("article_id", "position"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    article_id: str = Field(foreign_key="article.id", ondelete="CASCADE", index=True)
    position: int
    start: int
    end: int
    """Offsets in the article's full text (title, blank line, body), half-open, in code points."""
    text: str
    """What is compared: the article's title with the stretch."""
    content_hash: str = Field(index=True)


class PassageWords(SQLModel, table=True):
    """The words of a passage."""

    __tablename__ = "passage_words"
    __table_args__ = (Index("passage_words_by_word", "words", postgresql_using="gin"),)

    id: str = Field(foreign_key="passage.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = organisation_column()
    words: Any = Field(sa_type=TSVECTOR, nullable=False)
    """Normal forms of the content words, each once."""
