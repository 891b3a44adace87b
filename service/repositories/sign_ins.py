"""The browsers that persons signed in with."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, or_, select

from service.models import Organisation, Person, SignIn


def with_person(session: Session, sign_in_id: str) -> tuple[SignIn, Person, str] | None:
    """Return a sign-in with its person and the time zone of their organisation."""
    query = (
        select(SignIn, Person, Organisation.timezone)
        .join(Person, col(Person.id) == col(SignIn.person_id))
        .join(Organisation, col(Organisation.id) == col(SignIn.organisation_id))
        .where(SignIn.id == sign_in_id)
    )
    return session.exec(query).one_or_none()


def list_sign_ins(session: Session, person_id: str, *, idle_since: datetime, now: datetime) -> list[SignIn]:
    """Return the sign-ins of a person that are in force, the last used one first."""
    query = (
        select(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ends_at > now, SignIn.seen_at > idle_since)
        .order_by(col(SignIn.seen_at).desc(), col(SignIn.id))
    )
    return list(session.exec(query))


def delete_ended(session: Session, person_id: str, *, idle_since: datetime, now: datetime) -> None:
    """Forget the sign-ins of a person that are over."""
    session.execute(
        delete(SignIn).where(
            col(SignIn.person_id) == person_id,
            or_(col(SignIn.ends_at) <= now, col(SignIn.seen_at) <= idle_since),
        )
    )
