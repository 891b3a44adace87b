"""Signing in with an e-mail address and a password."""

from datetime import datetime

from service.access import passwords, sign_ins
from service.db import Database
from service.repositories import persons


def enter(
    db: Database, email: str, password: str, *, agent: str, now: datetime, instead_of: str | None = None
) -> str | None:
    """Return the secret of a new sign-in, or None. What is wrong is not told: neither words nor work differ.

    Whoever has one address in several organisations comes to the first whose password it is. The password is
    worked on outside of any transaction; what it was compared with is looked at again inside.
    """
    with db.begin() as session:
        known = [(one.id, one.password_hash) for one in persons.everywhere_by_email(session, email)]
    if not known:
        passwords.proves(password, None)
    for person_id, kept in known:
        if kept is None or not passwords.proves(password, kept):
            continue
        renewed = passwords.protect(password) if passwords.is_outdated(kept) else kept
        with db.begin() as session:
            person = persons.lock(session, person_id)
            if person is None or person.disabled_at is not None or person.password_hash != kept:
                return None
            person.password_hash = renewed
            return sign_ins.begin(session, person, agent=agent, now=now, instead_of=instead_of)
    return None
