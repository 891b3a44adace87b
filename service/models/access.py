"""Who may come in: persons, the browsers they signed in with, tokens of programs, and one-time links."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from service.models.columns import Instant, organisation_column

ROLES = ("viewer", "writer", "manager", "admin")
SCOPES = ("read", "write", "admin")


class Person(SQLModel, table=True):
    """Somebody who uses the pages of one organisation."""

    __table_args__ = (UniqueConstraint("organisation_id", "email"),)

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    email: str | None = None
    """In lower case; None for an administrator who came by the first link and has not given one yet."""
    name: str
    role: str = "viewer"
    password_hash: str | None = None
    """Argon2id, with its parameters and salt; None for whoever comes by links or another sign-in only."""
    created_at: datetime = Field(sa_type=Instant)
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)


class SignIn(SQLModel, table=True):
    """A browser that a person signed in with. To end it is to delete it."""

    __tablename__ = "sign_in"

    id: str = Field(primary_key=True)
    """The SHA-256 of the secret in the browser's cookie."""
    organisation_id: str = organisation_column()
    person_id: str = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    user_agent: str | None = None
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)


class Presence(SQLModel, table=True):
    """When a person looked at what changed: this time, and the time before."""

    person_id: str = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True)
    organisation_id: str = organisation_column()
    since: datetime | None = Field(default=None, sa_type=Instant)
    """The end of the visit before this one; None for the first."""
    seen_at: datetime = Field(sa_type=Instant)
    """The last look of this visit."""


class Invitation(SQLModel, table=True):
    """A link that signs somebody in once."""

    id: str = Field(primary_key=True)
    """The SHA-256 of the secret in the link."""
    organisation_id: str = organisation_column()
    person_id: str | None = Field(default=None, foreign_key="person.id", ondelete="CASCADE")
    """None for the link that makes the first administrator."""
    created_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class Identity(SQLModel, table=True):
    """An account at a provider by which a person signs in."""

    __table_args__ = (UniqueConstraint("person_id", "issuer"),)

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    """What the provider calls the account for ever; addresses change hands."""
    person_id: str = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    created_at: datetime = Field(sa_type=Instant)
    used_at: datetime = Field(sa_type=Instant)


class Departure(SQLModel, table=True):
    """A browser that was sent to the provider to sign in there, and is to come back."""

    id: str = Field(primary_key=True)
    """The SHA-256 of the `state` that the browser comes back with."""
    organisation_id: str = organisation_column()
    browser: str
    """The SHA-256 of the secret in that browser's cookie."""
    nonce: str
    verifier: str
    """Of PKCE."""
    leads_to: str
    """The page that was asked for."""
    typed: str
    """The form that was sent there, to be sent after the sign-in; empty for none."""
    created_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant, index=True)


class Token(SQLModel, table=True):
    """What a program proves itself with: `koe_<id>_<secret>`, of which only a digest is kept."""

    __table_args__ = (
        Index("token_name", "organisation_id", "name", unique=True, postgresql_where="revoked_at IS NULL"),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = organisation_column()
    name: str
    scope: str
    secret_hash: str
    """The SHA-256 of the secret, which is 256 random bits."""
    created_at: datetime = Field(sa_type=Instant)
    created_by: str | None = None
    """The name of whoever made it; None where a command did."""
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    """Of the last use, to the minute."""
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class IdempotentWrite(SQLModel, table=True):
    """The answer to a write that named an `Idempotency-Key`, so that the same request gets it again."""

    __tablename__ = "idempotent_write"

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    caller_id: str = Field(primary_key=True)
    """Of the token or the person: keys of one caller mean nothing to another."""
    key: str = Field(primary_key=True)
    request_digest: str
    status: int
    body: bytes
    created_at: datetime = Field(sa_type=Instant, index=True)
