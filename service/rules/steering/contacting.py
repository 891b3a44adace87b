"""How often customers reach out: contacts per active customer, repeat inquiries, contacts until a solution.

Contacts are those of `rules.contacts`: a customer, a theme, a day. What is in no theme is a contact too, once
a customer and day; of a repeat inquiry it cannot be said, for that needs a theme.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

from service.rules import contacts
from service.rules.contacts import Contact, Inquiry
from service.rules.intervals import of_sum
from service.rules.steering.frame import (
    EVERYBODY,
    OF_ACCOUNTS,
    OFTEN,
    At,
    Case,
    Every,
    Frame,
    Groups,
    Slices,
    dimension,
)
from service.rules.steering.reading import Reading, Series, series_of, unknown
from service.rules.steering.reckoning import share

NO_THEME = ""
"""The key of what is in no theme, while contacts are told apart."""


class Made(NamedTuple):
    """A contact, with what is known of the item by which it was made."""

    contact: Contact
    slices: Slices
    is_solved: bool | None
    """Whether the item is solved; None where its source tells of none whether it is."""

    @property
    def who(self) -> str:
        """Return who made it: a customer, or an item of nobody known."""
        known = self.contact.customer_id
        return f"customer {known}" if known is not None else f"item {self.contact.item_id}"


class Active(NamedTuple):
    """Somebody who used the product in a period."""

    every: Every
    start: date
    """The first day of the period."""
    who: str
    slices: Slices


def contacts_made(
    inquiries: Iterable[Inquiry],
    *,
    zone: tzinfo,
    slices: Mapping[str, Slices],
    solved: Mapping[str, bool | None],
) -> list[Made]:
    """Return every contact; those about no theme come with NO_THEME as their theme.

    `slices` and `solved` are told by the item's id.
    """
    return [
        Made(contact, slices.get(contact.item_id, ()), solved.get(contact.item_id))
        for _, some in sorted(contacts.contacts(inquiries, zone=zone).items())
        for contact in some
    ]


def contact_rate(
    made: Sequence[Made], active: Iterable[Active], around: Frame, *, base: str | None
) -> Series:
    """Return contacts ÷ customers who were active in the same month or week.

    `base` says who counts as active: `customers` or `accounts` that used the product, `contracts` where
    accounts are known and no usage, None where nothing is. Contacts of one customer hang together, so that
    the interval is that of a sum of weights. A period that is not over has contacts, and no rate.
    """
    held: Counter[tuple[Every, int, str]] = Counter()
    for one in set(active):
        place = around.place(one.every, one.start)
        if place is not None:
            for name in (EVERYBODY, *one.slices):
                held[one.every, place, name] += 1
    groups = Groups(
        (Case(one.contact.day, one.who, one.slices, one.contact.theme_id != NO_THEME) for one in made),
        around,
        periods=OFTEN,
    )

    def reading(at: At) -> Reading:
        whole = at.name if dimension(at.name) in OF_ACCOUNTS else EVERYBODY
        number = held[at.period.every, at.place, whole]
        return _rate(groups[at], number, base=base, is_whole=around.is_whole(at.period))

    return series_of(around, OFTEN, reading)


def _rate(cases: Sequence[Case], active: int, *, base: str | None, is_whole: bool) -> Reading:
    facts = {"base": base, "unthemed": sum(not case.value for case in cases)}
    if base is None or not active or not is_whole:
        reason = "no_base" if base is None else "open" if not is_whole else "no_base_then"
        return unknown(reason, numerator=len(cases), denominator=active or None, facts=facts)
    by_person = Counter(case.who for case in cases)
    total = of_sum(len(cases), math.fsum(n * n for n in by_person.values()), weight=1.0)
    return Reading(
        value=len(cases) / active,
        low=total.low / active,
        high=total.high / active,
        numerator=len(cases),
        denominator=active,
        facts=facts,
    )


class Followed(NamedTuple):
    """A contact of a known customer about a theme, and when they asked again."""

    one: Made
    again: date | None
    """In time; None where they did not."""
    is_over: bool
    """Whether the time in which they could is over."""


def followed(made: Iterable[Made], *, days: int, until: date) -> list[Followed]:
    """Return the contacts of which it can be said whether the same customer asked again about the same theme.

    Within `days`, and not on the same day.
    """
    longest = timedelta(days=days)
    found = []
    for row in _courses(made).values():
        for one, after in pairwise([*row, None]):
            assert one is not None
            day = one.contact.day
            again = after.contact.day if after is not None and after.contact.day - day <= longest else None
            found.append(Followed(one, again, day + longest <= until))
    return found


def repeat_rate(contacts: Iterable[Followed], around: Frame) -> Series:
    """Return the share of contacts after which the same customer came back about the same theme.

    A contact whose time is not over waits, whether its customer came back already or not: else those who
    come back soon would count for all.
    """
    over: list[Case] = []
    soon: list[Case] = []
    for each in contacts:
        one = each.one
        case = Case(one.contact.day, one.who, one.slices, float(each.again is not None))
        (over if each.is_over else soon).append(case)
    groups, waiting = Groups(over, around, periods=OFTEN), Groups(soon, around, periods=OFTEN)
    return series_of(
        around,
        OFTEN,
        lambda at: share_of(groups[at], waiting=waiting.count(at), nothing="no_known_customer"),
    )


def _courses(made: Iterable[Made]) -> Mapping[tuple[str, str], list[Made]]:
    """Return each known customer's contacts about each theme, in the order of time."""
    rows: dict[tuple[str, str], list[Made]] = defaultdict(list)
    for one in made:
        if one.contact.customer_id is not None and one.contact.theme_id != NO_THEME:
            rows[one.contact.theme_id, one.contact.customer_id].append(one)
    for row in rows.values():
        row.sort(key=lambda one: one.contact.day)
    return rows


