"""An organisation: one company's closed world of data, people and connections."""

from sqlalchemy import false, text
from sqlmodel import Field, SQLModel

from service.models.columns import Json

MAIN = "main"
"""The organisation that exists from the start."""


class Organisation(SQLModel, table=True):
    """One company."""

    id: str = Field(primary_key=True)
    name: str
    timezone: str = "Asia/Tokyo"
    asks_consent: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """True where customers who said nothing about it are not told of things, not even in their own
    conversations."""
    notice_templates: dict[str, dict[str, str]] = Field(
        default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": text("'{}'")}
    )
    """What notices are made from that the team wrote itself, by what was done and `lang-form`."""
