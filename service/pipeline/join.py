"""Who spoke, and for whom: one customer and one account for all the names under which sources know them.

The caller holds the inbox, so that no two processes join at once.
"""

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from connectors.registry import SOURCES
from service.models import Source
from service.repositories import customers
from service.repositories.customers import ACCOUNTS, CUSTOMERS, Whose
from service.repositories.inbox import Belonging
from service.repositories.joining import joined
from service.rules.customers import Name, account_names, domain_name, names_of
from service.rules.records import FeedbackRecord

Records = Mapping[Belonging, FeedbackRecord]


def customers_of(
    session: Session, organisation_id: str, known: Mapping[str, Source], records: Records
) -> dict[Belonging, str | None]:
    """Return who spoke in each of these records, and remember all names that they tell.

    Whoever turns out to be another is that customer from now on, in all that was heard before, too.
    """
    names = [
        names_of(
            customer_id=record.customer_id,
            email=record.customer_email,
            own_id=record.customer_own_id,
            source=system(known[belonging.source_id]),
        )
        for belonging, record in records.items()
    ]
    found = joined(session, organisation_id, CUSTOMERS, names)
    return dict(zip(records, found.customers, strict=True))


def accounts_of(
    session: Session, organisation_id: str, known: Mapping[str, Source], records: Records
) -> dict[Belonging, str | None]:
    """Return for which account each of these records speaks: the one that it names, or else the one whose
    people write from the customer's domain."""
    names = [
        account_names(
            account_id=record.account_id,
            own_id=record.account_own_id,
            source=system(known[belonging.source_id]),
        )
        for belonging, record in records.items()
    ]
    found = joined(session, organisation_id, ACCOUNTS, names)
    domains = [domain_name(record.customer_email) for record in records.values()]
    by_domain = customers.known(session, organisation_id, ACCOUNTS, {each for each in domains if each})
    return {
        belonging: named or (by_domain.get(domain) if domain else None)
        for belonging, named, domain in zip(records, found.customers, domains, strict=True)
    }


def called(session: Session, organisation_id: str, of: Whose, names: Sequence[Name]) -> str | None:
    """Return who is known by these names; they are from now on, if nobody was. None for no names."""
    return joined(session, organisation_id, of, [names]).customers[0]


def system(source: Source) -> str | None:
    """Return the name of a connected system, whose ids are its own; None where they are one's own."""
    return source.name if source.kind in SOURCES else None
