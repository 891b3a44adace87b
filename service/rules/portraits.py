"""What it costs an account or a customer to be helped: contacts, repeats, and how long they wait."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

from service.rules.contacts import REPEAT_DAYS, Contact, Inquiry, contacts
from service.rules.steering.reckoning import Median, median_time

HOUR = timedelta(hours=1)


class Asked(NamedTuple):
    """An item by which somebody reached out."""

    item_id: str
    customer_id: str | None
    created_at: datetime
    answered_at: datetime | None
    solved_at: datetime | None
    is_closed: bool
    """True where its state says that it is done, be it told when or not."""
    theme_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much asking it took."""

    items: int
    """How many items it is reckoned from."""
    contacts: int
    """Days on which somebody reached out, each customer by themselves, whatever about."""
    repeats: int
    """Contacts about what the same customer had asked 1 to 30 days before."""
    waiting: int
    """Items that are neither solved nor closed."""
    first_answer: Median
    solution: Median
    """In hours; an item that waits lasts at least until now."""


def effort(asked: Sequence[Asked], *, zone: tzinfo, now: datetime) -> Effort:
    """Return how much asking it took; answers that came before the question are no answers."""
    days: set[tuple[str, date]] = {
        (each.customer_id or each.item_id, each.created_at.astimezone(zone).date()) for each in asked
    }
    inquiries = [
        Inquiry(theme_id, each.item_id, each.customer_id, each.created_at)
        for each in asked
        for theme_id in each.theme_ids
    ]
    by_theme = contacts(inquiries, zone=zone)
    return Effort(
        items=len(asked),
        contacts=len(days),
        repeats=len(_repeats(one for some in by_theme.values() for one in some)),
        waiting=sum(each.solved_at is None and not each.is_closed for each in asked),
        first_answer=_waited(asked, [_first(each) for each in asked], now),
        solution=_waited(asked, [each.solved_at for each in asked], now),
    )


def _repeats(found: Iterable[Contact]) -> set[tuple[str, date]]:
    """Return who had to ask something again on which day: one contact, about however many themes."""
    asked: dict[tuple[str, str], list[date]] = defaultdict(list)
    for each in found:
        if each.customer_id is not None:
            asked[each.theme_id, each.customer_id].append(each.day)
    longest = timedelta(days=REPEAT_DAYS)
    return {
        (customer, after)
        for (_, customer), days in asked.items()
        for before, after in pairwise(sorted(days))
        if after - before <= longest
    }


def _first(each: Asked) -> datetime | None:
    """Return when somebody was first answered: a solution is an answer, too."""
    return min((at for at in (each.answered_at, each.solved_at) if at is not None), default=None)


def _waited(asked: Sequence[Asked], reached: Sequence[datetime | None], now: datetime) -> Median:
    """Return the median of what each waited; those that are closed, nobody knows when, are left out."""
    times = [
        (((at or now) - each.created_at) / HOUR, at is not None)
        for each, at in zip(asked, reached, strict=True)
        if at is not None or not each.is_closed
    ]
    return median_time((hours, over) for hours, over in times if hours >= 0)
