"""The page of what notices are made from: read, written anew, and taken back to the usual texts."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from connectors.wording import named_places, unknown_place
from service.errors import Conflict
from service.pipeline import notice_templates
from service.pipeline.notice_templates import Templates, templates_of, tidy
from service.rules.notice_templates import DONE, PLACES, fault_of
from service.rules.notice_texts import LONGEST, form_of
from service.web.deps import SessionDep, TypedDep
from service.web.page import OrganisationDep, Pages, PagesDep, link

router = APIRouter(prefix="/notices/templates")

HERE = "/notices/templates"
TEXT = "text-"
"""What the fields of texts begin with."""


@router.get("")
def show_templates(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    done: Annotated[str, Query(max_length=20)] = "",
    saved: Annotated[str, Query(max_length=1)] = "",
) -> Response:
    """Show what notices of one thing that is done are made from."""
    return _page(request, pages, _chosen(session, organisation_id, done), saved=bool(saved))


@router.get("/{done}")
def lead_back(done: str) -> Response:
    """Lead from the address of the form, which the browser may hold, to the page that it is on."""
    return RedirectResponse(link(HERE, done=done if done in DONE else None), status_code=303)


@router.post("/{done}")
def change_templates(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    typed: TypedDep,
    done: str,
) -> Response:
    """Let notices be made from other texts, or with `restore` from the usual one."""
    before = _chosen(session, organisation_id, done)
    version = typed.get("version", "")
    if version != before.version:
        return _page(request, pages, before, status=409, overtaken=True)
    known = {one.key: one.text for one in before.each}
    given = {name.removeprefix(TEXT): tidy(text) for name, text in typed.items() if name.startswith(TEXT)}
    changed = {key: text for key, text in given.items() if key in known and text != known[key]}
    if restored := typed.get("restore"):
        changed = {restored: ""} if restored in known else {}
    faults = {key: fault for key, text in changed.items() if text and (fault := fault_of(key, text))}
    if faults:
        return _page(request, pages, before, status=422, written=changed, faults=faults)
    try:
        notice_templates.change(session, organisation_id, before.done, changed, version=version)
    except Conflict:
        now = _chosen(session, organisation_id, done)
        return _page(request, pages, now, status=409, overtaken=True)
    return RedirectResponse(link(HERE, done=before.done, saved="1"), status_code=303)


def _chosen(session: Session, organisation_id: str, done: str) -> Templates:
    """Return the templates of one thing that is done; of a fix where it names none."""
    found = templates_of(session, organisation_id)
    return next((one for one in found if one.done == done), found[0])


def _page(
    request: Request,
    pages: Pages,
    shown: Templates,
    *,
    status: int = 200,
    written: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    overtaken: bool = False,
    saved: bool = False,
) -> Response:
    """Return the page; what was filled in wrongly is shown as it was filled in, with what is wrong."""
    lang = pages.language(request).lang
    typed = written or {}
    return pages.show(
        request,
        "notice_templates.html",
        status=status,
        shown=shown,
        each=sorted(shown.each, key=lambda one: not one.key.startswith(lang)),
        typed=typed,
        faults=faults or {},
        unknown={key: unknown_place(text, PLACES) for key, text in typed.items()},
        every_done=DONE,
        places=PLACES,
        all_places=named_places(PLACES),
        longest={one.key: LONGEST[form_of(one.key)] for one in shown.each},
        overtaken=overtaken,
        saved=saved,
    )
