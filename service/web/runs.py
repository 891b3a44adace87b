"""The pages of runs: what was run, what a preview would change, and the decision about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.models import Lineage, PreviewTheme, Run, Theme
from service.pipeline import preview
from service.repositories import corrections, previews
from service.repositories import figures as figure_repository
from service.repositories import runs as run_repository
from service.repositories import themes as theme_repository
from service.repositories.figures import ThemeFigures
from service.repositories.previews import Hanging
from service.rules.contacts import monday_of
from service.web.charts import Point
from service.web.deps import SessionDep
from service.web.items import Day
from service.web.language import Language
from service.web.page import PAGE_SIZE, CallerDep, OrganisationDep, PagesDep, link
from service.web.theme import point, shown_weeks

router = APIRouter(prefix="/runs")

SPARK_WEEKS = 26
SHOWN_VOICES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A theme as it is, or as it would be."""

    theme_id: str
    title: str
    lang: str | None
    address: str
    """The page that shows its voices; empty where there is none any more."""
    figures: ThemeFigures | None
    """None where nothing is counted: for themes of runs that were live before."""

    def weeks(self, *, reached_out: bool) -> list[int]:
        """Return its last weeks: contacts or, where nobody ever reached out, voices."""
        weekly = () if self.figures is None else shown(self.figures, reached_out=reached_out)
        return [count for _, count in weekly][-SPARK_WEEKS:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One event: the themes before it, and those after it."""

    was: Sequence[Side]
    becomes: Sequence[Side]
    overlap: float

    @property
    def other(self) -> bool:
        """True where a theme that goes on would hold other voices than it does."""
        return self.overlap < 1 or _voices(self.was) != _voices(self.becomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What leads to a theme that would end, and where it would lead then."""

    was: Side
    hanging: Hanging
    becomes: Side | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """How far a preview is behind."""

    behind: bool
    """True where themes have changed since it was made."""
    unread: int
    """Voices that it has not read."""


def shown(figures: ThemeFigures, *, reached_out: bool) -> Sequence[tuple[str, int]]:
    """Return a theme's weeks as they are counted here: contacts, or voices where nobody ever reached out."""
    return figures.weekly if reached_out else figures.weekly_items


def _voices(sides: Iterable[Side]) -> int:
    return sum(side.figures.items for side in sides if side.figures)


@router.get("")
def show_runs(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show every run, the newest first."""
    found = run_repository.list_runs(session, organisation_id)
    waiting = next((each for each in found if each.state == "preview"), None)
    return pages.show(
        request,
        "runs.html",
        any=bool(found),
        rows=found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        live=next((each for each in found if each.state == "live"), None),
        waiting=waiting,
        age=_age(session, waiting),
        page=page,
        page_count=-(-len(found) // PAGE_SIZE),
    )


@router.get("/{run_id}")
def show_run(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep, run_id: str
) -> Response:
    """Show what a run did to the themes, or what a preview would do."""
    run = run_repository.get_run(session, organisation_id, run_id)
    waits = run.state == "preview"
    zone = pages.zone(request)
    before = _living(session, organisation_id, zone) if waits else {}
    after = forecast(session, run, zone) if waits else {}
    reached_out = any(figures.contacts for figures in before.values())
    sides = _Sides(run, before, after, theme_repository.themes_by_id(session, organisation_id))
    told = previews.events(session, organisation_id, run_id)
    upper = [event for event in told if sides.is_upper(event)]
    changes = {name: [sides.change(each) for each in upper if each.event == name] for name in previews.EVENTS}
    return pages.show(
        request,
        "run.html",
        run=run,
        waits=waits,
        reached_out=reached_out,
        counts=previews.count_events(event.event for event in upper),
        below=previews.count_events(event.event for event in told if not sides.is_upper(event)),
        changes=changes,
        continued=sorted(
            changes["continue"], key=lambda each: (not each.other, each.overlap, -_voices(each.was))
        ),
        moves=_moves(session, organisation_id, upper, sides) if waits else [],
        age=_age(session, run if waits else None),
    )


def _age(session: Session, waiting: Run | None) -> Age:
    if waiting is None:
        return Age(behind=False, unread=0)
    unread = previews.unread(session, waiting.organisation_id, waiting)
    return Age(behind=preview.is_behind(session, waiting), unread=unread)


def _living(session: Session, organisation_id: str, zone: ZoneInfo) -> dict[str, ThemeFigures]:
    found = theme_repository.list_themes(session, organisation_id, zone=zone)
    return {figures.theme.id: figures for figures in found}


def forecast(session: Session, run: Run, zone: ZoneInfo) -> dict[str, ThemeFigures]:
    """Return the figures of the upper themes that a preview would make."""
    rows = previews.list_themes(session, run.organisation_id, run.id)
    given = corrections.given_titles(session, run.organisation_id)
    themes = {row.number: _as_theme(row, given) for row in rows if row.level == preview.UPPER}
    return figure_repository.count_groups(session, run.organisation_id, run.id, themes, zone=zone)


def _as_theme(row: PreviewTheme, given: Mapping[str, str]) -> Theme:
    """Return the theme that a preview would make, called as people called it, if they did (`given`).

    It is in no session, so nothing stores it.
    """
    return Theme(
        id=row.theme_id,
        organisation_id=row.organisation_id,
        title=given.get(row.theme_id, row.title),
        lang=row.lang,
        kind=row.kind,
        keywords=row.keywords,
    )


@dataclass(frozen=True, slots=True)
class _Sides:
    """Tells themes before and after a run."""

    run: Run
    before: Mapping[str, ThemeFigures]
    after: Mapping[str, ThemeFigures]
    known: Mapping[str, Theme]
    """Every theme that is or was, by id."""

    def is_upper(self, event: Lineage) -> bool:
        """Say whether an event is one of whole themes; an event's themes are all of one level."""
        ids = (*event.from_ids, *event.to_ids)
        return any(
            each in self.after or (each in self.known and self.known[each].parent_id is None) for each in ids
        )

    def change(self, event: Lineage) -> Change:
        """Return an event with the themes on both sides, those that stay first."""
        was = [self.was(theme_id) for theme_id in event.from_ids]
        becomes = [self.becomes(theme_id) for theme_id in event.to_ids]
        return Change(was=was, becomes=becomes, overlap=event.overlap)

    def was(self, theme_id: str) -> Side:
        """Return a theme as it is."""
        return self._known(theme_id, self.before.get(theme_id))

    def becomes(self, theme_id: str) -> Side:
        """Return a theme as it would be, or as it is where the run is no preview."""
        figures = self.after.get(theme_id)
        if figures is None:
            return self._known(theme_id, None)
        return Side(
            theme_id=theme_id,
            title=figures.theme.title,
            lang=figures.theme.lang,
            address=f"/runs/{self.run.id}/themes/{theme_id}",
            figures=figures,
        )

    def _known(self, theme_id: str, figures: ThemeFigures | None) -> Side:
        theme = self.known.get(theme_id)
        return Side(
            theme_id=theme_id,
            title=theme.title if theme else theme_id,
            lang=theme.lang if theme else None,
            address=f"/themes/{theme_id}" if theme else "",
            figures=figures,
        )


def _moves(session: Session, organisation_id: str, events: Sequence[Lineage], sides: _Sides) -> list[Move]:
    """Return what leads to themes that would end, each with the theme that it would lead to."""
    ending = {
        theme: event.to_ids[0] if event.to_ids else None
        for event in events
        for theme in event.from_ids
        if event.event in ("merge", "death") and theme not in sides.after
    }
    hanging = previews.hanging(session, organisation_id, list(ending))
    return [
        Move(was=sides.was(theme), hanging=each, becomes=sides.becomes(to) if (to := ending[theme]) else None)
        for theme, each in sorted(hanging.items())
    ]


@router.get("/{run_id}/themes/{forecast_id}")
def show_forecast(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    run_id: str,
    forecast_id: str,
    since: Day = None,
    until: Day = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show a theme that a preview would make: its weeks now and then, and its voices."""
    t, zone = pages.language(request), pages.zone(request)
    run = run_repository.get_run(session, organisation_id, run_id)
    row = previews.get_theme(session, organisation_id, run_id, forecast_id)
    theme = _as_theme(row, corrections.given_titles(session, organisation_id))
    then = figure_repository.count_groups(session, organisation_id, run_id, {row.number: theme}, zone=zone)[
        forecast_id
    ]
    now = _living(session, organisation_id, zone).get(forecast_id)
    voices, total = previews.voices(
        session,
        organisation_id,
        run_id,
        row.number,
        since=_start(since, zone),
        until=_start(until + timedelta(days=1), zone) if until else None,
        limit=SHOWN_VOICES,
        offset=(page - 1) * SHOWN_VOICES,
    )
    return pages.show(
        request,
        "forecast.html",
        run=run,
        theme=theme,
        then=then,
        now=now,
        now_points=[point(t, now, *week, first=not n) for n, week in enumerate(shown_weeks(now))]
        if now
        else [],
        then_points=_points(t, then, request.scope["path"]),
        since=since,
        until=until,
        voices=voices,
        total=total,
        page=page,
        page_count=-(-total // SHOWN_VOICES),
    )


def _start(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day else None


def _points(t: Language, figures: ThemeFigures, path: str) -> list[Point]:
    """Return the weeks of a theme that would be; each opens to the voices of that week in the preview."""
    found = []
    for number, (week, count) in enumerate(shown_weeks(figures)):
        start = monday_of(week)
        told = point(t, figures, week, count, first=not number)
        last = start + timedelta(days=6)
        address = link(path, since=start.isoformat(), until=last.isoformat()) + "#voices"
        found.append(Point(start=start, count=count, told=told.told, link=address, tick=told.tick))
    return found


@router.post("/{run_id}/accept")
def accept(request: Request, session: SessionDep, caller: CallerDep, run_id: str) -> Response:
    """Make a preview the live run, and let the worker do all that follows on themes."""
    preview.accept_at_once(session, caller.organisation_id, run_id, by=caller.name)
    request.app.state.ring(caller.organisation_id)
    return _to_run(run_id)


@router.post("/{run_id}/discard")
def discard(session: SessionDep, caller: CallerDep, run_id: str) -> Response:
    """Throw a preview away."""
    preview.discard(session, caller.organisation_id, run_id, by=caller.name)
    return _to_run(run_id)


@router.get("/{run_id}/{decision}")
def lead_back(run_id: str, decision: str) -> Response:  # noqa: ARG001  the address of a form
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(link(f"/runs/{run_id}"), status_code=303)


def _to_run(run_id: str) -> Response:
    return RedirectResponse(link(f"/runs/{run_id}") + "#decision", status_code=303)
