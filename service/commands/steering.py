"""`koe measures`: the measures by which a company steers."""

from typing import Annotated

import typer

from service.arguments import read_settings
from service.commands.options import Json, opened
from service.console import Console
from service.pipeline import steered
from service.rules.steering.catalogue import Unit
from service.rules.steering.reading import REASONS
from service.rules.steering.showing import Entry, Shown, month_named, slice_named

UNTOLD = "unknown"


def measures(
    month: Annotated[
        str | None, typer.Option("--month", metavar="YYYY-MM", help="Of this month, else of the newest.")
    ] = None,
    segment: Annotated[str | None, typer.Option(help="Of this segment alone.")] = None,
    plan: Annotated[str | None, typer.Option(help="Of this plan alone.")] = None,
    area: Annotated[str | None, typer.Option(help="Of this product area alone.")] = None,
    team: Annotated[str | None, typer.Option(help="Of this team alone.")] = None,
    as_json: Json = False,
) -> None:
    """List the measures to steer by: each with its interval, the period before, and why it is not known."""
    console, settings = Console(json=as_json), read_settings()
    name, on = slice_named(segment=segment, plan=plan, area=area, team=team), month_named(month)
    with opened(console, settings) as db, db.begin() as session:
        board = steered.board(session, settings.organisation, name=name, month=on)
    rows = list(board.shown.values()) if board else []
    console.listing(
        ("measure", "period", "is", "between", "before", "of"),
        [_row(each) for each in rows],
        if_none="Nothing has been measured yet: koe run",
    )
    for one in rows:
        if one.now.reading.reason:
            console.say(f"{one.measure.name}: {REASONS[one.now.reading.reason]}")
    if board:
        console.say(f"Known from {board.first} to {board.until}. What each means: docs/measures.md")
    console.answer([steered.told(each) for each in rows])


def _row(one: Shown) -> tuple[str, ...]:
    reading, unit = one.now.reading, one.measure.unit
    between = ""
    if reading.low is not None or reading.high is not None:
        between = f"{written(reading.low, unit)} and {written(reading.high, unit)}"
    return (
        one.measure.name,
        period_of(one.now),
        written(reading.value, unit),
        between,
        written(one.before.reading.value, unit) if one.before else "",
        "" if reading.denominator is None else f"{reading.denominator:,.10g}",
    )


def period_of(entry: Entry) -> str:
    """Return a period as a command tells it; one that is not over is marked."""
    period = entry.period
    told = f"{period.start:%Y-%m}" if period.every == "month" else f"{period.start} to {period.end}"
    return told if entry.is_whole else f"{told} (not whole)"


def written(value: float | None, unit: Unit) -> str:
    """Return a number as a command tells it."""
    if value is None:
        return UNTOLD
    if unit == "share":
        return f"{value:.1%}"
    if unit == "hours":
        return f"{value:,.1f} h"
    return f"{value:,.2f}" if unit in ("rate", "contacts", "days") else f"{value:,.0f}"
