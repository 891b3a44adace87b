"""Where voices lie on the map."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.models.columns import organisation_column


class MapPoint(SQLModel, table=True):
    """A span's place on the map of voices; it goes with the span."""

    __tablename__ = "map_point"
    __table_args__ = (Index("map_point_by_place", "organisation_id", "x", "y"),)

    span_id: str = Field(foreign_key="span.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = organisation_column()
    x: int
    y: int
    """Both within 16 bits."""
    kind: str
    lang: str
    """Those of the span, which a map is read without; empty for no known language."""


class MapMiddle(SQLModel, table=True):
    """Where an upper theme lies on the map: the middle of the dots that it had when the map was drawn."""

    __tablename__ = "map_middle"

    theme_id: str = Field(foreign_key="theme.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = organisation_column()
    x: float
    y: float
