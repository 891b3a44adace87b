"""Tokens of programs."""

from sqlmodel import Session, col, select

from service.models import Organisation, Token


def with_timezone(session: Session, token_id: str) -> tuple[Token, str] | None:
    """Return a token of whatever state, with the time zone of its organisation."""
    query = select(Token, Organisation.timezone).join(Organisation).where(Token.id == token_id)
    return session.exec(query).one_or_none()


def live_token(session: Session, organisation_id: str, name: str) -> Token | None:
    """Return the token of a name that was not revoked."""
    query = select(Token).where(
        Token.organisation_id == organisation_id, Token.name == name, col(Token.revoked_at).is_(None)
    )
    return session.exec(query).one_or_none()


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
