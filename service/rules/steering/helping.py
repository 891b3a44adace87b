"""How many helped themselves: days on which a known customer looked into the help centre and did not ask."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from service.rules.steering.contacting import Made, share_of
from service.rules.steering.frame import (
    EVERYBODY,
    OF_ACCOUNTS,
    OFTEN,
    At,
    Case,
    Frame,
    Groups,
    Slices,
    dimension,
)
from service.rules.steering.reading import Reading, Series, series_of, unknown

ASKS_WITHIN = timedelta(days=3)
"""Who asks so soon after looking was not helped by it."""


class Look(NamedTuple):
    """A customer's look into the help centre: an article that was viewed, or a search that led to one."""

    day: date
    customer_id: str | None
    slices: Slices


def self_service(looks: Sequence[Look], made: Iterable[Made], around: Frame) -> Series:
    """Return the share of days of need on which customers helped themselves.

    A day of need is a known customer and a day on which they looked into the help centre or reached out. They
    helped themselves where they looked and did not reach out on that day or within three days. Only days
    within the log of looks count, and those whose three days are not over wait.
    """
    known = [look for look in looks if look.customer_id is not None]
    if not known:
        reason = "unknown_looks" if looks else "no_looks"
        return series_of(around, OFTEN, lambda _: unknown(reason))
    begin, end = min(look.day for look in known), max(look.day for look in known)
    asked = _asked(made)
    needs = [case for case in _needs(known, asked) if begin <= case.day <= end]
    ends = around.until - ASKS_WITHIN
    over = Groups((case for case in needs if case.day <= ends), around, periods=OFTEN)
    waiting = Groups((case for case in needs if case.day > ends), around, periods=OFTEN)

    def reading(at: At) -> Reading:
        if dimension(at.name) not in (EVERYBODY, *OF_ACCOUNTS):
            return unknown("not_by_slice")
        if at.period.end < begin or at.period.start > end:
            return unknown("no_looks_then")
        return share_of(over[at], waiting=waiting.count(at), nothing="nothing")

    return series_of(around, OFTEN, reading)


Asked = Mapping[str, Mapping[date, Slices]]
"""On which days each customer reached out."""


def _asked(made: Iterable[Made]) -> Asked:
    found: dict[str, dict[date, Slices]] = defaultdict(dict)
    for one in made:
        if one.contact.customer_id is not None:
            found[one.contact.customer_id].setdefault(one.contact.day, one.slices)
    return found


def _needs(looks: Iterable[Look], asked: Asked) -> list[Case]:
    """Return each customer's days of need once: 1 where they helped themselves."""
    needs = {
        (customer, day): Case(day, customer, slices, 0.0)
        for customer, days in asked.items()
        for day, slices in days.items()
    }
    for look in looks:
        customer = look.customer_id or ""
        days = asked.get(customer, {})
        soon = any(look.day + timedelta(days=later) in days for later in range(ASKS_WITHIN.days + 1))
        if not soon:
            needs.setdefault((customer, look.day), Case(look.day, customer, look.slices, 1.0))
    return list(needs.values())
