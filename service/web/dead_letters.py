"""The page of dead letters: what was received and could not be read, and how to have it read once more."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask

from service.imports.glimpse import glimpse
from service.repositories import dead_letters
from service.web.deps import SessionDep
from service.web.page import OrganisationDep, PagesDep, link

router = APIRouter(prefix="/dead-letters")

PAGE_SIZE = 20
HERE = "/dead-letters"
Source = Annotated[str, Query(max_length=200)]


@router.get("")
def show_dead_letters(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    source: Source = "",
    replayed: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show what could not be read, the last received first; of each no more than is redacted."""
    counts = dead_letters.count_by_source(session, organisation_id)
    only = next(iter(counts)) if len(counts) == 1 else ""
    chosen = source if source in counts else only
    total = counts[chosen] if chosen else sum(counts.values())
    letters = dead_letters.newest(
        session, organisation_id, source=chosen, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )
    return pages.show(
        request,
        "dead_letters.html",
        rows=[(letter, glimpse(letter.body)) for letter in letters],
        sources=[(name, f"{name} ({pages.language(request).number(n)})") for name, n in counts.items()],
        chosen=chosen,
        total=total,
        replayed=replayed,
        page=page,
        page_count=-(-total // PAGE_SIZE),
    )


@router.post("/replay")
def replay_source(
    request: Request,
    session: SessionDep,
    organisation_id: OrganisationDep,
    source: Annotated[str, Form(max_length=200)],
) -> Response:
    """Have all of a source read once more."""
    replayed = dead_letters.replay_all(session, organisation_id, source=source) if source else 0
    return _back(request, organisation_id, replayed)


@router.post("/{letter_id}/replay")
def replay_one(
    request: Request,
    session: SessionDep,
    organisation_id: OrganisationDep,
    letter_id: str,
    source: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Have one read once more; one that is none any more was so already."""
    replayed = dead_letters.replay(session, organisation_id, [letter_id])
    return _back(request, organisation_id, replayed, source=source)


def _back(request: Request, organisation_id: str, replayed: int, *, source: str = "") -> Response:
    """Lead back, and ring once the answer has left: by then it is committed."""
    ring = BackgroundTask(request.app.state.ring, organisation_id)
    return RedirectResponse(link(HERE, source=source, replayed=replayed), status_code=303, background=ring)
