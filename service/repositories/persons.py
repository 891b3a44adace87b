"""Persons."""

from sqlmodel import Session, col, select

from service.models import Person


def is_anybody_there(session: Session, organisation_id: str) -> bool:
    """Say whether an organisation has a person."""
    query = select(Person.id).where(Person.organisation_id == organisation_id).limit(1)
    return session.exec(query).first() is not None


def is_any_there(session: Session) -> bool:
    """Say whether any organisation has a person."""
    return session.exec(select(Person.id).limit(1)).first() is not None


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
