"""Tokens of programs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text
from sqlmodel import Session, col, func, or_, select

from service.errors import NotFound
from service.models import Token

KNOWN = text("""
    SELECT token.organisation_id, token.name, token.scope, token.secret_hash, token.expires_at,
        token.used_at, token.revoked_at, organisation.timezone
    FROM token JOIN organisation ON organisation.id = token.organisation_id
    WHERE token.id = :id
""")
NOTE_USE = text("UPDATE token SET used_at = :at WHERE id = :id AND (used_at IS NULL OR used_at < :at)")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownToken:
    """A token of whatever state, with the time zone of its organisation."""

    organisation_id: str
    name: str
    scope: str
    secret_hash: str
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    timezone: str


def known_token(connection: Connection, token_id: str) -> KnownToken | None:
    """Return the token of an id, of whatever organisation."""
    row = connection.execute(KNOWN, {"id": token_id}).one_or_none()
    return None if row is None else KnownToken(**row._mapping)


def note_use(connection: Connection, token_id: str, at: datetime) -> None:
    """Keep when a token was used last."""
    connection.execute(NOTE_USE, {"id": token_id, "at": at})


def live_token(session: Session, organisation_id: str, name: str) -> Token | None:
    """Return the token of a name that was not revoked."""
    query = select(Token).where(
        Token.organisation_id == organisation_id, Token.name == name, col(Token.revoked_at).is_(None)
    )
    return session.exec(query).one_or_none()


def get(session: Session, organisation_id: str, token_id: str) -> Token:
    """Return a token of an organisation, in whatever state. Raises NotFound."""
    query = select(Token).where(Token.organisation_id == organisation_id, Token.id == token_id)
    token = session.exec(query.with_for_update()).one_or_none()
    if token is None:
        raise NotFound("There is no such token here.")
    return token


def known(session: Session, organisation_id: str, token_id: str) -> Token | None:
    """Return a token of an organisation, in whatever state, or None."""
    query = select(Token).where(Token.organisation_id == organisation_id, Token.id == token_id)
    return session.exec(query).one_or_none()


def newest(session: Session, organisation_id: str, *, limit: int, offset: int) -> list[Token]:
    """Return the organisation's tokens: those that were not revoked first, the newest of them first."""
    query = (
        select(Token)
        .where(Token.organisation_id == organisation_id)
        .order_by(
            col(Token.revoked_at).is_not(None),
            col(Token.created_at).desc(),
            col(Token.id),
        )
    )
    return list(session.exec(query.limit(limit).offset(offset)))


def count(session: Session, organisation_id: str, *, now: datetime) -> tuple[int, int]:
    """Return how many tokens an organisation has, and how many of them are in force."""
    in_force = col(Token.revoked_at).is_(None) & or_(
        col(Token.expires_at).is_(None), col(Token.expires_at) > now
    )
    query = select(func.count(), func.count().filter(in_force)).where(
        Token.organisation_id == organisation_id
    )
    every, some = session.exec(query).one()
    return every, some


def list_tokens(session: Session, organisation_id: str) -> list[Token]:
    """Return the organisation's tokens, revoked ones too, by name."""
    query = (
        select(Token)
        .where(Token.organisation_id == organisation_id)
        .order_by(col(Token.name).collate("C"), col(Token.created_at))
    )
    return list(session.exec(query))


def is_any_there(session: Session) -> bool:
    """Say whether any organisation has a token that was not revoked."""
    return session.exec(select(Token.id).where(col(Token.revoked_at).is_(None)).limit(1)).first() is not None
