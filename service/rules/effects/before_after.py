"""What was heard before an intervention and after it, plainly: what people ask for first, beside the effect.

It takes no season, growth or chance into account, so nothing follows from it by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from service.rules.contacts import Contact, repeat_rate
from service.rules.effects.cases import MARGIN
from service.rules.effects.verdict import Effect

WEEKS = 8
"""Whole weeks that are compared on each side, where there are so many."""
WEEK = timedelta(weeks=1)
ASK_AFTER = 4
"""Weeks after an intervention, from which on it should have shown."""
FEWEST = 5
"""Contacts that are expected at least: of fewer, chance alone may bring as many."""


def before_and_after(
    contacts: Sequence[Contact], *, on: date, first_day: date, last_day: date
) -> Mapping[str, object] | None:
    """Return a reason with the figures of up to 8 whole weeks on each side of the week of `on`.

    That week itself is left out. `first_day` and `last_day` bound what was heard at all: a week that is not
    wholly within is not compared. None where there is no week or nothing was heard before, or no week after.
    """
    week = _monday(on)
    before = _whole_weeks(week - WEEKS * WEEK, week, first_day, last_day)
    after = _whole_weeks(week + WEEK, week + (WEEKS + 1) * WEEK, first_day, last_day)
    heard_before = _within(contacts, before)
    heard_after = _within(contacts, after)
    if not heard_before or not after:
        return None
    return {
        "code": "before_after",
        "weeks_before": len(before),
        "weeks_after": len(after),
        "contacts_before": len(heard_before),
        "contacts_after": len(heard_after),
        "repeat_rate_before": _rounded(repeat_rate(heard_before)),
        "repeat_rate_after": _rounded(repeat_rate(heard_after)),
    }


def still_asked(effect: Effect, *, weeks: int) -> Mapping[str, object] | None:
    """Return the reason to open again what is done: contacts have not fallen by what matters.

    None where they have, where so few `weeks` have passed since that nothing can have shown, and where too
    little is expected to say so.
    """
    if effect.observed is None or effect.expected is None or effect.verdict == "reduced":
        return None
    if weeks < ASK_AFTER or effect.expected < FEWEST or effect.observed < (1 - MARGIN) * effect.expected:
        return None
    return {
        "code": "still_asked",
        "weeks": weeks,
        "contacts": round(effect.observed),
        "expected": round(effect.expected),
    }


def _whole_weeks(start: date, end: date, first_day: date, last_day: date) -> list[date]:
    """Return the Mondays from `start` up to `end` whose weeks lie wholly within what was heard."""
    mondays = (start + number * WEEK for number in range((end - start) // WEEK))
    return [
        monday for monday in mondays if first_day <= monday and monday + WEEK - timedelta(days=1) <= last_day
    ]


def _within(contacts: Sequence[Contact], mondays: Sequence[date]) -> list[Contact]:
    return [one for one in contacts if _monday(one.day) in mondays]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
