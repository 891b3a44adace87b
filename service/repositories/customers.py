"""By which names customers are known, and what counts as theirs."""

from collections.abc import Collection, Mapping

from sqlalchemy import text
from sqlmodel import Session

from service.models.columns import digest
from service.rules.customers import Name

_KNOWN = text(
    "SELECT handle, customer_id FROM handle"
    " WHERE organisation_id = :of AND handle = ANY(CAST(:handles AS text[]))"
)
_KEEP = text(
    """
    INSERT INTO handle (organisation_id, handle, customer_id)
    SELECT :of, given.handle, given.customer_id
    FROM unnest(CAST(:handles AS text[]), CAST(:customers AS text[])) AS given (handle, customer_id)
    ON CONFLICT (organisation_id, handle) DO UPDATE SET customer_id = excluded.customer_id
    """
)


def known(session: Session, organisation_id: str, names: Collection[Name]) -> dict[Name, str]:
    """Return whose these names are, where that is known; for each such customer also their own id, if any."""
    found = _look_up(session, organisation_id, names)
    own = {Name("own", customer) for customer in found.values()} - found.keys()
    return found | _look_up(session, organisation_id, own)


def _look_up(session: Session, organisation_id: str, names: Collection[Name]) -> dict[Name, str]:
    by_handle = {_handle(organisation_id, name): name for name in names}
    rows = session.execute(_KNOWN, {"of": organisation_id, "handles": list(by_handle)})
    return {by_handle[row.handle]: row.customer_id for row in rows}


def keep(session: Session, organisation_id: str, whose: Mapping[Name, str]) -> None:
    """Remember whose names are."""
    handles = [_handle(organisation_id, name) for name in whose]
    session.execute(_KEEP, {"of": organisation_id, "handles": handles, "customers": list(whose.values())})


def merge(session: Session, organisation_id: str, merged: Mapping[str, str]) -> None:
    """Let all that counts as one customer's count as another's from now on."""
    values = {"of": organisation_id, "old": list(merged), "new": list(merged.values())}
    for table in ("item", "event", "handle"):
        session.execute(
            text(
                f"UPDATE {table} AS t SET customer_id = given.new"
                " FROM unnest(CAST(:old AS text[]), CAST(:new AS text[])) AS given (old, new)"
                " WHERE t.organisation_id = :of AND t.customer_id = given.old"
            ),
            values,
        )


def _handle(organisation_id: str, name: Name) -> str:
    return digest(organisation_id, name.sort, name.value)
