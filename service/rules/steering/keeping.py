"""What accounts kept whose themes were solved, beside comparable ones whose themes were not. Never a cause.

Held against each other are accounts that raised something in the year before the last day of a month: those
for which a theme was solved by then, and those for which none was. Both had something to complain of. What is
looked at lies in the three months after: whether they stayed, how much of their usage and of their revenue.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from service.rules.comparing import Measure, Standing, compare, was_customer
from service.rules.steering.frame import (
    EVERYBODY,
    MONTHLY,
    OF_ACCOUNTS,
    At,
    Frame,
    Period,
    Slices,
    dimension,
    first_of_next_month,
)
from service.rules.steering.reading import Reading, Series, series_of, unknown
from service.rules.steering.reckoning import share
from service.rules.steering.solving import Change, Life, Voices

AFTER = 3
"""Months that are looked at after the day, and before it for usage."""
DAY = timedelta(days=1)
GAP = timedelta(days=31)
"""A log of usage that begins or ends so near to a window covers it."""
Kept = Literal["retention", "usage_kept", "revenue_kept"]
KEPT: Mapping[Kept, Measure] = {"retention": "kept", "usage_kept": "usage", "revenue_kept": "revenue"}
SIDES = ("solved", "solved_kept", "others", "others_kept")


class Window(NamedTuple):
    """The day on which accounts are held against each other, and the days before and after."""

    before: date
    """The first day before."""
    landmark: date
    until: date


class Case(NamedTuple):
    """An account that is held against others, and how much it kept, 0 to 1; None where that is unknown."""

    account_id: str
    slices: Slices
    themes: Sequence[str]
    """Those that were solved for it; none where it is one of the others."""
    stayed: float
    usage: float | None
    revenue: float | None
    money: Decimal | None
    """Its revenue a year on the day."""
    currency: str

    def share(self, kept: Kept) -> float | None:
        """Return how much it kept of something."""
        return {"retention": self.stayed, "usage_kept": self.usage, "revenue_kept": self.revenue}[kept]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What accounts kept, with the accounts behind each month."""

    series: Mapping[Kept, Series]
    cases: Mapping[date, Sequence[Case]]
    """By the first day of the month."""


def window(period: Period) -> Window:
    """Return the days around the last day of a month."""
    return Window(
        before=first_of_next_month(period.end, 1 - AFTER),
        landmark=period.end,
        until=first_of_next_month(period.end, 1 + AFTER) - DAY,
    )


def keeping(lives: Sequence[Life], voices: Voices, around: Frame) -> Keeping:
    """Return what accounts kept, month by month. A month counts when the three after it are over."""
    log = Log.of(lives)
    cases: dict[date, list[Case]] = {}
    for period in around.periods["month"]:
        there = window(period)
        if there.until <= around.until:
            cases[period.start] = _cases(lives, voices, there, log)
    standings = {life.account_id: life.standing for life in lives}

    def series(kept: Kept) -> Series:
        return series_of(
            around,
            MONTHLY,
            lambda at: _reading(kept, at, cases.get(at.period.start), standings, voices, log),
        )

    return Keeping(series={kept: series(kept) for kept in KEPT}, cases=cases)


class Log(NamedTuple):
    """Of which days what is known of accounts."""

    used: tuple[date, date] | None
    happened: date | None
    """The first day on which something is known to have become of an account; None where nothing ever is."""
    told: date | None
    """The first day of which an event tells that an account signed, renewed, grew or shrank."""
    has_revenue: bool
    has_accounts: bool

    @classmethod
    def of(cls, lives: Sequence[Life]) -> "Log":
        """Return what is known of accounts."""
        used = [change.day for life in lives for change in life.used]
        told = [
            day
            for life in lives
            for day in (
                *life.signed,
                *life.standing.renewed,
                *life.standing.contracted,
                *(change.day for change in life.expanded),
            )
        ]
        happened = [*told, *(day for life in lives for day in life.standing.lost)]
        return cls(
            used=(min(used), max(used)) if used else None,
            happened=min(happened, default=None),
            told=min(told, default=None),
            has_revenue=any(life.standing.revenue is not None for life in lives),
            has_accounts=bool(lives),
        )

    def covers(self, there: Window) -> bool:
        """Say whether usage was given for the whole of a window."""
        return (
            self.used is not None and self.used[0] <= there.before + GAP and self.used[1] >= there.until - GAP
        )


def _cases(lives: Sequence[Life], voices: Voices, there: Window, log: Log) -> list[Case]:
    found = []
    for life in sorted(lives, key=lambda life: life.account_id):
        if not was_customer(life.standing, there.landmark):
            continue
        stand = voices.stand(life, there.landmark)
        if not stand.raised:
            continue
        lost = any(there.landmark < day <= there.until for day in life.standing.lost)
        money = revenue_on(life, there.landmark)
        found.append(
            Case(
                account_id=life.account_id,
                slices=life.slices,
                themes=[one.theme_id for one in stand.solved],
                stayed=0.0 if lost else 1.0,
                usage=_usage(life, there) if log.covers(there) else None,
                revenue=None if money is None else _revenue(life, there, money, lost=lost),
                money=money,
                currency=life.standing.currency,
            )
        )
    return found


