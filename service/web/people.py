"""The page of people: who is let in, as what, and by which browsers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from connectors.files.encodings import clean
from service.access import links, people
from service.access.caller import Caller, must_administer
from service.access.hosts import address_of
from service.access.people import LONGEST_EMAIL, LONGEST_NAME
from service.access.provider import Provider
from service.access.sign_ins import IDLE
from service.models import Person
from service.repositories import identities, persons
from service.repositories import sign_ins as sign_in_repository
from service.rules.permissions import OF_ROLE
from service.web.deps import SessionDep
from service.web.page import PAGE_SIZE, CallerDep, OrganisationDep, Pages, PagesDep, link

router = APIRouter(prefix="/people")

HERE = "/people"
DONE = ("role", "disabled", "enabled", "ended", "forgotten")
"""What the page may say that was done."""
Word = Annotated[str, Form(max_length=1000)]
Told = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """The form as it was filled in. Errors are words, by field."""

    email: str = ""
    name: str = ""
    role: str = "viewer"
    errors: Mapping[str, str] = field(default_factory=dict)


@router.get("")
def show_people(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    q: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    done: Told = "",
    who: Told = "",
    was: Told = "",
) -> Response:
    """Show who is let in, and what was just done, with the way back."""
    return _page(
        request,
        pages,
        session,
        organisation_id,
        words=clean(q).strip(),
        page=page,
        done=done if done in DONE else "",
        changed=persons.known(session, organisation_id, who) if done in DONE else None,
        was=was if was in OF_ROLE else "",
    )


@router.post("")
def invite(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    email: Word = "",
    name: Word = "",
    role: Word = "viewer",
) -> Response:
    """Let somebody in, and show this once the link that signs them in."""
    must_administer(caller)
    email, given = clean(email), clean(name).strip() or None
    chosen = role if role in OF_ROLE else "viewer"
    errors = people.wrongs_of_invitation(session, caller.organisation_id, email, given)
    if errors:
        form = Invited(email=email, name=given or "", role=chosen, errors=errors)
        return _page(request, pages, session, caller.organisation_id, status=422, form=form)
    now = datetime.now(UTC)
    person = people.add(session, caller.organisation_id, email, name=given, role=chosen, now=now)
    return _with_link(request, pages, session, person)


@router.post("/{person_id}/link")
def make_link(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, person_id: str
) -> Response:
    """Make a new link for somebody, and show it this once."""
    person = _administered(session, caller, person_id)
    return _with_link(request, pages, session, person)


@router.post("/{person_id}/role")
def change_role(session: SessionDep, caller: CallerDep, person_id: str, role: Word = "") -> Response:
    """Let somebody do more, or less."""
    person = _administered(session, caller, person_id)
    was = person.role
    if role in OF_ROLE and role != was:
        people.give_role(session, person, role)
        return _back(person, "role", was=was)
    return RedirectResponse(HERE, status_code=303)


@router.post("/{person_id}/disable")
def disable(session: SessionDep, caller: CallerDep, person_id: str) -> Response:
    """Let somebody in no longer; what they are signed in with ends at once."""
    person = _administered(session, caller, person_id)
    people.disable(session, person, now=datetime.now(UTC))
    return _back(person, "disabled")


@router.post("/{person_id}/enable")
def enable(session: SessionDep, caller: CallerDep, person_id: str) -> Response:
    """Let somebody in again."""
    person = _administered(session, caller, person_id)
    people.enable(person)
    return _back(person, "enabled")


@router.post("/{person_id}/sign-out")
def end_browsers(session: SessionDep, caller: CallerDep, person_id: str) -> Response:
    """End what somebody is signed in with; they can sign in again."""
    person = _administered(session, caller, person_id)
    sign_in_repository.delete_all(session, person.id)
    return _back(person, "ended")


@router.post("/{person_id}/forget")
def forget_account(session: SessionDep, caller: CallerDep, person_id: str) -> Response:
    """Forget by which account of the organisation's own sign-in somebody comes in: the next one counts."""
    person = _administered(session, caller, person_id)
    identities.delete_of(session, person.id)
    sign_in_repository.delete_all(session, person.id)
    return _back(person, "forgotten")


@router.get("/{person_id}/{wish}")
def lead_back(person_id: str, wish: str) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(HERE, status_code=303)


def _administered(session: Session, caller: Caller, person_id: str) -> Person:
    person = persons.get(session, caller.organisation_id, person_id)
    must_administer(caller)
    return person


def _with_link(request: Request, pages: Pages, session: Session, person: Person) -> Response:
    path = links.link_for(session, person, now=datetime.now(UTC))
    session.flush()
    return _page(
        request,
        pages,
        session,
        person.organisation_id,
        changed=person,
        sign_in_link=address_of(pages.settings, request.url.port) + path,
    )


def _page(
    request: Request,
    pages: Pages,
    session: Session,
    organisation_id: str,
    *,
    status: int = 200,
    words: str = "",
    page: int = 1,
    form: Invited | None = None,
    **shown: object,
) -> Response:
    """Return the page; whoever is no administrator is told whom to ask, and sees no addresses."""
    now = datetime.now(UTC)
    administers = request.state.caller.may("admin")
    provider: Provider | None = request.app.state.provider
    total = persons.count(session, organisation_id, words=words) if administers else 0
    rows = (
        persons.attendance(
            session,
            organisation_id,
            words=words,
            idle_since=now - IDLE,
            now=now,
            limit=PAGE_SIZE,
            offset=(page - 1) * PAGE_SIZE,
        )
        if administers
        else []
    )
    nothing: dict[str, object] = {"done": "", "changed": None, "was": "", "sign_in_link": ""}
    return pages.show(
        request,
        "people.html",
        status=status,
        rows=rows,
        total=total,
        let_in=persons.count_let_in(session, organisation_id),
        administrators=persons.administrators(session, organisation_id),
        me=request.state.caller.id,
        roles_come=provider is not None and bool(provider.admission.roles),
        roles=tuple(OF_ROLE),
        words=words,
        page=page,
        page_count=-(-total // PAGE_SIZE),
        form=form or Invited(),
        longest_name=LONGEST_NAME,
        longest_email=LONGEST_EMAIL,
        now=now,
        **{**nothing, **shown},
    )


def _back(person: Person, done: str, *, was: str = "") -> Response:
    return RedirectResponse(link(HERE, done=done, who=person.id, was=was) + "#content", status_code=303)
