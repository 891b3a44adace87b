"""Sources: the names under which data is kept."""

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from service.errors import Conflict, NotFound
from service.models import Item, Source
from service.models.columns import digest

_CALLED = text(
    """
    SELECT organisation_id, id, kind, proof, sealed_secrets, :most < (
        SELECT count(*) FROM (
            SELECT FROM webhook_call AS c
            WHERE c.organisation_id = source.organisation_id AND c.source_id = source.id
                AND c.state = 'pending'
            LIMIT :most + 1
        ) AS waiting
    ) AS is_full
    FROM source WHERE name = :name AND proof IS NOT NULL
    """
)


class Called(NamedTuple):
    """A source that calls come to."""

    organisation_id: str
    id: str
    kind: str
    proof: str
    sealed_secrets: bytes | None
    is_full: bool


def list_sources(session: Session, organisation_id: str) -> list[Source]:
    """Return the organisation's sources by name."""
    query = (
        select(Source)
        .where(Source.organisation_id == organisation_id)
        .order_by(col(Source.name).collate("C"))
    )
    return list(session.exec(query))


def counted_sources(
    session: Session, organisation_id: str, *, source_id: str | None = None, most: int | None = None
) -> list[tuple[Source, int]]:
    """Return the sources by name (or one alone), each with the number of its items, or of `most` of them."""
    some = select(Item.id).where(Item.source_id == Source.id).limit(most).correlate(Source).subquery()
    count = select(func.count()).select_from(some).scalar_subquery()
    query = select(Source, count).where(Source.organisation_id == organisation_id)
    if source_id is not None:
        query = query.where(Source.id == source_id)
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


def get_source(session: Session, organisation_id: str, name: str) -> Source:
    """Return a source. Raises NotFound."""
    query = select(Source).where(Source.organisation_id == organisation_id, Source.name == name)
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no source “{name}”; koe source list shows those there are.")
    return found


def get_source_by_id(session: Session, organisation_id: str, source_id: str) -> Source:
    """Return a source. Raises NotFound."""
    query = select(Source).where(Source.organisation_id == organisation_id, Source.id == source_id)
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no source {source_id}.")
    return found


def called(connection: Connection, name: str, *, most: int) -> Called | None:
    """Return the source of this name if calls may come to it, whoever's it is; else None.

    It is full where more than `most` of its calls wait to be read.
    """
    row = connection.execute(_CALLED, {"name": name, "most": most}).one_or_none()
    return None if row is None else Called(*row)


def add_source(session: Session, source: Source) -> None:
    """Add a source that calls, or is asked; one that files came from does so too from now on.

    So what was imported and what its tool sends later are the same voices. Raises Conflict if the name is
    taken by another such source, or elsewhere.
    """
    made = source.model_dump(exclude={"changed_at"})
    added = session.execute(insert(Source).values(made).on_conflict_do_nothing().returning(col(Source.id)))
    if added.one_or_none() is not None:
        return
    query = select(Source).where(Source.organisation_id == source.organisation_id, Source.id == source.id)
    known = session.exec(query.with_for_update()).one_or_none()
    if known is None or known.kind != "file":
        raise Conflict(f"The name “{source.name}” is taken; choose another one for this source.")
    known.kind, known.proof, known.sealed_secrets = source.kind, source.proof, source.sealed_secrets
    known.sealed_credentials = source.sealed_credentials
    known.settings = {**known.settings, **source.settings}


def lock_source(session: Session, source_id: str) -> Source | None:
    """Return a source as it is now, which nobody else changes until the transaction ends.

    What names it, such as a record that comes in, is written meanwhile.
    """
    return session.get(Source, source_id, with_for_update={"key_share": True}, populate_existing=True)


def refuses(session: Session, source_id: str) -> bool:
    """Say whether it is noted that a source lets Koe read nothing."""
    query = select(Source.id).where(Source.id == source_id, col(Source.refuses_since).is_not(None))
    return session.exec(query).first() is not None


def last_heard(
    session: Session, organisation_id: str, *, source_id: str | None = None
) -> dict[str, datetime]:
    """Return when each source's (or one's) last record came into the inbox, by the source's id."""
    query = text(
        """
        SELECT s.id, (SELECT received_at FROM inbox WHERE source_id = s.id ORDER BY sequence DESC LIMIT 1)
        FROM source s WHERE s.organisation_id = :of AND s.id = coalesce(:source, s.id)
        """
    )
    rows = session.execute(query, {"of": organisation_id, "source": source_id})
    return {source_id: heard_at for source_id, heard_at in rows if heard_at is not None}
