"""What explains how much is heard in a period: level, growth, season, days off, releases, other themes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from service.rules.calendar import COUNTRIES, long_break, public_holiday
from service.rules.effects.series import WEEK, Vector

Matrix = npt.NDArray[np.float64]

YEAR = 365.25
HARMONICS = 2
"""Waves a year; what is shorter is taken for weather."""
YEAR_END = (12, 24), (1, 1)
"""Days on which little is heard where the holidays of the country are not known."""

LEVEL, GROWTH, SEASON, SHORT_SEASON = "level", "growth", "season", "short_season"
DAYS_OFF, WEEKDAY, CONTROL, BREAK = "days_off", "weekday", "control", "break"
RELEASE, OUTAGE, LATEST = "release", "outage", "latest"
HAPPENINGS = (RELEASE, OUTAGE)
"""What may lift all that is heard for some weeks, on days that are known."""
FADES = 0.5
"""Share of what a release or an outage brings that is left a week later."""
FADED = 4
"""Weeks after which nothing of it is."""
Happened = Mapping[str, Sequence[date]]
"""The days of each of `HAPPENINGS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns over periods, each of a group; a coefficient is a change of the logarithm of the rate."""

    values: Matrix
    """Periods × columns."""
    groups: tuple[str, ...]

    def beside(self, column: Vector, group: str) -> "Columns":
        """Return them with one more."""
        return Columns(values=np.column_stack([self.values, column]), groups=(*self.groups, group))

    def slice(self, start: int, end: int) -> "Columns":
        """Return some periods that follow one another."""
        return Columns(values=self.values[start:end], groups=self.groups)

    def rows(self, chosen: npt.NDArray[np.bool_]) -> Matrix:
        """Return the columns in some periods."""
        return self.values[chosen]


def columns_of(
    periods: Sequence[date], *, length: int, since: date, zone: str, happened: Happened
) -> Columns:
    """Return the columns for periods of so many days; growth is counted in years from `since`."""
    years = np.array([(period - since).days for period in periods]) / YEAR
    phase = 2 * np.pi * np.array([period.timetuple().tm_yday for period in periods]) / YEAR
    columns = [np.ones(len(periods)), years]
    groups = [LEVEL, GROWTH]
    for wave in range(1, HARMONICS + 1):
        columns += [np.sin(wave * phase), np.cos(wave * phase)]
        groups += [SEASON if wave == 1 else SHORT_SEASON] * 2
    for off in _days_off(periods, length, zone):
        if off.any():
            columns.append(off)
            groups.append(DAYS_OFF)
    for kind in HAPPENINGS:
        days = happened.get(kind, ())
        left = _left_of(days, periods, length)
        if left.any():
            columns.append(left)
            groups.append(kind)
        # Those before tell what one brings on the average; no two are alike.
        latest = _left_of([day for day in days if day >= since], periods, length)
        if latest.any():
            columns.append(latest)
            groups.append(LATEST)
    if length < WEEK:
        day_of_week = np.array([period.weekday() for period in periods])
        columns += [(day_of_week == number) - 1 / WEEK for number in range(WEEK - 1)]
        groups += [WEEKDAY] * (WEEK - 1)
    return Columns(values=np.column_stack(columns), groups=tuple(groups))


def _left_of(days: Sequence[date], periods: Sequence[date], length: int) -> Vector:
    """Return by period how much is left of what came on some days; two at a time bring no more than one."""
    found = np.zeros(len(periods))
    for place, period in enumerate(periods):
        ages = [(period - day).days for day in days]
        weeks = [max(age, 0) // WEEK for age in ages if -length < age < FADED * WEEK]
        found[place] = FADES ** min(weeks) if weeks else 0.0
    return found


def _days_off(periods: Sequence[date], length: int, zone: str) -> list[Vector]:
    """Return the share of each period's working days that are holidays, and that lie in a long break."""
    known = zone in COUNTRIES
    shares = np.zeros((2, len(periods)))
    for place, period in enumerate(periods):
        days = [period + timedelta(days=number) for number in range(length)]
        working = [day for day in days if day.weekday() < 5] or days
        for day in working:
            if long_break(day, zone) if known else _at_year_end(day):
                shares[1, place] += 1 / len(working)
            elif public_holiday(day, zone):
                shares[0, place] += 1 / len(working)
    return list(shares)


def _at_year_end(day: date) -> bool:
    here = (day.month, day.day)
    return here >= YEAR_END[0] or here <= YEAR_END[1]
