"""What counts as a contact: one customer reaching out about one theme on one day.

Only items by which a customer reaches out (tickets, chats, calls) are counted here; who calls these rules
leaves out the reviews, surveys and interviews, which are voices but never contacts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

REPEAT_DAYS = 30
"""A further contact counts as a repeat inquiry up to so many days after the one before."""


class Inquiry(NamedTuple):
    """One item in which a customer reached out about a theme; a tuple, for there are tens of thousands."""

    theme_id: str
    item_id: str
    customer_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One customer reaching out about one theme on one day; the items of that day are one contact."""

    theme_id: str
    day: date
    customer_id: str | None
    item_id: str
    """The first item of that day."""


def contacts(inquiries: Iterable[Inquiry], *, zone: tzinfo) -> dict[str, list[Contact]]:
    """Return each theme's contacts in the order of time, days being those of `zone`.

    An item without a customer is a contact of its own.
    """
    first: dict[tuple[str, date, str, bool], Inquiry] = {}
    for each in inquiries:
        theme_id, item_id, customer_id, created_at = each
        who = item_id if customer_id is None else customer_id
        key = (theme_id, created_at.astimezone(zone).date(), who, customer_id is not None)
        held = first.setdefault(key, each)
        if held is not each and (created_at, item_id) < (held.created_at, held.item_id):
            first[key] = each
    found: dict[str, list[Contact]] = defaultdict(list)
    for (theme_id, day, _, _), each in sorted(first.items(), key=lambda pair: pair[0]):
        found[theme_id].append(
            Contact(theme_id=theme_id, day=day, customer_id=each.customer_id, item_id=each.item_id)
        )
    return dict(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How often customers had to come back."""

    count: int
    """Contacts that are repeat inquiries: the same customer, the same theme, 1 to `days` days on."""
    known: int
    """Contacts of known customers."""

    @property
    def rate(self) -> float | None:
        """Repeat inquiries among the contacts of known customers; None without any."""
        return self.count / self.known if self.known else None


def repeats(found: Iterable[Contact], *, days: int = REPEAT_DAYS) -> Repeats:
    """Count the repeat inquiries; each contact is compared with the one before it."""
    by_customer: dict[tuple[str, str], list[date]] = defaultdict(list)
    for each in found:
        if each.customer_id is not None:
            by_customer[each.theme_id, each.customer_id].append(each.day)
    longest = timedelta(days=days)
    count = sum(
        after - before <= longest
        for row in by_customer.values()
        if len(row) > 1
        for before, after in pairwise(sorted(row))
    )
    return Repeats(count=count, known=sum(map(len, by_customer.values())))


def repeat_rate(found: Iterable[Contact], *, days: int = REPEAT_DAYS) -> float | None:
    """Return the share of repeat inquiries among the contacts of known customers; None without any."""
    return repeats(found, days=days).rate


def iso_week(day: date) -> str:
    """Return the ISO week of a day, like `2026-W21`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def weekly(days: Iterable[date], *, until: date | None = None) -> list[tuple[str, int]]:
    """Return `(ISO week, how many of the days)` from the first day's week on, 0 for a week without.

    The last week is that of `until`, or of the last day if that is later; without a day there is none.
    """
    counts: Counter[date] = Counter()
    for day, count in Counter(days).items():
        counts[_monday(day)] += count
    if not counts:
        return []
    first, last = min(counts), max(counts)
    if until is not None:
        last = max(last, _monday(until))
    mondays = (first + timedelta(weeks=week) for week in range((last - first).days // 7 + 1))
    return [(iso_week(monday), counts[monday]) for monday in mondays]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
