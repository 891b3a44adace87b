"""What counts as a contact: one customer reaching out about one theme on one day.

Only items by which a customer reaches out (tickets, chats, calls) are counted here; who calls these rules
leaves out the reviews, surveys and interviews, which are voices but never contacts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

REPEAT_DAYS = 30
"""A further contact counts as a repeat inquiry up to so many days after the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One item in which a customer reached out about a theme."""

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
        known = each.customer_id is not None
        who = each.customer_id if each.customer_id is not None else each.item_id
        key = (each.theme_id, each.created_at.astimezone(zone).date(), who, known)
        held = first.get(key)
        if held is None or (each.created_at, each.item_id) < (held.created_at, held.item_id):
            first[key] = each
    found: dict[str, list[Contact]] = defaultdict(list)
    for (theme_id, day, _, _), each in sorted(first.items(), key=lambda pair: pair[0]):
        found[theme_id].append(
            Contact(theme_id=theme_id, day=day, customer_id=each.customer_id, item_id=each.item_id)
        )
    return dict(found)


def repeats(found: Iterable[Contact], *, days: int = REPEAT_DAYS) -> int:
    """Return how many contacts are repeat inquiries: same customer, same theme, 1 to `days` days on."""
    return sum(gap <= days for gap in _gaps(found))


def repeat_rate(found: Sequence[Contact], *, days: int = REPEAT_DAYS) -> float | None:
    """Return the share of repeat inquiries among the contacts of known customers; None without any."""
    known = sum(each.customer_id is not None for each in found)
    return repeats(found, days=days) / known if known else None


def _gaps(found: Iterable[Contact]) -> Iterable[int]:
    """Yield the days between each contact and the one before it, of the same customer and theme."""
    days: dict[tuple[str, str], list[date]] = defaultdict(list)
    for each in found:
        if each.customer_id is not None:
            days[each.theme_id, each.customer_id].append(each.day)
    for row in days.values():
        row.sort()
        yield from ((after - before).days for before, after in pairwise(row))


def iso_week(day: date) -> str:
    """Return the ISO week of a day, like `2026-W21`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def weekly(days: Iterable[date], *, until: date | None = None) -> list[tuple[str, int]]:
    """Return `(ISO week, how many of the days)` from the first day's week on, 0 for a week without.

    The last week is that of `until`, or of the last day if that is later; without a day there is none.
    """
    counts = Counter(map(_monday, days))
    if not counts:
        return []
    first, last = min(counts), max(counts)
    if until is not None:
        last = max(last, _monday(until))
    mondays = (first + timedelta(weeks=week) for week in range((last - first).days // 7 + 1))
    return [(iso_week(monday), counts[monday]) for monday in mondays]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
