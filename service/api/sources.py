"""`/sources`: where feedback and articles come from. What proves their webhooks is told to nobody."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from service.api.caching import tagged
from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Id, Instant, Text, UpdatedAt, changed, stamp
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.exports.shapes import moment
from service.models import Source as SourceTable
from service.repositories import followed

router = APIRouter(prefix="/sources", tags=["sources"])


class Source(BaseModel):
    """One configured connection that feedback or articles come from."""

    source_id: str
    source: str = Field(description="Its name, as items and articles tell it.")
    kind: str
    proof: str | None = Field(description="How its webhook proves itself: `signature`, `bearer` or `url`.")
    created_at: str | None
    paused_at: str | None = Field(description="Since when its calls are kept and not read.")
    updated_at: UpdatedAt

    @classmethod
    def of(cls, source: SourceTable) -> "Source":
        """Return a source as the API tells it: neither its secrets nor its settings, which may hold some."""
        return cls(
            source_id=source.id,
            source=source.name,
            kind=source.kind,
            proof=source.proof,
            created_at=moment(source.created_at),
            paused_at=moment(source.paused_at),
            updated_at=stamp(changed(source)),
        )


class SourceQuery(ListQuery):
    """Which sources."""

    source_id: Text = None
    source: Text = Field(default=None, examples=["help-centre"])
    kind: Text = Field(default=None, examples=["file"])
    proof: Text = Field(default=None, examples=["null"])
    created_at: Instant = None
    paused_at: Instant = Field(default=None, examples=["null"])


@router.get("", summary="List sources")
def list_sources(
    caller: ReaderDep, session: SessionDep, query: Annotated[SourceQuery, Query()]
) -> Page[Source]:
    """The connections that feedback and articles come from."""
    fetch = partial(followed.sources, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda source: (changed(source), source.id))
    return found.page([Source.of(source) for source in found.rows])


@router.get("/{source_id}", summary="Get a source", response_model=Source, responses=single())
def get_source(request: Request, caller: ReaderDep, session: SessionDep, source_id: Id) -> Response:
    """One source."""
    fetch = partial(followed.sources, session, caller.organisation_id)
    return tagged(request, Source.of(find_one(fetch, source_id=source_id)))
