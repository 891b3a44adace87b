"""How each source stands: what it has brought, when it was last heard, and what it waits for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from service.models import Source, Walk
from service.repositories import calls, sources, walks
from service.repositories.calls import Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStanding:
    """How one source stands."""

    source: Source
    voices: int
    heard_at: datetime | None
    """When the last call or record came; None where none ever did."""
    calls: Heard
    dead: int
    """Calls and records that could not be read."""
    walk: Walk | None
    """How far it was asked for what it holds; None where it cannot be asked."""
    to_fetch: int
    """Items that have changed there and are to be fetched."""


def standings(
    session: Session, organisation_id: str, *, source_id: str | None = None, most: int | None = None
) -> list[SourceStanding]:
    """Return how each source (or one alone) stands, by name; `most` of its voices are counted."""
    heard = calls.heard(session, organisation_id, source_id=source_id)
    last = last_heard(session, organisation_id, heard, source_id=source_id)
    dead = _dead_records(session, organisation_id, source_id)
    walked = walks.walks_of(session, organisation_id, source_id=source_id)
    to_fetch = walks.count_told(session, organisation_id, source_id=source_id)
    found = []
    for source, voices in sources.counted_sources(session, organisation_id, source_id=source_id, most=most):
        of_calls = heard.get(source.id, Heard())
        found.append(
            SourceStanding(
                source=source,
                voices=voices,
                heard_at=last.get(source.id),
                calls=of_calls,
                dead=of_calls.dead + dead.get(source.id, 0),
                walk=walked.get(source.id),
                to_fetch=to_fetch.get(source.id, 0),
            )
        )
    return found


def standing(session: Session, source: Source, *, most: int | None = None) -> SourceStanding:
    """Return how one source stands; nothing of the others is read for it."""
    return standings(session, source.organisation_id, source_id=source.id, most=most)[0]


def last_heard(
    session: Session, organisation_id: str, heard: Mapping[str, Heard], *, source_id: str | None = None
) -> dict[str, datetime]:
    """Return when each source (or one) was last heard by a call or a record, by the source's id."""
    last = sources.last_heard(session, organisation_id, source_id=source_id)
    for called, of_calls in heard.items():
        if of_calls.last_at is not None:
            last[called] = max(of_calls.last_at, last.get(called, of_calls.last_at))
    return last


def _dead_records(session: Session, organisation_id: str, source_id: str | None) -> dict[str, int]:
    query = text(
        "SELECT source_id, count(*) FROM inbox WHERE organisation_id = :of AND state = 'dead'"
        " AND source_id = coalesce(:source, source_id) GROUP BY source_id"
    )
    rows = session.execute(query, {"of": organisation_id, "source": source_id})
    return {told: count for told, count in rows}  # noqa: C416  rows are no pairs
