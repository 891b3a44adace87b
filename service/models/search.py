"""What customers typed into the search of the help centre."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, organisation_column


class Search(SQLModel, table=True):
    """One search, without anything personal; it is no voice and counts as no contact."""

    __table_args__ = (Index("search_by_theme", "organisation_id", "theme_id"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    source_id: str = Field(foreign_key="source.id")
    searched_at: datetime = Field(sa_type=Instant)
    query: str
    """Redacted before it was stored."""
    content_hash: str
    lang: str | None = None
    results: int
    clicked: bool | None = None
    """None where the log does not tell."""
    customer_id: str | None = None
    theme_id: str | None = None
    """The theme that a search without result is nearest to, under the live run."""
