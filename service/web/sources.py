"""The pages of sources: how fresh each is, what to do there, and what of it can be changed."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.background import BackgroundTask

from connectors.errors import ConnectorError
from service import connections, trying
from service.access import senders
from service.access.caller import Caller, must_administer
from service.access.hosts import address_of
from service.connections import GENERIC, KINDS, Kind, Unfit
from service.db import Database
from service.errors import KoeError, Unavailable
from service.models import Source
from service.models.columns import digest
from service.models.touchpoint import LAYERS, MOMENTS, UNKNOWN, Touchpoint
from service.parts import listening
from service.repositories import arrivals, calls, source_standings, touchpoints, walks
from service.repositories import sources as source_repository
from service.repositories.voices import MOST
from service.sealing import Seal
from service.web.deps import SessionDep, TypedDep
from service.web.forms import FIRST_DAY
from service.web.page import PAGE_SIZE, CallerDep, OrganisationDep, Pages, PagesDep, link

router = APIRouter(prefix="/sources")

HERE = "/sources"
FIELD = "set."
"""What the name of a setting's field begins with."""
DONE = ("added", "told", "placed", "paused", "resumed", "rotated", "dropped", "fetching", "removed")
"""What a page may say that was done."""
WRONG = ("secret_missing", "day_wrong", "touchpoint_wrong")
"""What a page may say that was typed wrong."""
Done = Annotated[str, Query(max_length=20)]


