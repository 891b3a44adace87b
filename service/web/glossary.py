"""The page of the glossary: what the organisation calls things, and what it never says."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from connectors.files.encodings import clean
from nlp.glossary import KINDS
from service.errors import KoeError
from service.exports.wordings import as_bytes
from service.imports.wordings import read_text
from service.repositories import glossary
from service.rules.glossary import LONGEST, LONGEST_NOTE, Wording, checked
from service.web.deps import SessionDep
from service.web.language import LANGUAGES
from service.web.page import OrganisationDep, Pages, PagesDep, link

router = APIRouter(prefix="/glossary")

HERE = "/glossary"
Word = Annotated[str, Form(max_length=1000)]
Lines = Annotated[str, Form(max_length=200_000)]
Id = Annotated[str, Query(max_length=100)]
Count = Annotated[int, Query(ge=0, le=1_000_000)]


@router.get("")
def show_glossary(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    edit: Id = "",
    removed: Id = "",
    saved: Id = "",
    added: Count = 0,
    changed: Count = 0,
) -> Response:
    """Show every entry, and one to be changed."""
    edited = glossary.get(session, organisation_id, edit) if edit else None
    gone = glossary.get(session, organisation_id, removed) if removed else None
    return _page(
        request,
        pages,
        session,
        organisation_id,
        edited=edited.id if edited else "",
        form=glossary.wording_of(edited) if edited else Wording(term=""),
        removed=gone if gone and gone.removed_at else None,
        saved=saved,
        taken_in=(added, changed) if added or changed else None,
    )


@router.get("/export.csv")
def export(session: SessionDep, organisation_id: OrganisationDep) -> Response:
    """Give the entries as a file that can be edited and taken in again."""
    content = as_bytes(glossary.entries(session, organisation_id), "csv")
    return Response(
        content, headers={"Content-Disposition": 'attachment; filename="glossary.csv"'}, media_type="text/csv"
    )


@router.post("")
def add(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    term: Word = "",
    kind: Word = "term",
    stands_for: Word = "",
    lang: Word = "",
    note: Word = "",
    inside: Word = "",
    entry: Word = "",
) -> Response:
    """Add an entry, or write one anew; what is wrong stands beside the form, which keeps what was typed."""
    typed = Wording(
        term=clean(term),
        kind=kind,
        stands_for=clean(stands_for) or None,
        lang=lang or None,
        note=clean(note),
        customer_visible=not inside,
    )
    try:
        wanted = checked(typed)
        saved = (
            glossary.change(session, organisation_id, clean(entry), wanted)
            if entry
            else glossary.add(session, organisation_id, wanted)
        )
    except KoeError as error:
        if error.status == 404:
            raise
        return _page(
            request, pages, session, organisation_id, status=422, edited=entry, form=typed, error=str(error)
        )
    return RedirectResponse(link(HERE, saved=saved.id) + f"#{saved.id}", status_code=303)


@router.post("/import")
def take_in(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    lines: Lines = "",
) -> Response:
    """Take in what was pasted: all of it, or nothing."""
    try:
        added, changed = glossary.take_in(session, organisation_id, read_text(clean(lines)))
    except KoeError as error:
        return _page(
            request, pages, session, organisation_id, status=422, pasted=lines, paste_error=str(error)
        )
    return RedirectResponse(link(HERE, added=added, changed=changed), status_code=303)


@router.post("/{entry_id}/remove")
def remove(session: SessionDep, organisation_id: OrganisationDep, entry_id: str) -> Response:
    """Let an entry count no more; the page offers to take it back."""
    glossary.remove(session, organisation_id, entry_id)
    return RedirectResponse(link(HERE, removed=entry_id), status_code=303)


@router.post("/{entry_id}/restore")
def restore(session: SessionDep, organisation_id: OrganisationDep, entry_id: str) -> Response:
    """Let an entry count again."""
    glossary.restore(session, organisation_id, entry_id)
    return RedirectResponse(link(HERE, saved=entry_id) + f"#{entry_id}", status_code=303)


@router.get("/{entry_id}/{wish}")
def lead_back(entry_id: str, wish: str) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(HERE, status_code=303)


def _page(
    request: Request,
    pages: Pages,
    session: Session,
    organisation_id: str,
    *,
    status: int = 200,
    form: Wording | None = None,
    **shown: object,
) -> Response:
    t = pages.language(request)
    nothing: dict[str, object] = dict.fromkeys(("edited", "saved", "error", "pasted", "paste_error"), "")
    return pages.show(
        request,
        "glossary.html",
        status=status,
        entries=glossary.entries(session, organisation_id),
        kinds=[(name, t(f"glossary.kind_{name}")) for name in KINDS],
        languages=[(name, t(f"language.{name}")) for name in LANGUAGES],
        longest=LONGEST,
        longest_note=LONGEST_NOTE,
        form=form or Wording(term=""),
        **{**nothing, "removed": None, "taken_in": None, **shown},
    )
