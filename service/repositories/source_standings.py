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


def standings(session: Session, organisation_id: str) -> list[SourceStanding]:
    """Return how each source stands, by name."""
    heard = calls.heard(session, organisation_id)
    last = last_heard(session, organisation_id, heard)
    dead = _dead_records(session, organisation_id)
    walked = walks.walks_of(session, organisation_id)
    to_fetch = walks.count_told(session, organisation_id)
    found = []
    for source, voices in sources.counted_sources(session, organisation_id):
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


def standing(session: Session, source: Source) -> SourceStanding:
    """Return how one source stands."""
    return next(one for one in standings(session, source.organisation_id) if one.source.id == source.id)


def last_heard(session: Session, organisation_id: str, heard: Mapping[str, Heard]) -> dict[str, datetime]:
    """Return when each source was last heard by a call or a record, by the source's id."""
    last = sources.last_heard(session, organisation_id)
    for source_id, of_calls in heard.items():
        if of_calls.last_at is not None:
            last[source_id] = max(of_calls.last_at, last.get(source_id, of_calls.last_at))
    return last


def _dead_records(session: Session, organisation_id: str) -> dict[str, int]:
    query = text(
        "SELECT source_id, count(*) FROM inbox"
        " WHERE organisation_id = :of AND state = 'dead' GROUP BY source_id"
    )
    rows = session.execute(query, {"of": organisation_id})
    return {source_id: count for source_id, count in rows}  # noqa: C416  rows are no pairs
