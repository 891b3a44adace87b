"""`/runs`: the readings of all spans that made the themes what they are, and the preview that waits."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from service.access.caching import tagged
from service.api.deps import ReaderDep, SessionDep, WriterDep
from service.api.fields import Id, Instant, Number, Text, UpdatedAt, changed, one_of, stamp, word
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.api.writes import JsonRoute, Key, once, written
from service.exports.shapes import moment
from service.models import Run as RunTable
from service.models.span import KINDS
from service.pipeline import preview
from service.repositories import corrections, followed, previews
from service.repositories.previews import EVENTS

router = APIRouter(prefix="/runs", tags=["runs"], route_class=JsonRoute)

WRITTEN = written("It is done; the run as it is now.")
STATES = ("grouped", "draft", "preview", "live", "superseded", "discarded")


class Run(BaseModel):
    """One reading of all spans into themes."""

    run_id: str
    ordinal: int = Field(description="1 for the first.")
    state: Annotated[
        str,
        word(
            STATES,
            "The themes are those of the run that is `live`; a `preview` waits for a decision beside it.",
        ),
    ]
    seed: int
    embedder: str
    clusterer: str
    as_of: str | None = Field(description="What came later was left out; null where nothing was.")
    created_at: str | None
    figures: dict[str, Any]
    decided_by: str | None = Field(description="Who took the preview that it was, or threw it away.")
    decided_at: str | None
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
            figures={name: each for name, each in run.figures.items() if name not in preview.OF_PREVIEWS},
            decided_by=run.decided_by,
            decided_at=moment(run.decided_at),
            updated_at=stamp(changed(run)),
        )


class Happening(BaseModel):
    """What became of themes in a run, or would if a preview were taken; as in the export `lineage`."""

    event: Annotated[str, word(EVENTS)]
    from_ids: list[str] = Field(description="The themes as they were.")
    to_ids: list[str] = Field(description="The themes that they became.")
    overlap: float


class Forecast(BaseModel):
    """A theme that a preview would make."""

    theme_id: str
    level: Annotated[str, word(("upper", "lower"))]
    title: str
    keywords: list[str]
    lang: str
    kind: Annotated[str, word(KINDS)]


class RunInFull(Run):
    """A run with what it did to the themes. A preview also tells what it would make, and how old it is."""

    events: list[Happening]
    themes: list[Forecast] = Field(description="Of a preview alone; those of the live run are in `/themes`.")
    behind: bool = Field(
        description="True for a preview where other themes are live, or some were changed, since it was made."
    )
    unread: int = Field(description="Voices that a preview has not read: they came later, or changed.")


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


@router.get("/{run_id}", summary="Get a run", response_model=RunInFull, responses=single())
def get_run(request: Request, caller: ReaderDep, session: SessionDep, run_id: Id) -> Response:
    """One run, and what it did to the themes or would do."""
    fetch = partial(followed.runs, session, caller.organisation_id)
    return tagged(request, _in_full(session, find_one(fetch, run_id=run_id)))


@router.post("/{run_id}/accept", summary="Take a preview", response_model=RunInFull, responses=WRITTEN)
def accept_run(
    request: Request, caller: WriterDep, session: SessionDep, run_id: Id, key: Key = None
) -> Response:
    """Make a preview the live run: its groups are matched with the themes of today. Twice changes nothing."""

    def work() -> RunTable:
        return preview.accept_at_once(session, caller.organisation_id, run_id, by=caller.name)

    answer = once(request, session, caller, key, partial(_done, session, work))
    request.app.state.ring(caller.organisation_id)
    return answer


@router.post("/{run_id}/discard", summary="Throw a preview away", response_model=RunInFull, responses=WRITTEN)
def discard_run(
    request: Request, caller: WriterDep, session: SessionDep, run_id: Id, key: Key = None
) -> Response:
    """The themes stay what they are. Twice changes nothing."""

    def work() -> RunTable:
        return preview.discard(session, caller.organisation_id, run_id, by=caller.name)

    return once(request, session, caller, key, partial(_done, session, work))


def _done(session: Session, work: Callable[[], RunTable]) -> RunInFull:
    decided = work()
    session.flush()
    session.refresh(decided)  # the database notes when it changed
    return _in_full(session, decided)


def _in_full(session: Session, run: RunTable) -> RunInFull:
    waits = run.state == "preview"
    events = previews.events(session, run.organisation_id, run.id)
    forecast = previews.list_themes(session, run.organisation_id, run.id)
    given = corrections.given_titles(session, run.organisation_id)
    return RunInFull(
        **Run.of(run).model_dump(),
        events=[Happening.model_validate(each, from_attributes=True) for each in events],
        themes=[
            Forecast(
                theme_id=each.theme_id,
                level=each.level,
                title=given.get(each.theme_id, each.title),
                keywords=each.keywords,
                lang=each.lang,
                kind=each.kind,
            )
            for each in forecast
        ],
        behind=waits and preview.is_behind(session, run),
        unread=previews.unread(session, run.organisation_id, run) if waits else 0,
    )
