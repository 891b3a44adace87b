"""Sign-ins: a browser holds a secret in a cookie, and its digest leads to the person."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from service.access.caller import Caller
from service.access.secret import fingerprint, new_secret
from service.access.visit import Visit
from service.db import Database
from service.models import Person, SignIn
from service.repositories import sign_ins as sign_in_repository
from service.rules.permissions import scope_of

IDLE = timedelta(hours=12)
"""A sign-in that nobody used for so long is over."""
LONGEST = timedelta(days=7)
SEEN_IS_NOTED_EVERY = timedelta(minutes=1)
LONGEST_AGENT = 300
"""Characters that are kept of what a browser calls itself."""


def begin(
    session: Session, person: Person, *, agent: str, now: datetime, instead_of: str | None = None
) -> str:
    """Sign a person in, and return the secret for the browser's cookie: a new one every time.

    The sign-in that the browser held before, `instead_of` which it gets this one, is over.
    """
    if instead_of:
        sign_in_repository.delete(session, fingerprint(instead_of))
    sign_in_repository.delete_ended(session, person.id, idle_since=now - IDLE, now=now)
    secret = new_secret()
    session.add(
        SignIn(
            id=fingerprint(secret),
            organisation_id=person.organisation_id,
            person_id=person.id,
            user_agent=agent[:LONGEST_AGENT] or None,
            created_at=now,
            seen_at=now,
            ends_at=now + LONGEST,
        )
    )
    return secret


def prove(db: Database, secret: str, *, now: datetime) -> Visit | None:
    """Return who a browser's secret speaks for, or None if that is over."""
    sign_in_id = fingerprint(secret)
    known = db.alone(lambda connection: sign_in_repository.known_sign_in(connection, sign_in_id))
    if known is None or known.disabled_at is not None or now >= known.ends_at or now - known.seen_at >= IDLE:
        return None
    if now - known.seen_at >= SEEN_IS_NOTED_EVERY:
        db.alone(lambda connection: sign_in_repository.note_seen(connection, sign_in_id, now))
    caller = Caller(
        id=known.person_id,
        organisation_id=known.organisation_id,
        name=known.name,
        scope=scope_of(known.role),
    )
    return Visit(caller=caller, zone=ZoneInfo(known.timezone), means="session", sign_in=sign_in_id)
