"""Which person an account of the provider is: known by what never changes hands, not by an address alone."""

from datetime import datetime

from sqlmodel import Session

from service.access import people
from service.access.people import LONGEST_NAME, read_email
from service.access.provider import Told
from service.access.turned_away import TurnedAway
from service.errors import Conflict
from service.models import Identity, Person
from service.repositories import identities, invitations, organisations, persons, sign_ins
from service.rules.admission import Admission


def admit(
    session: Session, organisation_id: str, told: Told, admission: Admission, *, now: datetime
) -> Person:
    """Return the person whom the provider told of; a new one where the settings let them in.

    Where groups give roles, theirs is the person's from now on. Raises TurnedAway.
    """
    _hold(session, organisation_id, told)
    if admission.domains and not admission.covers(_address(told, admission)):
        raise TurnedAway("not_allowed", "the domain of the address")
    role = admission.role_of(told.groups)
    if admission.roles and role is None:
        raise TurnedAway("not_allowed", "no group that gives a role")
    identity = identities.get(session, organisation_id, told.issuer, told.subject)
    if identity is None:
        person = _first_time(session, organisation_id, told, admission, role=role, now=now)
        identity = _linked(person, told, now=now)
        session.add(identity)
    else:
        person = persons.get(session, organisation_id, identity.person_id)
    if person.disabled_at is not None:
        raise TurnedAway("out")
    if role is not None and role != person.role:
        _give(session, person, role)
    identity.used_at = now
    return person


def _hold(session: Session, organisation_id: str, told: Told) -> None:
    """Wait for whoever changes the person; of two browsers that come in first, one makes them."""
    identity = identities.get(session, organisation_id, told.issuer, told.subject)
    known = persons.by_email(session, organisation_id, read_email(told.email or "") or "")
    person_id = identity.person_id if identity else known.id if known else None
    if person_id is not None:
        persons.lock(session, person_id)
    organisations.lock(session, organisation_id)
    session.expire_all()  # it may have been another one's turn


def _first_time(
    session: Session,
    organisation_id: str,
    told: Told,
    admission: Admission,
    *,
    role: str | None,
    now: datetime,
) -> Person:
    """Return the person of the address that the provider vouches for, or a new one.

    Anybody can have written that address on their own page before. So what they came in with until now
    counts no more: the account is its owner's alone.
    """
    address = _address(told, admission)
    person = persons.by_email(session, organisation_id, address)
    if person is None:
        if not admission.makes_people:
            raise TurnedAway("not_allowed", "nobody here has the address")
        name = "".join(letter for letter in told.name if letter.isprintable())[:LONGEST_NAME].strip()
        return people.add(
            session, organisation_id, address, name=name or None, role=role or "viewer", now=now
        )
    if identities.of_person(session, person.id, told.issuer) is not None:
        raise TurnedAway("other_account")
    if person.disabled_at is not None:
        raise TurnedAway("out")
    person.password_hash = None
    sign_ins.delete_all(session, person.id)
    invitations.delete_of(session, person.id)
    return person


def _address(told: Told, admission: Admission) -> str:
    """Return the address of an account, which must be its owner's. Raises TurnedAway."""
    address = read_email(told.email or "")
    if address is None:
        raise TurnedAway("no_email")
    if not (told.verified or admission.trusts_email):
        raise TurnedAway("unverified")
    return address


def _linked(person: Person, told: Told, *, now: datetime) -> Identity:
    return Identity(
        organisation_id=person.organisation_id,
        issuer=told.issuer,
        subject=told.subject,
        person_id=person.id,
        created_at=now,
        used_at=now,
    )


def _give(session: Session, person: Person, role: str) -> None:
    """Give the role of the groups; the only administrator stays one, or nobody could let anybody in."""
    try:
        people.give_role(session, person, role)
    except Conflict:
        return
