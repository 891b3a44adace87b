"""What became of accounts that raised a theme, beside comparable ones that did not. Never called a cause.

Both were customers on one day, the landmark: who raised the theme had done so by then, and what is compared
came after it. So an account that stayed long, and had more time to raise things, is not taken for a faithful
one (immortal time). Comparable is what has the same plan, segment and size. Within each such group the share
of those that raised it and the share of the others are held against each other; groups are weighted as by
Mantel and Haenszel, and one with only one side says nothing.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.rules.intervals import Interval, of_difference

Measure = Literal["loss", "churn", "contraction", "renewal", "kept", "usage", "revenue"]
MEASURES: tuple[Measure, ...] = ("churn", "contraction", "renewal")
"""What is shown with a theme. `loss`, which counts in its worth, is churn or half a contraction; how much of
the others each account kept, whoever compares says."""
BIG_ENOUGH = 0.8
"""Of all accounts, so many have to stand in a group of two or more, or a coarser likeness is taken."""
THIRDS = 3
LIKENESSES = (
    ("plan", "segment", "size"),
    ("plan", "size"),
    ("segment", "size"),
    ("plan",),
    ("segment",),
    ("size",),
)
"""By what accounts are alike, from the finest on."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Standing(NamedTuple):
    """An account, and what became of it."""

    account_id: str
    plan: str | None = None
    segment: str | None = None
    revenue: Decimal | None = None
    """A year; None where it is unknown or cannot be (below zero)."""
    currency: str = ""
    started: date | None = None
    lost: Sequence[date] = ()
    """When it ended or left."""
    contracted: Sequence[date] = ()
    renewed: Sequence[date] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Of accounts that raised a theme and of comparable ones, how many met with something."""

    measure: Measure
    raised: int
    """Accounts that raised it, in groups with both sides."""
    raised_met: int
    others: int
    others_met: int
    share: float
    """Of those that raised it, each group weighted."""
    others_share: float
    difference: Interval
    weight: float
    """By which the difference is how many more there are than comparable ones let expect."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The accounts of an organisation that can be compared."""

    landmark: date
    accounts: Sequence[Standing]
    """Customers on the landmark, by their ids."""
    likeness: Sequence[str]
    """By what they are comparable; nothing where nothing is known to compare by."""
    groups: Ints
    """The number of each one's group."""
    met: Mapping[Measure, Floats]
    """1 where an account met with it, 0 where not; not a number where it could not."""

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Where each account stands."""
        return {account.account_id: place for place, account in enumerate(self.accounts)}

    @property
    def size(self) -> int:
        """Return how many groups there are."""
        return int(self.groups.max(initial=0)) + 1

    def alike(self, raised: Collection[str]) -> list[bool]:
        """Say of each account whether one of its group raised the theme and another did not."""
        mine = self._raised(raised)
        size = self.size
        both = (np.bincount(self.groups, mine, size) > 0) & (np.bincount(self.groups, ~mine, size) > 0)
        return [bool(each) for each in both[self.groups]]

    def _raised(self, raised: Collection[str]) -> NDArray[np.bool_]:
        mine = np.zeros(len(self.accounts), dtype=bool)
        mine[[self.place[name] for name in raised if name in self.place]] = True
        return mine

    def difference(self, raised: Collection[str], measure: Measure) -> Difference | None:
        """Hold accounts that raised a theme against those that did not; None where no group has both."""
        if not self.likeness:
            return None
        met, mine = self.met[measure], self._raised(raised)
        known = ~np.isnan(met)
        size = self.size

        def counted(chosen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
            groups = self.groups[chosen]
            ones = np.ones(len(groups))
            return _summed(groups, ones, size), _summed(groups, met[chosen], size)

        (n, a), (m, b) = counted(known & mine), counted(known & ~mine)
        both = (n > 0) & (m > 0)
        if not both.any():
            return None
        n, a, m, b = n[both], a[both], m[both], b[both]
        weights = n * m / (n + m)
        total = float(weights.sum())
        share, other = float(weights @ (a / n)) / total, float(weights @ (b / m)) / total
        return Difference(
            measure=measure,
            raised=int(n.sum()),
            raised_met=int(np.ceil(a).sum()) if measure == "loss" else round(float(a.sum())),
            others=int(m.sum()),
            others_met=int(np.ceil(b).sum()) if measure == "loss" else round(float(b.sum())),
            share=share,
            others_share=other,
            difference=of_difference(share, _effective(weights, n), other, _effective(weights, m)),
            weight=total,
        )


def _summed(groups: Ints, values: Floats, size: int) -> Floats:
    sums: Floats = np.bincount(groups, values, size).astype(np.float64)
    return sums


def _effective(weights: Floats, counts: Floats) -> float:
    """Return how many accounts a weighted share is as sure as (Kish)."""
    return float(weights.sum()) ** 2 / float((weights**2 / counts).sum())


def compare(
    accounts: Sequence[Standing],
    *,
    landmark: date,
    until: date,
    kept: Mapping[Measure, Mapping[str, float]] | None = None,
) -> Compared:
    """Return the accounts that were customers on the landmark, with what became of them up to a day.

    `kept` says further how much of something accounts kept, 0 to 1; one that it does not name is unknown.
    """
    held = sorted(
        (one for one in accounts if was_customer(one, landmark)), key=lambda account: account.account_id
    )
    likeness, groups = _grouped(held)

    def within(days: Sequence[date]) -> bool:
        return any(landmark < day <= until for day in days)

    churn = np.array([within(one.lost) for one in held], dtype=float)
    contraction = np.array([within(one.contracted) for one in held], dtype=float)
    renewal = np.array([within(one.renewed) for one in held], dtype=float)
    decided = (churn > 0) | (renewal > 0)
    return Compared(
        landmark=landmark,
        accounts=held,
        likeness=likeness,
        groups=groups,
        met={
            "loss": np.maximum(churn, contraction / 2),
            "churn": churn,
            "contraction": contraction,
            "renewal": np.where(decided, renewal * (1 - churn), np.nan),
            **{
                name: np.array([shares.get(one.account_id, np.nan) for one in held])
                for name, shares in (kept or {}).items()
            },
        },
    )


def was_customer(account: Standing, day: date) -> bool:
    """Say whether an account was a customer on a day; one whose beginning is unknown was so from ever."""
    return (account.started is None or account.started <= day) and all(lost > day for lost in account.lost)


def _grouped(accounts: Sequence[Standing]) -> tuple[Sequence[str], Ints]:
    """Return the finest likeness in which most accounts have company, and each one's group."""
    sizes = sizes_of(accounts)
    for likeness in LIKENESSES:
        if not all(any(_trait(one, name, sizes) for one in accounts) for name in likeness):
            continue
        keys = [tuple(_trait(one, name, sizes) for name in likeness) for one in accounts]
        counts = Counter(keys)
        if sum(counts[key] > 1 for key in keys) >= BIG_ENOUGH * len(keys):
            numbers = {key: number for number, key in enumerate(sorted(counts))}
            return likeness, np.array([numbers[key] for key in keys], dtype=np.int64)
    return (), np.zeros(len(accounts), dtype=np.int64)


def _trait(account: Standing, name: str, sizes: Mapping[str, float]) -> str:
    if name == "size":
        share = sizes.get(account.account_id)
        return "" if share is None else str(min(THIRDS - 1, int(share * THIRDS)))
    return (account.plan if name == "plan" else account.segment) or ""


def sizes_of(accounts: Sequence[Standing]) -> dict[str, float]:
    """Return which share of the accounts in the same currency each one's revenue exceeds, equals by halves.

    An account whose revenue is unknown is left out. No currency is turned into another.
    """
    by_currency: dict[str, list[Standing]] = {}
    for account in accounts:
        if account.revenue is not None:
            by_currency.setdefault(account.currency, []).append(account)
    found = {}
    for held in by_currency.values():
        amounts = np.array([float(account.revenue or 0) for account in held])
        ordered = np.sort(amounts)
        below, up_to = np.searchsorted(ordered, amounts, "left"), np.searchsorted(ordered, amounts, "right")
        for account, share in zip(held, (below + up_to) / (2 * len(held)), strict=True):
            found[account.account_id] = float(share)
    return found
