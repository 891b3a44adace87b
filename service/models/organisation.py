"""An organisation: one company's closed world of data, people and connections."""

from sqlmodel import Field, SQLModel

MAIN = "main"
"""The organisation that exists from the start."""


class Organisation(SQLModel, table=True):
    """One company."""

    id: str = Field(primary_key=True)
    name: str
    timezone: str = "Asia/Tokyo"
