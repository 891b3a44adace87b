"""A plain before/after, and how it says that it is one."""

from datetime import date, timedelta

from service.rules.contacts import Contact
from service.rules.effect import Comparison, plain_before_after

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


def compared(found: list[Contact], *, first: date = FIRST, last: date = LAST) -> Comparison:
    return plain_before_after(found, on=MONDAY + timedelta(days=2), first_day=first, last_day=last)


def test_compares_weeks_and_leaves_out_the_week_of_the_intervention() -> None:
    result = compared(steady(10, 5))
    assert (result.naive, result.observed, result.expected) == (-0.5, 40.0, 80.0)


def test_never_claims_more_than_a_plain_comparison_can() -> None:
    result = compared(steady(100, 0))
    assert result.verdict == "cannot_tell"
    assert result.reasons[0]["code"] == "plain_before_after"


def test_takes_at_most_eight_weeks_on_each_side() -> None:
    result = compared(steady(10, 10) + contacts((-9, 100), (9, 100)))
    assert result.naive == 0.0


def test_a_week_that_was_not_heard_wholly_is_not_compared() -> None:
    result = compared(
        steady(10, 5), first=MONDAY - timedelta(weeks=3, days=1), last=MONDAY + timedelta(weeks=3, days=1)
    )
    assert (result.reasons[0]["weeks_before"], result.reasons[0]["weeks_after"]) == (3, 2)
    assert (result.naive, result.weeks_needed) == (-0.5, 6)


def test_tells_what_is_missing() -> None:
    future = compared(steady(10, 5), last=MONDAY)
    assert (future.naive, future.observed, future.expected, future.weeks_needed) == (None, None, None, 8)
    assert future.reasons[1:] == ({"code": "no_week_after"},)
    first_week = compared(steady(10, 5), first=MONDAY)
    assert first_week.naive is None
    assert first_week.reasons[1:] == ({"code": "no_week_before"},)
    silent = compared(contacts((2, 5)))
    assert (silent.naive, silent.observed, silent.expected) == (None, 5.0, 0.0)
    assert silent.reasons[1:] == ({"code": "no_contact_before"},)


def test_tells_repeat_inquiries_on_both_sides() -> None:
    one = [
        Contact(theme_id="t", day=MONDAY + timedelta(days=day), customer_id="c", item_id=str(day))
        for day in (-20, -15, 10)
    ]
    figures = compared(one).reasons[0]
    assert (figures["repeat_rate_before"], figures["repeat_rate_after"]) == (0.5, 0.0)
