"""The contacts of themes, period by period: what is measured.

A period is a day or a week. One that is missing was not observed: it is no zero, and nothing is assumed of
it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

DAY, WEEK = 1, 7
FEW_GAPS = 3
"""Gaps between periods, below which they may be days that happen to lie apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How many contacts about one theme there were in one period."""

    period: date
    """Its first day."""
    contacts: float
    exposure: float | None = None
    """Active customers; None where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The contacts of one theme, by period in the order of time; arrays of one length."""

    theme: str
    periods: tuple[date, ...]
    contacts: Vector
    exposure: Vector | None
    """Active customers of each period; None where not all are known."""
    unknown: int
    """Periods of which they are not known, where they are of others."""
    length: int
    """Days of a period."""

    def own_period(self, day: date) -> float:
        """Return the time of the period in which a day lies, whether that was observed or not."""
        whole = (day - self.periods[0]).days // self.length
        return time_of(self.periods[0] + timedelta(days=whole * self.length), self.length)

    @property
    def relative_exposure(self) -> Vector | None:
        """Return the exposure as a share of what it is on the average; None where it is not known."""
        return None if self.exposure is None else self.exposure / self.exposure.mean()

    @property
    def times(self) -> Vector:
        """Return when each period begins, in periods since a fixed Monday, so that all series share them."""
        return np.array([time_of(period, self.length) for period in self.periods])


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """Why a theme's rows are no series: a code, and the period it is about."""

    code: str
    period: date


MONDAY = date(2001, 1, 1)
"""From which time is counted."""


def time_of(day: date, length: int) -> float:
    """Return a day as a time in periods of so many days."""
    return (day - MONDAY).days / length


def day_of(time: float, length: int) -> date:
    """Return the day on which a period begins."""
    return MONDAY + timedelta(days=round(time * length))


def period_length(periods: Iterable[date]) -> int:
    """Return how many days a period has: 7 where all lie whole weeks apart, else 1."""
    ordinals = sorted({period.toordinal() for period in periods})
    gaps = {later - earlier for earlier, later in pairwise(ordinals)}
    return WEEK if gaps and all(gap % WEEK == 0 for gap in gaps) else DAY


def series_of(theme: str, heard: Sequence[Heard], *, length: int) -> Series | Unfit:
    """Return the rows of a theme as a series, or why they are none.

    Contacts are counted: there is no negative one, no half one, and none is said twice. Periods that are no
    weeks are days, of which two follow one another somewhere; months have no length of their own.
    """
    rows = sorted(heard, key=lambda row: row.period)
    apart = [(later.period - earlier.period).days for earlier, later in pairwise(rows)]
    if length == DAY and len(apart) >= FEW_GAPS and min(apart) > DAY:
        return Unfit(code="neither_days_nor_weeks", period=rows[0].period)
    for number, row in enumerate(rows):
        if number and rows[number - 1].period == row.period:
            return Unfit(code="period_twice", period=row.period)
        if row.contacts < 0:
            return Unfit(code="negative_contacts", period=row.period)
        if row.contacts != int(row.contacts):
            return Unfit(code="fractional_contacts", period=row.period)
        if row.exposure is not None and row.exposure <= 0:
            return Unfit(code="no_exposure", period=row.period)
    known = [row.exposure for row in rows if row.exposure is not None]
    return Series(
        theme=theme,
        periods=tuple(row.period for row in rows),
        contacts=np.array([row.contacts for row in rows], float),
        exposure=np.array(known) if rows and len(known) == len(rows) else None,
        unknown=len(rows) - len(known) if known else 0,
        length=length,
    )


def all_series(rows: Mapping[str, Sequence[Heard]]) -> tuple[dict[str, Series], dict[str, Unfit]]:
    """Return the series of each theme, by its name, and of the others why they are none."""
    common = period_length(row.period for theme in rows.values() for row in theme)
    fit: dict[str, Series] = {}
    unfit: dict[str, Unfit] = {}
    for theme in sorted(rows):
        periods = {row.period for row in rows[theme]}
        # One theme told by days makes no days of another one's weeks.
        length = period_length(periods) if len(periods) > 1 else common
        found = series_of(theme, rows[theme], length=length)
        if isinstance(found, Series):
            fit[theme] = found
        else:
            unfit[theme] = found
    return fit, unfit
