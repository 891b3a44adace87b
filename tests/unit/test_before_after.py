"""What was heard before and after, plainly, and when what is done is still asked about."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from service.rules.contacts import Contact
from service.rules.effects.before_after import before_and_after, still_asked
from service.rules.effects.verdict import Effect, Verdict

MONDAY = date(2026, 3, 2)
FIRST, LAST = MONDAY - timedelta(weeks=20), MONDAY + timedelta(weeks=20)


def contacts(*counts: tuple[int, int]) -> list[Contact]:
    """Return so many contacts in each week, counted from the week of the intervention."""
    return [
        Contact(
            theme_id="t",
            day=MONDAY + timedelta(weeks=week, days=number % 7),
            customer_id=f"{week}-{number}",
            item_id=f"{week}-{number}",
        )
        for week, count in counts
        for number in range(count)
    ]


def steady(before: int, after: int) -> list[Contact]:
    return contacts(
        *((week, before) for week in range(-8, 0)), (0, 50), *((week, after) for week in range(1, 9))
    )


def compared(found: list[Contact], *, first: date = FIRST, last: date = LAST) -> Mapping[str, object] | None:
    return before_and_after(found, on=MONDAY + timedelta(days=2), first_day=first, last_day=last)


def weeks_and_contacts(told: Mapping[str, object] | None) -> tuple[object, ...]:
    assert told is not None
    return tuple(told[name] for name in ("weeks_before", "contacts_before", "weeks_after", "contacts_after"))


def test_compares_weeks_and_leaves_out_the_week_of_the_intervention() -> None:
    assert weeks_and_contacts(compared(steady(10, 5))) == (8, 80, 8, 40)


def test_takes_at_most_eight_weeks_on_each_side() -> None:
    assert weeks_and_contacts(compared(steady(10, 10) + contacts((-9, 100), (9, 100)))) == (8, 80, 8, 80)


def test_a_week_that_was_not_heard_wholly_is_not_compared() -> None:
    result = compared(
        steady(10, 5), first=MONDAY - timedelta(weeks=3, days=1), last=MONDAY + timedelta(weeks=3, days=1)
    )
    assert weeks_and_contacts(result) == (3, 30, 2, 10)


def test_where_one_side_is_missing_there_is_nothing_to_compare() -> None:
    assert compared(steady(10, 5), last=MONDAY) is None
    assert compared(steady(10, 5), first=MONDAY) is None
    assert compared(contacts((2, 5))) is None


def test_tells_repeat_inquiries_on_both_sides() -> None:
    one = [
        Contact(theme_id="t", day=MONDAY + timedelta(days=day), customer_id="c", item_id=str(day))
        for day in (-20, -15, 10)
    ]
    figures = compared(one)
    assert figures is not None
    assert (figures["repeat_rate_before"], figures["repeat_rate_after"]) == (0.5, 0.0)


def effect(observed: float | None, expected: float | None, verdict: Verdict = "cannot_tell") -> Effect:
    return Effect(intervention_id="i", theme_id="t", verdict=verdict, observed=observed, expected=expected)


def test_what_has_not_fallen_by_a_tenth_in_four_weeks_is_still_asked() -> None:
    assert still_asked(effect(19, 20), weeks=4) == {
        "code": "still_asked",
        "weeks": 4,
        "contacts": 19,
        "expected": 20,
    }


@pytest.mark.parametrize(
    ("found", "weeks"),
    [
        (effect(17, 20), 4),
        (effect(19, 20), 3),
        (effect(4, 4), 8),
        (effect(None, None), 8),
        (effect(190, 200, "reduced"), 8),
    ],
)
def test_nothing_is_asked_too_early_of_too_little_or_of_what_fell(found: Effect, weeks: int) -> None:
    assert still_asked(found, weeks=weeks) is None
