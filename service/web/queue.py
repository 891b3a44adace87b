"""The writers' queue: one suggestion after another, its draft beside what it rests on, worked by keyboard."""

from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from connectors.files.encodings import clean
from service.errors import Conflict, NotFound, WrongUse
from service.models import Suggestion
from service.pipeline import decide, rewrite
from service.pipeline.rewrite import Text
from service.repositories.suggestions import get_suggestion, theme_of
from service.rules.differences import difference
from service.web.deps import TypedDep
from service.web.forms import ChosenTargets, read_dismissal
from service.web.page import link
from service.web.queue_page import (
    LATER_COOKIE,
    SHORT,
    Desk,
    DeskDep,
    Shown,
    Writing,
    later_of,
    queue_of,
    show,
)

router = APIRouter(prefix="/queue")

Next = Annotated[str, Form(alias="next", max_length=100)]
MOST_LATER = 100
"""What one browser puts off at most; what was put off first comes back first."""


@router.get("")
def show_first(desk: DeskDep) -> Response:
    """Show the suggestion that is worth most among those that wait."""
    return show(desk, Shown(suggestion_id=None))


@router.post("/again")
def bring_back(desk: DeskDep) -> Response:
    """Let everything that was put off wait again."""
    answer = RedirectResponse(link("/queue", **desk.query.filters), status_code=303)
    answer.delete_cookie(LATER_COOKIE, path="/queue", secure=desk.pages.secure, httponly=True, samesite="lax")
    return answer


@router.get("/{suggestion_id}")
def show_one(desk: DeskDep, suggestion_id: str) -> Response:
    """Show one suggestion of the queue; where it is no more, say so and offer the next."""
    try:
        get_suggestion(desk.session, desk.organisation_id, suggestion_id)
    except NotFound:
        return _gone(desk)
    return show(desk, Shown(suggestion_id=suggestion_id))


@router.get("/{suggestion_id}/{decision}")
def lead_back(suggestion_id: str, decision: str, request: Request) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(link(f"/queue/{suggestion_id}", **request.query_params), status_code=303)


@router.post("/{suggestion_id}/accept")
def accept(desk: DeskDep, suggestion_id: str, to: ChosenTargets, wish: Next = "") -> Response:
    """Decide to do it, and go on; it is sent as a draft, which a person publishes."""
    suggestion = desk.take(suggestion_id)
    if suggestion is None:
        return _gone(desk)
    did = _overtaken(desk, suggestion, "accepted")
    if did is None:
        decide.accept(desk.session, desk.organisation_id, suggestion.id, by=desk.caller.name, to=to)
        did = "accepted"
    return _on(desk, suggestion, did=did, wish=wish)


@router.post("/{suggestion_id}/dismiss")
def dismiss(
    desk: DeskDep,
    suggestion_id: str,
    reason: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
    wish: Next = "",
) -> Response:
    """Decide not to do it, say why, and go on."""
    suggestion = desk.take(suggestion_id)
    if suggestion is None:
        return _gone(desk)
    did = _overtaken(desk, suggestion, "dismissed")
    if did is None:
        zone = desk.pages.zone(desk.request)
        form = read_dismissal(reason, day, today=datetime.now(zone).date(), zone=zone)
        if not form.complete:
            return show(desk, Shown(suggestion_id=suggestion.id, status=422, dismissal=form))
        try:
            decide.dismiss(
                desk.session,
                desk.organisation_id,
                suggestion.id,
                by=desk.caller.name,
                reason=form.reason,
                review_at=form.review_at,
            )
            did = "dismissed"
        except Conflict:
            did = "sent"
    return _on(desk, suggestion, did=did, wish=wish)


@router.post("/{suggestion_id}/later")
def put_off(desk: DeskDep, suggestion_id: str, wish: Next = "") -> Response:
    """Put it off until tomorrow, for this browser alone, and go on."""
    suggestion = desk.take(suggestion_id)
    if suggestion is None:
        return _gone(desk)
    answer = _on(desk, suggestion, did="later", wish=wish)
    _remember(desk, answer, [*later_of(desk.request), suggestion.id[:SHORT]])
    return answer