@router.get("")
def list_sources(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show how each source stands."""
    found = source_standings.standings(session, organisation_id, most=MOST + 1)
    return pages.show(
        request,
        "sources.html",
        total=len(found),
        last=max((one.heard_at for one in found if one.heard_at), default=None),
        rows=found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        kinds=KINDS,
        now=datetime.now(UTC),
        most=MOST,
        page=page,
        page_count=-(-len(found) // PAGE_SIZE),
    )


@router.get("/{source_id}")
def show_source(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    source_id: str,
    done: Done = "",
) -> Response:
    """Show how one source stands, what to do there, and the last that it brought."""
    source = source_repository.get_source_by_id(session, organisation_id, source_id)
    return source_page(request, pages, session, source, done=done if done in DONE else "")


@router.get("/{source_id}/live")
def mark(session: SessionDep, organisation_id: OrganisationDep, source_id: str) -> Mapping[str, str]:
    """Say in a word how a source stands: another word means that the page has news."""
    return {"mark": mark_of(session, source_repository.get_source_by_id(session, organisation_id, source_id))}


@router.post("/{source_id}/secret")
def show_secret(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, source_id: str
) -> Response:
    """Show the page with the secret in its place."""
    source = _administered(session, caller, source_id)
    return source_page(request, pages, session, source, reveal=True)


@router.post("/{source_id}/settings")
def change(request: Request, pages: PagesDep, caller: CallerDep, typed: TypedDep, source_id: str) -> Response:
    """Tell a source something else, once it was tried; a secret that is left empty stays as it is."""
    db: Database = request.app.state.db
    seal = Seal.of(pages.settings)
    with db.begin() as session:
        source = _administered(session, caller, source_id)
        kind = connections.kind_of(source)
        known = connections.told(seal, source)
    given = all_settings_in(kind, typed)
    try:
        filled = connections.read_anew(kind, known, given)
        connections.try_out(pages.settings, db, caller.organisation_id, kind, filled)
    except (KoeError, ConnectorError) as error:
        with db.begin() as session:
            source = source_repository.get_source_by_id(session, caller.organisation_id, source_id)
            return source_page(request, pages, session, source, status=422, typed=given, **wrongs(error))
    with db.begin() as session:
        source = source_repository.get_source_by_id(session, caller.organisation_id, source_id)
        connections.change(session, seal, source, filled, now=datetime.now(UTC))
    return back(request, source, "told")


@router.post("/{source_id}/touchpoint")
def place(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, typed: TypedDep, source_id: str
) -> Response:
    """Say where the voices of a source are heard; what is left empty their channel tells."""
    source = _administered(session, caller, source_id)
    layer, moment = typed.get("layer", ""), typed.get("moment", "")
    if layer not in ("", *LAYERS, UNKNOWN) or moment not in ("", *MOMENTS, UNKNOWN):
        return source_page(request, pages, session, source, status=422, touchpoint_wrong=True)
    touchpoints.tell(session, source, Touchpoint(layer or None, moment or None))
    return back(request, source, "placed", ring=request.app.state.ring_to_weigh)


@router.post("/{source_id}/test")
def test(request: Request, pages: PagesDep, caller: CallerDep, source_id: str) -> Response:
    """Ask a source whether it can be asked, and say what it answers."""
    db: Database = request.app.state.db
    with db.begin() as session:
        source = _administered(session, caller, source_id)
    checked, error = "", ""
    if source.sealed_credentials is not None:
        try:
            checked = listening(pages.settings, db)(source).check()
        except ConnectorError as refused:
            error = str(refused)
    with db.begin() as session:
        source = source_repository.get_source_by_id(session, caller.organisation_id, source_id)
        return source_page(request, pages, session, source, checked=checked, failed=error)


@router.post("/{source_id}/rotate")
def rotate(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, typed: TypedDep, source_id: str
) -> Response:
    """Take the secret that the sender made, or make a new one and show it; the old one counts as well."""
    source = _administered(session, caller, source_id)
    given = typed.get("secret", "").strip()
    seal = Seal.of(pages.settings)
    if senders.awaits_secret(source.kind, source.proof or ""):
        if not given:
            return source_page(request, pages, session, source, status=422, secret_missing=True)
        senders.rotate(seal, source, given)
        return back(request, source, "rotated")
    senders.rotate(seal, source)
    return source_page(request, pages, session, source, reveal=True, done="rotated")


@router.post("/{source_id}/drop-old")
def drop_old(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, source_id: str
) -> Response:
    """Let nothing but the newest secret count."""
    source = _administered(session, caller, source_id)
    senders.drop_old(Seal.of(pages.settings), source)
    return back(request, source, "dropped")


@router.post("/{source_id}/pause")
def pause(request: Request, session: SessionDep, caller: CallerDep, source_id: str) -> Response:
    """Keep what a source sends without reading it, and ask it for nothing."""
    source = _administered(session, caller, source_id)
    connections.pause(source, now=datetime.now(UTC))
    return back(request, source, "paused")


@router.post("/{source_id}/resume")
def resume(request: Request, session: SessionDep, caller: CallerDep, source_id: str) -> Response:
    """Let a source go on with what it held."""
    source = _administered(session, caller, source_id)
    calls.stop_arrivals(session)
    connections.resume(session, source)
    return back(request, source, "resumed")


@router.post("/{source_id}/remove")
def remove(
    request: Request, session: SessionDep, caller: CallerDep, typed: TypedDep, source_id: str
) -> Response:
    """Let nothing come from a source any more, and forget its secrets."""
    source = _administered(session, caller, source_id)
    connections.remove(session, source, give_up="give_up" in typed)
    return back(request, source, "removed")


@router.post("/{source_id}/fetch")
def fetch(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, typed: TypedDep, source_id: str
) -> Response:
    """Ask a source at once for what is new, or for all that changed since a day."""
    source = _administered(session, caller, source_id)
    day = typed.get("since", "").strip()
    since = day_in(day, pages.zone(request))
    if day and since is None:
        return source_page(request, pages, session, source, status=422, day=day, day_wrong=True)
    connections.fetch_now(session, source, since=since, now=datetime.now(UTC))
    return back(request, source, "fetching")


@router.get("/{source_id}/{wish}")
def lead_back(source_id: str, wish: str) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(link(f"{HERE}/{source_id}"), status_code=303)


def _administered(session: Session, caller: Caller, source_id: str) -> Source:
    source = source_repository.get_source_by_id(session, caller.organisation_id, source_id)
    must_administer(caller)
    return source


def source_page(
    request: Request,
    pages: Pages,
    session: Session,
    source: Source,
    *,
    status: int = 200,
    reveal: bool = False,
    typed: Mapping[str, str] | None = None,
    **shown: object,
) -> Response:
    """Return the page of a source; what it was told, and the secret, are shown to administrators alone."""
    caller: Caller = request.state.caller
    t = pages.language(request)
    kind = KINDS.get(source.kind)
    seal = Seal.of(pages.settings)
    administers = caller.may("admin")
    secrets, lost = _secrets(seal, source) if administers else ((), "")
    waits = source.proof is not None and source.sealed_secrets is None
    from_sender = source.proof is not None and senders.awaits_secret(source.kind, source.proof)
    secret = secrets[0] if reveal and secrets and not from_sender else ""
    url = trying.address(
        address_of(pages.settings, request.url.port),
        source.name,
        proof=source.proof or "",
        secret=secret or "…",
    )
    steps = kind.steps(source.proof) if kind else ()
    curl = ""
    if secret and source.kind == GENERIC and source.proof:
        records = trying.sample(session, source.organisation_id, pages.zone(request))
        curl = trying.curl(url, proof=source.proof, secret=secret, records=records)
    form = typed if typed is not None else connections.told_openly(source) if administers and kind else {}
    nothing: dict[str, object] = dict.fromkeys(("done", "error", "checked", "failed", "day"), "")
    return pages.show(
        request,
        "source.html",
        status=status,
        source=source,
        kind=kind,
        layers=[(name, t(f"layer.{name}")) for name in (*LAYERS, UNKNOWN)],
        moments=[(name, t(f"moment.{name}")) for name in (*MOMENTS, UNKNOWN)],
        standing=source_standings.standing(session, source, most=MOST + 1),
        most=MOST,
        came=arrivals.newest(session, source.id),
        refused=arrivals.newest_failure(session, source.id),
        mark=mark_of(session, source),
        now=datetime.now(UTC),
        url=url if source.proof else "",
        secret=secret,
        can_reveal=bool(secrets) and not from_sender and not secret,
        waits_for_secret=waits,
        from_sender=from_sender,
        has_old=len(secrets) > 1,
        lost=lost,
        steps=[
            connections.step(words["ja" if t.lang == "ja" else "en"], url=url, secret=secret or "…")
            for words in steps
        ],
        curl=curl,
        form=form,
        **{**nothing, "faults": {}, **dict.fromkeys(WRONG, False), **shown},
    )


def _secrets(seal: Seal, source: Source) -> tuple[tuple[str, ...], str]:
    """Return the secrets of a source, and why they cannot be had, if they cannot."""
    if source.proof is None or source.sealed_secrets is None:
        return (), ""
    try:
        return senders.secrets_of(seal, source), ""
    except Unavailable as error:
        return (), str(error)


def mark_of(session: Session, source: Source) -> str:
    """Return a word that changes whenever something of a source does that its page shows."""
    came, walk = arrivals.newest(session, source.id), walks.walk_of(session, source.id)
    return digest(
        str(arrivals.mark(session, source.id)),
        came.item.version if came else "",
        str((walk.items, walk.through, walk.reason, walk.tries) if walk else None),
        str(source.paused_at),
        str(source.refuses_since),
    )


def settings_in(typed: Mapping[str, str]) -> dict[str, str]:
    """Return the settings among the fields of a form."""
    return {name.removeprefix(FIELD): value for name, value in typed.items() if name.startswith(FIELD)}


def all_settings_in(kind: Kind, typed: Mapping[str, str]) -> Mapping[str, str]:
    """Return every setting of a kind as the fields of a form have it; one without a field is empty."""
    return {**dict.fromkeys((one.name for one in kind.settings), ""), **settings_in(typed)}


def wrongs(error: Exception) -> Mapping[str, Any]:
    """Return what a form says of what went wrong; what is wrong with a field stands beside it."""
    if isinstance(error, Unfit):
        return {"faults": error.faults, "error": ""}
    return {"faults": {}, "error": str(error)}


def day_in(typed: str, zone: ZoneInfo) -> datetime | None:
    """Return the beginning of a day; None where it is none, or lies before there was anything to ask for."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return datetime.combine(day, time(), zone) if day >= FIRST_DAY else None


def back(
    request: Request, source: Source, done: str, *, ring: Callable[[str], None] | None = None
) -> Response:
    """Lead back to the top of a source's page, and ring once the answer has left: by then it is committed."""
    rung = BackgroundTask(ring or request.app.state.ring, source.organisation_id)
    there = link(f"{HERE}/{source.id}", done=done) + "#content"
    return RedirectResponse(there, status_code=303, background=rung)
