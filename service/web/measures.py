"""The pages of the measures by which a company steers: all of them, and each with what stands behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup
from pydantic import BaseModel, Field
from sqlmodel import Session

from service.errors import NotFound
from service.models import Theme
from service.pipeline import steered
from service.pipeline.steered import Board
from service.repositories import accounts as account_repository
from service.repositories import behind, overview, steering
from service.repositories import themes as theme_repository
from service.repositories.behind import Wait
from service.rules.steering.catalogue import BY_NAME, QUARTER, Measure, Name
from service.rules.steering.deals import Decision, last_decisions
from service.rules.steering.frame import DIMENSIONS, Period
from service.rules.steering.showing import Entry, Shown, month_named
from service.web import curves
from service.web.deps import SessionDep
from service.web.language import Language
from service.web.measured import figure, figure_of, interval, money, named_period, told_of
from service.web.page import PAGE_SIZE, OrganisationDep, PagesDep, link

router = APIRouter(prefix="/measures")

GROUPS: tuple[tuple[str, tuple[Name, ...]], ...] = (
    ("asking", ("contact_rate", "repeat_rate", "customer_effort", "self_service")),
    ("helping", ("first_answer", "solution")),
    ("themes", ("answered_themes", "work")),
    ("keeping", ("retention", "usage_kept", "revenue_kept")),
)
DEALS: tuple[Name, ...] = ("first_deals_kept", "shrinkage_avoided", "growth_won")
SPARKED = 13
"""Periods of a small curve."""
KINDS: Mapping[str, str] = {
    "repeat_rate": "repeat",
    "customer_effort": "effort",
    "answered_themes": "theme",
    "work": "work",
    **dict.fromkeys(("retention", "usage_kept", "revenue_kept"), "account"),
    **{name: name for name in DEALS},
}
"""Of which cases each measure is made, where it is kept what stands behind it."""
LONGEST = 20
"""Waits, and looks, that are listed."""


class MeasureQuery(BaseModel):
    """Of when and of whom, as it stands in the address."""

    month: str = Field(default="", max_length=10)
    of: str = Field(default="", max_length=300)
    every: Literal["month", "week"] = "month"
    page: int = Field(default=1, ge=1, le=100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A measure in the list of all."""

    name: str
    period: str
    figure: str
    between: str
    told: str
    change: str
    verdict: str
    """`better`, `worse`, `unclear`, or empty where nothing can be held against it."""
    spark: Markup
    reason: str
    address: str
    """The measure's own page."""
    opens: str
    """What stands behind the number: on that page, or the voices themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Won:
    """One of the three numbers."""

    name: str
    period: str
    figure: str
    money: str
    told: str
    reason: str
    address: str


@router.get("")
def show_measures(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    query: Annotated[MeasureQuery, Query()],
) -> Response:
    """Show every measure, in a month or the newest it is known of."""
    t = pages.language(request)
    board = steered.board(
        session, organisation_id, name=query.of, month=month_named(query.month), every=query.every
    )
    if board is None:
        heard = overview.share(session, organisation_id).with_content > 0
        return pages.show(request, "measures.html", board=None, heard=heard)
    verdicts = [one.verdict for one in board.shown.values() if one.verdict]
    return pages.show(
        request,
        "measures.html",
        board=board,
        groups=[(group, [_line(t, board.shown[name], query) for name in names]) for group, names in GROUPS],
        won=[_won(t, board.shown[name], query) for name in DEALS],
        compared=len(verdicts),
        better=verdicts.count("better"),
        worse=verdicts.count("worse"),
        **_choices(t, board, query),
    )


@router.get("/{measure}")
def show_measure(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    measure: str,
    query: Annotated[MeasureQuery, Query()],
) -> Response:
    """Show one measure with its series, and the voices, themes or accounts behind it."""
    if measure not in BY_NAME:
        raise NotFound(f"There is no measure {measure[:40]}.")
    t = pages.language(request)
    board = steered.board(
        session, organisation_id, name=query.of, month=month_named(query.month), every=query.every
    )
    if board is None:
        heard = overview.share(session, organisation_id).with_content > 0
        return pages.show(request, "measures.html", board=None, heard=heard)
    one = board.shown[measure]
    return pages.show(
        request,
        "measure.html",
        one=one,
        line=_line(t, one, query),
        told=told_of(t, one.measure, one.now.reading),
        entries=[_entry(t, one.measure, entry, query) for entry in reversed(one.series)],
        curve=_curve(t, one, query),
        day_of=date.fromisoformat,
        over=board.until - timedelta(days=QUARTER),
        behind=_behind(session, organisation_id, t, one, query),
        **_choices(t, board, query),
    )


def _choices(t: Language, board: Board, query: MeasureQuery) -> dict[str, Any]:
    """Return what the filters offer."""
    months = board.months
    return {
        "chosen": query,
        "until": board.until,
        "later": board.later,
        "months": [(f"{month.start:%Y-%m}", t.whole_month(month.start)) for month in reversed(months)],
        "whose": [
            (name, t("measures.one_of", trait=t(f"measures.by_{trait}"), value=value))
            for trait in DIMENSIONS
            for name in board.slices
            for at, _, value in [name.partition(":")]
            if at == trait
        ],
    }


def _address(name: str, query: MeasureQuery, *, period: Period | None = None) -> str:
    """Return where a measure opens, of the same voices, and of a month if one is meant."""
    month = f"{period.start:%Y-%m}" if period is not None and period.every == "month" else query.month
    every = "" if query.every == "month" else query.every
    return link(f"/measures/{name}", month=month, of=query.of, every=every)


def _line(t: Language, one: Shown, query: MeasureQuery) -> Line:
    reading, measure = one.now.reading, one.measure
    change = ""
    if one.before is not None and one.before.reading.value is not None:
        change = t("measures.before", figure=figure_of(t, measure, one.before.reading))
    return Line(
        name=measure.name,
        period=named_period(t, one.now.period, is_whole=one.now.is_whole),
        figure=figure_of(t, measure, reading),
        between=interval(t, measure.unit, reading),
        told=told_of(t, measure, reading),
        change=change,
        verdict=one.verdict or "",
        spark=curves.small(
            [entry.reading.value if entry.is_whole else None for entry in one.series[-SPARKED:]]
        ),
        reason=t(f"measures.reason_{reading.reason}") if reading.reason else "",
        address=_address(measure.name, query),
        opens=_voices(one.now.period, query)
        if measure.name == "contact_rate"
        else _address(measure.name, query) + "#behind",
    )


def _won(t: Language, one: Shown, query: MeasureQuery) -> Won:
    reading = one.now.reading
    return Won(
        name=one.measure.name,
        period=named_period(t, one.now.period, is_whole=one.now.is_whole),
        figure=figure_of(t, one.measure, reading),
        money=money(t, reading.facts) if reading.value else "",
        told=told_of(t, one.measure, reading),
        reason=t(f"measures.reason_{reading.reason}") if reading.reason else "",
        address=_address(one.measure.name, query) + "#behind",
    )


def _entry(t: Language, measure: Measure, entry: Entry, query: MeasureQuery) -> dict[str, str]:
    reading = entry.reading
    return {
        "period": named_period(t, entry.period, is_whole=entry.is_whole),
        "figure": figure_of(t, measure, reading),
        "between": interval(t, measure.unit, reading),
        "told": told_of(t, measure, reading),
        "money": money(t, reading.facts) if measure.unit == "accounts" and reading.value else "",
        "reason": t(f"measures.reason_{reading.reason}") if reading.reason else "",
        "waiting": t.number(reading.waiting) if reading.waiting else "",
        "left_out": t.number(reading.left_out) if reading.left_out else "",
        "address": _entry_address(measure, entry, query),
    }


def _entry_address(measure: Measure, entry: Entry, query: MeasureQuery) -> str:
    """Return where a number of the series opens: of a month this page, of a week the voices themselves."""
    if entry.period.every == "week":
        return _voices(entry.period, query)
    return _address(measure.name, query, period=entry.period) + "#behind"


def _voices(period: Period, query: MeasureQuery) -> str:
    """Return the address of the voices by which customers reached out in a period."""
    return link(
        "/items", only="counted", channel="contact", since=period.start, until=period.end, of=query.of
    )


def _curve(t: Language, one: Shown, query: MeasureQuery) -> Markup:
    unit = one.measure.unit
    moments = [
        curves.Moment(
            value=entry.reading.value if entry.is_whole else None,
            low=entry.reading.low if entry.is_whole else None,
            high=entry.reading.high if entry.is_whole else None,
            told=t(
                "measures.point",
                period=named_period(t, entry.period, is_whole=entry.is_whole),
                figure=figure_of(t, one.measure, entry.reading) or t("measures.unknown"),
            ),
            link=_entry_address(one.measure, entry, query),
            tick=t.short_day(entry.period.start)
            if entry.period.every == "week"
            else t.month(entry.period.start),
        )
        for entry in one.series
    ]
    title = t(f"measures.name_{one.measure.name}")
    return curves.curve(moments, shown=lambda value: figure(t, unit, value, is_short=True), title=title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What stands behind a number."""

    kind: str
    rows: Sequence[Any]
    page_count: int
    voices: str
    """Where the voices are listed; empty where accounts or themes stand behind it."""
    themes: dict[str, Theme]
    accounts: dict[str, str]


