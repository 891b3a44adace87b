"""Who raised a theme, and how much each of them weighs for it: nobody more than one customer may.

An account counts once, with all that its customers said taken as one customer's; a customer without an
account counts once. (Or each customer does, where the weighting says so.) What was said by nobody known is
gathered apart: a thousand such voices may all be one sender's, so that together they count as `damped` says.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from service.rules.weights import COSTED, Weighting

RECENT = timedelta(days=28)
"""The last four weeks, which the trend holds against the four before."""
GRAVEST = 4
UNKNOWN_FOR_ONE = 1000
"""So many voices of nobody known weigh no more than one customer may."""


class Said(NamedTuple):
    """One item about one theme, or one return to it; a tuple, for there are hundreds of thousands."""

    theme_id: str
    item_id: str
    channel: str
    day: date
    customer_id: str | None
    account_id: str | None
    severity: int | None
    """The gravest of its spans in the theme, 1 to 4."""
    avoidable: bool
    """True for a contact that asks or complains: one that a solution would have spared."""


class Parts(NamedTuple):
    """What somebody adds to the worth of a theme, term by term."""

    customers: float
    contacts: float
    repeats: float
    severity: float
    revenue: float
    trend: float


@dataclass(slots=True)
class Person:
    """A customer, or an item of nobody known, and what they said of one theme."""

    key: str
    known: bool
    """False for an item without a customer."""
    account_id: str | None
    days: dict[date, str] = field(default_factory=dict)
    """On which days they reached out, each with the channel of the first item."""
    severity: int = 0
    recent: bool = False
    before: bool = False
    repeats: int = 0

    def add(self, said: Said, until: date) -> None:
        """Take in what they said, in the order of time."""
        if said.avoidable:
            self.days.setdefault(said.day, said.channel)
        if said.severity is not None and said.severity > self.severity:
            self.severity = said.severity
        if said.day > until - 2 * RECENT:
            if said.day > until - RECENT:
                self.recent = True
            else:
                self.before = True

    def count_repeats(self, longest: timedelta) -> None:
        """Count how often they had to ask again, so many days after the time before at most."""
        if self.known and len(self.days) > 1:
            self.repeats = sum(after - before <= longest for before, after in pairwise(sorted(self.days)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who counts once: an account, a customer, or an item of nobody known."""

    is_account: bool
    key: str
    people: Sequence[Person]
    """Those of them who spoke."""
    severity: int
    recent: bool
    before: bool
    parts: Parts
    total: float
    """The sum of the parts."""

    @property
    def repeats(self) -> int:
        """Return how often one of them had to ask again."""
        return sum(person.repeats for person in self.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """All who raised a theme."""

    parties: Sequence[Party]
    """By their ids."""
    unknown: Sequence[Party]
    """Items of nobody known."""
    damping: float
    """What one of these counts of what it would if it were a customer's."""

    @property
    def everybody(self) -> Sequence[Party]:
        """Return all, known or not."""
        return [*self.parties, *self.unknown]


def damped(weights: float, weighting: Weighting) -> float:
    """Return what the voices of nobody known count together, whose weights add up to so much.

    Whatever is there already, a thousand more add at most what one customer may: the logarithm grows by less
    and less.
    """
    most = weighting.most_of_one
    return most * math.log1p(max(0.0, weights)) / math.log1p(UNKNOWN_FOR_ONE * most)


def raised(
    said: Iterable[Said],
    *,
    until: date,
    weighting: Weighting,
    sizes: Mapping[str, float],
    account_of: Mapping[str, str],
) -> dict[str, Raised]:
    """Return who raised each theme. What was said comes in the order of time, up to the day `until`.

    `sizes` are the accounts' sizes, 0 to 1, as far as their revenue is known. What a customer says without an
    account counts as that account's whose customer they are elsewhere: `account_of`.
    """
    themes: dict[str, dict[tuple[str, str | None, bool], Person]] = {}
    for each in said:
        customer, account, is_known = each.customer_id, each.account_id, True
        if customer is None:
            customer, is_known = each.item_id, False
        elif account is None:
            account = account_of.get(customer)
        people = themes.setdefault(each.theme_id, {})
        key = (customer, account, is_known)
        person = people.get(key)
        if person is None:
            person = people[key] = Person(customer, is_known, account)
        person.add(each, until)
    longest = timedelta(days=weighting.repeat_days)
    for people in themes.values():
        for person in people.values():
            person.count_repeats(longest)
    rates = Rates(weighting, sizes)
    return {theme: _gathered(people.values(), rates) for theme, people in sorted(themes.items())}


class Rates:
    """By which people are weighed."""

    def __init__(self, weighting: Weighting, sizes: Mapping[str, float]) -> None:
        self.weighting, self.sizes = weighting, sizes
        self._shares = {channel: weighting.share_of_cost(channel) for channel in COSTED}

    def size(self, people: Sequence[Person], sharing: Mapping[str | None, int]) -> float:
        """Return how large the accounts behind people are: each of the `sharing` ones has its part of it."""
        return min(
            1.0,
            math.fsum(self.sizes.get(one.account_id or "", 0.0) / sharing[one.account_id] for one in people),
        )

    def party(
        self, key: str, people: Sequence[Person], *, is_account: bool = False, revenue: float = 0.0
    ) -> Party:
        """Return those who count once together."""
        w = self.weighting
        days = [channel for person in people for channel in person.days.values()]
        cost = math.fsum(map(self._shares.__getitem__, days)) if days else 0.0
        severity = max(person.severity for person in people)
        recent, before = any(person.recent for person in people), any(person.before for person in people)
        parts = Parts(
            w.customers,
            w.contacts * min(1.0, cost / w.loud),
            w.repeats if any(person.repeats for person in people) else 0.0,
            w.severity * severity / GRAVEST,
            w.revenue * revenue,
            w.trend * (recent - before),
        )
        return Party(
            is_account=is_account,
            key=key,
            people=people,
            severity=severity,
            recent=recent,
            before=before,
            parts=parts,
            total=math.fsum(parts),
        )


def _gathered(people: Iterable[Person], rates: Rates) -> Raised:
    by_account = rates.weighting.counted == "account"
    unknown: list[Person] = []
    held: dict[tuple[bool, str], list[Person]] = {}
    for person in sorted(people, key=_key):
        if by_account and person.account_id is not None:
            held.setdefault((True, person.account_id), []).append(person)
        elif person.known:
            held.setdefault((False, person.key), []).append(person)
        else:
            unknown.append(person)
    sharing = Counter(one.account_id for group in held.values() for one in group)
    parties = [
        rates.party(key, group, is_account=is_account, revenue=rates.size(group, sharing))
        for (is_account, key), group in sorted(held.items())
    ]
    nobodies = [rates.party(person.key, [person]) for person in unknown]
    weights = math.fsum(party.total for party in nobodies)
    return Raised(
        parties=parties,
        unknown=nobodies,
        damping=damped(weights, rates.weighting) / weights if weights > 0 else 0.0,
    )


def _key(person: Person) -> tuple[str, str, bool]:
    return person.key, person.account_id or "", person.known


def cost_of(party: Party, weighting: Weighting) -> Decimal:
    """Return what handling somebody's contacts cost, of those whose cost is known."""
    costs = weighting.costs
    channels = (channel for person in party.people for channel in person.days.values())
    return sum((costs[channel] for channel in channels if channel in costs), Decimal())
