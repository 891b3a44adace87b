"""What solving a theme is worth: one sum of terms, each with its interval, its weight and what it rests on.

    worth = customers + contacts + repeats + severity + revenue + trend + outcome − effort

Everything but effort is counted over those who raised the theme, each once (`raising`), so that it says how
many customers' worth a theme is: 1 is a customer who spoke of it, by default. What is unknown adds nothing
and is told as unknown.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.rules.comparing import MEASURES, Compared, Standing, compare, sizes_of
from service.rules.intervals import Interval, of_sum, times, together
from service.rules.raising import Parts, Party, Raised, Said, cost_of, damped, raised
from service.rules.weights import Weighting

COUNTED = Parts._fields
"""The terms that are sums over those who raised the theme."""
CRITICAL, HIGH = 4, 3
Floats = NDArray[np.float64]
EXACT = 6
"""Digits after the point to which two themes' worths are told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A part of the sum."""

    name: str
    points: Interval | None
    """None where it is unknown, and adds nothing."""
    weight: float
    facts: Mapping[str, Any]
    """What it rests on, in figures."""
    reason: str | None = None
    """Why it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a theme is worth."""

    theme_id: str
    worth: Interval
    terms: Sequence[Term]
    raised: Raised
    raised_before: Collection[str]
    """The accounts that raised it up to the landmark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What all themes of an organisation are weighed against."""

    until: date
    """The last day that counts."""
    since: date
    """The first."""
    weighting: Weighting
    sizes: Mapping[str, float]
    """How large each account is among those of its currency, 0 to 1."""
    revenue: Mapping[str, tuple[str, Decimal]]
    """Each account's currency and yearly revenue, where that is known and not below zero."""
    compared: Compared | None
    """None where nothing is known of what became of accounts."""
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    """The revenue of all accounts, by currency."""


def world(accounts: Iterable[Standing], *, first: date, until: date, weighting: Weighting) -> World:
    """Return what themes are weighed against; `first` is the first day that anybody was heard on."""
    possible = [one if _is_revenue(one.revenue) else one._replace(revenue=None) for one in accounts]
    revenue = {one.account_id: (one.currency, one.revenue) for one in possible if one.revenue is not None}
    totals: dict[str, Decimal] = {}
    for currency, amount in revenue.values():
        totals[currency] = totals.get(currency, Decimal()) + amount
    told = any(one.lost or one.contracted or one.renewed for one in possible)
    landmark = until - timedelta(days=weighting.outcome_days)
    return World(
        until=until,
        since=max(first, until - timedelta(days=weighting.window_days - 1)),
        weighting=weighting,
        sizes=sizes_of(possible),
        revenue=revenue,
        compared=compare(possible, landmark=landmark, until=until) if told else None,
        totals=dict(sorted(totals.items())),
    )


def _is_revenue(amount: Decimal | None) -> bool:
    return amount is not None and amount.is_finite() and amount >= 0


def weigh(
    said: Iterable[Said], around: World, *, account_of: Mapping[str, str], efforts: Mapping[str, float]
) -> dict[str, Worth]:
    """Return what each theme is worth. What was said comes in the order of time.

    `account_of` are the accounts of customers, `efforts` days of work where somebody gave them, by theme.
    """
    counted = [each for each in said if around.since <= each.day <= around.until]
    before = _raised_before(counted, around, account_of)
    found = raised(
        counted,
        until=around.until,
        weighting=around.weighting,
        sizes=around.sizes,
        account_of=account_of,
    )
    return {
        theme_id: _worth(theme_id, one, before.get(theme_id, set()), around, efforts.get(theme_id))
        for theme_id, one in found.items()
    }


