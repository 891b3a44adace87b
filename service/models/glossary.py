"""What an organisation calls things: the entries of its glossary."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, changed_column, organisation_column


class GlossaryEntry(SQLModel, table=True):
    """One expression: a term, another word for one, another spelling, or a word never to use."""

    __tablename__ = "glossary_entry"
    __table_args__ = (
        Index(
            "glossary_entry_once",
            "organisation_id",
            "key",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    key: str
    """The term in one width, case and spacing: it stands in the glossary once."""
    term: str
    lang: str | None = None
    """The language that it belongs to; None where it is the same in all."""
    kind: str = "term"
    stands_for: str | None = None
    """The preferred term, for which or instead of which it stands."""
    note: str = ""
    customer_visible: bool = True
    """False for what only people inside say."""
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    """Since when it counts no more; it can be taken back."""
    changed_at: datetime | None = changed_column()
