"""People and programs for tests, in whatever organisation and state."""

from datetime import UTC, datetime, timedelta

import httpx

from service.access import links, passwords, people, tokens
from service.access.caller import Scope
from service.db import Database
from service.models import MAIN, Person
from service.repositories import organisations

OURS = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "a horse, a battery"


def an_organisation(db: Database, organisation_id: str, *, timezone: str = "Europe/Berlin") -> str:
    """Add an organisation, and return its id."""
    with db.begin() as session:
        organisations.add(session, organisation_id, timezone=timezone)
    return organisation_id


def a_token(
    db: Database,
    scope: Scope = "read",
    *,
    organisation_id: str = MAIN,
    name: str = "a program",
    lasts: timedelta | None = None,
) -> str:
    """Make a token, and return its text."""
    now = datetime.now(UTC)
    with db.begin() as session:
        return tokens.create(session, organisation_id, name, scope=scope, now=now, lasts=lasts)


def by(token: str) -> dict[str, str]:
    """Return the header that sends a token along."""
    return {"Authorization": f"Bearer {token}"}


def a_person(
    db: Database,
    email: str = "aki@example.com",
    *,
    role: str = "viewer",
    password: str | None = None,
    organisation_id: str = MAIN,
    name: str | None = None,
) -> Person:
    """Let somebody in."""
    kept = None if password is None else passwords.protect(password)
    with db.begin() as session:
        person = people.add(session, organisation_id, email, name=name, role=role, now=datetime.now(UTC))
        person.password_hash = kept
    return person


def a_link(db: Database, person: Person) -> str:
    """Return the path of a link that signs somebody in once."""
    with db.begin() as session:
        return links.link_for(session, person, now=datetime.now(UTC))


def sign_in(client: httpx.Client, email: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    """Sign in as a browser does."""
    return client.post("/sign-in", headers=OURS, data={"email": email, "password": password, **more})
