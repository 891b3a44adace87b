"""The pages of targets: how each stands, what to do there, and what of it can be changed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from connectors.errors import ConnectorError
from connectors.registry import TARGETS
from service import connections, destinations, trying
from service.access import senders
from service.access.caller import Caller, must_administer
from service.access.hosts import address_of
from service.connections import Kind
from service.db import Database
from service.destinations import target_of
from service.errors import KoeError, Unavailable
from service.models import Target
from service.parts import connecting
from service.pipeline import deliver
from service.repositories import deliveries as delivery_repository
from service.repositories import targets as target_repository
from service.sealing import Seal
from service.web.deps import SessionDep, TypedDep
from service.web.page import CallerDep, OrganisationDep, Pages, PagesDep, link
from service.web.sources import all_settings_in, wrongs

router = APIRouter(prefix="/targets")

HERE = "/targets"
DONE = ("added", "told", "paused", "resumed", "rotated", "finished", "dropped", "removed", "restored")
"""What a page may say that was done."""
Done = Annotated[str, Query(max_length=20)]


@router.get("")
def list_targets(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep
) -> Response:
    """Show how each target stands."""
    found = target_repository.list_targets(session, organisation_id)
    counts = delivery_repository.count_by_target(session, organisation_id)
    standing = [(one, counts.get(one.id, {})) for one in found]
    return pages.show(
        request,
        "targets.html",
        rows=[(one, mine, delivery_repository.waiting_of(mine)) for one, mine in standing],
        refusing=[one for one in found if one.refuses_since],
        kinds=TARGETS,
        now=datetime.now(UTC),
    )


@router.get("/{target_id}")
def show_target(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    target_id: str,
    done: Done = "",
) -> Response:
    """Show how one target stands, what to do there, and what it was told."""
    target = target_of(session, organisation_id, target_id)
    return target_page(request, pages, session, target, done=done if done in DONE else "")


@router.post("/{target_id}/settings")
def change(request: Request, pages: PagesDep, caller: CallerDep, typed: TypedDep, target_id: str) -> Response:
    """Tell a target something else, once it was tried; a secret that is left empty stays as it is."""
    db: Database = request.app.state.db
    with db.begin() as session:
        target = _administered(session, caller, target_id)
        kind = destinations.kind_of(target)
        if kind is None:
            return back(target, "")
        known = destinations.told(target, pages.settings)
    given = all_settings_in(kind, typed)
    try:
        filled = connections.read_anew(kind, known, given)
        wanted = destinations.changed(target, pages.settings, kind, filled, automatic="automatic" in typed)
        destinations.try_out(pages.settings, wanted)
        with db.begin() as session:
            target = target_of(session, caller.organisation_id, target_id)
            destinations.change(session, pages.settings, target, wanted)
    except (KoeError, ConnectorError) as error:
        wrong = wrongs_of(kind, error)
        with db.begin() as session:
            target = target_of(session, caller.organisation_id, target_id)
            return target_page(request, pages, session, target, status=422, typed=given, **wrong)
    return back(target, "told")


@router.post("/{target_id}/test")
def test(request: Request, pages: PagesDep, caller: CallerDep, target_id: str) -> Response:
    """Ask a target whether it can be written to, say what it answers, and try again what it refused."""
    db: Database = request.app.state.db
    with db.begin() as session:
        target = _administered(session, caller, target_id)
    checked, failed = "", ""
    try:
        checked = connecting(pages.settings)(target).check()
    except ConnectorError as refused:
        failed = str(refused)
    with db.begin() as session:
        if checked:
            deliver.note_that_works(
                session, caller.organisation_id, target_id, public_url=pages.settings.public_url
            )
        target = target_of(session, caller.organisation_id, target_id)
        return target_page(request, pages, session, target, checked=checked, failed=failed)


@router.post("/{target_id}/pause")
def pause(session: SessionDep, caller: CallerDep, target_id: str) -> Response:
    """Let a target rest."""
    target = _administered(session, caller, target_id)
    destinations.pause(target, now=datetime.now(UTC))
    return back(target, "paused")


@router.post("/{target_id}/resume")
def resume(session: SessionDep, caller: CallerDep, target_id: str) -> Response:
    """Let a target go on with what waits."""
    target = _administered(session, caller, target_id)
    destinations.resume(target)
    return back(target, "resumed")


@router.post("/{target_id}/rotate")
def rotate(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, target_id: str
) -> Response:
    """Make another secret that messages are signed with, and show it this once."""
    target = _administered(session, caller, target_id)
    fresh = destinations.rotate(pages.settings, target)
    return target_page(request, pages, session, target, signing=fresh, done="rotated")


@router.post("/{target_id}/finish")
def finish(pages: PagesDep, session: SessionDep, caller: CallerDep, target_id: str) -> Response:
    """Let messages be signed with the newest secret alone."""
    target = _administered(session, caller, target_id)
    destinations.finish(pages.settings, target)
    return back(target, "finished")


@router.post("/{target_id}/calls")
def show_calls(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, typed: TypedDep, target_id: str
) -> Response:
    """Let a target call, in the way that was chosen, and show the page with the secret in its place."""
    target = _administered(session, caller, target_id)
    senders.hear(Seal.of(pages.settings), target, typed.get("proof") or None)
    return target_page(request, pages, session, target, reveal=True)


@router.post("/{target_id}/calls-secret")
def change_calls(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, typed: TypedDep, target_id: str
) -> Response:
    """Take the secret that the system made, or make a new one and show it; the old one counts as well."""
    target = _administered(session, caller, target_id)
    given, seal = typed.get("secret", "").strip(), Seal.of(pages.settings)
    if senders.maker_of_secret(target):
        if not given:
            return target_page(request, pages, session, target, status=422, secret_missing=True)
        senders.rotate(seal, target, given)
        return back(target, "rotated")
    senders.rotate(seal, target)
    return target_page(request, pages, session, target, reveal=True, done="rotated")


@router.post("/{target_id}/calls-drop")
def drop_old(pages: PagesDep, session: SessionDep, caller: CallerDep, target_id: str) -> Response:
    """Let nothing but the newest secret of its calls count."""
    target = _administered(session, caller, target_id)
    senders.drop_old(Seal.of(pages.settings), target)
    return back(target, "dropped")


@router.post("/{target_id}/remove")
def remove(session: SessionDep, caller: CallerDep, typed: TypedDep, target_id: str) -> Response:
    """Deliver nothing to a target any more; it can be brought back."""
    target = _administered(session, caller, target_id)
    deliver.remove_target(session, target, give_up="give_up" in typed)
    return back(target, "removed")


@router.post("/{target_id}/restore")
def restore(session: SessionDep, caller: CallerDep, target_id: str) -> Response:
    """Bring a target back that was removed."""
    _administered(session, caller, target_id)
    return back(destinations.restore(session, caller.organisation_id, target_id), "restored")


@router.get("/{target_id}/{wish}")
def leadback(target_id: str, wish: str) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(link(f"{HERE}/{target_id}"), status_code=303)


def target_page(
    request: Request,
    pages: Pages,
    session: Session,
    target: Target,
    *,
    status: int = 200,
    reveal: bool = False,
    typed: Mapping[str, str] | None = None,
    **shown: object,
) -> Response:
    """Return the page of a target; what it was told, and secrets, are shown to administrators alone."""
    caller: Caller = request.state.caller
    t, kind = pages.language(request), destinations.kind_of(target)
    hints, seal = senders.hints_of(target.kind), Seal.of(pages.settings)
    administers = caller.may("admin")
    secrets, lost = _secrets(seal, target) if administers else ((), "")
    maker = senders.maker_of_secret(target)
    secret = secrets[0] if reveal and secrets and not maker else ""
    url = trying.address(
        address_of(pages.settings, request.url.port),
        target.id,
        proof=target.proof or "",
        secret=secret or "…",
        under="hooks",
    )
    try:
        signed_twice = administers and destinations.is_signed_twice(pages.settings, target)
    except Unavailable as error:
        signed_twice, lost = False, str(error)
    form = typed if typed is not None else destinations.told_openly(target) if administers else {}
    empty = ("done", "error", "at_fault", "checked", "failed", "signing")
    nothing: dict[str, object] = dict.fromkeys(empty, "")
    counts = delivery_repository.count_by_target(session, target.organisation_id).get(target.id, {})
    return pages.show(
        request,
        "target.html",
        status=status,
        target=target,
        port=TARGETS.get(target.kind),
        kind=kind,
        counts=counts,
        waiting=delivery_repository.waiting_of(counts),
        states=delivery_repository.STATES,
        now=datetime.now(UTC),
        hints=hints,
        url=url if target.proof else "",
        secret=secret,
        can_reveal=bool(secrets) and not maker and not secret,
        maker=maker,
        secret_known=target.sealed_secrets is not None,
        has_old=len(secrets) > 1,
        lost=lost,
        signed_twice=signed_twice,
        steps=[
            connections.step(words["ja" if t.lang == "ja" else "en"], url=url, secret=secret or "…")
            for words in (hints.guide if hints and target.proof else ())
        ],
        form=form,
        **{**nothing, "faults": {}, "secret_missing": False, **shown},
    )


def wrongs_of(kind: Kind, error: Exception) -> Mapping[str, Any]:
    """Return what a form says of what went wrong: a refusal beside the field that it is about."""
    return {**wrongs(error), "at_fault": destinations.faulty(kind, error)}


def _administered(session: Session, caller: Caller, target_id: str) -> Target:
    target = target_of(session, caller.organisation_id, target_id)
    must_administer(caller)
    return target


def _secrets(seal: Seal, target: Target) -> tuple[tuple[str, ...], str]:
    """Return the secrets of a target's calls, and why they cannot be had, if they cannot."""
    if target.proof is None or target.sealed_secrets is None:
        return (), ""
    try:
        return senders.secrets_of(seal, target), ""
    except Unavailable as error:
        return (), str(error)


def back(target: Target, done: str) -> Response:
    """Lead back to the top of a target's page."""
    return RedirectResponse(link(f"{HERE}/{target.id}", done=done) + "#content", status_code=303)
