"""Following themes: what one follows is told first."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse

from connectors.files.encodings import clean
from service.repositories import follows
from service.repositories import themes as theme_repository
from service.rules.views import LONGEST_QUERY, filters_of
from service.web.deps import SessionDep
from service.web.page import CallerDep, link

router = APIRouter(prefix="/me/follows")


@router.post("/{theme_id}")
def follow(
    session: SessionDep,
    caller: CallerDep,
    theme_id: str,
    on: Annotated[str, Form(max_length=1)] = "",
    listed: Annotated[str, Form(max_length=1)] = "",
    query: Annotated[str, Form(max_length=LONGEST_QUERY)] = "",
    page: Annotated[int, Form(ge=1, le=100_000)] = 1,
) -> RedirectResponse:
    """Follow a theme, or no longer; lead back to its page, or to the list with its filters.

    Raises NotFound for a theme that there is not.
    """
    theme = theme_repository.get_theme(session, caller.organisation_id, theme_id)
    if on:
        follows.follow(session, theme, caller.id, at=datetime.now(UTC))
    else:
        follows.unfollow(session, theme, caller.id)
    if not listed:
        return RedirectResponse(link(f"/themes/{theme.id}") + "#follow", status_code=303)
    filters = dict(parse_qsl(filters_of(clean(query))))
    back = link("/themes", **{**filters, "page": page if page > 1 else None, "changed": theme.id})
    return RedirectResponse(f"{back}#done", status_code=303)
