"""Signing in."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.access import links
from service.access.proof import COOKIE
from service.access.sign_ins import LONGEST
from service.web.deps import SessionDep
from service.web.page import Pages, PagesDep

router = APIRouter(prefix="/sign-in")


@router.get("/{secret}")
def follow_link(request: Request, pages: PagesDep, session: SessionDep, secret: str) -> Response:
    """Sign in whoever opens a one-time link, or say why it does not."""
    agent = request.headers.get("user-agent", "")
    held = links.follow(session, secret, agent=agent, now=datetime.now(UTC))
    if held is None:
        return pages.error(request, 410, bare=True)
    return signed_in(pages, held, "/")


def signed_in(pages: Pages, secret: str, leads_to: str) -> Response:
    """Give the browser its sign-in, and lead on."""
    response = RedirectResponse(leads_to, status_code=303)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=pages.secure,
        path="/",
    )
    return response
