"""The pages on which a target is added: which systems Koe knows, and what each must be told."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query, Request, Response

from connectors.errors import ConnectorError
from connectors.registry import TARGETS
from connectors.target_port import TargetKind
from service import connections, destinations
from service.access import senders
from service.access.caller import must_administer
from service.connections import Kind
from service.db import Database
from service.destinations import KINDS
from service.errors import KoeError, NotFound
from service.web.deps import TypedDep
from service.web.new_source import filled_in, found_in
from service.web.page import CallerDep, Pages, PagesDep
from service.web.sources import settings_in
from service.web.targets import back, target_page, wrongs_of

router = APIRouter(prefix="/targets/new")

CATEGORIES: tuple[TargetKind, ...] = get_args(TargetKind)


@router.get("")
def choose(request: Request, pages: PagesDep, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Show the kinds of target, those whose name or slug holds some words."""
    return pages.show(
        request,
        "new_target.html",
        q=q,
        total=len(KINDS),
        groups=found_in(KINDS, CATEGORIES, q),
        ports=TARGETS,
    )


@router.get("/{kind}")
def ask(request: Request, pages: PagesDep, kind: str) -> Response:
    """Show what a kind of target must be told."""
    return _form(request, pages, _kind(kind), typed={"name": kind})


@router.post("/{kind}")
def add(request: Request, pages: PagesDep, caller: CallerDep, typed: TypedDep, kind: str) -> Response:
    """Add a target, once it was tried; what is wrong stands beside the form, which keeps all but secrets."""
    wanted_kind = _kind(kind)
    must_administer(caller)
    db: Database = request.app.state.db
    name = typed.get("name", "").strip()
    name_wrong = senders.NAME.fullmatch(name) is None
    wrong: Mapping[str, Any] = {}
    try:
        filled = connections.read(wanted_kind, settings_in(typed))
        if not name_wrong:
            wanted = destinations.want(wanted_kind, name, filled, automatic="automatic" in typed)
            destinations.try_out(pages.settings, wanted)
            with db.begin() as session:
                target = destinations.add(session, pages.settings, caller.organisation_id, wanted)
                if wanted.signing is None:
                    return back(target, "added")
                return target_page(request, pages, session, target, signing=wanted.signing, done="added")
    except (KoeError, ConnectorError) as refused:
        wrong = wrongs_of(wanted_kind, refused)
    return _form(request, pages, wanted_kind, status=422, typed=typed, name_wrong=name_wrong, **wrong)


def _form(
    request: Request,
    pages: Pages,
    kind: Kind,
    *,
    typed: Mapping[str, str],
    status: int = 200,
    **shown: object,
) -> Response:
    return pages.show(
        request,
        "new_target_form.html",
        status=status,
        kind=kind,
        port=TARGETS[kind.slug],
        typed=typed,
        form=filled_in(kind, typed),
        **{"faults": {}, "error": "", "at_fault": "", "name_wrong": False, **shown},
    )


def _kind(slug: str) -> Kind:
    if slug not in KINDS:
        raise NotFound("There is no such kind of target.")
    return KINDS[slug]
