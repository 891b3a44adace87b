"""Persons."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from service.errors import NotFound
from service.models import Identity, Person, Presence, SignIn

MOST_TO_ASK = 10
"""Administrators who are named to those who may not change something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """A person, and how they come in."""

    person: Person
    seen_at: datetime | None
    """When one of their browsers, or their eyes on what changed, was seen last; None for never."""
    browsers: int
    """In which they are signed in now."""
    linked: bool
    """Whether they sign in by the organisation's own sign-in."""


def is_anybody_there(session: Session, organisation_id: str) -> bool:
    """Say whether an organisation has a person."""
    query = select(Person.id).where(Person.organisation_id == organisation_id).limit(1)
    return session.exec(query).first() is not None


def is_any_there(session: Session) -> bool:
    """Say whether any organisation has a person."""
    return session.exec(select(Person.id).limit(1)).first() is not None


def is_administered(session: Session, organisation_id: str, *, but: str) -> bool:
    """Say whether an administrator is let in besides one person."""
    query = select(Person.id).where(
        Person.organisation_id == organisation_id,
        Person.role == "admin",
        col(Person.disabled_at).is_(None),
        Person.id != but,
    )
    return session.exec(query.limit(1)).first() is not None


def administrators(session: Session, organisation_id: str) -> list[Person]:
    """Return the administrators who are let in, those of longest standing first, `MOST_TO_ASK` at most."""
    query = (
        select(Person)
        .where(
            Person.organisation_id == organisation_id,
            Person.role == "admin",
            col(Person.disabled_at).is_(None),
        )
        .order_by(col(Person.created_at), col(Person.id))
    )
    return list(session.exec(query.limit(MOST_TO_ASK)))


def get(session: Session, organisation_id: str, person_id: str) -> Person:
    """Return a person of an organisation, whom nobody else changes until this transaction ends.

    Raises NotFound.
    """
    query = select(Person).where(Person.organisation_id == organisation_id, Person.id == person_id)
    person = session.exec(query.with_for_update()).one_or_none()
    if person is None:
        raise NotFound("There is no such person here.")
    return person


def known(session: Session, organisation_id: str, person_id: str) -> Person | None:
    """Return a person of an organisation, or None."""
    query = select(Person).where(Person.organisation_id == organisation_id, Person.id == person_id)
    return session.exec(query).one_or_none()


def lock(session: Session, person_id: str) -> Person | None:
    """Return a person whom nobody else changes until this transaction ends."""
    return session.get(Person, person_id, with_for_update=True)


def by_email(session: Session, organisation_id: str, email: str) -> Person | None:
    """Return the person of an address in one organisation."""
    query = select(Person).where(Person.organisation_id == organisation_id, Person.email == email)
    return session.exec(query).one_or_none()


def everywhere_by_email(session: Session, email: str) -> list[Person]:
    """Return the persons of an address who have a password and are let in, one an organisation."""
    query = (
        select(Person)
        .where(
            Person.email == email,
            col(Person.password_hash).is_not(None),
            col(Person.disabled_at).is_(None),
        )
        .order_by(col(Person.created_at), col(Person.id))
    )
    return list(session.exec(query))


def list_persons(session: Session, organisation_id: str) -> list[Person]:
    """Return the organisation's persons, those who are not let in any longer too, by address."""
    query = (
        select(Person)
        .where(Person.organisation_id == organisation_id)
        .order_by(col(Person.email).collate("C").nulls_first(), col(Person.created_at))
    )
    return list(session.exec(query))


def count_let_in(session: Session, organisation_id: str) -> int:
    """Return how many persons are let in."""
    query = select(func.count()).where(
        Person.organisation_id == organisation_id, col(Person.disabled_at).is_(None)
    )
    return session.exec(query).one()


def count(session: Session, organisation_id: str, *, words: str = "") -> int:
    """Return how many persons have these words in their name or address."""
    return session.exec(select(func.count()).select_from(Person).where(*_who(organisation_id, words))).one()


def attendance(
    session: Session,
    organisation_id: str,
    *,
    words: str = "",
    idle_since: datetime,
    now: datetime,
    limit: int,
    offset: int,
) -> list[Attendance]:
    """Return persons with these words in their name or address: those who are let in first, by address."""
    alive = (col(SignIn.ends_at) > now) & (col(SignIn.seen_at) > idle_since)
    browsers = (
        select(
            SignIn.person_id,
            func.max(SignIn.seen_at).label("seen_at"),
            func.count().filter(alive).label("browsers"),
        )
        .where(SignIn.organisation_id == organisation_id)
        .group_by(col(SignIn.person_id))
        .subquery()
    )
    linked = select(Identity.person_id).where(Identity.person_id == Person.id).exists()
    query = (
        select(Person, func.greatest(browsers.c.seen_at, Presence.seen_at), browsers.c.browsers, linked)
        .outerjoin(browsers, browsers.c.person_id == Person.id)
        .outerjoin(Presence, col(Presence.person_id) == Person.id)
        .where(*_who(organisation_id, words))
        .order_by(
            col(Person.disabled_at).is_not(None),
            col(Person.email).collate("C").nulls_first(),
            col(Person.created_at),
        )
    )
    return [
        Attendance(person=person, seen_at=seen_at, browsers=count or 0, linked=linked)
        for person, seen_at, count, linked in session.exec(query.limit(limit).offset(offset))
    ]


def _who(organisation_id: str, words: str) -> list[ColumnElement[bool]]:
    found = [col(Person.organisation_id) == organisation_id]
    if words:
        sought = words.lower()
        found.append(
            or_(
                func.strpos(func.lower(Person.name), sought) > 0,
                func.strpos(func.coalesce(Person.email, ""), sought) > 0,
            )
        )
    return found