def _behind(session: Session, organisation_id: str, t: Language, one: Shown, query: MeasureQuery) -> Behind:
    period = one.now.period
    kind, rows = _rows(session, organisation_id, t, one, query)
    start = (query.page - 1) * PAGE_SIZE
    listed = rows[start : start + PAGE_SIZE]
    ids = {theme for row in listed for theme in _themes_of(row)}
    return Behind(
        kind=kind,
        rows=listed,
        page_count=-(-len(rows) // PAGE_SIZE),
        voices=_voices(period, query) if one.measure.opens == "voices" else "",
        themes=theme_repository.named(session, organisation_id, sorted(ids)),
        accounts=account_repository.names(session, organisation_id, _accounts_of(kind, listed)),
    )


def _rows(
    session: Session, organisation_id: str, t: Language, one: Shown, query: MeasureQuery
) -> tuple[str, Sequence[Any]]:
    """Return of which kind what stands behind a number is, and all of it."""
    period, name = one.now.period, one.measure.name
    if name in KINDS:
        found = steering.cases(
            session, organisation_id, KINDS[name], since=period.start, until=period.end, slice_=query.of
        )
        return ("deal", _decided(found)) if name in DEALS else (KINDS[name], _sorted(name, found))
    since, until = _moments(t, period)
    if name == "self_service":
        return "looks", behind.newest_looks(
            session, organisation_id, since, until, slice_=query.of, zone=t.zone.key, limit=LONGEST
        )
    if name == "contact_rate":
        return "voices", []
    waits = behind.longest_waits(
        session,
        organisation_id,
        since,
        until,
        slice_=query.of,
        until_solved=name == "solution",
        limit=LONGEST,
    )
    return "waits", [_wait(t, each) for each in waits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """An item in a list of those that waited."""

    item_id: str
    text: str
    lang: str | None
    created_at: datetime
    answered: str
    solved: str


def _wait(t: Language, wait: Wait) -> Waited:
    def after(moment: datetime | None) -> str:
        if moment is None:
            return ""
        return figure(t, "hours", (moment - wait.created_at).total_seconds() / 3600)

    return Waited(
        item_id=wait.item_id,
        text=" ".join((wait.text or "").split()),
        lang=wait.lang,
        created_at=wait.created_at,
        answered=after(wait.answered_at),
        solved=after(wait.solved_at),
    )


def _moments(t: Language, period: Period) -> tuple[datetime, datetime]:
    """Return when a period begins and when the next one does."""
    return (
        datetime.combine(period.start, time(), t.zone),
        datetime.combine(period.end + timedelta(days=1), time(), t.zone),
    )


def _sorted(name: str, cases: Sequence[steering.Behind]) -> list[steering.Behind]:
    """Return those that want attention first."""
    if name in ("retention", "usage_kept", "revenue_kept"):
        known = [one for one in cases if one.facts[name] is not None]
        return sorted(known, key=lambda one: (not one.facts["themes"], one.facts[name], one.key))
    if name == "answered_themes":
        return sorted(cases, key=lambda one: (one.facts["answered"] is not None, one.day, one.key))
    return list(cases)


def _decided(cases: Sequence[steering.Behind]) -> list[Any]:
    """Return each account once, as its last decision was: those that are counted first, then the others."""
    found = last_decisions(steered.decision_of(one) for one in cases)
    return sorted(found, key=lambda one: (not one.solved, not one.is_kept, one.account_id))


def _accounts_of(kind: str, rows: Sequence[Any]) -> list[str]:
    if kind == "account":
        return [row.key for row in rows]
    return [row.account_id for row in rows] if kind == "deal" else []


def _themes_of(row: object) -> list[str]:
    if isinstance(row, steering.Behind):
        if row.kind in ("theme", "work"):
            return [row.key]
        told = row.facts.get("themes") or [row.facts.get("theme")]
        return [theme for theme in told if theme]
    return [solved.theme_id for solved in row.solved] if isinstance(row, Decision) else []
