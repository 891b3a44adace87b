"""Files that people gave to the pages to be imported, for as long as they are needed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, Json, organisation_column

STATES = ("waiting", "asked", "done", "failed", "gone")


class Upload(SQLModel, table=True):
    """A file and what became of its rows. Its bytes are kept in pieces, until it is imported.

    One that nobody asks to import is kept for a day.
    """

    __table_args__ = (Index("upload_asked", "organisation_id", postgresql_where="state = 'asked'"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    name: str
    """What the file is called, without folders."""
    size: int = Field(sa_type=BigInteger)
    """Bytes."""
    by: str
    """Who gave it."""
    created_at: datetime = Field(sa_type=Instant)
    modified_at: datetime = Field(sa_type=Instant)
    """When the file was last changed, as far as the browser tells: the day of rows that say none."""
    state: str = "waiting"
    """`waiting` (for somebody to say how it is read), `asked` (it is to be imported, or is being), `done`,
    `failed` (it can be asked for anew), `gone` (thrown away, or a day old), `leaving` (what it brought is
    being taken back), `taken_back`."""
    noun: str | None = None
    source: str | None = None
    """The name that its rows are kept under."""
    choices: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """The form as it was filled in when it was asked for."""
    options: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The same as the import takes it."""
    asked_by: str | None = None
    asked_at: datetime | None = Field(default=None, sa_type=Instant)
    tries: int = 0
    """How often in a row it was begun without getting any further."""
    done: int = Field(default=0, sa_type=BigInteger)
    """Rows that are dealt with …"""
    total: int = Field(default=0, sa_type=BigInteger)
    """… of so many; 0 before they were counted."""
    report: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What became of the rows, without personal data."""
    reason: str | None = None
    """Why it failed."""
    removed: int = Field(default=0, sa_type=BigInteger)
    """Voices that left with it, where it was taken back."""
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class UploadPiece(SQLModel, table=True):
    """Some of the bytes of a file."""

    __tablename__ = "upload_piece"

    upload_id: str = Field(primary_key=True, foreign_key="upload.id", ondelete="CASCADE")
    place: int = Field(primary_key=True)
    """From 0."""
    organisation_id: str = organisation_column()
    body: bytes = Field(sa_type=LargeBinary)