def _raised_before(said: Iterable[Said], around: World, account_of: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the accounts that raised each theme up to the landmark; none for what counts as nobody's."""
    before: dict[str, set[str]] = {}
    if around.compared is not None:
        by_account = around.weighting.counted == "account"
        for each in said:
            account = each.account_id or account_of.get(each.customer_id or "")
            if account is None or each.day > around.compared.landmark:
                continue
            if by_account or each.customer_id is not None:
                before.setdefault(each.theme_id, set()).add(account)
    return before


def in_order(worths: Iterable[Worth]) -> list[Worth]:
    """Return themes, those worth most first; of equals those that more people spoke of, then by their ids."""

    def place(one: Worth) -> tuple[float, int, int, str]:
        everybody = one.raised.everybody
        voices = sum(len(party.people) for party in everybody)
        return (-round(one.worth.value, EXACT), -voices, -_contacts(everybody), one.theme_id)

    return sorted(worths, key=place)


def _worth(
    theme_id: str, held: Raised, before: Collection[str], around: World, effort: float | None
) -> Worth:
    weighting = around.weighting
    known, unknown = (
        _matrix(party.parts for party in held.parties),
        _matrix(one.parts for one in held.unknown),
    )
    counted = [
        _counted(name, held, around, known[:, place], unknown[:, place]) for place, name in enumerate(COUNTED)
    ]
    outcome = _outcome(before, around)
    spent = _effort(effort, weighting)
    parts = [_of_signed(known.sum(axis=1), weight=weighting.customers)] if len(known) else []
    if len(unknown):
        limits = _of_signed(unknown.sum(axis=1), weight=weighting.customers)
        parts.append(Interval(*(damped(limit, weighting) for limit in limits)))
    parts += [term.points for term in (outcome, spent) if term.points is not None]
    return Worth(
        theme_id=theme_id,
        worth=together(parts),
        terms=(*counted, outcome, spent),
        raised=held,
        raised_before=before,
    )


def _matrix(parts: Iterable[Parts]) -> Floats:
    """Return what each of some adds, a column a term."""
    return np.array(list(parts), dtype=float).reshape(-1, len(COUNTED))


def _of_signed(weights: Floats, *, weight: float) -> Interval:
    """Return the interval of a sum of weights, some of which may be below zero."""
    up, down = np.maximum(weights, 0.0), np.maximum(-weights, 0.0)
    more = of_sum(float(up.sum()), float(up @ up), weight=weight)
    if not down.any():
        return more
    return together([more, times(of_sum(float(down.sum()), float(down @ down), weight=weight), -1.0)])


def _counted(name: str, held: Raised, around: World, known: Floats, unknown: Floats) -> Term:
    """Return a term that is a sum over those who raised the theme, of what each known and unknown adds."""
    weight: float = getattr(around.weighting, name)
    facts, reason = FACTS[name](held, around)
    parts = [_of_signed(known, weight=weight)] if len(known) else []
    if unknown.any():
        parts.append(times(_of_signed(unknown, weight=weight), held.damping))
    return Term(
        name=name, points=None if reason else together(parts), weight=weight, facts=facts, reason=reason
    )


def _of_customers(held: Raised, around: World) -> tuple[dict[str, Any], str | None]:  # noqa: ARG001
    accounts = [party for party in held.parties if party.is_account]
    return {
        "accounts": len(accounts),
        "of_accounts": sum(person.known for party in accounts for person in party.people),
        "customers": len(held.parties) - len(accounts),
        "unknown": len(held.unknown),
        "damping": round(held.damping, 3) if held.unknown else None,
    }, None


def _contacts(parties: Iterable[Party]) -> int:
    return sum(len(person.days) for party in parties for person in party.people)


def _of_contacts(held: Raised, around: World) -> tuple[dict[str, Any], str | None]:
    everybody = held.everybody
    facts: dict[str, Any] = {"contacts": _contacts(everybody), "cost": None}
    costs = around.weighting.costs
    if costs:
        paid = np.array([float(cost_of(party, around.weighting)) for party in everybody])
        total = _of_signed(paid, weight=float(max(costs.values())))
        channels = [c for party in everybody for person in party.people for c in person.days.values()]
        facts["cost"] = {
            "amount": round(total.value, 2),
            "low": round(total.low, 2),
            "high": round(total.high, 2),
            "currency": around.weighting.currency,
            "contacts": sum(channel in costs for channel in channels),
        }
    return facts, None


def _of_repeats(held: Raised, around: World) -> tuple[dict[str, Any], str | None]:  # noqa: ARG001
    known = [person for party in held.parties for person in party.people if person.known]
    facts = {
        "repeats": sum(person.repeats for person in known),
        "customers": sum(person.repeats > 0 for person in known),
        "known": len(known),
    }
    return facts, None if known else "no_known_customer"


def _of_severity(held: Raised, around: World) -> tuple[dict[str, Any], str | None]:  # noqa: ARG001
    gravest = [party.severity for party in held.everybody]
    return {"critical": gravest.count(CRITICAL), "high": gravest.count(HIGH)}, None


def _of_revenue(held: Raised, around: World) -> tuple[dict[str, Any], str | None]:
    people = [person for party in held.parties for person in party.people]
    accounts = {person.account_id for person in people if person.account_id is not None}
    amounts: dict[str, Decimal] = {}
    known = sorted(account for account in accounts if account in around.revenue)
    for account in known:
        currency, amount = around.revenue[account]
        amounts[currency] = amounts.get(currency, Decimal()) + amount
    facts = {
        "accounts": len(accounts),
        "known": len(known),
        "amounts": {currency: float(amount) for currency, amount in sorted(amounts.items())},
        "of": {currency: float(around.totals[currency]) for currency in sorted(amounts)},
    }
    if not around.revenue:
        return facts, "no_revenue"
    return facts, None if known else "no_account_with_revenue"


def _of_trend(held: Raised, around: World) -> tuple[dict[str, Any], str | None]:  # noqa: ARG001
    return {
        "recent": sum(party.recent for party in held.everybody),
        "before": sum(party.before for party in held.everybody),
    }, None


FACTS = {
    "customers": _of_customers,
    "contacts": _of_contacts,
    "repeats": _of_repeats,
    "severity": _of_severity,
    "revenue": _of_revenue,
    "trend": _of_trend,
}


def _outcome(before: Collection[str], around: World) -> Term:
    """Return how many more of the accounts that raised a theme were lost than comparable ones let expect."""
    weight, compared = around.weighting.outcome, around.compared
    loss = compared.difference(before, "loss") if compared else None
    if compared is None or loss is None:
        reason = "nothing_to_compare" if before else "raised_by_no_account"
        if compared is None:
            reason = "no_outcome"
        elif not compared.likeness:
            reason = "no_likeness"
        return Term(name="outcome", points=None, weight=weight, facts={}, reason=reason)
    facts: dict[str, Any] = {
        "landmark": compared.landmark.isoformat(),
        "until": around.until.isoformat(),
        "likeness": list(compared.likeness),
        "measures": {},
    }
    for measure in MEASURES:
        found = compared.difference(before, measure)
        facts["measures"][measure] = found and {
            "raised": found.raised,
            "raised_met": found.raised_met,
            "others": found.others,
            "others_met": found.others_met,
            "share": round(found.share, 4),
            "others_share": round(found.others_share, 4),
            "difference": round(found.difference.value, 4),
            "low": round(found.difference.low, 4),
            "high": round(found.difference.high, 4),
        }
    points = times(loss.difference, loss.weight * weight)
    return Term(name="outcome", points=points, weight=weight, facts=facts)


def _effort(days: float | None, weighting: Weighting) -> Term:
    if days is None:
        return Term(name="effort", points=None, weight=weighting.effort, facts={}, reason="not_given")
    taken = -weighting.effort * days
    return Term(
        name="effort",
        points=Interval(taken, taken, taken),
        weight=weighting.effort,
        facts={"days": days},
    )
