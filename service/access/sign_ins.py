"""Sign-ins: a browser holds a secret in a cookie, and its digest leads to the person."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from service.access.caller import Caller
from service.access.secret import fingerprint, new_secret
from service.access.visit import Visit
from service.models import Person, SignIn
from service.repositories import sign_ins as sign_in_repository
from service.rules.permissions import scope_of

IDLE = timedelta(hours=12)
"""A sign-in that nobody used for so long is over."""
LONGEST = timedelta(days=7)
SEEN_IS_NOTED_EVERY = timedelta(minutes=1)
LONGEST_AGENT = 300
"""Characters that are kept of what a browser calls itself."""


def begin(session: Session, person: Person, *, agent: str, now: datetime) -> str:
    """Sign a person in, and return the secret for the browser's cookie: a new one every time."""
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


def prove(session: Session, secret: str, *, now: datetime) -> Visit | None:
    """Return who a browser's secret speaks for, or None if that is over."""
    found = sign_in_repository.with_person(session, fingerprint(secret))
    if found is None:
        return None
    sign_in, person, timezone = found
    if person.disabled_at is not None or now >= sign_in.ends_at or now - sign_in.seen_at >= IDLE:
        return None
    if now - sign_in.seen_at >= SEEN_IS_NOTED_EVERY:
        sign_in.seen_at = now
    caller = Caller(
        id=person.id,
        organisation_id=person.organisation_id,
        name=person.name,
        scope=scope_of(person.role),
    )
    return Visit(caller=caller, zone=ZoneInfo(timezone), means="session", sign_in=sign_in.id)
