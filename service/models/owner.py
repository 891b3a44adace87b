"""Who cares for a theme."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from service.models.columns import Instant, organisation_column


class Owner(SQLModel, table=True):
    """A person to whom a theme belongs, until they hand it over or let it go."""

    theme_id: str = Field(foreign_key="theme.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = organisation_column()
    person_id: str = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    since: datetime = Field(sa_type=Instant)
    given_by: str
    """Who said so: the person themselves, or somebody else."""
