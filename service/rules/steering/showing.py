"""What is shown of a measure: its number in a period, the one before, and the whole series."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from service.errors import WrongUse
from service.rules.steering.catalogue import Measure, latest
from service.rules.steering.frame import DIMENSIONS, EVERYBODY, Every, Frame, Period
from service.rules.steering.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A measure in one period."""

    period: Period
    is_whole: bool
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A measure as it is shown."""

    measure: Measure
    now: Entry
    """Of the period that was asked for, else of the last whole one, if any with a number."""
    before: Entry | None
    """Of the period before, where both are whole and have a number."""
    series: Sequence[Entry]
    """Oldest first."""

    @property
    def verdict(self) -> Literal["better", "worse", "unclear"] | None:
        """Say whether it is clearly better than in the period before: beyond both intervals.

        None where nothing can be held against it, neither way is good, or it is no estimate.
        """
        better = self.measure.better
        if better is None or self.before is None or not _is_estimate(self.now):
            return None
        now, before = self.now.reading, self.before.reading
        if _low(now) > _high(before):
            return "better" if better == "up" else "worse"
        if _high(now) < _low(before):
            return "better" if better == "down" else "worse"
        return "unclear"


def _is_estimate(entry: Entry) -> bool:
    return entry.reading.low is not None or entry.reading.high is not None


def _low(reading: Reading) -> float:
    return -math.inf if reading.low is None else reading.low


def _high(reading: Reading) -> float:
    return math.inf if reading.high is None else reading.high


def reading_of(kept: Mapping[str, Any]) -> Reading:
    """Return a reading as it was kept."""
    return Reading(**{"value": None, **kept})


def shown(
    measure: Measure,
    kept: Sequence[Mapping[str, Any]],
    around: Frame,
    every: Every,
    *,
    on: date | None = None,
) -> Shown:
    """Return a measure as it is shown, of the period in which a day lies or the newest there is.

    Raises WrongUse for a day in none.
    """
    entries = [
        Entry(period=period, is_whole=around.is_whole(period), reading=reading_of(each))
        for period, each in zip(around.periods[every], kept, strict=True)
    ]
    place = _place(entries, around, every, on)
    now = entries[place]
    before = entries[place - 1] if place else None
    if before is None or not (_is_known(now) and _is_known(before)):
        before = None
    return Shown(measure=measure, now=now, before=before, series=entries)


def _place(entries: Sequence[Entry], around: Frame, every: Every, on: date | None) -> int:
    if on is not None:
        found = around.place(every, on)
        if found is None:
            first, last = entries[0].period.start, entries[-1].period.end
            raise WrongUse(f"Measures are told from {first} to {last}.")
        return found
    whole = [each.is_whole for each in entries]
    newest = latest([each.reading for each in entries], whole)
    if newest is not None:
        return newest
    return max((place for place, is_whole in enumerate(whole) if is_whole), default=len(entries) - 1)


def _is_known(entry: Entry) -> bool:
    return entry.is_whole and entry.reading.value is not None


def slice_named(**traits: str | None) -> str:
    """Return the slice with a trait, everybody without any. Raises WrongUse for more than one."""
    given = {name: value for name, value in traits.items() if value}
    if len(given) > 1:
        raise WrongUse(f"Choose one of {', '.join(DIMENSIONS)}: one at a time is told apart.")
    return next((f"{name}:{value}" for name, value in given.items()), EVERYBODY)


def month_named(written: str | None) -> date | None:
    """Return the first day of a month like 2026-05; None for none. Raises WrongUse."""
    if not written:
        return None
    try:
        return date.fromisoformat(f"{written}-01")
    except ValueError as error:
        raise WrongUse(f"“{written}” is no month; one is written like 2026-05.") from error
