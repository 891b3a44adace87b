"""Accounts at a provider by which persons sign in."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from service.models import Identity


def get(session: Session, organisation_id: str, issuer: str, subject: str) -> Identity | None:
    """Return the account that a provider calls so."""
    return session.get(Identity, (organisation_id, issuer, subject))


def of_person(session: Session, person_id: str, issuer: str) -> Identity | None:
    """Return the account of a person at a provider."""
    query = select(Identity).where(Identity.person_id == person_id, Identity.issuer == issuer)
    return session.exec(query).one_or_none()


def delete_of(session: Session, person_id: str) -> None:
    """Forget by which accounts a person signs in."""
    session.execute(delete(Identity).where(col(Identity.person_id) == person_id))
