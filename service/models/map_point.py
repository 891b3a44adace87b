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
