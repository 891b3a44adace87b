"""Pages for what went wrong: in the reader's language, with what to do, and never with its innards."""

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from service.access.headers import dress
from service.access.origin import SAFE_METHODS
from service.access.refusals import UNKNOWN, Refusal
from service.errors import KoeError
from service.web.page import Pages
from service.web.reasons import refused
from service.web.sign_in import ask_to_sign_in


def explain(request: Request, error: Exception) -> Response:
    """Show a page for an error that has a name, or for an address or a form that was not understood."""
    pages: Pages = request.app.state.pages
    if isinstance(error, KoeError):
        detail = str(error) if error.status >= 500 else ""
        why = refused(pages.language(request), error.name, error.words) if error.name else ""
        return pages.error(
            request, error.status, name=error.name, detail=detail, refused=why, back=_back(request)
        )
    status = error.status_code if isinstance(error, HTTPException) else 422
    return pages.error(request, status, back=_back(request))


def explain_crash(request: Request, error: Exception) -> Response:  # noqa: ARG001  the server's log tells it
    """Show a page for a fault of Koe's own. It is answered outside of the gate, so it is dressed here."""
    pages: Pages = request.app.state.pages
    answer = pages.error(request, 500)
    dress(answer.headers, request.scope["path"])
    return answer


async def refuse(request: Request, refusal: Refusal) -> Response:
    """Show a page for what the gate does not let through; whoever is not known can sign in on it."""
    if refusal is UNKNOWN:
        return await ask_to_sign_in(request)
    pages: Pages = request.app.state.pages
    known = hasattr(request.state, "caller")
    return pages.error(request, refusal.status, name=refusal.name, back=_back(request), bare=not known)


def _back(request: Request) -> str:
    """Return where to go on: from a form to the page that it is on, else to the page without filters."""
    path: str = "/" + request.scope["path"].strip("/")
    if request.method not in SAFE_METHODS:
        return path.rpartition("/")[0]
    return path if request.url.query else "/themes"