def revenue_on(life: Life, day: date) -> Decimal | None:
    """Return an account's revenue a year on a day; None where it is unknown.

    Known is what it is worth now; what was added and taken away since is counted back.
    """
    now = life.standing.revenue
    since = [change for change in (*life.expanded, *life.contracted) if change.day > day]
    if now is None or any(change.amount is None for change in since):
        return None
    added, taken = _sum_after(life.expanded, day), _sum_after(life.contracted, day)
    then = now - added + taken
    return then if then > 0 else None


def _sum_after(changes: Sequence[Change], day: date) -> Decimal:
    return sum((change.amount or Decimal() for change in changes if change.day > day), Decimal())


def _revenue(life: Life, there: Window, money: Decimal, *, lost: bool) -> float:
    """Return which share of its revenue an account kept; what was added counts nothing."""
    if lost:
        return 0.0
    taken = sum(
        (c.amount or Decimal() for c in life.contracted if there.landmark < c.day <= there.until), Decimal()
    )
    return float(max(Decimal(), 1 - taken / money))


def _usage(life: Life, there: Window) -> float | None:
    """Return which share of its usage an account kept; None for one that did not use anything before."""
    before = math.fsum(_much(use) for use in life.used if there.before <= use.day <= there.landmark)
    after = math.fsum(_much(use) for use in life.used if there.landmark < use.day <= there.until)
    return min(1.0, after / before) if before > 0 else None


def _much(use: Change) -> float:
    return 1.0 if use.amount is None else max(0.0, float(use.amount))


def _reading(
    kept: Kept,
    at: At,
    cases: Sequence[Case] | None,
    standings: Mapping[str, Standing],
    voices: Voices,
    log: Log,
) -> Reading:
    there, name = window(at.period), at.name
    missing = _missing(kept, name, there, voices, log)
    if missing or cases is None:
        return unknown(missing or "waiting")
    ours = [case for case in cases if name == EVERYBODY or name in case.slices]
    known = [(case, each) for case in ours if (each := case.share(kept)) is not None]
    solved = [(case, each) for case, each in known if case.themes]
    left_out = len(ours) - len(known)
    found = share({case.account_id: (each, 1.0) for case, each in solved})
    if found is None:
        reason = "none_solved_for"
        if any(case.themes for case in ours):
            reason = "no_usage_then" if kept == "usage_kept" else "no_revenue_then"
        return unknown(reason, left_out=left_out)
    return Reading(
        value=found.value,
        low=found.low,
        high=found.high,
        numerator=found.met,
        denominator=found.of,
        left_out=left_out,
        facts=_beside(kept, known, there, standings),
    )


def _missing(kept: Kept, name: str, there: Window, voices: Voices, log: Log) -> str | None:
    """Return why a measure cannot be known in a month; None where it can."""
    if dimension(name) not in (EVERYBODY, *OF_ACCOUNTS):
        return "not_by_slice"
    if not log.has_accounts:
        return "no_accounts"
    if log.happened is None and kept != "usage_kept":
        return "no_outcomes"
    if kept == "usage_kept" and log.used is None:
        return "no_usage"
    if kept == "revenue_kept" and not log.has_revenue:
        return "no_revenue"
    if not voices.is_anything_solved:
        return "nothing_solved"
    if kept != "usage_kept" and log.happened is not None and log.happened > there.landmark + GAP:
        return "before_outcomes"
    return None


def _beside(
    kept: Kept,
    known: Sequence[tuple[Case, float]],
    there: Window,
    standings: Mapping[str, Standing],
) -> dict[str, Any]:
    """Return what those kept for whom nothing was solved, and the difference among comparable accounts."""
    measure = KEPT[kept]
    others = [each for case, each in known if not case.themes]
    facts: dict[str, Any] = {"others": len(others), "others_kept": math.fsum(others), "difference": None}
    if kept == "revenue_kept":
        facts["money"] = _money(known)
    compared = compare(
        [standings[case.account_id] for case, _ in known],
        landmark=there.landmark,
        until=there.until,
        kept={measure: {case.account_id: each for case, each in known}},
    )
    found = compared.difference([case.account_id for case, _ in known if case.themes], measure)
    if found is not None:
        facts["difference"] = {
            "value": found.difference.value,
            "low": found.difference.low,
            "high": found.difference.high,
            "solved": found.raised,
            "others": found.others,
            "likeness": list(compared.likeness),
        }
    return facts


def _money(known: Sequence[tuple[Case, float]]) -> dict[str, dict[str, float]]:
    """Return the revenue there was, and what was kept of it, by currency; none is turned into another."""
    sums: dict[str, dict[str, float]] = {}
    for case, each in known:
        side = sums.setdefault(
            case.currency, dict.fromkeys(("solved", "solved_kept", "others", "others_kept"), 0.0)
        )
        name = "solved" if case.themes else "others"
        side[name] += float(case.money or 0)
        side[f"{name}_kept"] += float(case.money or 0) * each
    return dict(sorted(sums.items()))
