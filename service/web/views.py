"""Saved views: the lists that people come back to, each under its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from connectors.files.encodings import clean
from service.access.caller import Caller
from service.models.columns import new_id
from service.models.view import SavedView
from service.repositories import views as view_repository
from service.rules.refusals import forbidden
from service.rules.views import LONGEST_NAME, LONGEST_QUERY, PLACES, filters_of
from service.web.deps import SessionDep
from service.web.page import CallerDep, Pages, PagesDep

router = APIRouter(prefix="/views")

Typed = Annotated[str, Form(max_length=LONGEST_QUERY)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A view among those of a page."""

    view: SavedView
    link: str
    is_here: bool
    """Whether the page shows just this."""
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """The views of a page, and what it shows now."""

    place: str
    query: str
    """The filters that are set now."""
    shown: Sequence[Shown]

    @property
    def is_new(self) -> bool:
        """Say whether what the page shows has filters, and no name yet."""
        return bool(self.query) and not any(each.is_here for each in self.shown)


def views_of(request: Request, session: Session, caller: Caller) -> Views:
    """Return the views of the page that is asked for."""
    place, query = request.scope["path"], filters_of(request.url.query)
    found = view_repository.seen_by(session, caller.organisation_id, caller.id, place=place)
    return Views(place=place, query=query, shown=[_shown(each, caller, query) for each in found])


@router.get("")
def show_views(request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep) -> Response:
    """Show all views that one sees."""
    return _page(request, pages, session, caller)


@router.post("")
def save_view(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    place: Typed = "",
    query: Typed = "",
    name: Typed = "",
    shared: Typed = "",
) -> Response:
    """Keep a list with its filters under a name."""
    called, filters = clean(name).strip(), filters_of(clean(query))
    if place not in PLACES or not called or len(called) > LONGEST_NAME:
        return _page(
            request,
            pages,
            session,
            caller,
            status=422,
            error="views.which" if place not in PLACES else "views.name_missing",
            typed={"place": place, "query": filters, "name": called, "shared": shared},
        )
    view = view_repository.save(
        session,
        SavedView(
            id=new_id(),
            organisation_id=caller.organisation_id,
            owner_id=caller.id,
            owner_name=caller.name,
            place=place,
            query=filters,
            name=called,
            shared=bool(shared),
            at=datetime.now(UTC),
        ),
    )
    return RedirectResponse(_link(view), status_code=303)


@router.post("/{view_id}/rename")
def rename_view(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    view_id: str,
    name: Typed = "",
    shared: Typed = "",
) -> Response:
    """Call a view something else, and share it or not."""
    view = _own(session, caller, view_id)
    called = clean(name).strip()
    if not called or len(called) > LONGEST_NAME:
        return _page(request, pages, session, caller, status=422, error="views.name_missing", wrong=view.id)
    view.name, view.shared = called, bool(shared)
    return RedirectResponse("/views", status_code=303)


@router.post("/{view_id}/remove")
def remove_view(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, view_id: str
) -> Response:
    """Take a view away; the page that follows can bring it back."""
    view = _own(session, caller, view_id)
    view.removed_at = datetime.now(UTC)
    session.flush()
    return _page(request, pages, session, caller, gone=view)


@router.post("/{view_id}/restore")
def restore_view(session: SessionDep, caller: CallerDep, view_id: str) -> Response:
    """Bring a view back."""
    view = _own(session, caller, view_id)
    view.removed_at = None
    return RedirectResponse("/views", status_code=303)


def _own(session: Session, caller: Caller, view_id: str) -> SavedView:
    """Return a view that one may change. Raises NotFound, and Forbidden for one that is another's."""
    found = view_repository.get(session, caller.organisation_id, caller.id, view_id)
    if found.owner_id != caller.id and not caller.may("admin"):
        raise forbidden("views_of_others", whose=found.owner_name)
    return found


def _page(
    request: Request,
    pages: Pages,
    session: Session,
    caller: Caller,
    *,
    status: int = 200,
    error: str = "",
    wrong: str = "",
    typed: dict[str, str] | None = None,
    gone: SavedView | None = None,
) -> Response:
    found = view_repository.seen_by(session, caller.organisation_id, caller.id)
    return pages.show(
        request,
        "views.html",
        status=status,
        rows=[_shown(each, caller, None) for each in found],
        error=error,
        wrong=wrong,
        typed=typed,
        gone=gone,
        longest=LONGEST_NAME,
    )


def _shown(view: SavedView, caller: Caller, query: str | None) -> Shown:
    own = view.owner_id == caller.id
    return Shown(view=view, link=_link(view), is_here=view.query == query, is_own=own or caller.may("admin"))


def _link(view: SavedView) -> str:
    return f"{view.place}?{view.query}" if view.query else view.place
