"""The page of one's own: name, address, password, and the browsers that one is signed in with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.access import people
from service.access.passwords import LONGEST, SHORTEST
from service.access.patience import Patience
from service.access.people import Wish
from service.access.proof import COOKIE
from service.access.sign_ins import IDLE
from service.errors import NotFound
from service.models import Person
from service.posting import rhythm_of
from service.repositories import digests, persons
from service.repositories import sign_ins as sign_in_repository
from service.web.browsers import named_browser
from service.web.deps import SessionDep
from service.web.page import CallerDep, Pages, PagesDep

router = APIRouter(prefix="/me")

FRESH = timedelta(minutes=15)
"""Whoever signed in since then has just proved themselves; later, the password is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The person who asks, and the sign-in of the browser that they ask with."""

    person: Person
    sign_in: str


def me_of(request: Request, session: SessionDep, caller: CallerDep) -> Me:
    """Return who asks. Raises NotFound for a program and in the demo: they have no page of their own."""
    sign_in = request.state.sign_in
    person = None if sign_in is None else persons.lock(session, caller.id)
    if person is None:
        raise NotFound("Only people have a page of their own.")
    return Me(person=person, sign_in=sign_in)


MeDep = Annotated[Me, Depends(me_of)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The form as it was filled in, without its passwords. Errors are words, by field."""

    name: str
    email: str
    errors: Mapping[str, str] = field(default_factory=dict)


@router.get("")
def show_me(request: Request, pages: PagesDep, session: SessionDep, me: MeDep) -> Response:
    """Show what is known of oneself."""
    return me_page(request, pages, session, me, saved="saved" in request.query_params)


@router.post("")
def change_me(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    me: MeDep,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    current: Annotated[str, Form()] = "",
) -> Response:
    """Change name, address and password; a new password ends all other sign-ins."""
    patience: Patience = request.app.state.patience
    wish = Wish(name=name, email=email, password=password)
    errors = people.change(
        session,
        me.person,
        wish,
        current=current if asks_for_password(session, me) else None,
        but=me.sign_in,
        patience=patience,
    )
    if errors:
        filled = Filled(name=name, email=email, errors=errors)
        return me_page(request, pages, session, me, filled=filled)
    return RedirectResponse("/me?saved=", status_code=303)


@router.post("/sign-ins/{sign_in_id}/end")
def end_sign_in(session: SessionDep, me: MeDep, sign_in_id: str) -> Response:
    """End one of one's sign-ins."""
    sign_in_repository.delete_one(session, me.person.id, sign_in_id)
    return RedirectResponse("/me#sign-ins", status_code=303)


@router.post("/sign-out")
def sign_out(pages: PagesDep, session: SessionDep, me: MeDep) -> Response:
    """Sign out in this browser."""
    sign_in_repository.delete_one(session, me.person.id, me.sign_in)
    return _gone(pages)


@router.post("/sign-out-everywhere")
def sign_out_everywhere(pages: PagesDep, session: SessionDep, me: MeDep) -> Response:
    """Sign out in every browser."""
    sign_in_repository.delete_all(session, me.person.id)
    return _gone(pages)


def asks_for_password(session: Session, me: Me) -> bool:
    """Say whether the password is asked for before it or the address is changed: not just after a sign-in.

    So a link helps whoever forgot it, and a browser left open helps nobody to take over the account.
    """
    sign_in = sign_in_repository.get(session, me.person.id, me.sign_in)
    is_fresh = sign_in is not None and datetime.now(UTC) - sign_in.created_at < FRESH
    return me.person.password_hash is not None and not is_fresh


def me_page(
    request: Request,
    pages: Pages,
    session: Session,
    me: Me,
    *,
    filled: Filled | None = None,
    saved: bool = False,
) -> Response:
    """Return the page; a form that was filled in wrongly is shown as it was filled in."""
    now = datetime.now(UTC)
    sign_ins = sign_in_repository.list_sign_ins(session, me.person.id, idle_since=now - IDLE, now=now)
    return pages.show(
        request,
        "me.html",
        status=422 if filled else 200,
        person=me.person,
        form=filled or Filled(name=me.person.name, email=me.person.email or ""),
        saved=saved,
        asks_for_password=asks_for_password(session, me),
        shortest=SHORTEST,
        longest=LONGEST,
        sign_ins=[(one, named_browser(one.user_agent or "")) for one in sign_ins],
        this_one=me.sign_in,
        mails=pages.settings.smtp_url is not None,
        rhythm=rhythm_of(pages.settings),
        digests=digests.standing(session, me.person.organisation_id, me.person.id),
    )


def _gone(pages: Pages) -> Response:
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=pages.secure, path="/")
    return response
