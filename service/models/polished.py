"""Titles and sentences that a language model put into better words."""

from sqlmodel import Field, SQLModel


class Polished(SQLModel, table=True):
    """What a model made of a text, so that nobody asks it the same twice."""

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    id: str = Field(primary_key=True)
    """A digest of the model, the text and what it was shown with."""
    text: str | None = None
    """None where the model had nothing better that holds."""
