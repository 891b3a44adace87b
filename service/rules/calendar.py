"""What kind of day it is, and how much is usually heard on such a day.

The week's pattern is learnt. Public holidays come from the library `holidays`, for the country of the time
zone; Japan's long breaks (the New Year, Golden Week, Obon) are days of their own kind, for offices close then
whether or not a day of them is red in the calendar.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

import holidays

Break = Literal["new_year", "golden_week", "obon"]
Kind = Literal["ordinary", "holiday", "break"]

COUNTRIES = {"Asia/Tokyo": "JP", "Japan": "JP"}
"""Time zones whose public holidays are known here; elsewhere only the week's pattern is learnt."""
BREAKS: Sequence[tuple[Break, tuple[int, int], tuple[int, int]]] = (
    ("new_year", (12, 29), (12, 31)),
    ("new_year", (1, 1), (1, 3)),
    ("golden_week", (4, 29), (5, 5)),
    ("obon", (8, 13), (8, 16)),
)
"""Month and day of the first and the last day."""
BELIEF = 4.0
"""Until so many days of a kind were seen, it is half taken for a Sunday, and a weekday for any other day."""
LEAST = 0.05
"""No day is expected to be quieter than this share of an average one."""


@cache
def public_holiday(day: date, zone: str) -> bool:
    """Say whether a day is a public holiday in the country of a time zone."""
    country = COUNTRIES.get(zone)
    return country is not None and day in _holidays(country, day.year)


@cache
def _holidays(country: str, year: int) -> Mapping[date, str]:
    return holidays.country_holidays(country, years=year)


@cache
def long_break(day: date, zone: str) -> Break | None:
    """Return the long break that a day is in; None on all others, and outside Japan."""
    if COUNTRIES.get(zone) != "JP":
        return None
    here = (day.month, day.day)
    return next((name for name, first, last in BREAKS if first <= here <= last), None)


@cache
def kind_of(day: date, zone: str) -> Kind:
    """Return what kind of day it is."""
    if long_break(day, zone):
        return "break"
    return "holiday" if public_holiday(day, zone) else "ordinary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """How much is heard on each kind of day, an average day being 1."""

    zone: str
    weekday: tuple[float, ...]
    """Of ordinary days, Monday first."""
    off: Mapping[Kind, float]
    """Of holidays and of long breaks, whichever day of the week they are."""

    def factor(self, day: date) -> float:
        """Return what a day is worth."""
        kind = kind_of(day, self.zone)
        usual = self.weekday[day.weekday()]
        return usual if kind == "ordinary" else min(usual, self.off[kind])


def learn(volume: Mapping[date, int], *, zone: str) -> Season:
    """Learn the pattern from what was heard on each day; days without anything must be there as 0.

    Each weekday's factor is its mean over that of all days, drawn towards 1 as long as few were seen; a day
    off counts like a Sunday until enough of them were.
    """
    ordinary = {day: count for day, count in volume.items() if kind_of(day, zone) == "ordinary"}
    mean = sum(ordinary.values()) / len(ordinary) if ordinary else 0.0
    if not mean:
        return Season(zone=zone, weekday=(1.0,) * 7, off={"holiday": 1.0, "break": 1.0})
    weekday = tuple(
        _drawn([count / mean for day, count in ordinary.items() if day.weekday() == number], to=1.0)
        for number in range(7)
    )
    average = sum(weekday) / 7
    weekday = tuple(max(LEAST, factor / average) for factor in weekday)
    off: dict[Kind, float] = {}
    for kind in ("holiday", "break"):
        seen = [count / mean for day, count in volume.items() if kind_of(day, zone) == kind]
        off[kind] = max(LEAST, _drawn(seen, to=weekday[6]))
    return Season(zone=zone, weekday=weekday, off=off)


def _drawn(seen: Sequence[float], *, to: float) -> float:
    return (sum(seen) + BELIEF * to) / (len(seen) + BELIEF)
