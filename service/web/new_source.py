"""The pages on which a source is added: which systems Koe knows, and what each must be told."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query, Request, Response

from connectors.errors import ConnectorError
from connectors.ports import Category
from service import connections
from service.access import senders
from service.access.caller import must_administer
from service.connections import KINDS, Kind, Wanted
from service.db import Database
from service.errors import KoeError, NotFound
from service.sealing import Seal
from service.web.deps import TypedDep
from service.web.page import CallerDep, Pages, PagesDep
from service.web.sources import back, day_in, settings_in, wrongs

router = APIRouter(prefix="/sources/new")

CATEGORIES: tuple[Category, ...] = get_args(Category)
HISTORIES = ("all", "since", "none")
"""How much of what is there already is brought in."""


@router.get("")
def choose(request: Request, pages: PagesDep, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Show the kinds of source, those whose name or slug holds some words."""
    return pages.show(
        request, "new_source.html", q=q, total=len(KINDS), groups=found_in(KINDS, CATEGORIES, q)
    )


@router.get("/{kind}")
def ask(request: Request, pages: PagesDep, kind: str) -> Response:
    """Show what a kind of source must be told."""
    return _form(request, pages, _kind(kind), typed={"name": kind, "history": "all"})


@router.post("/{kind}")
def add(request: Request, pages: PagesDep, caller: CallerDep, typed: TypedDep, kind: str) -> Response:
    """Add a source, once it was tried; what is wrong stands beside the form, which keeps all but secrets."""
    wanted_kind = _kind(kind)
    must_administer(caller)
    db: Database = request.app.state.db
    now, name, day = datetime.now(UTC), typed.get("name", "").strip(), typed.get("since", "").strip()
    since, history = day_in(day, pages.zone(request)), typed.get("history", "all")
    proof = typed.get("proof") or next(iter(wanted_kind.proofs), None)
    if proof is not None and proof not in wanted_kind.proofs:
        proof = wanted_kind.proofs[0]
    name_wrong, day_wrong = senders.NAME.fullmatch(name) is None, history == "since" and since is None
    wrong: Mapping[str, Any] = {}
    try:
        filled = connections.read(wanted_kind, settings_in(typed))
        if not name_wrong and not day_wrong:
            connections.try_out(pages.settings, db, caller.organisation_id, wanted_kind, filled)
            start = {"none": now, "since": since}.get(history)
            wanted = Wanted(kind=wanted_kind, name=name, filled=filled, proof=proof, since=start)
            with db.begin() as session:
                source = connections.add(
                    session, Seal.of(pages.settings), caller.organisation_id, wanted, now=now
                )
            return back(request, source, "added")
    except (KoeError, ConnectorError) as refused:
        wrong = wrongs(refused)
    return _form(
        request,
        pages,
        wanted_kind,
        status=422,
        typed=typed,
        name_wrong=name_wrong,
        day_wrong=day_wrong,
        **wrong,
    )


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
        "new_source_form.html",
        status=status,
        kind=kind,
        typed=typed,
        form=filled_in(kind, typed),
        histories=HISTORIES,
        **{"faults": {}, "error": "", "name_wrong": False, "day_wrong": False, **shown},
    )


def _kind(slug: str) -> Kind:
    if slug not in KINDS:
        raise NotFound("There is no such kind of source.")
    return KINDS[slug]


def found_in(
    kinds: Mapping[str, Kind], categories: Sequence[str], q: str
) -> Sequence[tuple[str, Sequence[Kind]]]:
    """Return the kinds whose name, slug or category holds some words, by category."""
    words = q.casefold().split()
    found = [kind for kind in kinds.values() if all(word in _searched(kind) for word in words)]
    groups = [(one, [kind for kind in found if kind.category == one]) for one in categories]
    return [group for group in groups if group[1]]


def filled_in(kind: Kind, typed: Mapping[str, str]) -> Mapping[str, str]:
    """Return what the settings of a kind hold in its form; before anything was typed, what is usual."""
    return settings_in(typed) or {one.name: one.default or "" for one in kind.settings}


def _searched(kind: Kind) -> str:
    """Return the words by which a kind is found."""
    return " ".join((kind.slug, *kind.title.values(), kind.category)).casefold()
