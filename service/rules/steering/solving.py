"""For which accounts a theme was solved: those that raised it, and not again after its solution."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from service.rules.comparing import Standing
from service.rules.steering.contacting import Active
from service.rules.steering.frame import OFTEN, Frame, Slices

LOOKS_BACK = timedelta(days=365)
"""What an account raised longer ago says nothing about it any more."""
GRAVE = 3
"""From this severity on (high, critical) something is at stake."""


class Raised(NamedTuple):
    """An account speaking of a theme on a day."""

    account_id: str
    theme_id: str
    day: date
    severity: int


class Solution(NamedTuple):
    """The day on which something changed about a theme, for all customers or for one segment."""

    theme_id: str
    day: date
    segment: str | None = None


class Change(NamedTuple):
    """Something that happened to an account, and how much."""

    day: date
    amount: Decimal | None


class Life(NamedTuple):
    """An account with what became of it."""

    standing: Standing
    slices: Slices
    signed: Sequence[date] = ()
    expanded: Sequence[Change] = ()
    contracted: Sequence[Change] = ()
    used: Sequence[Change] = ()
    """How much it used the product on a day."""

    @property
    def account_id(self) -> str:
        """Return its id."""
        return self.standing.account_id


class Solved(NamedTuple):
    """A theme that was solved for an account."""

    theme_id: str
    day: date
    """Of the solution."""
    severity: int
    """The gravest that the account said of it."""


class Stand(NamedTuple):
    """How an account stands to what it raised, on one day."""

    raised: frozenset[str]
    """The themes that it raised in the year before."""
    solved: Sequence[Solved]
    """Those of them that were solved for it, by the day of the solution."""
    gravest: int
    """The gravest that it said of any."""


class Voices:
    """Who raised what when, and what was solved when."""

    def __init__(self, raised: Iterable[Raised], solutions: Iterable[Solution]) -> None:
        said: dict[str, dict[str, list[tuple[date, int]]]] = defaultdict(lambda: defaultdict(list))
        for one in raised:
            said[one.account_id][one.theme_id].append((one.day, one.severity))
        self._said: Mapping[str, Mapping[str, Sequence[tuple[date, int]]]] = {
            account: {theme: sorted(days) for theme, days in themes.items()}
            for account, themes in said.items()
        }
        solved: dict[str, list[Solution]] = defaultdict(list)
        for solution in solutions:
            solved[solution.theme_id].append(solution)
        self._solutions = {
            theme: sorted(each, key=lambda one: (one.day, one.segment or ""))
            for theme, each in solved.items()
        }

    @property
    def is_anything_solved(self) -> bool:
        """Say whether any theme was."""
        return bool(self._solutions)

    def stand(self, life: Life, day: date) -> Stand:
        """Return how an account stands on a day.

        A theme is solved for it when something changed about it after the account last spoke of it, on that
        day or before. On the very day that it spoke is not after.
        """
        themes, found, gravest = [], [], 0
        for theme, said in self._said.get(life.account_id, {}).items():
            heard = said[bisect_left(said, (day - LOOKS_BACK, 0)) : bisect_right(said, (day, GRAVE * GRAVE))]
            if not heard:
                continue
            themes.append(theme)
            worst = max(severity for _, severity in heard)
            gravest = max(gravest, worst)
            solved = self._after(theme, heard[-1][0], day, life.standing.segment)
            if solved is not None:
                found.append(Solved(theme, solved, worst))
        return Stand(frozenset(themes), sorted(found, key=lambda one: (one.day, one.theme_id)), gravest)

    def _after(self, theme: str, spoke: date, day: date, segment: str | None) -> date | None:
        """Return the first solution after a day on which somebody spoke, up to another day."""
        for one in self._solutions.get(theme, ()):
            if spoke < one.day <= day and one.segment in (None, segment):
                return one.day
        return None


def under_contract(lives: Iterable[Life], around: Frame) -> Iterator[Active]:
    """Yield the accounts that were under contract in each month and week."""
    for life in lives:
        standing = life.standing
        for every in OFTEN:
            for period in around.periods[every]:
                began = standing.started is None or standing.started <= period.end
                if began and all(lost >= period.start for lost in standing.lost):
                    yield Active(every, period.start, life.account_id, life.slices)
