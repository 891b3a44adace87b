"""First deals kept, shrinkage avoided, growth won: three numbers of accounts for which a theme was solved.

After, not because. Each counts accounts that can be named, and no money that did not come.

- A decision is a renewal or a loss. One that was kept is a renewal since which the account has not left.
- Solved is a theme that the account raised in the year before, and not again after its solution.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from service.rules.intervals import of_difference
from service.rules.steering.frame import EVERYBODY, OF_ACCOUNTS, At, Every, Frame, Slices, dimension
from service.rules.steering.keeping import DAY, Log, revenue_on
from service.rules.steering.reading import Reading, Series, series_of, unknown
from service.rules.steering.solving import GRAVE, Life, Solved, Voices

Deal = Literal["first_deals_kept", "shrinkage_avoided", "growth_won"]
DEALS: tuple[Deal, ...] = ("first_deals_kept", "shrinkage_avoided", "growth_won")
DEALT: tuple[Every, ...] = ("month", "year")
GROWS_WITHIN = timedelta(days=180)
"""An expansion later than this after a solution is not counted with it."""


AROUND = timedelta(days=90)
"""An account that shrank so shortly before a decision, or since, did shrink."""


class Decision(NamedTuple):
    """An account that decided, or grew."""

    deal: Deal
    day: date
    account_id: str
    slices: Slices
    solved: Sequence[Solved]
    """The themes that were solved for it by then, which count here; none where it is one of the others."""
    is_kept: bool
    money: Decimal | None
    """A year's revenue that was kept, or what it grew by; None where it is unknown."""
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deals:
    """The three numbers, with the accounts behind them."""

    series: Mapping[Deal, Series]
    cases: Sequence[Decision]


def deals(lives: Sequence[Life], voices: Voices, around: Frame) -> Deals:
    """Return the three numbers by month and year, each account once a period, as its last decision was."""
    log = Log.of(lives)
    found = [
        one
        for life in sorted(lives, key=lambda life: life.account_id)
        for one in (*_decisions(life, voices, around.until, log), *_growth(life, voices, around.until))
    ]
    told = {
        deal: "no_accounts"
        if not log.has_accounts
        else "no_growth"
        if deal == "growth_won" and not any(life.expanded for life in lives)
        else "no_renewals"
        if deal != "growth_won" and not any(life.standing.renewed for life in lives)
        else None
        if voices.is_anything_solved
        else "nothing_solved"
        for deal in DEALS
    }

    def series(deal: Deal) -> Series:
        ours = [one for one in found if one.deal == deal]
        return _series(ours, around, told[deal], log, is_growth=deal == "growth_won")

    return Deals(series={deal: series(deal) for deal in DEALS}, cases=found)


def _decisions(life: Life, voices: Voices, until: date, log: Log) -> Iterator[Decision]:
    """Yield the decisions of an account that had raised something by then."""
    standing = life.standing
    days = sorted([*((day, True) for day in standing.renewed), *((day, False) for day in standing.lost)])
    renewed = has_left = False
    for day, stayed in days:
        if day > until or (has_left and not stayed):
            continue
        is_first = not renewed and _is_its_beginning_known(life, log)
        renewed, has_left = renewed or stayed, not stayed
        stand = voices.stand(life, day - DAY)
        if not stand.raised or not (is_first or stand.gravest >= GRAVE):
            continue
        left = any(day <= each <= until for each in standing.lost)
        shrank = any(day - AROUND <= change.day <= until for change in life.contracted)
        yield Decision(
            deal="first_deals_kept" if is_first else "shrinkage_avoided",
            day=day,
            account_id=life.account_id,
            slices=life.slices,
            solved=[one for one in stand.solved if is_first or one.severity >= GRAVE],
            is_kept=stayed and not left and (is_first or not shrank),
            money=revenue_on(life, day),
            currency=standing.currency,
        )


def _is_its_beginning_known(life: Life, log: Log) -> bool:
    """Say whether an account began when it was told already what becomes of accounts.

    Of an older one nobody knows whether a first renewal that was told is the first there was.
    """
    started = life.standing.started
    return bool(life.signed) or (started is not None and log.told is not None and started >= log.told)


def _growth(life: Life, voices: Voices, until: date) -> Iterator[Decision]:
    """Yield the expansions of an account soon after a theme was solved for it."""
    for change in life.expanded:
        if change.day > until:
            continue
        solved = [
            one for one in voices.stand(life, change.day - DAY).solved if one.day >= change.day - GROWS_WITHIN
        ]
        if solved:
            left = any(change.day <= each <= until for each in life.standing.lost)
            shrank = any(change.day <= each.day <= until for each in life.contracted)
            yield Decision(
                deal="growth_won",
                day=change.day,
                account_id=life.account_id,
                slices=life.slices,
                solved=solved,
                is_kept=not (left or shrank),
                money=change.amount,
                currency=life.standing.currency,
            )


def _series(
    found: Iterable[Decision], around: Frame, missing: str | None, log: Log, *, is_growth: bool
) -> Series:
    groups: dict[tuple[str, Every, int], list[Decision]] = defaultdict(list)
    for one in found:
        for every in DEALT:
            place = around.place(every, one.day)
            if place is not None:
                for name in (EVERYBODY, *one.slices):
                    groups[name, every, place].append(one)

    def reading(at: At) -> Reading:
        if dimension(at.name) not in (EVERYBODY, *OF_ACCOUNTS):
            return unknown("not_by_slice")
        if missing:
            return unknown(missing)
        if log.told is None or at.period.end < log.told:
            return unknown("before_outcomes")
        found = number_of(groups.get((at.name, at.period.every, at.place), ()))
        if not found.denominator and not is_growth:
            return unknown("none_decided", facts=found.facts)
        return found

    return series_of(around, DEALT, reading)


def number_of(decisions: Iterable[Decision]) -> Reading:
    """Return how many accounts kept, of how many for which something was solved, beside the others.

    An account counts once, as its last decision was; what it grew by is added up.
    """
    last = last_decisions(decisions)
    ours = [one for one in last if one.solved]
    kept = [one for one in ours if one.is_kept]
    others = [one for one in last if not one.solved]
    others_kept = sum(one.is_kept for one in others)
    facts: dict[str, Any] = {
        "money": _money(kept),
        "money_unknown": sum(one.money is None for one in kept),
        "others": len(others),
        "others_kept": others_kept,
        "difference": None,
    }
    if ours and others:
        found = of_difference(len(kept) / len(ours), len(ours), others_kept / len(others), len(others))
        facts["difference"] = found._asdict()
    return Reading(value=len(kept), numerator=len(kept), denominator=len(ours), facts=facts)


def last_decisions(decisions: Iterable[Decision]) -> list[Decision]:
    """Return each account's last decision, by the account; what it grew by is added up."""
    last: dict[str, Decision] = {}
    for one in sorted(decisions, key=lambda one: (one.day, one.account_id)):
        before = last.get(one.account_id)
        if before is not None and one.deal == "growth_won" and before.is_kept and one.is_kept:
            known = None if before.money is None or one.money is None else before.money + one.money
            one = one._replace(money=known)
        last[one.account_id] = one
    return [last[account] for account in sorted(last)]


def _money(kept: Iterable[Decision]) -> dict[str, float]:
    """Return the sum by currency; none is turned into another."""
    sums: dict[str, Decimal] = {}
    for one in kept:
        if one.money is not None:
            sums[one.currency] = sums.get(one.currency, Decimal()) + one.money
    return {currency: float(amount) for currency, amount in sorted(sums.items())}
