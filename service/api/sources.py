"""`/sources`: where feedback and articles come from. What proves their webhooks is told to nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from service.access.caching import tagged
from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Id, Instant, Text, UpdatedAt, changed, stamp
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.exports.shapes import moment
from service.models import Source as SourceTable
from service.models import Walk
from service.repositories import calls, followed, source_standings, walks

router = APIRouter(prefix="/sources", tags=["sources"])


class History(BaseModel):
    """How far a source was asked for what it holds."""

    items: int = Field(description="What this walk through it, or the last one, brought.")
    total: int | None = Field(description="What it will come to, where the source tells.")
    through: str | None = Field(description="Up to when all is here; null until the first walk is through.")
    repaired: int = Field(description="Items that a later walk found and no call had told of, ever.")
    misfits: int = Field(description="Parts of this walk, or the last one, that could not be read.")
    reasons: list[str] = Field(description="Why, of the last of them.")
    reason: str | None = Field(description="Why it waits; null where nothing is wrong.")
    next_at: str | None = Field(description="When it is asked next.")

    @classmethod
    def of(cls, walk: Walk) -> "History":
        """Return a walk as the API tells it."""
        return cls(
            items=walk.items,
            total=walk.total,
            through=moment(walk.through),
            repaired=walk.repaired,
            misfits=walk.misfits,
            reasons=walk.reasons,
            reason=walk.reason,
            next_at=moment(walk.next_at),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How fresh the sources of an organisation are, each by its id."""

    heard: Mapping[str, datetime]
    walks: Mapping[str, Walk]
    to_fetch: Mapping[str, int]

    @classmethod
    def now(cls, session: Session, organisation_id: str, *, source_id: str | None = None) -> "Freshness":
        """Return how fresh they are now, or one of them alone."""
        of_calls = calls.heard(session, organisation_id, source_id=source_id)
        return cls(
            heard=source_standings.last_heard(session, organisation_id, of_calls, source_id=source_id),
            walks=walks.walks_of(session, organisation_id, source_id=source_id),
            to_fetch=walks.count_told(session, organisation_id, source_id=source_id),
        )


class Source(BaseModel):
    """One configured connection that feedback or articles come from."""

    source_id: str
    source: str = Field(description="Its name, as items and articles tell it.")
    kind: str
    proof: str | None = Field(
        description="How its webhook proves itself: `signature`, `bearer`, `url`, `own` or `older`."
    )
    layer: str | None = Field(description="Where its voices are heard. Null: as the channel of each tells.")
    moment: str | None = Field(description="In which moment of truth, alike.")
    created_at: str | None
    paused_at: str | None = Field(description="Since when its calls are kept and not read.")
    refuses_since: str | None = Field(
        description="Since when it lets Koe read nothing of what it holds; null while it does."
    )
    last_heard_at: str | None = Field(description="When the last call or record came.")
    to_fetch: int = Field(description="Items that have changed there and are to be fetched.")
    history: History | None = Field(description="Null where it cannot be asked for what it holds.")
    updated_at: UpdatedAt

    @classmethod
    def of(cls, source: SourceTable, fresh: Freshness) -> "Source":
        """Return a source as the API tells it: neither its secrets nor its settings, which may hold some."""
        walk = fresh.walks.get(source.id)
        return cls(
            source_id=source.id,
            source=source.name,
            kind=source.kind,
            proof=source.proof,
            layer=source.layer,
            moment=source.moment,
            created_at=moment(source.created_at),
            paused_at=moment(source.paused_at),
            refuses_since=moment(source.refuses_since),
            last_heard_at=moment(fresh.heard.get(source.id)),
            to_fetch=fresh.to_fetch.get(source.id, 0),
            history=History.of(walk) if walk else None,
            updated_at=stamp(changed(source)),
        )


class SourceQuery(ListQuery):
    """Which sources."""

    source_id: Text = None
    source: Text = Field(default=None, examples=["help-centre"])
    kind: Text = Field(default=None, examples=["file"])
    proof: Text = Field(default=None, examples=["null"])
    layer: Text = Field(default=None, examples=["high"])
    moment: Text = Field(default=None, examples=["null"])
    created_at: Instant = None
    paused_at: Instant = Field(default=None, examples=["null"])
    refuses_since: Instant = Field(default=None, examples=["null"])


@router.get("", summary="List sources")
def list_sources(
    caller: ReaderDep, session: SessionDep, query: Annotated[SourceQuery, Query()]
) -> Page[Source]:
    """The connections that feedback and articles come from.

    `updated_at` tells of what people change; how fresh a source is changes by itself, and not that.
    """
    fetch = partial(followed.sources, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda source: (changed(source), source.id))
    fresh = Freshness.now(session, caller.organisation_id)
    return found.page([Source.of(source, fresh) for source in found.rows])


@router.get("/{source_id}", summary="Get a source", response_model=Source, responses=single())
def get_source(request: Request, caller: ReaderDep, session: SessionDep, source_id: Id) -> Response:
    """One source."""
    fetch = partial(followed.sources, session, caller.organisation_id)
    found = find_one(fetch, source_id=source_id)
    fresh = Freshness.now(session, caller.organisation_id, source_id=found.id)
    return tagged(request, Source.of(found, fresh))
