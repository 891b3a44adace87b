"""The page of corrections: who changed what about themes, when and why, what does not hold, and undo."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.access.visit import NOBODY
from service.errors import KoeError
from service.models import Correction, Theme
from service.pipeline.undo import undo
from service.repositories import corrections
from service.repositories import themes as theme_repository
from service.web.deps import SessionDep
from service.web.language import Language
from service.web.page import PAGE_SIZE, CallerDep, OrganisationDep, Pages, PagesDep, link
from service.web.reasons import refused

router = APIRouter(prefix="/corrections")

HERE = "/corrections"
STATES = ("", "held", "conflicts", "undone")


@router.get("")
def show_corrections(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    state: Annotated[str, Query(max_length=20)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show what people changed about themes."""
    chosen = state if state in STATES else ""
    return _page(request, pages, session, organisation_id, state=chosen, page=page)


@router.post("/{correction_id}/undo")
def take_back(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    correction_id: str,
    theme: Annotated[str, Form()] = "",
) -> Response:
    """Take a correction back, and lead to the theme that one looked at, or to the list."""
    try:
        correction = undo(session, caller.organisation_id, correction_id, by=caller.name)
    except KoeError as error:
        if error.status == 404:
            raise
        return _page(request, pages, session, caller.organisation_id, status=error.status, error=error)
    if theme in correction.theme_ids:
        return RedirectResponse(link(f"/themes/{theme}") + "#corrected", status_code=303)
    return RedirectResponse(HERE, status_code=303)


@router.get("/{correction_id}/{decision}")
def lead_back(correction_id: str, decision: str) -> Response:  # noqa: ARG001  the address of a form
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(HERE, status_code=303)


def _page(
    request: Request,
    pages: Pages,
    session: Session,
    organisation_id: str,
    *,
    status: int = 200,
    state: str = "",
    page: int = 1,
    error: KoeError | None = None,
) -> Response:
    t = pages.language(request)
    found, total = corrections.history(
        session, organisation_id, only=state, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )
    counts = {name: corrections.history(session, organisation_id, only=name, limit=0)[1] for name in STATES}
    return pages.show(
        request,
        "corrections.html",
        status=status,
        rows=found,
        themes=themes_of(session, organisation_id, found),
        why={each.id: why(t, each.conflict) for each in found if each.conflict},
        nobody=NOBODY,
        counts=counts,
        chosen=state,
        error=refusal(t, error) if error else "",
        page=page,
        page_count=-(-total // PAGE_SIZE),
    )


def themes_of(session: Session, organisation_id: str, made: Iterable[Correction]) -> dict[str, Theme]:
    """Return the themes that corrections are about, by id."""
    ids = {theme for each in made for theme in each.theme_ids}
    ids |= {str(each.conflict["theme"]) for each in made if each.conflict and each.conflict.get("theme")}
    return theme_repository.named(session, organisation_id, ids)


def why(t: Language, conflict: Mapping[str, Any]) -> str:
    """Return why a correction does not hold, in the reader's language."""
    reason, name = conflict["reason"], conflict.get("name", "")
    if reason == "refused":
        return refused(t, name, conflict.get("about", {})) if name else t("conflict.refused")
    if reason == "ended" and not conflict.get("theme"):
        return t("conflict.ended_for_good")
    return t(f"conflict.{reason}", **{figure: conflict.get(figure, 0) for figure in ("count", "of")})


def refusal(t: Language, error: KoeError) -> str:
    """Return why something is not done, in the reader's language."""
    return refused(t, error.name, error.words) if error.name else str(error)