@router.post("/{suggestion_id}/undo")
def undo(desk: DeskDep, suggestion_id: str) -> Response:
    """Take back a decision or that it was put off, and show it again."""
    suggestion = desk.take(suggestion_id)
    if suggestion is None:
        return _gone(desk)
    did = "back"
    if suggestion.status not in decide.UNDECIDED:
        try:
            decide.reopen(desk.session, desk.organisation_id, suggestion.id)
        except Conflict:
            did = "sent"
    answer = _to(desk, suggestion, did=did)
    _remember(desk, answer, [one for one in later_of(desk.request) if one != suggestion.id[:SHORT]])
    return answer


@router.post("/{suggestion_id}/draft")
def write(desk: DeskDep, suggestion_id: str, typed: TypedDep) -> Response:
    """Let the draft say what was typed; where somebody else wrote meanwhile, show both."""
    suggestion = desk.take(suggestion_id)
    if suggestion is None:
        return _gone(desk)
    text = rewrite.read(
        typed.get("title", ""),
        typed.get("body", ""),
        whole=bool(typed.get("whole")),
        based=typed.get("based", ""),
    )
    seen = typed.get("seen", "")
    try:
        rewrite.write(desk.session, desk.organisation_id, suggestion.id, text, seen=seen, by=desk.caller.name)
    except WrongUse:
        wrong = Writing(text=text, seen=seen, error=f"queue.{rewrite.wrong_with(text)}")
        return show(desk, Shown(suggestion_id=suggestion.id, status=422, writing=wrong))
    except Conflict:
        return show(desk, Shown(suggestion_id=suggestion.id, status=409, writing=_clash(suggestion, text)))
    return _to(desk, suggestion, did="saved")


@router.post("/{suggestion_id}/unwrite")
def unwrite(desk: DeskDep, suggestion_id: str) -> Response:
    """Let the draft say again what it said before the last change."""
    suggestion = desk.take(suggestion_id)
    if suggestion is None:
        return _gone(desk)
    try:
        rewrite.take_back(desk.session, desk.organisation_id, suggestion.id)
    except Conflict:
        return _to(desk, suggestion, did="decided")
    return _to(desk, suggestion, did="unsaved")


def _overtaken(desk: Desk, suggestion: Suggestion, meant: str) -> str | None:
    """Return what is to be told where nothing is left to decide; None where the decision counts.

    A second click of the same hand says what the first one said.
    """
    if suggestion.status not in decide.UNDECIDED:
        is_same = suggestion.status == meant and suggestion.decided_by == desk.caller.name
        return meant if is_same else "decided"
    theme = theme_of(desk.session, suggestion)
    return "merged" if theme.retired or theme.ignored else None


def _clash(suggestion: Suggestion, text: Text) -> Writing:
    """Return what was typed beside what stands there by now; saved again, it takes the other's place."""
    draft = suggestion.draft
    if draft is None or suggestion.status not in decide.UNDECIDED:
        return Writing(text=text, seen="", error="queue.decided_meanwhile")
    theirs = difference(f"{draft['title']}\n{draft['body']}", f"{text.title}\n{text.body}")
    return Writing(text=text, seen=rewrite.mark(draft), error="queue.clash", theirs=theirs)


def _gone(desk: Desk) -> Response:
    """Say that a suggestion is no more, and where to go on."""
    return show(desk, Shown(suggestion_id=None, status=404, gone=True))


def _on(desk: Desk, suggestion: Suggestion, *, did: str, wish: str) -> Response:
    """Lead to what comes next, which says what was done."""
    desk.session.flush()
    following = queue_of(desk).after(suggestion.id, clean(wish))
    return _told_at(desk, f"/queue/{following}" if following else "/queue", suggestion, did=did)


def _to(desk: Desk, suggestion: Suggestion, *, did: str) -> Response:
    """Lead to a suggestion itself, which says what was done to it."""
    return _told_at(desk, f"/queue/{suggestion.id}", suggestion, did=did)


def _told_at(desk: Desk, path: str, suggestion: Suggestion, *, did: str) -> Response:
    address = link(path, **desk.query.filters, done=suggestion.id, did=did)
    return RedirectResponse(f"{address}#told", status_code=303)


def _remember(desk: Desk, answer: Response, later: list[str]) -> None:
    """Keep in the browser what is put off, until the day is over."""
    now = datetime.now(desk.pages.zone(desk.request))
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    answer.set_cookie(
        LATER_COOKIE,
        ".".join(list(dict.fromkeys(later))[-MOST_LATER:]),
        max_age=int((tomorrow - now).total_seconds()),
        path="/queue",
        secure=desk.pages.secure,
        httponly=True,
        samesite="lax",
    )
