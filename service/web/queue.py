"""The writers' queue: one suggestion after another, its draft beside what it rests on, worked by keyboard."""

from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from connectors.files.encodings import clean
from service.access.caller import Caller
from service.errors import Conflict, NotFound, WrongUse
from service.models import Suggestion
from service.pipeline import decide, rewrite
from service.pipeline.rewrite import LONGEST_TITLE, Text
from service.repositories.suggestions import get_suggestion, lock_suggestion, theme_of
from service.rules.differences import difference
from service.web.deps import SessionDep, TypedDep
from service.web.forms import read_dismissal
from service.web.page import CallerDep, Pages, PagesDep, link
from service.web.queue_page import (
    LATER_COOKIE,
    SHORT,
    QueueQuery,
    Shown,
    Writing,
    later_of,
    queue_of,
    show,
)

router = APIRouter(prefix="/queue")

QueryDep = Annotated[QueueQuery, Query()]
Next = Annotated[str, Form(alias="next", max_length=100)]
MOST_LATER = 100
"""What one browser puts off at most; what was put off first comes back first."""


@router.get("")
def show_first(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, query: QueryDep
) -> Response:
    """Show the suggestion that is worth most among those that wait."""
    return show(request, pages, session, caller, query, Shown(suggestion_id=None))


@router.post("/again")
def bring_back(pages: PagesDep, query: QueryDep) -> Response:
    """Let everything that was put off wait again."""
    answer = RedirectResponse(link("/queue", **query.filters), status_code=303)
    answer.delete_cookie(LATER_COOKIE, path="/queue", secure=pages.secure, httponly=True, samesite="lax")
    return answer


@router.get("/{suggestion_id}")
def show_one(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    query: QueryDep,
    suggestion_id: str,
) -> Response:
    """Show one suggestion of the queue; where it is no more, say so and offer the next."""
    try:
        get_suggestion(session, caller.organisation_id, suggestion_id)
    except NotFound:
        return _gone(request, pages, session, caller, query)
    return show(request, pages, session, caller, query, Shown(suggestion_id=suggestion_id))


@router.get("/{suggestion_id}/{decision}")
def lead_back(suggestion_id: str, decision: str, request: Request) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(link(f"/queue/{suggestion_id}", **request.query_params), status_code=303)


@router.post("/{suggestion_id}/accept")
def accept(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    query: QueryDep,
    suggestion_id: str,
    wish: Next = "",
) -> Response:
    """Decide to do it, and go on; it is sent as a draft, which a person publishes."""
    try:
        suggestion = lock_suggestion(session, caller.organisation_id, suggestion_id)
    except NotFound:
        return _gone(request, pages, session, caller, query)
    did = _overtaken(session, suggestion, caller, "accepted")
    if did is None:
        decide.accept(session, caller.organisation_id, suggestion_id, by=caller.name)
        did = "accepted"
    return _on(request, session, caller, query, suggestion_id, did=did, wish=wish)


@router.post("/{suggestion_id}/dismiss")
def dismiss(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    query: QueryDep,
    suggestion_id: str,
    reason: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
    wish: Next = "",
) -> Response:
    """Decide not to do it, say why, and go on."""
    try:
        suggestion = lock_suggestion(session, caller.organisation_id, suggestion_id)
    except NotFound:
        return _gone(request, pages, session, caller, query)
    did = _overtaken(session, suggestion, caller, "dismissed")
    if did is None:
        zone = pages.zone(request)
        form = read_dismissal(reason, day, today=datetime.now(zone).date(), zone=zone)
        if not form.complete:
            wrong = Shown(suggestion_id=suggestion_id, status=422, dismissal=form)
            return show(request, pages, session, caller, query, wrong)
        try:
            decide.dismiss(
                session,
                caller.organisation_id,
                suggestion_id,
                by=caller.name,
                reason=form.reason,
                review_at=form.review_at,
            )
            did = "dismissed"
        except Conflict:
            did = "sent"
    return _on(request, session, caller, query, suggestion_id, did=did, wish=wish)


@router.post("/{suggestion_id}/later")
def put_off(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    query: QueryDep,
    suggestion_id: str,
    wish: Next = "",
) -> Response:
    """Put it off until tomorrow, for this browser alone, and go on."""
    try:
        get_suggestion(session, caller.organisation_id, suggestion_id)
    except NotFound:
        return _gone(request, pages, session, caller, query)
    answer = _on(request, session, caller, query, suggestion_id, did="later", wish=wish)
    _remember(request, pages, answer, [*later_of(request), suggestion_id[:SHORT]])
    return answer


