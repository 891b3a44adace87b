"""By which names customers and accounts are known, and what counts as theirs."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from service.models.columns import digest
from service.rules.customers import Name


class Whose(NamedTuple):
    """What names are names of."""

    handles: str
    """The table of their names."""
    id: str
    """The column that holds whose something is, in that table and in those that `have` it."""
    have: tuple[str, ...] = ("item", "event")


CUSTOMERS = Whose("handle", "customer_id")
ACCOUNTS = Whose("account_handle", "account_id")


def known(session: Session, organisation_id: str, of: Whose, names: Collection[Name]) -> dict[Name, str]:
    """Return whose these names are, where that is known; for each of those also their own id, if any."""
    found = _look_up(session, organisation_id, of, names)
    own = {Name("own", whose) for whose in found.values()} - found.keys()
    return found | _look_up(session, organisation_id, of, own)


def _look_up(session: Session, organisation_id: str, of: Whose, names: Collection[Name]) -> dict[Name, str]:
    by_handle = {_handle(organisation_id, name): name for name in names}
    query = text(
        f"SELECT handle, {of.id} AS whose FROM {of.handles}"
        " WHERE organisation_id = :of AND handle = ANY(CAST(:handles AS text[]))"
    )
    rows = session.execute(query, {"of": organisation_id, "handles": list(by_handle)})
    return {by_handle[row.handle]: row.whose for row in rows}


def keep(session: Session, organisation_id: str, of: Whose, whose: Mapping[Name, str]) -> None:
    """Remember whose names are."""
    query = text(
        f"""
        INSERT INTO {of.handles} (organisation_id, handle, {of.id})
        SELECT :of, given.handle, given.whose
        FROM unnest(CAST(:handles AS text[]), CAST(:whose AS text[])) AS given (handle, whose)
        ON CONFLICT (organisation_id, handle) DO UPDATE SET {of.id} = excluded.{of.id}
        """
    )
    handles = [_handle(organisation_id, name) for name in whose]
    session.execute(query, {"of": organisation_id, "handles": handles, "whose": list(whose.values())})


def merge(session: Session, organisation_id: str, of: Whose, merged: Mapping[str, str]) -> None:
    """Let all that counts as one's count as another's from now on."""
    values = {"of": organisation_id, "old": list(merged), "new": list(merged.values())}
    for table in (of.handles, *of.have):
        session.execute(
            text(
                f"UPDATE {table} AS t SET {of.id} = given.new"
                " FROM unnest(CAST(:old AS text[]), CAST(:new AS text[])) AS given (old, new)"
                f" WHERE t.organisation_id = :of AND t.{of.id} = given.old"
            ),
            values,
        )


def _handle(organisation_id: str, name: Name) -> str:
    return digest(organisation_id, name.sort, name.value)
