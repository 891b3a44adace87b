"""What counts as a contact: one customer reaching out about one theme on one day.

A customer who asks again in an item that was resolved reaches out once more, on that day.

Only items by which a customer reaches out (tickets, chats, calls) are counted here; who calls these rules
leaves out the reviews, surveys and interviews, which are voices but never contacts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from typing import NamedTuple

REPEAT_DAYS = 30
"""A further contact counts as a repeat inquiry up to so many days after the one before."""


Bounds = tuple[date, date]
"""A first and a last day."""
ALONE = timedelta(days=366)
"""Days farther than this from all others, and few, are mistakes: 1970, or a year mistyped."""
FEW = 0.01


class Inquiry(NamedTuple):
    """A customer reaching out about a theme by one item; a tuple, for there are tens of thousands."""

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


@cache
def iso_week(day: date) -> str:
    """Return the ISO week of a day, like `2026-W21`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(week: str) -> date:
    """Return the first day of an ISO week like `2026-W21`."""
    year, number = week.split("-W")
    return date.fromisocalendar(int(year), int(number), 1)


def plausible(counts: Mapping[date, int]) -> Bounds | None:
    """Return the first and the last day that can be right; None without a day.

    `counts` says how much was heard on each day. What stands more than a year apart from all the rest, at
    either end, and is one thing or at most a hundredth of everything, is left out; one such date would
    otherwise stretch every series over centuries. The largest stretch always stays, of equals the latest.
    """
    stretches: list[list[date]] = []
    for day in sorted(counts):
        if stretches and day - stretches[-1][-1] <= ALONE:
            stretches[-1].append(day)
        else:
            stretches.append([day])
    if not stretches:
        return None
    sizes = [sum(counts[day] for day in stretch) for stretch in stretches]
    few = max(1.0, FEW * sum(sizes))
    largest = max(range(len(sizes)), key=lambda place: (sizes[place], place))
    kept = [place for place, size in enumerate(sizes) if size > few or place == largest]
    return stretches[kept[0]][0], stretches[kept[-1]][-1]


def weekly(days: Iterable[date], *, within: Bounds | None = None) -> list[tuple[str, int]]:
    """Return `(ISO week, how many of the days)` from the first day's week on, 0 for a week without.

    With `within`, days outside are in no week, and the last week is that of its last day; without a day
    there is none.
    """
    counts: Counter[date] = Counter()
    for day, count in Counter(days).items():
        if within is None or within[0] <= day <= within[1]:
            counts[_monday(day)] += count
    if not counts:
        return []
    first, last = min(counts), max(counts) if within is None else _monday(within[1])
    mondays = (first + timedelta(weeks=week) for week in range((last - first).days // 7 + 1))
    return [(iso_week(monday), counts[monday]) for monday in mondays]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
