"""The measures as they were last reckoned, ready to be shown: to commands, programs and people alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlmodel import Session

from service.errors import NotFound
from service.repositories import steering
from service.repositories.steering import Behind as Kept
from service.rules.steering.catalogue import MEASURES
from service.rules.steering.deals import Deal, Decision
from service.rules.steering.frame import EVERYBODY, Every, Period, frame
from service.rules.steering.reading import REASONS
from service.rules.steering.showing import Entry, Shown, shown
from service.rules.steering.solving import Solved


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All measures of everybody, or of a slice."""

    slice: str
    first: date
    until: date
    """From which to which day anything was known."""
    later: int
    """Items dated after that."""
    slices: Sequence[str]
    """What else there is to look at."""
    months: Sequence[Period]
    """What can be looked at, oldest first."""
    shown: Mapping[str, Shown]
    """By the name of the measure, in the order of the catalogue."""


def board(
    session: Session,
    organisation_id: str,
    *,
    name: str = EVERYBODY,
    month: date | None = None,
    every: Every = "month",
) -> Board | None:
    """Return all measures, of a month or the newest they are known of; None where nothing was reckoned.

    `every` chooses months or weeks for those that are told in both; without a month, the three numbers are
    those of a year. Raises NotFound for a slice that is not measured, WrongUse for a month that is not.
    """
    kept = steering.series_of(session, organisation_id, name)
    slices = steering.slices(session, organisation_id)
    if not kept:
        if name and steering.series_of(session, organisation_id, EVERYBODY):
            raise NotFound(f"“{name}” is not measured by itself.")
        return None
    told = next(iter(kept.values()))
    around = frame(first=told.first, until=told.until)
    found: dict[str, Shown] = {}
    for measure in MEASURES:
        chosen: Every = every if every in measure.periods else "month"
        if month is None and "year" in measure.periods:
            chosen = "year"
        series = kept.get((measure.name, chosen))
        if series is None:
            continue
        one = shown(measure, series.readings, around, chosen, on=month)
        if chosen == "year":  # the number is that of a year, its course goes by months
            months = kept[measure.name, "month"].readings
            one = replace(one, series=shown(measure, months, around, "month").series)
        found[measure.name] = one
    return Board(
        slice=name,
        first=told.first,
        until=told.until,
        later=told.later,
        slices=slices,
        months=around.periods["month"],
        shown=found,
    )


def decision_of(case: Kept) -> Decision:
    """Return a decision of an account as it was kept."""
    facts = case.facts
    return Decision(
        deal=cast(Deal, case.kind),
        day=case.day,
        account_id=case.key,
        slices=tuple(case.slices),
        solved=[Solved(theme, date.fromisoformat(day), severity) for theme, day, severity in facts["solved"]],
        is_kept=facts["is_kept"],
        money=None if facts["money"] is None else Decimal(facts["money"]),
        currency=facts["currency"],
    )


def told(one: Shown, *, with_series: bool = True) -> dict[str, Any]:
    """Return a measure as programs read it."""
    before = one.before
    return {
        "measure": one.measure.name,
        "unit": one.measure.unit,
        "better": one.measure.better,
        **told_entry(one.now),
        "before": before and {"start": before.period.start.isoformat(), "value": before.reading.value},
        "series": [told_entry(each) for each in one.series] if with_series else [],
    }


def told_entry(entry: Entry) -> dict[str, Any]:
    """Return a measure in a period as programs read it."""
    reading, period = entry.reading, entry.period
    return {
        "every": period.every,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "whole": entry.is_whole,
        "value": reading.value,
        "low": reading.low,
        "high": reading.high,
        "numerator": reading.numerator,
        "denominator": reading.denominator,
        "reason": reading.reason,
        "why": REASONS[reading.reason] if reading.reason else None,
        "waiting": reading.waiting,
        "left_out": reading.left_out,
        "facts": dict(reading.facts),
    }
