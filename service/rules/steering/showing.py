"""What is shown of a measure: its number in a period, the one before, and the whole series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

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
    """Of the period that was asked for, else of the last whole one that has a number, or of the last one."""
    before: Entry | None
    """Of the period before, where both are whole and have a number."""
    series: Sequence[Entry]
    """Oldest first."""

    @property
    def change(self) -> float | None:
        """Return how much more it is than in the period before."""
        if self.before is None or self.now.reading.value is None or self.before.reading.value is None:
            return None
        return self.now.reading.value - self.before.reading.value


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
    newest = latest([each.reading for each in entries], [each.is_whole for each in entries])
    return len(entries) - 1 if newest is None else newest


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
