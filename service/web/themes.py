"""The page of all themes: what customers keep saying."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from service.models import Suggestion
from service.models.span import KINDS
from service.models.theme import STAGES
from service.repositories import overview
from service.repositories import pairs as pair_repository
from service.repositories import runs as run_repository
from service.repositories import suggestions as suggestion_repository
from service.repositories import targets as target_repository
from service.repositories import themes as theme_repository
from service.repositories import values as value_repository
from service.repositories.themes import ThemeFigures
from service.web.deps import SessionDep
from service.web.language import LANGUAGES
from service.web.page import PAGE_SIZE, OrganisationDep, PagesDep

router = APIRouter()

SORTS = ("worth", "contacts", "customers", "voices", "rising", "newest")
WEEKS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeRow:
    """A theme in the list; all themes' weeks end in the same one."""

    figures: ThemeFigures
    weeks: list[int]
    recent: int
    """In the last four weeks."""
    before: int
    """In the four weeks before these."""
    suggestion: Suggestion | None


@router.get("/themes")
def show_themes(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    kind: str = "",
    lang: str = "",
    stage: str = "",
    sort: Literal["worth", "contacts", "customers", "voices", "rising", "newest"] = "worth",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show what customers keep saying."""
    everything = theme_repository.upper_themes(session, organisation_id)
    chosen = [
        theme
        for theme in everything
        if kind in ("", theme.kind)
        and lang in ("", language_group(theme.lang))
        and stage in ("", theme.stage)
    ]
    ranks = value_repository.ranks(session, organisation_id)
    shown = slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)
    # What is kept in order needs no figures but those that are shown.
    is_kept = sort == "worth" and bool(ranks)
    listed = chosen
    if is_kept:
        listed = sorted(chosen, key=lambda theme: (ranks.get(theme.id, math.inf), theme.id))[shown]
    suggested = {s.theme_id: s for s in suggestion_repository.list_suggestions(session, organisation_id)}
    reached_out = overview.reached_out(session, organisation_id)
    figures = theme_repository.counted(session, organisation_id, listed, zone=pages.zone(request))
    rows = sorted(
        (theme_row(f, suggested.get(f.theme.id), reached_out=reached_out) for f in figures),
        key=lambda row: order(row, sort),
    )
    t = pages.language(request)
    stages = Counter(theme.stage for theme in everything)
    return pages.show(
        request,
        "themes.html",
        any=bool(everything),
        refusing=target_repository.refusing(session, organisation_id),
        total_themes=len(everything),
        share=overview.share(session, organisation_id),
        preview=run_repository.preview_run(session, organisation_id),
        ignored=theme_repository.ignored_themes(session, organisation_id),
        pairs=len(pair_repository.proposals(session, organisation_id)),
        rows=rows if is_kept else rows[shown],
        page=page,
        page_count=-(-len(chosen) // PAGE_SIZE),
        reached_out=reached_out,
        weighed=bool(ranks),
        stages=[(name, stages[name]) for name in STAGES],
        kinds=[(name, t(f"kind.{name}")) for name in KINDS],
        languages=[(name, t(f"language.{name}")) for name in (*LANGUAGES, "other")],
        sorts=SORTS,
        chosen={"kind": kind, "lang": lang, "stage": stage, "sort": sort},
    )


def language_group(lang: str) -> str:
    """Return `en`, `ja` or `other`."""
    return lang if lang in LANGUAGES else "other"


def theme_row(figures: ThemeFigures, suggestion: Suggestion | None, *, reached_out: bool) -> ThemeRow:
    """Return a theme with its last weeks: contacts, or, where nobody ever reached out, voices."""
    counts = [count for _, count in (figures.weekly if reached_out else figures.weekly_items)][-WEEKS:]
    weeks = [0] * (WEEKS - len(counts)) + counts
    return ThemeRow(
        figures=figures, weeks=weeks, recent=sum(weeks[-4:]), before=sum(weeks[-8:-4]), suggestion=suggestion
    )


def order(row: ThemeRow, sort: str) -> tuple[float, int, str]:
    """Return what a list is sorted by: most first, then by voices, then by id."""
    first = row.figures.first_seen
    value = row.figures.value
    figure = {
        "worth": -value.rank if value else -math.inf,
        "contacts": row.figures.contacts,
        "customers": row.figures.customers + row.figures.people / 1e9,
        "voices": row.figures.items,
        "rising": row.recent - row.before,
        "newest": first.timestamp() if first else 0,
    }[sort]
    return -figure, -row.figures.items, row.figures.theme.id
