"""Who follows which theme."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from service.models.columns import Instant, organisation_column


class Follow(SQLModel, table=True):
    """A theme that somebody wants to hear of first. Where it ends, what became of it is followed."""

    theme_id: str = Field(foreign_key="theme.id", ondelete="CASCADE", primary_key=True)
    follower_id: str = Field(primary_key=True, index=True)
    """A person, or whoever else may come in; in the demo all are one."""
    organisation_id: str = organisation_column()
    since: datetime = Field(sa_type=Instant)
