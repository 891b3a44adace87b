"""Whose themes are."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, delete, select

from service.errors import WrongUse
from service.models import Owner, Person
from service.repositories.among import among


class Owned(NamedTuple):
    """A theme's owner."""

    owner: Owner
    person: Person


def of_themes(session: Session, organisation_id: str, theme_ids: Collection[str]) -> dict[str, Owned]:
    """Return whose these themes are; one that is nobody's is left out."""
    query = (
        select(Owner, Person)
        .join(Person, col(Person.id) == col(Owner.person_id))
        .where(Owner.organisation_id == organisation_id, among(col(Owner.theme_id), theme_ids))
    )
    return {owner.theme_id: Owned(owner, person) for owner, person in session.exec(query)}


def may_own(session: Session, organisation_id: str) -> list[Person]:
    """Return the people of an organisation who are let in, by name."""
    query = select(Person).where(Person.organisation_id == organisation_id, col(Person.disabled_at).is_(None))
    return list(session.exec(query.order_by(col(Person.name), col(Person.id))))


def give(
    session: Session, organisation_id: str, theme_id: str, person_id: str, *, by: str, at: datetime
) -> None:
    """Let a theme be somebody's; raises WrongUse for whoever is not let into the organisation."""
    person = session.get(Person, person_id)
    if person is None or person.organisation_id != organisation_id or person.disabled_at is not None:
        raise WrongUse("A theme can only be given to somebody of this organisation.")
    session.merge(
        Owner(
            theme_id=theme_id,
            organisation_id=organisation_id,
            person_id=person_id,
            since=at,
            given_by=by,
        )
    )


def let_go(session: Session, organisation_id: str, theme_id: str) -> None:
    """Let a theme be nobody's."""
    session.execute(
        delete(Owner).where(col(Owner.organisation_id) == organisation_id, col(Owner.theme_id) == theme_id)
    )
