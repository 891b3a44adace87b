"""Persons."""

from sqlmodel import Session, select

from service.models import Person


def is_anybody_there(session: Session, organisation_id: str) -> bool:
    """Say whether an organisation has a person."""
    query = select(Person.id).where(Person.organisation_id == organisation_id).limit(1)
    return session.exec(query).first() is not None


def is_any_there(session: Session) -> bool:
    """Say whether any organisation has a person."""
    return session.exec(select(Person.id).limit(1)).first() is not None
