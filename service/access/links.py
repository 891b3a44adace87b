"""One-time links: each signs somebody in once. The first one makes the first administrator."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from service.access import sign_ins
from service.access.secret import fingerprint, new_secret
from service.db import Database
from service.models import Invitation, Person
from service.models.columns import new_id
from service.repositories import invitations, organisations, persons
from service.rules.refusals import conflict

LASTS = timedelta(hours=24)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When the first administrator's link ends by itself: it is void as soon as there is a person."""


def first_link(db: Database, organisation_id: str) -> str | None:
    """Return the path of a link that makes the first administrator; None where there is a person already.

    A new one voids those that were printed before.
    """
    now = datetime.now(UTC)
    with db.begin() as session:
        organisations.lock(session, organisation_id)
        if persons.is_anybody_there(session, organisation_id):
            return None
        invitations.delete_first_ones(session, organisation_id)
        return _invite(session, organisation_id, None, now=now, ends_at=NEVER)


def link_for(session: Session, person: Person, *, now: datetime) -> str:
    """Return the path of a link that signs a person in; a new one voids those that were printed before.

    Raises Conflict for a person who is not let in.
    """
    if person.disabled_at is not None:
        raise conflict("not_let_in", who=person.name, email=person.email or "EMAIL")
    invitations.delete_of(session, person.id)
    return _invite(session, person.organisation_id, person.id, now=now, ends_at=now + LASTS)


def follow(
    session: Session, secret: str, *, agent: str, now: datetime, instead_of: str | None = None
) -> str | None:
    """Use a link up, and return the secret of the sign-in; None if it was used, is over, or is none."""
    invitation = invitations.lock(session, fingerprint(secret))
    if invitation is None or invitation.used_at is not None or invitation.ends_at <= now:
        return None
    person = _first_administrator(session, invitation, now) or _invited(session, invitation)
    if person is None or person.disabled_at is not None:
        return None
    invitation.used_at = now
    return sign_ins.begin(session, person, agent=agent, now=now, instead_of=instead_of)


def _invite(
    session: Session, organisation_id: str, person_id: str | None, *, now: datetime, ends_at: datetime
) -> str:
    secret = new_secret()
    session.add(
        Invitation(
            id=fingerprint(secret),
            organisation_id=organisation_id,
            person_id=person_id,
            created_at=now,
            ends_at=ends_at,
        )
    )
    return f"/sign-in/{secret}"


def _invited(session: Session, invitation: Invitation) -> Person | None:
    return session.get(Person, invitation.person_id) if invitation.person_id else None


def _first_administrator(session: Session, invitation: Invitation, now: datetime) -> Person | None:
    """Return the person whom the first link makes; of two who open one at once, one becomes it."""
    if invitation.person_id is not None:
        return None
    organisations.lock(session, invitation.organisation_id)
    if persons.is_anybody_there(session, invitation.organisation_id):
        return None
    person = Person(
        id=new_id(),
        organisation_id=invitation.organisation_id,
        name="Administrator",
        role="admin",
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person
