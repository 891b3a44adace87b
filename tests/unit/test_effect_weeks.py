"""Contacts, day by day, into the weeks that are measured."""

from datetime import date, timedelta

from service.rules.contacts import Contact
from service.rules.effects.series import Heard
from service.rules.effects.weeks import elsewhere, weekly_mean, weeks_of

MONDAY = date(2026, 3, 2)


def contact(day: int, item: str = "") -> Contact:
    """Return a contact so many days after the first Monday."""
    return Contact(theme_id="t", day=MONDAY + timedelta(days=day), customer_id=None, item_id=item or str(day))


def counts(found: dict[str, list[Heard]], theme: str) -> list[tuple[int, float]]:
    return [((row.period - MONDAY).days // 7, row.contacts) for row in found[theme]]


def weeks(contacts: dict[str, list[Contact]], *, first: int, last: int) -> dict[str, list[Heard]]:
    within = (MONDAY + timedelta(days=first), MONDAY + timedelta(days=last))
    return weeks_of(contacts, within=within)


def test_only_weeks_that_were_heard_wholly_count() -> None:
    found = weeks({"t": [contact(day) for day in (3, 8, 9, 15)]}, first=2, last=19)
    assert counts(found, "t") == [(1, 2.0)]


def test_a_quiet_week_of_one_theme_is_a_zero_and_one_of_all_is_missing() -> None:
    found = weeks({"a": [contact(0), contact(14)], "b": [contact(0), contact(7)]}, first=0, last=34)
    assert counts(found, "a") == [(0, 1.0), (1, 0.0), (2, 1.0)]
    assert counts(found, "b") == [(0, 1.0), (1, 1.0), (2, 0.0)]


def test_a_theme_is_measured_from_when_it_was_there() -> None:
    always = [contact(7 * week) for week in range(12)]
    found = weeks({"old": always, "new": [contact(63), contact(70)]}, first=0, last=83)
    assert [week for week, _ in counts(found, "new")] == [9, 10, 11]


def test_active_customers_are_those_of_the_week_up_to_its_sunday() -> None:
    within = (MONDAY, MONDAY + timedelta(days=13))
    active = {MONDAY + timedelta(days=6): 40, MONDAY + timedelta(days=13): 0}
    (first, second) = weeks_of({"t": [contact(0), contact(8)]}, within=within, active=active)["t"]
    assert (first.exposure, second.exposure) == (40, None)


def test_what_is_elsewhere_is_not_here() -> None:
    here, there = contact(1, "a"), contact(1, "b")
    assert elsewhere([here, there], [here]) == [there]


def test_the_mean_is_taken_from_the_first_to_the_last_week() -> None:
    assert weekly_mean([contact(0), contact(1), contact(14)]) == 1.0
    assert weekly_mean([]) == 0.0
