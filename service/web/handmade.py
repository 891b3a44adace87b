"""What a person changes on the page of a theme, and themes that are made by hand out of a search."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from connectors.files.encodings import clean
from service.errors import KoeError
from service.pipeline import correct
from service.pipeline.correct import Done
from service.repositories import themes as theme_repository
from service.repositories import voices as voice_repository
from service.repositories.finding import Narrowed
from service.repositories.voices import Said
from service.rules.corrections import LONGEST_REASON, LONGEST_TITLE, Wanted
from service.rules.refusals import wrong
from service.rules.titles import meant
from service.search.looking import Slice, found_voices, search_for
from service.web.corrections import refusal
from service.web.deps import SessionDep
from service.web.page import CallerDep, OrganisationDep, Pages, PagesDep, link
from service.web.theme import show

router = APIRouter(prefix="/themes")

SHOWN = 100
"""Voices of a search that are shown, to be chosen from."""
Word = Annotated[str, Form(max_length=2_000)]
Words = Annotated[str, Query(max_length=200)]
Spans = Annotated[list[str], Form(max_length=1_000)]
Chosen = Annotated[list[str], Query(max_length=100)]


@router.get("/new")
def search(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    span: Chosen = [],  # noqa: B006  the framework makes a list for each request
    q: Words = "",
) -> Response:
    """Show the voices that hold some words, or those that were chosen elsewhere, to be chosen from."""
    return _search_page(
        request,
        pages,
        session,
        organisation_id,
        words=clean(q),
        only=[clean(each) for each in span],
    )


@router.post("/new")
def make(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    span: Spans = [],  # noqa: B006  the framework makes a list for each request
    title: Word = "",
    reason: Word = "",
    q: Word = "",
) -> Response:
    """Make a theme of chosen voices; what is missing stands beside the form, which keeps what was typed."""
    span = [clean(each) for each in span]
    wanted = Wanted(op="create", span_ids=tuple(span), title=clean(title), reason=clean(reason))
    try:
        done = correct.make(session, caller.organisation_id, wanted, by=caller.name)
    except KoeError as error:
        return _search_page(
            request,
            pages,
            session,
            caller.organisation_id,
            words=clean(q),
            status=error.status,
            chosen=set(span),
            title=clean(title),
            error=refusal(pages.language(request), error),
        )
    return _to(done, done.correction.theme_ids[0])


@router.post("/{theme_id}/correct")
def correct_theme(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    theme_id: str,
    op: Word = "",
    span: Spans = [],  # noqa: B006
    target: Word = "",
    title: Word = "",
    reason: Word = "",
    version: Annotated[int, Form()] = 0,
    page: Annotated[int, Form(ge=1, le=100_000)] = 1,
) -> Response:
    """Do what a form of the theme's page says; what cannot be done stands on the page, and why."""
    theme = theme_repository.get_theme(session, caller.organisation_id, theme_id)
    span = [clean(each) for each in span]
    try:
        if op in ("move", "out") and not span:
            raise wrong("no_voices")
        other = _meant(session, caller.organisation_id, clean(target)) if op in ("move", "merge") else ""
        # Fields of other forms on the page may be filled in; each sort takes its own.
        wanted = Wanted(
            op="move" if op == "out" else op,
            theme_ids={
                "move": (other,),
                "out": (),
                "merge": (theme_id, other),
                "ignore": () if span else (theme_id,),
            }.get(op, (theme_id,)),
            span_ids=tuple(span) if op in ("split", "move", "out", "ignore") else (),
            title=clean(title) if op in ("rename", "split") else None,
            reason=clean(reason),
        )
        done = correct.make(session, caller.organisation_id, wanted, by=caller.name, seen={theme_id: version})
    except KoeError as error:
        return show(
            request,
            pages,
            session,
            theme,
            page=page,
            status=error.status,
            error=refusal(pages.language(request), error),
            chosen=set(span),
            written={op: clean(target)},
        )
    corrected = done.correction
    stays = theme_id if op in ("split", "move", "out", "ignore") else (corrected.theme_ids or [theme_id])[0]
    return _to(done, stays)


def _meant(session: Session, organisation_id: str, written: str) -> str:
    """Return the id of the theme that is meant by its title or its id. Raises WrongUse."""
    if not written.strip():
        raise wrong("no_target")
    if theme_repository.named(session, organisation_id, [written.strip()]):
        return written.strip()
    living = theme_repository.living(session, organisation_id)
    return meant(written, {theme.id: [theme.title, *filter(None, theme.titles.values())] for theme in living})


@router.get("/{theme_id}/{wish}")
def lead_back(theme_id: str, wish: str) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(link(f"/themes/{theme_id}"), status_code=303)


def _to(done: Done, theme_id: str) -> Response:
    """Lead to a theme; where another was meant, the page says so."""
    instead = done.followed[0][0].id if done.followed else None
    return RedirectResponse(link(f"/themes/{theme_id}", instead=instead) + "#corrected", status_code=303)


def _search_page(
    request: Request,
    pages: Pages,
    session: Session,
    organisation_id: str,
    *,
    words: str,
    only: Sequence[str] = (),
    status: int = 200,
    chosen: set[str] | None = None,
    title: str | None = None,
    error: str = "",
) -> Response:
    found = _chosen_from(session, organisation_id, words, only)
    return pages.show(
        request,
        "new_theme.html",
        status=status,
        words=words,
        found=found,
        most=SHOWN,
        chosen={voice.span.id for voice in found} if chosen is None else chosen,
        title=words.strip() if title is None else title,
        longest=LONGEST_TITLE,
        longest_reason=LONGEST_REASON,
        error=error,
    )


def _chosen_from(session: Session, organisation_id: str, words: str, only: Sequence[str]) -> list[Said]:
    """Return the voices named, else those that hold all of the words."""
    if only:
        named = voice_repository.said(session, organisation_id, only)
        return [named[span_id] for span_id in only if span_id in named]
    search = search_for(session, organisation_id, words, Narrowed())
    return [hit.row for hit in found_voices(search, Slice(size=SHOWN)).hits if hit.how == "all"]
