"""What became of a theme's contacts after an intervention: so far a plain comparison, and labelled as one.

A plain before/after takes no season, trend or chance into account, so its verdict is always `cannot_tell`,
and it has no interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from service.rules.contacts import Contact, repeat_rate

WEEKS = 8
"""Whole weeks that are compared on each side, where there are so many."""
WEEK = timedelta(weeks=1)
ASK_AFTER = 4
"""Whole weeks after an intervention, from which on it should have shown."""
FEWEST = 5
"""Contacts that are expected at least: of fewer, chance alone may bring as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Contacts before and after; None where there is nothing to compare."""

    verdict: str
    naive: float | None
    """Contacts a week after ÷ before − 1."""
    observed: float | None
    """Contacts in the weeks after."""
    expected: float | None
    """As many as there would have been at the rate before."""
    weeks_needed: int
    """Whole weeks that are still missing after the intervention."""
    reasons: tuple[Mapping[str, object], ...]


def plain_before_after(
    contacts: Sequence[Contact], *, on: date, first_day: date, last_day: date
) -> Comparison:
    """Compare up to 8 whole weeks on each side of the week of `on`, which itself is left out.

    `first_day` and `last_day` bound what was heard at all: a week that is not wholly within is not compared.
    """
    week = _monday(on)
    before = _whole_weeks(week - WEEKS * WEEK, week, first_day, last_day)
    after = _whole_weeks(week + WEEK, week + (WEEKS + 1) * WEEK, first_day, last_day)
    heard_before = _within(contacts, before)
    heard_after = _within(contacts, after)
    figures: dict[str, object] = {
        "weeks_before": len(before),
        "weeks_after": len(after),
        "contacts_before": len(heard_before),
        "contacts_after": len(heard_after),
        "repeat_rate_before": _rounded(repeat_rate(heard_before)),
        "repeat_rate_after": _rounded(repeat_rate(heard_after)),
    }
    reasons: list[Mapping[str, object]] = [{"code": "plain_before_after", **figures}]
    reasons += [{"code": code} for code in _missing(before, after, heard_before)]
    rate = len(heard_before) / len(before) if before else 0.0
    expected = rate * len(after) if before and after else None
    return Comparison(
        verdict="cannot_tell",
        naive=_rounded(len(heard_after) / expected - 1) if expected else None,
        observed=float(len(heard_after)) if after else None,
        expected=_rounded(expected),
        weeks_needed=max(0, WEEKS - len(after)),
        reasons=tuple(reasons),
    )


def still_asked(compared: Comparison) -> Mapping[str, object] | None:
    """Return the reason to open again what is done: contacts have not fallen below what was expected.

    None where they have, or where too little was heard to say so.
    """
    weeks = WEEKS - compared.weeks_needed
    if compared.observed is None or compared.expected is None:
        return None
    if weeks < ASK_AFTER or compared.expected < FEWEST or compared.observed < compared.expected:
        return None
    return {
        "code": "still_asked",
        "weeks": weeks,
        "contacts": round(compared.observed),
        "expected": round(compared.expected),
    }


def _missing(before: Sequence[date], after: Sequence[date], heard_before: Sequence[Contact]) -> list[str]:
    missing = []
    if not before:
        missing.append("no_week_before")
    elif not heard_before:
        missing.append("no_contact_before")
    if not after:
        missing.append("no_week_after")
    return missing


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
