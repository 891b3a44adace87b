"""The weekly digest: who asked for it, which weeks were told, and each letter on its way."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, organisation_column


class DigestWish(SQLModel, table=True):
    """A person who asked for the digest by e-mail."""

    __tablename__ = "digest_wish"

    person_id: str = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = organisation_column()
    lang: str
    asked_at: datetime = Field(sa_type=Instant)
    refused: str | None = None
    """The address that the mail server refused: nothing is sent there until the person asks again."""
    refused_reason: str | None = None


class DigestWeek(SQLModel, table=True):
    """A week that was told: whatever goes out of it was put on its way in the same transaction."""

    __tablename__ = "digest_week"

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    week: str = Field(primary_key=True)
    """The day on which it went out, `2026-05-04`."""
    since: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    told_at: datetime = Field(sa_type=Instant)


class DigestLetter(SQLModel, table=True):
    """The digest of one week for one person: there is one, and it is sent at most once."""

    __tablename__ = "digest_letter"
    __table_args__ = (
        Index(
            "digest_letter_due",
            "organisation_id",
            "next_at",
            postgresql_where="state IN ('waiting', 'sending')",
        ),
    )

    person_id: str = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True)
    week: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    since: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    state: str = "waiting"
    """`waiting`; `sending`, from when its text is handed over; `sent`; `unsure`, where nobody knows whether
    it arrived; `refused` by the address; `given_up`."""
    attempts: int = 0
    reason: str | None = None
    next_at: datetime = Field(sa_type=Instant)
    """When it is tried next; while it is under way, when whoever does so counts as dead."""
    updated_at: datetime = Field(sa_type=Instant)
