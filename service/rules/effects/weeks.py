"""Contacts of themes, day by day, into weeks that are measured."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import dropwhile

from service.rules.contacts import Bounds, Contact
from service.rules.effects.series import Heard

WEEK = timedelta(weeks=1)
YOUNG = 8
"""A theme that was not heard for so many weeks at first was not there yet."""


def weeks_of(
    contacts: Mapping[str, Sequence[Contact]],
    *,
    within: Bounds,
    active: Mapping[date, int] | None = None,
) -> dict[str, list[Heard]]:
    """Return the contacts of each theme, week by week.

    Only weeks that lie wholly `within` what was heard count. A week in which nobody was heard about anything
    is taken for one in which nothing was received: it was not observed. `active` says how many customers used
    the product in the week that ends on each day.
    """
    counts = {
        theme: Counter(each.day - timedelta(days=each.day.weekday()) for each in heard)
        for theme, heard in contacts.items()
    }
    volume: Counter[date] = Counter()
    for each in counts.values():
        volume.update(each)
    weeks = [week for week in _whole_weeks(within) if volume[week]]
    return {
        theme: [
            Heard(
                period=week,
                contacts=float(count[week]),
                exposure=None if active is None else active.get(week + WEEK - timedelta(days=1)) or None,
            )
            for week in _since_birth(weeks, count)
        ]
        for theme, count in counts.items()
    }


def elsewhere(all_of_them: Sequence[Contact], here: Sequence[Contact]) -> list[Contact]:
    """Return a theme's contacts that are not among those of one segment."""
    known = {(each.item_id, each.day) for each in here}
    return [each for each in all_of_them if (each.item_id, each.day) not in known]


def weekly_mean(contacts: Sequence[Contact]) -> float:
    """Return how many contacts there are a week, from the first one to the last."""
    days = [each.day for each in contacts]
    return len(days) / ((max(days) - min(days)).days // 7 + 1) if days else 0.0


def _whole_weeks(within: Bounds) -> list[date]:
    first, last = within
    monday = first + timedelta(days=-first.weekday() % 7)
    return [monday + number * WEEK for number in range(((last - monday).days + 1) // 7)]


def _since_birth(weeks: Sequence[date], count: Mapping[date, int]) -> Sequence[date]:
    alive = list(dropwhile(lambda week: not count[week], weeks))
    return alive if len(weeks) - len(alive) >= YOUNG else weeks