def share_of(cases: Sequence[Case], *, waiting: int, nothing: str) -> Reading:
    """Return the share of cases that met with it; those of one customer hang together."""
    clusters: dict[str, tuple[float, float]] = {}
    for case in cases:
        met, number = clusters.get(case.who, (0.0, 0.0))
        clusters[case.who] = (met + case.value, number + 1)
    found = share(clusters)
    if found is None:
        return unknown("waiting" if waiting else nothing, waiting=waiting)
    return Reading(
        value=found.value,
        low=found.low,
        high=found.high,
        numerator=found.met,
        denominator=found.of,
        waiting=waiting,
    )


class Problem(NamedTuple):
    """A known customer's contacts about one theme, each soon after the one before."""

    last: Made
    contacts: int
    is_over: bool
    """Whether no other can belong to it any more."""


def problems(made: Iterable[Made], *, days: int, until: date) -> list[Problem]:
    """Return the problems of customers: contacts of which each is at most `days` after the one before."""
    longest = timedelta(days=days)
    found = []
    for row in _courses(made).values():
        took = 0
        for one, after in pairwise([*row, None]):
            assert one is not None
            took += 1
            if after is None or after.contact.day - one.contact.day > longest:
                found.append(Problem(one, took, one.contact.day + longest <= until))
                took = 0
    return found


def customer_effort(had: Sequence[Problem], around: Frame) -> Series:
    """Return how many contacts a solved problem took its customer.

    A problem is solved when the item of its last contact is, and counts where that lies. One that ended
    unsolved is left out, and told.
    """
    solved: list[Case] = []
    unsolved: list[Case] = []
    waiting: list[Case] = []
    for each in had:
        one = each.last
        case = Case(one.contact.day, one.who, one.slices, float(each.contacts))
        (waiting if not each.is_over else solved if one.is_solved else unsolved).append(case)
    is_told = any(each.last.is_solved is not None for each in had)
    groups = [Groups(some, around, periods=OFTEN) for some in (solved, unsolved, waiting)]
    return series_of(
        around,
        OFTEN,
        lambda at: _effort(
            groups[0][at], left_out=groups[1].count(at), waiting=groups[2].count(at), is_told=is_told
        ),
    )


def _effort(cases: Sequence[Case], *, left_out: int, waiting: int, is_told: bool) -> Reading:
    if not cases:
        reason = "no_status" if not is_told else "none_solved" if left_out else "nothing"
        if is_told and waiting and not left_out:
            reason = "waiting"
        return unknown(reason, waiting=waiting, left_out=left_out)
    number = len(cases)
    # One contact is in every problem; only those beyond it come by chance.
    further = [case.value - 1 for case in cases]
    total = of_sum(math.fsum(further), math.fsum(each * each for each in further), weight=1.0)
    return Reading(
        value=1 + total.value / number,
        low=1 + total.low / number,
        high=1 + total.high / number,
        numerator=math.fsum(case.value for case in cases),
        denominator=number,
        waiting=waiting,
        left_out=left_out,
    )
