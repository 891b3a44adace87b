"""The browsers that persons signed in with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text
from sqlalchemy import delete as deleting
from sqlmodel import Session, col, or_, select

from service.models import SignIn

KNOWN = text("""
    SELECT person.id AS person_id, person.organisation_id, person.name, person.role, person.disabled_at,
        sign_in.seen_at, sign_in.ends_at, organisation.timezone
    FROM sign_in
    JOIN person ON person.id = sign_in.person_id
    JOIN organisation ON organisation.id = person.organisation_id
    WHERE sign_in.id = :id
""")
NOTE_SEEN = text("UPDATE sign_in SET seen_at = :at WHERE id = :id AND seen_at < :at")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSignIn:
    """A sign-in of whatever age, with its person and the time zone of their organisation."""

    person_id: str
    organisation_id: str
    name: str
    role: str
    disabled_at: datetime | None
    seen_at: datetime
    ends_at: datetime
    timezone: str


def known_sign_in(connection: Connection, sign_in_id: str) -> KnownSignIn | None:
    """Return the sign-in of an id, of whatever organisation."""
    row = connection.execute(KNOWN, {"id": sign_in_id}).one_or_none()
    return None if row is None else KnownSignIn(**row._mapping)


def note_seen(connection: Connection, sign_in_id: str, at: datetime) -> None:
    """Keep when a browser was seen last."""
    connection.execute(NOTE_SEEN, {"id": sign_in_id, "at": at})


def get(session: Session, person_id: str, sign_in_id: str) -> SignIn | None:
    """Return a sign-in of a person."""
    query = select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person_id)
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
        deleting(SignIn).where(
            col(SignIn.person_id) == person_id,
            or_(col(SignIn.ends_at) <= now, col(SignIn.seen_at) <= idle_since),
        )
    )


def delete_all(session: Session, person_id: str, *, but: str | None = None) -> None:
    """End the sign-ins of a person, all `but` one."""
    session.execute(
        deleting(SignIn).where(col(SignIn.person_id) == person_id, col(SignIn.id).is_distinct_from(but))
    )


def delete_one(session: Session, person_id: str, sign_in_id: str) -> None:
    """End one sign-in, if it is this person's."""
    session.execute(deleting(SignIn).where(col(SignIn.person_id) == person_id, col(SignIn.id) == sign_in_id))


def delete(session: Session, sign_in_id: str) -> None:
    """End a sign-in, whoever's it is."""
    session.execute(deleting(SignIn).where(col(SignIn.id) == sign_in_id))
