"""Sources: the names under which data is kept."""

from datetime import UTC, datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from service.errors import Conflict
from service.models import Item, Source
from service.models.columns import digest


def list_sources(session: Session, organisation_id: str) -> list[Source]:
    """Return the organisation's sources by name."""
    query = (
        select(Source)
        .where(Source.organisation_id == organisation_id)
        .order_by(col(Source.name).collate("C"))
    )
    return list(session.exec(query))


def counted_sources(session: Session, organisation_id: str) -> list[tuple[Source, int]]:
    """Return the sources by name, each with the number of its items."""
    query = (
        select(Source, func.count(col(Item.id)))
        .outerjoin(Item, col(Item.source_id) == col(Source.id))
        .where(Source.organisation_id == organisation_id)
        .group_by(col(Source.id))
    )
    return list(session.exec(query.order_by(col(Source.name).collate("C"))))


def open_source(session: Session, organisation_id: str, name: str, *, kind: str) -> Source:
    """Return the source of this name, made if it is new. Raises Conflict if it is another organisation's."""
    made = {
        "id": digest(organisation_id, "source", name),
        "organisation_id": organisation_id,
        "name": name,
        "kind": kind,
        "settings": {},
        "created_at": datetime.now(UTC),
    }
    session.execute(insert(Source).values(made).on_conflict_do_nothing())
    query = select(Source).where(Source.organisation_id == organisation_id, Source.name == name)
    found = session.exec(query).one_or_none()
    if found is None:
        raise Conflict(f"The name “{name}” is taken; choose another one for this source.")
    return found


def remember(session: Session, source_id: str, **settings: object) -> None:
    """Add to what is known of a source."""
    source = session.get_one(Source, source_id)
    source.settings = {**source.settings, **settings}
    session.add(source)
