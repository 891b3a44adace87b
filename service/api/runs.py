"""`/runs`: the readings of all spans that made the themes what they are."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from service.api.caching import tagged
from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Id, Instant, Number, Text, UpdatedAt, changed, one_of, stamp, word
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.exports.shapes import moment
from service.models import Run as RunTable
from service.repositories import followed

router = APIRouter(prefix="/runs", tags=["runs"])

STATES = ("grouped", "preview", "live", "superseded", "discarded")


class Run(BaseModel):
    """One reading of all spans into themes."""

    run_id: str
    ordinal: int = Field(description="1 for the first.")
    state: Annotated[str, word(STATES, "The themes are those of the run that is `live`.")]
    seed: int
    embedder: str
    clusterer: str
    as_of: str | None = Field(description="What came later was left out; null where nothing was.")
    created_at: str | None
    figures: dict[str, Any]
    updated_at: UpdatedAt

    @classmethod
    def of(cls, run: RunTable) -> "Run":
        """Return a run as the API tells it."""
        return cls(
            run_id=run.id,
            ordinal=run.ordinal,
            state=run.state,
            seed=run.seed,
            embedder=run.embedder,
            clusterer=run.clusterer,
            as_of=moment(run.as_of),
            created_at=moment(run.created_at),
            figures=run.figures,
            updated_at=stamp(changed(run)),
        )


class RunQuery(ListQuery):
    """Which runs."""

    run_id: Text = None
    ordinal: Number = Field(default=None, examples=[1])
    state: Annotated[Text, *one_of(STATES)] = Field(default=None, examples=["live"])
    seed: Number = None
    embedder: Text = None
    clusterer: Text = None
    created_at: Instant = None


@router.get("", summary="List runs")
def list_runs(caller: ReaderDep, session: SessionDep, query: Annotated[RunQuery, Query()]) -> Page[Run]:
    """The runs; the one that is `live` made the themes that are shown."""
    fetch = partial(followed.runs, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda run: (changed(run), run.id))
    return found.page([Run.of(run) for run in found.rows])


@router.get("/{run_id}", summary="Get a run", response_model=Run, responses=single())
def get_run(request: Request, caller: ReaderDep, session: SessionDep, run_id: Id) -> Response:
    """One run."""
    fetch = partial(followed.runs, session, caller.organisation_id)
    return tagged(request, Run.of(find_one(fetch, run_id=run_id)))
