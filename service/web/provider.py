"""Signing in by the organisation's own sign-in: the way to the provider, and the way back.

The way out is a page and no redirect: pages of Koe send their forms to nobody else, redirects included.
"""

from datetime import UTC, datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from service.access import departures, sign_ins
from service.access.gate import MOST_TYPED
from service.access.hosts import address_of
from service.access.identities import admit
from service.access.proof import COOKIE
from service.access.provider import Provider, Trip
from service.access.secret import fingerprint, new_secret
from service.access.turned_away import TurnedAway, Why
from service.db import Database
from service.errors import NotFound
from service.models import Departure
from service.web.page import Pages, PagesDep
from service.web.sign_in import agent_of, go_on, ours, sign_in_page

router = APIRouter(prefix="/sign-in/provider")

log = structlog.get_logger()
HERE = "/sign-in/provider"
LONGEST = 4000
"""Characters of what a provider sends back."""
STATUS: dict[Why, int] = {
    "away": 503,
    "setup": 503,
    "stale": 422,
    "denied": 422,
    "invalid": 422,
    "clock": 422,
}
REFUSED = 403
"""What it is where the provider did its part, and the person does not come in."""
Word = Annotated[str, Query(max_length=LONGEST)]


def provider_of(request: Request) -> Provider:
    """Return the provider. Raises NotFound where none is set."""
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise NotFound("This Koe has no other sign-in.")
    return provider


ProviderDep = Annotated[Provider, Depends(provider_of)]


@router.get("")
def lead_back() -> Response:
    """Lead from the address of the form, which the browser may hold, to the page that it is on."""
    return RedirectResponse("/sign-in", status_code=303)


@router.post("")
def set_out(
    request: Request,
    pages: PagesDep,
    provider: ProviderDep,
    leads_to: Annotated[str, Form(alias="next")] = "",
    typed: Annotated[str, Form()] = "",
) -> Response:
    """Send a browser to the provider; what it had filled in waits here."""
    db: Database = request.app.state.db
    trip = Trip(back_to=_back_to(request, pages), nonce=new_secret(), verifier=new_secret())
    kept = typed if len(typed) <= MOST_TYPED else ""
    with db.begin() as session:
        ticket = departures.set_out(
            session,
            pages.settings.organisation,
            trip,
            leads_to=ours(leads_to),
            typed=kept,
            now=datetime.now(UTC),
        )
    try:
        address = provider.way_out(trip, state=ticket.state)
    except TurnedAway as error:
        return _explained(request, pages, error, leads_to=leads_to, typed=kept)
    answer = pages.show(request, "leaving.html", bare=True, address_there=address, provider=provider.name)
    answer.headers["Refresh"] = f"0;url={address}"
    answer.set_cookie(
        _cookie(ticket.state),
        ticket.held,
        max_age=int(departures.LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=pages.secure,
        path=HERE,
    )
    return answer


@router.get("/back")
def come_back(
    request: Request,
    pages: PagesDep,
    provider: ProviderDep,
    state: Word = "",
    code: Word = "",
    iss: Word = "",
    error: Word = "",
) -> Response:
    """Sign in whoever the provider sent back, or say why not, and what to do."""
    db: Database = request.app.state.db
    held = request.cookies.get(_cookie(state), "")
    try:
        with db.begin() as session:
            gone = departures.come_back(session, state, held, now=datetime.now(UTC))
    except TurnedAway as turned:
        return _explained(request, pages, turned)
    try:
        secret = _arrive(request, pages, provider, gone, code=code, iss=iss, error=error)
    except TurnedAway as turned:
        answer = _explained(request, pages, turned, leads_to=gone.leads_to, typed=gone.typed)
    else:
        answer = go_on(request, pages, secret, leads_to=gone.leads_to, typed=gone.typed)
    answer.delete_cookie(_cookie(state), path=HERE)
    return answer


def _arrive(
    request: Request,
    pages: Pages,
    provider: Provider,
    gone: Departure,
    *,
    code: str,
    iss: str,
    error: str,
) -> str:
    """Return the secret of a new sign-in. The provider is asked outside of any transaction."""
    if error:
        is_theirs = error in ("access_denied", "login_required", "consent_required", "interaction_required")
        raise TurnedAway("denied" if is_theirs else "setup", error)
    if iss and not provider.is_issuer(iss):
        raise TurnedAway("invalid", "another provider answered")
    trip = Trip(back_to=_back_to(request, pages), nonce=gone.nonce, verifier=gone.verifier)
    told = provider.fetch(trip, code)
    db: Database = request.app.state.db
    now = datetime.now(UTC)
    with db.begin() as session:
        person = admit(session, gone.organisation_id, told, provider.admission, now=now)
        return sign_ins.begin(
            session,
            person,
            agent=agent_of(request),
            now=now,
            instead_of=request.cookies.get(COOKIE),
        )


def _explained(
    request: Request, pages: Pages, turned: TurnedAway, *, leads_to: str = "", typed: str = ""
) -> Response:
    """Return the sign-in page with what went wrong; the log tells it to whoever runs Koe."""
    log.warning("sign-in by the provider", why=turned.why)
    status = STATUS.get(turned.why, REFUSED)
    return sign_in_page(request, pages, status=status, leads_to=leads_to, typed=typed, turned_away=turned)


def _back_to(request: Request, pages: Pages) -> str:
    return f"{address_of(pages.settings, request.url.port)}{HERE}/back"


def _cookie(state: str) -> str:
    """Return the name of a way's cookie: each has its own, so that two tabs do not disturb each other."""
    return f"koe_way_{fingerprint(state)[:16]}"
