"""One customer or one account for all the names under which sources and files know them.

The caller holds the inbox, so that no two processes join at once.
"""

from collections.abc import Sequence

from sqlmodel import Session

from service.models.columns import digest
from service.repositories import accounts, consents, customers
from service.repositories.customers import ACCOUNTS, Whose
from service.rules.customers import Joined, Name, join


def joined(session: Session, organisation_id: str, of: Whose, names: Sequence[Sequence[Name]]) -> Joined:
    """Return whose each record is that tells these names, and remember them.

    Whoever turns out to be another is that one from now on, in all that was heard before, too.
    """
    known = customers.known(session, organisation_id, of, {name for each in names for name in each})
    found = join(names, known, call=lambda name: _called(organisation_id, name))
    customers.keep(session, organisation_id, of, found.learned)
    if found.merged:
        customers.merge(session, organisation_id, of, found.merged)
        kept = accounts if of is ACCOUNTS else consents
        kept.merge(session, organisation_id, found.merged)
    return found


def _called(organisation_id: str, name: Name) -> str:
    """Return what somebody is called who is known by one name alone; an address is not repeated."""
    return f"c-{digest(organisation_id, name.value, length=12)}" if name.sort == "email" else name.value
