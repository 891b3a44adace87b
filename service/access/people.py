"""The persons of an organisation: who is let in, and who no longer is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from service.access import passwords
from service.access.patience import Patience
from service.errors import Conflict, NotFound, WrongUse
from service.models import Person
from service.models.columns import new_id
from service.repositories import invitations, organisations, persons, sign_ins
from service.rules.refusals import conflict

EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")
LONGEST_EMAIL = 254
LONGEST_NAME = 100


def read_email(typed: str) -> str | None:
    """Return an e-mail address as it is kept, in lower case; None if it cannot be one.

    Nor is it one whose letters are others in lower case: the sign of Kelvin is no k, and nobody else's.
    """
    email = typed.strip().lower()
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email) or not email.isprintable():
        return None
    return email if email.isascii() == typed.strip().isascii() else None


def add(
    session: Session, organisation_id: str, email: str, *, name: str | None, role: str, now: datetime
) -> Person:
    """Let somebody in. Raises WrongUse for a wrong address or name, Conflict for a known address."""
    organisations.lock(session, organisation_id)  # of two who add one address, the second is told
    errors = wrongs_of_invitation(session, organisation_id, email, name)
    address = read_email(email)
    if address is None:
        raise WrongUse(f"“{email}” is no e-mail address.")
    if "name" in errors:
        raise WrongUse(f"A name has 1 to {LONGEST_NAME} characters that can be read.")
    if "email" in errors:
        raise Conflict(f"{address} is there already; koe user link {address} prints a new link.")
    person = Person(
        id=new_id(),
        organisation_id=organisation_id,
        email=address,
        name=(name or "").strip() or address.partition("@")[0],
        role=role,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def wrongs_of_invitation(
    session: Session, organisation_id: str, email: str, name: str | None
) -> Mapping[str, str]:
    """Return what stands against letting somebody in, by field: a word that pages have a sentence for."""
    address, errors = read_email(email), {}
    if address is None:
        errors["email"] = "odd"
    elif persons.by_email(session, organisation_id, address) is not None:
        errors["email"] = "taken"
    if name is not None and (wrong := _name_error(name.strip())):
        errors["name"] = wrong
    return errors


def find(session: Session, organisation_id: str, email: str) -> Person:
    """Return the person of an address. Raises NotFound."""
    person = persons.by_email(session, organisation_id, email.strip().lower())
    if person is None:
        raise NotFound(f"Nobody here has the address {email}: koe user list")
    return person


def give_role(session: Session, person: Person, role: str) -> None:
    """Let a person do what another role may, from their next request on.

    Raises Conflict where nobody would be left who may let people in.
    """
    if role != "admin":
        _leave_an_administrator(session, person)
    person.role = role


def disable(session: Session, person: Person, *, now: datetime) -> None:
    """Let a person in no longer, from this moment on; what they decided stays.

    Raises Conflict where nobody would be left who may let people in.
    """
    _leave_an_administrator(session, person)
    person.disabled_at = person.disabled_at or now
    sign_ins.delete_all(session, person.id)
    invitations.delete_of(session, person.id)


def enable(person: Person) -> None:
    """Let a person in again."""
    person.disabled_at = None


def _leave_an_administrator(session: Session, person: Person) -> None:
    """Raise Conflict for the only administrator who is let in: without them nobody lets anybody in."""
    if person.role != "admin" or person.disabled_at is not None:
        return
    organisations.lock(session, person.organisation_id)  # of two who go at once, the second is told
    if not persons.is_administered(session, person.organisation_id, but=person.id):
        raise conflict("last_admin", who=person.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants to be called, to be reached by, and to sign in with."""

    name: str
    email: str
    password: str = field(repr=False)
    """Empty where it stays as it is."""


def change(
    session: Session, person: Person, wish: Wish, *, current: str | None, but: str, patience: Patience
) -> Mapping[str, str]:
    """Change a person, or return what is wrong, by field: a word that pages have a sentence for.

    `current` is the password that has to be shown before address or password change, None where none has.
    A new password ends the person's sign-ins, all `but` one, and voids their links.
    """
    organisations.lock(session, person.organisation_id)  # of two who take one address, the second is told
    name, email = wish.name.strip(), read_email(wish.email)
    errors = {"name": _name_error(name), "email": _email_error(session, person, email)}
    errors |= {"password": _password_error(wish.password, email)}
    if current is not None and (wish.password or email != person.email):
        errors |= {"current": _current_error(person, current, patience)}
    errors = {where: key for where, key in errors.items() if key}
    if errors:
        return errors
    person.name, person.email = name, email
    if wish.password:
        person.password_hash = passwords.protect(wish.password)
        sign_ins.delete_all(session, person.id, but=but)
        invitations.delete_of(session, person.id)
    return {}


def _name_error(name: str) -> str:
    if not name or not name.isprintable():
        return "missing"
    return "long" if len(name) > LONGEST_NAME else ""


def _email_error(session: Session, person: Person, email: str | None) -> str:
    if email is None:
        return "odd"
    owner = persons.by_email(session, person.organisation_id, email)
    return "" if owner is None or owner.id == person.id else "taken"


def _password_error(password: str, email: str | None) -> str:
    if not password:
        return ""
    if len(password) < passwords.SHORTEST:
        return "short"
    if len(password) > passwords.LONGEST:
        return "long"
    return "guessed" if password.lower() == email or len(set(password)) < 4 else ""


def _current_error(person: Person, current: str, patience: Patience) -> str:
    if patience.try_once(person.id) > 0:
        return "wait"
    if not passwords.proves(current, person.password_hash):
        return "wrong"
    patience.forgive(person.id)
    return ""