@router.post("/{suggestion_id}/undo")
def undo(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    query: QueryDep,
    suggestion_id: str,
) -> Response:
    """Take back a decision or that it was put off, and show it again."""
    try:
        suggestion = lock_suggestion(session, caller.organisation_id, suggestion_id)
    except NotFound:
        return _gone(request, pages, session, caller, query)
    did = "back"
    if suggestion.status not in decide.UNDECIDED:
        try:
            decide.reopen(session, caller.organisation_id, suggestion_id)
        except Conflict:
            did = "sent"
    answer = _to(suggestion_id, query, did=did)
    _remember(request, pages, answer, [one for one in later_of(request) if one != suggestion_id[:SHORT]])
    return answer


@router.post("/{suggestion_id}/draft")
def write(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    query: QueryDep,
    suggestion_id: str,
    typed: TypedDep,
) -> Response:
    """Let the draft say what was typed; where somebody else wrote meanwhile, show both."""
    try:
        suggestion = lock_suggestion(session, caller.organisation_id, suggestion_id)
    except NotFound:
        return _gone(request, pages, session, caller, query)
    text = rewrite.read(
        typed.get("title", ""),
        typed.get("body", ""),
        whole=bool(typed.get("whole")),
        based=typed.get("based", ""),
    )
    seen = typed.get("seen", "")
    try:
        rewrite.write(session, caller.organisation_id, suggestion_id, text, seen=seen, by=caller.name)
    except WrongUse:
        wrong = Shown(suggestion_id=suggestion_id, status=422, writing=_faulty(text, seen))
        return show(request, pages, session, caller, query, wrong)
    except Conflict:
        clash = Shown(suggestion_id=suggestion_id, status=409, writing=_clash(suggestion, text))
        return show(request, pages, session, caller, query, clash)
    return _to(suggestion_id, query, did="saved")


@router.post("/{suggestion_id}/unwrite")
def unwrite(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    query: QueryDep,
    suggestion_id: str,
) -> Response:
    """Let the draft say again what it said before the last change."""
    try:
        rewrite.take_back(session, caller.organisation_id, suggestion_id)
    except NotFound:
        return _gone(request, pages, session, caller, query)
    except Conflict:
        return _to(suggestion_id, query, did="decided")
    return _to(suggestion_id, query, did="unsaved")


def _overtaken(session: Session, suggestion: Suggestion, caller: Caller, meant: str) -> str | None:
    """Return what is to be told where nothing is left to decide; None where the decision counts.

    A second click of the same hand says what the first one said.
    """
    if suggestion.status not in decide.UNDECIDED:
        is_same = suggestion.status == meant and suggestion.decided_by == caller.name
        return meant if is_same else "decided"
    theme = theme_of(session, suggestion)
    return "merged" if theme.retired or theme.ignored else None


def _faulty(text: Text, seen: str) -> Writing:
    if not text.title:
        error = "queue.title_missing"
    elif not text.body.strip():
        error = "queue.body_missing"
    elif len(text.title) > LONGEST_TITLE:
        error = "queue.title_long"
    else:
        error = "queue.body_long"
    return Writing(text=text, seen=seen, error=error)


def _clash(suggestion: Suggestion, text: Text) -> Writing:
    """Return what was typed beside what stands there by now; saved again, it takes the other's place."""
    draft = suggestion.draft
    if draft is None or suggestion.status not in decide.UNDECIDED:
        return Writing(text=text, seen="", error="queue.decided_meanwhile")
    theirs = difference(f"{draft['title']}\n{draft['body']}", f"{text.title}\n{text.body}")
    return Writing(text=text, seen=rewrite.mark(draft), error="queue.clash", theirs=theirs)


def _gone(request: Request, pages: Pages, session: Session, caller: Caller, query: QueueQuery) -> Response:
    """Say that a suggestion is no more, and where to go on."""
    return show(request, pages, session, caller, query, Shown(suggestion_id=None, status=404, gone=True))


def _on(
    request: Request,
    session: Session,
    caller: Caller,
    query: QueueQuery,
    suggestion_id: str,
    *,
    did: str,
    wish: str,
) -> Response:
    """Lead to what comes next, which says what was done."""
    session.flush()
    following = queue_of(request, session, caller, query).after(suggestion_id, clean(wish))
    path = f"/queue/{following}" if following else "/queue"
    return RedirectResponse(link(path, **query.filters, done=suggestion_id, did=did) + "#told", 303)


def _to(suggestion_id: str, query: QueueQuery, *, did: str) -> Response:
    """Lead to a suggestion itself, which says what was done to it."""
    path = link(f"/queue/{suggestion_id}", **query.filters, done=suggestion_id, did=did)
    return RedirectResponse(path + "#told", status_code=303)


def _remember(request: Request, pages: Pages, answer: Response, later: list[str]) -> None:
    """Keep in the browser what is put off, until the day is over."""
    now = datetime.now(pages.zone(request))
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    answer.set_cookie(
        LATER_COOKIE,
        ".".join(list(dict.fromkeys(later))[-MOST_LATER:]),
        max_age=int((tomorrow - now).total_seconds()),
        path="/queue",
        secure=pages.secure,
        httponly=True,
        samesite="lax",
    )
