"""Tokens of programs: `koe_<id>_<secret>`, of which a digest is kept."""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from service.access.caller import Caller, Scope
from service.access.secret import fingerprint, new_secret
from service.access.visit import Means, Visit
from service.db import Database
from service.errors import NotFound
from service.models import Token
from service.repositories import organisations
from service.repositories import tokens as token_repository
from service.rules.permissions import scope_named
from service.rules.refusals import conflict

SHAPE = re.compile(r"koe_([0-9a-f]{12})_([0-9a-f]{64})", re.ASCII)
PREFIX = "koe_"
USE_IS_NOTED_EVERY = timedelta(minutes=1)
CAN_BE_UNDONE = timedelta(minutes=15)
"""After which what was ended stays so: a secret that nobody wants any more is not to come back."""
LONGEST_NAME = 100
MOST_DAYS = 3650
State = Literal["in force", "expired", "revoked"]


def create(
    session: Session,
    organisation_id: str,
    name: str,
    *,
    scope: Scope,
    now: datetime,
    lasts: timedelta | None = None,
    by: str | None = None,
) -> str:
    """Make a token and return its text, which nobody can see again.

    `by` is the name of whoever makes it, None for a command. Raises Conflict if the name is in use.
    """
    _must_be_free(session, organisation_id, name)
    token_id, secret = secrets.token_hex(6), new_secret()
    session.add(
        Token(
            id=token_id,
            organisation_id=organisation_id,
            name=name,
            scope=scope,
            secret_hash=fingerprint(secret),
            created_at=now,
            created_by=by,
            expires_at=None if lasts is None else now + lasts,
        )
    )
    return f"{PREFIX}{token_id}_{secret}"


def revoke(session: Session, organisation_id: str, name: str, *, now: datetime) -> None:
    """End a token at once. Raises NotFound if none of this name is in force."""
    token = token_repository.live_token(session, organisation_id, name)
    if token is None:
        raise NotFound(f"There is no token called {name}: koe token list")
    end(token, now=now)


def end(token: Token, *, now: datetime) -> None:
    """End a token at once; one that is over already ended when it did."""
    token.revoked_at = token.revoked_at or now


def restore(session: Session, token: Token, *, now: datetime) -> None:
    """Let a token count again that was ended a moment ago.

    Raises Conflict where that was longer ago, or another one has its name now.
    """
    if token.revoked_at is None:
        return
    if now - token.revoked_at > CAN_BE_UNDONE:
        raise conflict("no_longer_revoked")
    _must_be_free(session, token.organisation_id, token.name)
    token.revoked_at = None


def state(token: Token, now: datetime) -> State:
    """Return whether a token is in force."""
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at is not None and token.expires_at <= now else "in force"


def _must_be_free(session: Session, organisation_id: str, name: str) -> None:
    organisations.lock(session, organisation_id)  # of two who choose one name, the second is told
    if token_repository.live_token(session, organisation_id, name) is not None:
        raise conflict("name_in_use", token=name)


def looks_like_one(text: str) -> bool:
    """Say whether a text was meant as a token of ours."""
    return text.startswith(PREFIX)


def prove(db: Database, text: str, *, means: Means, now: datetime) -> Visit | None:
    """Return who a token speaks for, or None if it is forged, cut, expired or revoked."""
    shape = SHAPE.fullmatch(text)
    if shape is None:
        return None
    token_id, secret = shape.groups()
    token = db.alone(lambda connection: token_repository.known_token(connection, token_id))
    if token is None or not hmac.compare_digest(token.secret_hash, fingerprint(secret)):
        return None
    if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        return None
    if token.used_at is None or now - token.used_at >= USE_IS_NOTED_EVERY:
        minute = now.replace(second=0, microsecond=0)
        db.alone(lambda connection: token_repository.note_use(connection, token_id, minute))
    caller = Caller(
        id=token_id,
        organisation_id=token.organisation_id,
        name=f"token {token.name}",
        scope=scope_named(token.scope),
    )
    return Visit(caller=caller, zone=ZoneInfo(token.timezone), means=means)
