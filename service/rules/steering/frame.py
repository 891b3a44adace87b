"""The months, weeks and years in which something is measured, and of whom: everybody, or a slice of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

Every = Literal["month", "week", "year"]
MONTHS, WEEKS, YEARS = 25, 53, 2
"""How many are measured: two years of months, so that each of the last has its own month a year before."""
DAYS_OF_YEAR = 365
DIMENSIONS = ("segment", "plan", "area", "team")
"""By what voices are told apart."""
OF_ACCOUNTS = ("segment", "plan")
"""By what accounts are."""
OFTEN: tuple[Every, ...] = ("month", "week")
MONTHLY: tuple[Every, ...] = ("month",)
MOST_VALUES = 40
"""Values of a dimension that are measured by themselves, those with most voices."""
EVERYBODY = ""
Slices = tuple[str, ...]
"""To which slices something belongs, each like `plan:Standard`."""


class Period(NamedTuple):
    """A month, a week or a year, from its first to its last day."""

    every: Every
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Of when and of whom everything is measured."""

    first: date
    """The first day of which anything is known."""
    until: date
    """The last one."""
    periods: Mapping[Every, Sequence[Period]]
    """Oldest first."""
    slices: Sequence[str]
    """Everybody first."""

    def is_whole(self, period: Period) -> bool:
        """Say whether all days of a period are known."""
        return self.first <= period.start and period.end <= self.until

    def place(self, every: Every, day: date) -> int | None:
        """Return in which period a day lies; None for a day in none."""
        periods = self.periods[every]
        if not periods or not periods[0].start <= day <= periods[-1].end:
            return None
        start = periods[0].start
        if every == "month":
            return (day.year - start.year) * 12 + day.month - start.month
        return (day - start).days // (7 if every == "week" else DAYS_OF_YEAR)


def frame(*, first: date, until: date, slices: Iterable[str] = ()) -> Frame:
    """Return the frame of what is known from one day to another, without periods before the first day."""
    return Frame(
        first=first,
        until=until,
        periods={
            "month": [one for one in _months(until) if one.end >= first],
            "week": [one for one in _weeks(until) if one.end >= first],
            "year": [one for one in _years(until) if one.end >= first],
        },
        slices=(EVERYBODY, *slices),
    )


def first_of_next_month(day: date, months: int = 1) -> date:
    """Return the first day of a month so many after that of a day."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _months(until: date) -> list[Period]:
    starts = [first_of_next_month(until, -back) for back in range(MONTHS - 1, -1, -1)]
    return [Period("month", start, first_of_next_month(start) - timedelta(days=1)) for start in starts]


def _weeks(until: date) -> list[Period]:
    monday = until - timedelta(days=until.weekday())
    starts = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    return [Period("week", start, start + timedelta(days=6)) for start in starts]


def _years(until: date) -> list[Period]:
    """Return years that end with the last day, not with a December."""
    ends = [until - timedelta(days=back * DAYS_OF_YEAR) for back in range(YEARS - 1, -1, -1)]
    return [Period("year", end - timedelta(days=DAYS_OF_YEAR - 1), end) for end in ends]


def slices_of(
    *, segment: str | None = None, plan: str | None = None, area: str | None = None, team: str | None = None
) -> Slices:
    """Return the slices to which something with these traits belongs."""
    told = zip(DIMENSIONS, (segment, plan, area, team), strict=True)
    return tuple(f"{name}:{value}" for name, value in told if value)


def most_heard(counts: Mapping[str, int]) -> list[str]:
    """Return the slices that are measured by themselves: of each dimension those with most voices."""
    by_dimension: dict[str, list[str]] = defaultdict(list)
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        by_dimension[dimension(name)].append(name)
    return [name for each in DIMENSIONS for name in sorted(by_dimension[each][:MOST_VALUES])]


def dimension(slice_: str) -> str:
    """Return by what a slice is told apart; nothing for everybody."""
    return slice_.partition(":")[0]


class Case(NamedTuple):
    """One thing that is counted; a tuple, for there are hundreds of thousands."""

    day: date
    who: str
    """Whose it is: what one customer does hangs together."""
    slices: Slices
    value: float


class At(NamedTuple):
    """One place where something is measured: a slice, and a period with its number."""

    name: str
    place: int
    period: Period


class Groups:
    """Cases by slice and period."""

    def __init__(self, cases: Iterable[Case], around: Frame, *, periods: Sequence[Every]) -> None:
        self._found: dict[tuple[str, Every, int], list[Case]] = defaultdict(list)
        wanted = set(around.slices)
        for case in cases:
            names = [EVERYBODY, *(name for name in case.slices if name in wanted)]
            for every in periods:
                place = around.place(every, case.day)
                if place is not None:
                    for name in names:
                        self._found[name, every, place].append(case)

    def __getitem__(self, at: At) -> Sequence[Case]:
        """Return the cases of a slice in a period."""
        return self._found.get((at.name, at.period.every, at.place), ())

    def count(self, at: At) -> int:
        """Return how many there are."""
        return len(self[at])
