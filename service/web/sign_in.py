"""Signing in: by a one-time link, or with an e-mail address and a password.

Whoever was not known any longer when a form arrived finds on the page what they had typed, and can send it
once they are signed in.
"""

import re
from datetime import UTC, datetime
from math import ceil
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.requests import ClientDisconnect

from service.access import links
from service.access.entering import enter
from service.access.gate import MOST_TYPED, OWN, lies_under
from service.access.hosts import address_of
from service.access.origin import SAFE_METHODS
from service.access.patience import Patience, key_of
from service.access.people import read_email
from service.access.proof import COOKIE
from service.access.provider import Provider
from service.access.sign_ins import LONGEST
from service.access.turned_away import TurnedAway
from service.web.deps import SessionDep
from service.web.page import LANGUAGE_COOKIE, Pages, PagesDep
from service.web.unfurling import makes_previews, preview_of

router = APIRouter(prefix="/sign-in")

HOME = "/"
OURS = re.compile(r"/(?![/\\])[!-\[\]-~]{0,1999}")
"""A path of ours and what follows it: nothing that a browser would take for another site."""
MOST_FIELDS = 5000
SET_UP = ("/sources", "/targets")
"""Places whose forms may hold secrets of other systems: what was typed there is kept and not shown."""
OPAQUE = re.compile(r"[0-9a-f-]{8,}|\d{0,12}|on")
"""What stands in a form and nobody typed: ids, numbers of versions, ticks."""
FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data"


@router.get("")
def show_sign_in(
    request: Request, pages: PagesDep, leads_to: Annotated[str, Query(alias="next")] = ""
) -> Response:
    """Ask for an address and a password."""
    return sign_in_page(request, pages, leads_to=leads_to)


@router.post("")
def sign_in(
    request: Request,
    pages: PagesDep,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    leads_to: Annotated[str, Form(alias="next")] = "",
    typed: Annotated[str, Form()] = "",
) -> Response:
    """Sign in whoever knows their password; what is wrong is not told, and whoever is wrong often waits."""
    patience: Patience = request.app.state.patience
    address = read_email(email) or ""
    key = key_of(address, request.client.host if request.client else "")
    left = patience.try_once(key)
    if left > 0:
        answer = sign_in_page(
            request, pages, status=429, email=email, leads_to=leads_to, typed=typed, minutes=ceil(left / 60)
        )
        answer.headers["Retry-After"] = str(ceil(left))
        return answer
    held = enter(
        request.app.state.db,
        address,
        password,
        agent=agent_of(request),
        instead_of=request.cookies.get(COOKIE),
        now=datetime.now(UTC),
    )
    if held is None:
        return sign_in_page(
            request, pages, status=422, email=email, leads_to=leads_to, typed=typed, wrong=True
        )
    patience.forgive(key)
    return go_on(request, pages, held, leads_to=leads_to, typed=typed)


@router.get("/{secret}")
def follow_link(request: Request, pages: PagesDep, session: SessionDep, secret: str) -> Response:
    """Sign in whoever opens a one-time link, or say why it does not."""
    held = links.follow(
        session,
        secret,
        agent=agent_of(request),
        instead_of=request.cookies.get(COOKIE),
        now=datetime.now(UTC),
    )
    if held is None:
        return pages.error(request, 410, bare=True)
    return keep(pages, RedirectResponse("/me", status_code=303), held)


async def ask_to_sign_in(request: Request) -> Response:
    """Return the page for who is not known: it leads on to what was asked for, and keeps what was sent."""
    pages: Pages = request.app.state.pages
    path = request.scope["raw_path"].decode("ascii", "replace")
    if request.method in SAFE_METHODS:
        query = request.scope["query_string"].decode("ascii", "replace")
        # A preview, which tells nothing of what was asked for, is read where it succeeds only.
        status = 200 if makes_previews(agent_of(request)) else 401
        leads_to = path + (f"?{query}" if query else "")
        return sign_in_page(request, pages, status=status, leads_to=leads_to)
    typed = await _typed(request)
    return sign_in_page(request, pages, status=401, leads_to=path, typed=typed or "", too_long=typed is None)


def sign_in_page(
    request: Request,
    pages: Pages,
    *,
    status: int = 200,
    email: str = "",
    leads_to: str = "",
    typed: str = "",
    wrong: bool = False,
    minutes: int = 0,
    turned_away: TurnedAway | None = None,
    too_long: bool = False,
) -> Response:
    """Return the page that asks for an address and a password, or leads to the organisation's own sign-in."""
    provider: Provider | None = request.app.state.provider
    preview = preview_of(
        pages.language(request),
        ours(leads_to).partition("?")[0],
        base=address_of(pages.settings),
        is_asked_in="accept-language" in request.headers or LANGUAGE_COOKIE in request.cookies,
    )
    return pages.show(
        request,
        "sign_in.html",
        preview=preview,
        status=status,
        bare=True,
        email=email,
        leads_to=ours(leads_to),
        typed=typed,
        wrong=wrong,
        minutes=minutes,
        turned_away=turned_away,
        too_long=too_long,
        provider=provider.name if provider else "",
    )


def go_on(request: Request, pages: Pages, held: str, *, leads_to: str, typed: str) -> Response:
    """Give the browser its sign-in, and lead on to what was asked for, or to what was typed before."""
    if typed and (fields := _fields(typed)) is not None:
        answer = pages.show(
            request,
            "resume.html",
            bare=True,
            action=ours(leads_to),
            back=ours(leads_to).rpartition("/")[0] or HOME,
            fields=fields,
            shown=[] if lies_under(ours(leads_to), SET_UP) else _words(fields),
        )
        return keep(pages, answer, held)
    return keep(pages, RedirectResponse(ours(leads_to), status_code=303), held)


def keep(pages: Pages, response: Response, secret: str) -> Response:
    """Give the browser its sign-in with an answer."""
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


def ours(address: str) -> str:
    """Return where to lead on to: a path of ours, else the themes."""
    known = OURS.fullmatch(address) is not None and not lies_under(address.partition("?")[0], ("/sign-in",))
    return address if known else HOME


async def _typed(request: Request) -> str | None:
    """Return the body of a form as it came, None for one that is too long to keep, or brings a file.

    Nothing is kept of one that may hold a password, and of what is no form.
    """
    if lies_under(request.scope["path"], OWN):
        return ""
    if not _is_form(request):
        return None if request.headers.get("content-type", "").startswith(FILES) else ""
    try:
        body = await request.body()
    except ClientDisconnect:
        return ""
    return body.decode("ascii", "replace") if len(body) <= MOST_TYPED else None


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM


def _fields(typed: str) -> list[tuple[str, str]] | None:
    try:
        return parse_qsl(typed, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None


def _words(fields: list[tuple[str, str]]) -> list[str]:
    """Return what a person may have typed into a form, to be seen before it is sent."""
    return [value for _, value in fields if value.strip() and not OPAQUE.fullmatch(value)]


def agent_of(request: Request) -> str:
    """Return what a browser calls itself."""
    return request.headers.get("user-agent", "")
