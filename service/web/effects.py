"""The pages of effects: what was done, and what came of it, drawn and in one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from connectors.files.encodings import clean
from service.errors import WrongUse
from service.models import Effect, Theme
from service.models.account import HAPPENINGS
from service.models.effect import INTERVENTION_KINDS, VERDICTS
from service.pipeline import intervene
from service.repositories import effects as effect_repository
from service.repositories import themes as theme_repository
from service.repositories.effects import WAITING, Done
from service.web.charts import Forecast, Point
from service.web.deps import SessionDep
from service.web.forms import Publication, read_publication
from service.web.language import Language
from service.web.page import PAGE_SIZE, CallerDep, OrganisationDep, Pages, PagesDep, link
from service.web.verdicts import effect_reasons, in_short, marks, told_effect
from service.web.weeks import axis, voices_link

router = APIRouter()

HERE = "/effects"
SHOWN_BEFORE = 52
"""Weeks before an intervention that are drawn."""
VERDICTS_SHOWN = (*VERDICTS, WAITING)
Short = Annotated[str, Form(max_length=200)]
Typed = Annotated[str, Form(max_length=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something that was done, as the list has it."""

    done: Done
    short: str
    weeks: Sequence[int]


@router.get(HERE)
def show_effects(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    verdict: Annotated[str, Query(max_length=20)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show what was done, and what came of it; `verdict` shows those with one only."""
    t = pages.language(request)
    chosen = verdict if verdict in VERDICTS_SHOWN else None
    counts = effect_repository.verdicts(session, organisation_id)
    shown = counts.get(chosen, 0) if chosen else sum(counts.values())
    found = effect_repository.done(
        session, organisation_id, verdict=chosen, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )
    return pages.show(
        request,
        "effects.html",
        rows=[
            Row(
                done=each,
                short=in_short(t, each.effect),
                weeks=[round(week["heard"]) for week in each.effect.course] if each.effect else [],
            )
            for each in found
        ],
        counts={name: counts.get(name, 0) for name in VERDICTS_SHOWN},
        total=sum(counts.values()),
        chosen=chosen,
        page=page,
        page_count=-(-shown // PAGE_SIZE),
    )


@router.get("/effects/{effect_id}")
def show_effect(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    effect_id: str,
    entered: str = "",
) -> Response:
    """Show what came of one intervention; `entered` says that it was just told."""
    done = effect_repository.one_done(session, organisation_id, effect_id)
    zone = pages.zone(request)
    happened = effect_repository.happened(session, organisation_id, HAPPENINGS, zone=zone)
    return _page(request, pages, done, happened, entered=bool(entered))


@router.post("/effects/restore")
def restore(
    session: SessionDep,
    caller: CallerDep,
    name: Typed = "",
    theme: Typed = "",
    kind: Short = "",
    at: Short = "",
    segment: Short = "",
) -> Response:
    """Put back what was just withdrawn, as its page has it."""
    moment = _moment(at)
    if not name or not theme or kind not in INTERVENTION_KINDS or moment is None:
        raise WrongUse("That is nothing that was withdrawn.")
    put_back = intervene.restore(
        session,
        caller.organisation_id,
        name=clean(name),
        theme=clean(theme),
        kind=kind,
        at=moment,
        segment=clean(segment) or None,
    )
    return RedirectResponse(link(f"/effects/{put_back.id}", entered="1"), status_code=303)


@router.post("/effects/{effect_id}/withdraw")
def withdraw(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, effect_id: str
) -> Response:
    """Take back that something was done; the page that follows can put it back."""
    done = effect_repository.one_done(session, caller.organisation_id, effect_id)
    gone = intervene.withdraw(session, caller.organisation_id, effect_id)
    return pages.show(request, "effect_gone.html", gone=gone, theme=done.theme)


@router.post("/themes/{theme_id}/done")
def enter(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    theme_id: str,
    kind: Short = "",
    day: Short = "",
    segment: Short = "",
) -> Response:
    """Say that something was done about a theme, so that it is measured."""
    theme = theme_repository.get_theme(session, caller.organisation_id, theme_id)
    zone = pages.zone(request)
    form = read_publication("", day, today=datetime.now(zone).date(), zone=zone)
    if form.since is None or kind not in INTERVENTION_KINDS:
        return done_form(request, pages, theme, form=form, kind=kind, segment=clean(segment))
    entered = intervene.enter(
        session, theme, kind=kind, at=form.since, segment=clean(segment).strip() or None
    )
    return RedirectResponse(link(f"/effects/{entered.id}", entered="1"), status_code=303)


def _moment(written: str) -> datetime | None:
    """Return the moment that a form holds; None for what is none."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


@router.get("/themes/{theme_id}/done")
def ask_what_was_done(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep, theme_id: str
) -> Response:
    """Ask what was done about a theme, and when."""
    theme = theme_repository.get_theme(session, organisation_id, theme_id)
    return done_form(request, pages, theme)


def done_form(
    request: Request,
    pages: Pages,
    theme: Theme,
    *,
    form: Publication | None = None,
    kind: str = "",
    segment: str = "",
) -> Response:
    """Return the form for what was done; one that was filled in wrongly is shown as it was filled in."""
    today = datetime.now(pages.zone(request)).date().isoformat()
    return pages.show(
        request,
        "effect_new.html",
        status=422 if form else 200,
        theme=theme,
        kinds=INTERVENTION_KINDS,
        kind=kind if kind in INTERVENTION_KINDS else INTERVENTION_KINDS[0],
        kind_error="form.kind_missing" if form and kind not in INTERVENTION_KINDS else "",
        day=form.day if form else today,
        day_error=form.day_error if form else "",
        segment=segment,
        today=today,
    )


def _page(
    request: Request, pages: Pages, done: Done, happened: Mapping[str, Sequence[date]], *, entered: bool
) -> Response:
    t = pages.language(request)
    intervention, theme, effect = done
    points = _points(t, theme, effect, intervention.segment) if theme and effect else []
    return pages.show(
        request,
        "effect.html",
        intervention=intervention,
        theme=theme,
        effect=effect,
        told=told_effect(t, theme, intervention, effect) if theme else Markup(""),
        reasons=effect_reasons(t, effect),
        points=points,
        marks=marks(t, [point.start for point in points], [intervention], happened),
        entered=entered,
        can_withdraw=intervention.suggestion_id is None,
        plain=t.change(effect.naive) if effect and effect.naive is not None else "",
    )


def _points(t: Language, theme: Theme, effect: Effect, segment: str | None) -> list[Point]:
    """Return the weeks of an effect that are drawn."""
    ahead = next((place for place, week in enumerate(effect.course) if week["low"] is not None), 0)
    shown = effect.course[max(0, ahead - SHOWN_BEFORE) :]
    found = []
    for place, week in enumerate(shown):
        start, heard = date.fromisoformat(week["period"]), round(week["heard"])
        expected = t.number(round(week["expected"], 1))
        known = week["low"] is None
        found.append(
            Point(
                start=start,
                count=heard,
                told=t("effect.week_told", day=t.day(start), n=heard, expected=expected),
                link=voices_link(theme, start, 1, contacts=True, segment=segment),
                tick=axis(t, start, first=not place),
                forecast=Forecast(
                    expected=week["expected"],
                    low=None if known else week["low"],
                    high=None if known else week["high"],
                ),
            )
        )
    return found
