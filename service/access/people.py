"""The persons of an organisation: who is let in, and who no longer is."""

import re
import secrets
from datetime import datetime

from sqlmodel import Session

from service.errors import Conflict, NotFound, WrongUse
from service.models import Person
from service.repositories import invitations, persons, sign_ins

EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")
LONGEST_EMAIL = 254
LONGEST_NAME = 100


def read_email(typed: str) -> str | None:
    """Return an e-mail address as it is kept, in lower case; None if it cannot be one."""
    email = typed.strip().lower()
    return email if len(email) <= LONGEST_EMAIL and EMAIL.fullmatch(email) and email.isprintable() else None


def add(
    session: Session, organisation_id: str, email: str, *, name: str | None, role: str, now: datetime
) -> Person:
    """Let somebody in. Raises WrongUse for an address that is none, Conflict for one that is known."""
    address = read_email(email)
    if address is None:
        raise WrongUse(f"“{email}” is no e-mail address.")
    if persons.by_email(session, organisation_id, address) is not None:
        raise Conflict(f"{address} is there already; koe user link {address} prints a new link.")
    person = Person(
        id=secrets.token_hex(10),
        organisation_id=organisation_id,
        email=address,
        name=name or address.partition("@")[0],
        role=role,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def find(session: Session, organisation_id: str, email: str) -> Person:
    """Return the person of an address. Raises NotFound."""
    person = persons.by_email(session, organisation_id, email.strip().lower())
    if person is None:
        raise NotFound(f"Nobody here has the address {email}: koe user list")
    return person


def disable(session: Session, person: Person, *, now: datetime) -> None:
    """Let a person in no longer, from this moment on; what they decided stays."""
    person.disabled_at = person.disabled_at or now
    sign_ins.delete_all(session, person.id)
    invitations.delete_of(session, person.id)


def enable(person: Person) -> None:
    """Let a person in again."""
    person.disabled_at = None
