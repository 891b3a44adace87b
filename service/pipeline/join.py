"""Who spoke: one customer for all the names under which sources know them."""

from collections.abc import Mapping

from sqlmodel import Session

from connectors.registry import SOURCES
from service.models import Source
from service.models.columns import digest
from service.repositories import customers
from service.repositories.inbox import Belonging
from service.rules.customers import Name, join, names_of
from service.rules.records import FeedbackRecord


def customers_of(
    session: Session,
    organisation_id: str,
    known: Mapping[str, Source],
    records: Mapping[Belonging, FeedbackRecord],
) -> dict[Belonging, str | None]:
    """Return who spoke in each of these records, and remember all names that they tell.

    Whoever turns out to be another is that customer from now on, in all that was heard before, too. The
    caller holds the inbox, so that no two do this at once.
    """
    names = [_names(known[belonging.source_id], record) for belonging, record in records.items()]
    whose = customers.known(session, organisation_id, {name for each in names for name in each})
    joined = join(names, whose, call=lambda name: _called(organisation_id, name))
    customers.keep(session, organisation_id, joined.learned)
    if joined.merged:
        customers.merge(session, organisation_id, joined.merged)
    return dict(zip(records, joined.customers, strict=True))


def _names(source: Source, record: FeedbackRecord) -> list[Name]:
    return names_of(
        customer_id=record.customer_id,
        email=record.customer_email,
        own_id=record.customer_own_id,
        source=source.name if source.kind in SOURCES else None,
    )


def _called(organisation_id: str, name: Name) -> str:
    """Return what a customer is called who is known by one name alone; an address is not repeated."""
    return f"c-{digest(organisation_id, name.value, length=12)}" if name.sort == "email" else name.value
