"""The page of a notice: who raised a theme, what they are told, and telling them once somebody agrees."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from connectors.files.encodings import clean
from service.errors import Conflict
from service.pipeline import notices
from service.pipeline.notice_overview import Overview, overview
from service.pipeline.notice_rows import by_hand_csv
from service.pipeline.notices import GRACE
from service.pipeline.replies import WITHHELD, state_of, why
from service.rules.notice_texts import LONGEST, form_of, is_too_long, key_of
from service.rules.notices import FORMS, WAYS
from service.web.deps import SessionDep, TypedDep
from service.web.language import LANGUAGES
from service.web.page import PAGE_SIZE, CallerDep, OrganisationDep, Pages, PagesDep, link

router = APIRouter(prefix="/notices")

One = TypeVar("One")
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
TEXT = "text-"
"""What the fields of texts begin with."""


@router.get("/{notice_id}")
def show_notice(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    notice_id: str,
    page: PageNumber = 1,
    told: PageNumber = 1,
) -> Response:
    """Show who raised a theme and what they would be told, or were; each list a page at a time."""
    seen = overview(session, organisation_id, notice_id)
    return _page(request, pages, seen, page=page, told_page=told)


@router.get("/{notice_id}/list.csv")
def download_list(session: SessionDep, organisation_id: OrganisationDep, notice_id: str) -> Response:
    """Give the list of those whom a person has to tell, as CSV."""
    written = by_hand_csv(overview(session, organisation_id, notice_id))
    named = f'attachment; filename="koe-notice-{notice_id[:40]}.csv"'.encode("ascii", "replace").decode()
    # Excel takes UTF-8 for what it is only with this mark at the beginning.
    return Response(
        ("\ufeff" + written).encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": named},
    )


@router.get("/{notice_id}/{wish}")
def lead_back(notice_id: str, wish: str, request: Request) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(link(f"/notices/{notice_id}", **request.query_params), status_code=303)


@router.post("/{notice_id}/texts")
def change_texts(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    notice_id: str,
    typed: TypedDep,
) -> Response:
    """Let the notice say something else."""
    seen = overview(session, organisation_id, notice_id)
    texts = {
        name.removeprefix(TEXT): text.replace("\r\n", "\n").strip()
        for name, text in typed.items()
        if name.startswith(TEXT) and name.removeprefix(TEXT) in seen.texts
    }
    changed = {key: text for key, text in texts.items() if text != seen.texts[key].strip()}
    too_long = frozenset(key for key, text in changed.items() if is_too_long(key, text))
    if too_long:
        return _page(request, pages, seen, status=422, written=changed, too_long=too_long)
    try:
        notices.edit(session, organisation_id, notice_id, changed, version=_number(typed.get("version")))
    except Conflict:
        return _overtaken(request, pages, session, organisation_id, notice_id)
    return _back(notice_id, "texts")


@router.post("/{notice_id}/agree")
def agree(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    notice_id: str,
    offer: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Tell everybody who can be told by a reply."""
    try:
        notices.agree(session, caller.organisation_id, notice_id, by=caller.name, offer=offer)
    except Conflict:
        return _overtaken(request, pages, session, caller.organisation_id, notice_id)
    return _back(notice_id, "state")


@router.post("/{notice_id}/stop")
def stop(session: SessionDep, caller: CallerDep, notice_id: str) -> Response:
    """Send nothing more of it."""
    notices.stop(session, caller.organisation_id, notice_id, by=caller.name)
    return _back(notice_id, "state")


@router.post("/{notice_id}/by-hand")
def told_by_hand(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, notice_id: str
) -> Response:
    """Note that a person told all who could not be told by a reply."""
    try:
        notices.told_by_hand(session, caller.organisation_id, notice_id, by=caller.name)
    except Conflict:
        return _overtaken(request, pages, session, caller.organisation_id, notice_id)
    return _back(notice_id, "told")


@router.post("/{notice_id}/not-told")
def not_told(
    session: SessionDep,
    organisation_id: OrganisationDep,
    notice_id: str,
    recipient: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Take back that somebody was told by hand."""
    notices.not_told(session, organisation_id, notice_id, clean(recipient))
    return _back(notice_id, "people")


@router.post("/{notice_id}/consent")
def note_consent(
    session: SessionDep,
    caller: CallerDep,
    notice_id: str,
    customer: Annotated[str, Form(max_length=500)] = "",
    answer: Annotated[str, Form(max_length=20)] = "no",
) -> Response:
    """Note whether a customer wants to be told of such things."""
    notices.say(session, caller.organisation_id, clean(customer), clean(answer), by=caller.name)
    return _back(notice_id, "people")


def _page(
    request: Request,
    pages: Pages,
    seen: Overview,
    *,
    page: int = 1,
    told_page: int = 1,
    status: int = 200,
    written: Mapping[str, str] | None = None,
    too_long: frozenset[str] = frozenset(),
    overtaken: bool = False,
) -> Response:
    """Return the page of a notice; texts that were filled in wrongly are shown as they were filled in."""
    t = pages.language(request)
    used = Counter(key_of(one.lang, one.form) for one in seen.waiting if one.way != "none")
    order = [f"{lang}-{form}" for lang in (t.lang, *LANGUAGES) for form in FORMS]
    shown = [key for key in dict.fromkeys(order) if used[key] or key in seen.changed or key in too_long]
    return pages.show(
        request,
        "notice.html",
        status=status,
        seen=seen,
        counts={way: len(seen.by_way(way)) for way in WAYS},
        texts=[(key, {**seen.texts, **(written or {})}[key], used[key], key in too_long) for key in shown],
        for_a_person=len(seen.by_way("by_hand")) + len(seen.by_hand_after),
        longest={key: LONGEST[form_of(key)] for key in shown},
        people=_part(seen.waiting, page),
        page=page,
        page_count=_parts(seen.waiting),
        told=[(one, state_of(one), why(one.delivery)) for one in _part(seen.told, told_page)],
        told_page=told_page,
        told_page_count=_parts(seen.told),
        withheld=WITHHELD,
        minutes=int(GRACE.total_seconds() // 60),
        overtaken=overtaken,
    )


def _overtaken(
    request: Request, pages: Pages, session: Session, organisation_id: str, notice_id: str
) -> Response:
    """Show the notice as it is now to somebody who saw another one."""
    seen = overview(session, organisation_id, notice_id)
    return _page(request, pages, seen, status=409, overtaken=True)


def _part(everything: Sequence[One], page: int) -> Sequence[One]:
    """Return what stands on one page of a list."""
    return everything[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]


def _parts(everything: Sequence[object]) -> int:
    """Return how many pages a list has."""
    return -(-len(everything) // PAGE_SIZE)


def _number(typed: str | None) -> int:
    """Return a number as a form holds it; -1, which fits nothing, where it is none."""
    given = (typed or "").strip()
    return int(given) if given.isascii() and given.isdigit() else -1


def _back(notice_id: str, place: str) -> Response:
    return RedirectResponse(f"{link(f'/notices/{notice_id}')}#{place}", status_code=303)
