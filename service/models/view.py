"""Lists as somebody wants to find them again."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from service.models.columns import Instant, organisation_column


class SavedView(SQLModel, table=True):
    """A list with its filters, under a name."""

    __tablename__ = "saved_view"

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    owner_id: str = Field(index=True)
    """Who saved it: a person, or whoever else may write."""
    owner_name: str
    place: str
    """The page, like `/themes`."""
    query: str
    """Its filters as they stand in an address, in the order of their names."""
    name: str
    shared: bool = False
    """Whether everybody of the organisation sees it."""
    at: datetime = Field(sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
