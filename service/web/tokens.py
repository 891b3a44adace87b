"""The page of tokens: what programs prove themselves with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from connectors.files.encodings import clean
from service.access import tokens
from service.access.caller import Caller, must_administer
from service.access.tokens import LONGEST_NAME, MOST_DAYS
from service.models import Token
from service.repositories import persons
from service.repositories import tokens as token_repository
from service.rules.permissions import SCOPES, scope_named
from service.web.deps import SessionDep
from service.web.page import PAGE_SIZE, CallerDep, OrganisationDep, Pages, PagesDep, link

router = APIRouter(prefix="/tokens")

HERE = "/tokens"
DONE = ("revoked", "restored")
USUAL_DAYS = "365"
Word = Annotated[str, Form(max_length=1000)]
Told = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The form as it was filled in. Errors are words, by field."""

    name: str = ""
    scope: str = "read"
    days: str = USUAL_DAYS
    errors: Mapping[str, str] = field(default_factory=dict)


@router.get("")
def show_tokens(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    done: Told = "",
    which: Told = "",
) -> Response:
    """Show every token without its secret, and what was just done, with the way back."""
    changed = token_repository.known(session, organisation_id, which) if done in DONE else None
    return _page(request, pages, session, organisation_id, page=page, done=done, changed=changed)


@router.post("")
def make(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    name: Word = "",
    scope: Word = "read",
    days: Word = "",
) -> Response:
    """Make a token, and show it this once."""
    must_administer(caller)
    wanted = Wanted(name=clean(name).strip(), scope=scope_named(scope), days=clean(days).strip())
    errors = _errors(session, caller.organisation_id, wanted)
    if errors:
        form = Wanted(name=wanted.name, scope=wanted.scope, days=wanted.days, errors=errors)
        return _page(request, pages, session, caller.organisation_id, status=422, form=form)
    text = tokens.create(
        session,
        caller.organisation_id,
        wanted.name,
        scope=scope_named(wanted.scope),
        now=datetime.now(UTC),
        lasts=timedelta(days=int(wanted.days)) if wanted.days else None,
        by=caller.name,
    )
    session.flush()
    return _page(request, pages, session, caller.organisation_id, made=text, called=wanted.name)


@router.post("/{token_id}/revoke")
def revoke(session: SessionDep, caller: CallerDep, token_id: str) -> Response:
    """End a token at once."""
    token = _administered(session, caller, token_id)
    tokens.end(token, now=datetime.now(UTC))
    return _back(token, "revoked")


@router.post("/{token_id}/restore")
def restore(session: SessionDep, caller: CallerDep, token_id: str) -> Response:
    """Let a token count again that was ended a moment ago."""
    token = _administered(session, caller, token_id)
    tokens.restore(session, token, now=datetime.now(UTC))
    return _back(token, "restored")


@router.get("/{token_id}/{wish}")
def lead_back(token_id: str, wish: str) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(HERE, status_code=303)


def _administered(session: Session, caller: Caller, token_id: str) -> Token:
    token = token_repository.get(session, caller.organisation_id, token_id)
    must_administer(caller)
    return token


def _errors(session: Session, organisation_id: str, wanted: Wanted) -> Mapping[str, str]:
    """Return what is wrong with a form, by field: a word that the page has a sentence for."""
    errors = {}
    if not wanted.name or not wanted.name.isprintable():
        errors["name"] = "missing"
    elif len(wanted.name) > LONGEST_NAME:
        errors["name"] = "long"
    elif token_repository.live_token(session, organisation_id, wanted.name) is not None:
        errors["name"] = "taken"
    if wanted.days and not _is_days(wanted.days):
        errors["days"] = "odd"
    return errors


def _is_days(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) < 9 and 1 <= int(typed) <= MOST_DAYS


def _page(
    request: Request,
    pages: Pages,
    session: Session,
    organisation_id: str,
    *,
    status: int = 200,
    page: int = 1,
    form: Wanted | None = None,
    **shown: object,
) -> Response:
    """Return the page; whoever is no administrator is told whom to ask."""
    now = datetime.now(UTC)
    administers = request.state.caller.may("admin")
    total, in_force = token_repository.count(session, organisation_id, now=now)
    rows = (
        token_repository.newest(session, organisation_id, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
        if administers
        else []
    )
    nothing: dict[str, object] = {"done": "", "changed": None, "made": "", "called": ""}
    return pages.show(
        request,
        "tokens.html",
        status=status,
        rows=[(one, tokens.state(one, now)) for one in rows],
        total=total,
        in_force=in_force,
        administrators=persons.administrators(session, organisation_id),
        scopes=SCOPES,
        page=page,
        page_count=-(-total // PAGE_SIZE),
        form=form or Wanted(),
        longest=LONGEST_NAME,
        most_days=MOST_DAYS,
        now=now,
        **{**nothing, **shown},
    )


def _back(token: Token, done: str) -> Response:
    return RedirectResponse(link(HERE, done=done, which=token.id) + "#content", status_code=303)
