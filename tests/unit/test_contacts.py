"""What a contact is, and what a repeat inquiry."""

from datetime import UTC, date, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.contacts import (
    Contact,
    Inquiry,
    contacts,
    iso_week,
    plausible,
    repeat_rate,
    repeats,
    weekly,
)

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime(2026, 5, 18, 3, tzinfo=UTC)
"""Noon in Tokyo on a Monday."""


def inquiry(
    item: str, *, customer: str | None = "c1", days: float = 0, theme: str = "t1", at: datetime = NOON
) -> Inquiry:
    return Inquiry(theme_id=theme, item_id=item, customer_id=customer, created_at=at + timedelta(days=days))


def days_of(*days: float, customer: str | None = "c1") -> list[Contact]:
    heard = [inquiry(f"i{index}", customer=customer, days=each) for index, each in enumerate(days)]
    return contacts(heard, zone=TOKYO).get("t1", [])


class TestContacts:
    def test_one_customer_on_one_day_is_one_contact_however_many_tickets(self) -> None:
        found = contacts([inquiry("b", days=0.1), inquiry("a")], zone=TOKYO)
        assert found == {
            "t1": [Contact(theme_id="t1", day=date(2026, 5, 18), customer_id="c1", item_id="a")],
        }

    def test_another_customer_another_theme_and_another_day_are_contacts_of_their_own(self) -> None:
        heard = [inquiry("a"), inquiry("b", customer="c2"), inquiry("c", theme="t2"), inquiry("d", days=1)]
        found = contacts(heard, zone=TOKYO)
        assert [len(found["t1"]), len(found["t2"])] == [3, 1]

    def test_items_without_a_customer_are_one_contact_each(self) -> None:
        heard = [inquiry("a", customer=None), inquiry("b", customer=None)]
        assert len(contacts(heard, zone=TOKYO)["t1"]) == 2

    def test_a_customer_who_is_called_like_an_item_is_not_that_item(self) -> None:
        heard = [inquiry("a", customer=None), inquiry("b", customer="a")]
        assert len(contacts(heard, zone=TOKYO)["t1"]) == 2

    def test_the_day_is_that_of_the_organisation(self) -> None:
        late = datetime(2026, 5, 18, 14, 59, tzinfo=UTC)  # a minute to midnight in Tokyo
        heard = [inquiry("a", at=late), inquiry("b", at=late + timedelta(minutes=2))]
        assert [each.day for each in contacts(heard, zone=TOKYO)["t1"]] == [
            date(2026, 5, 18),
            date(2026, 5, 19),
        ]
        assert len(contacts(heard, zone=ZoneInfo("UTC"))["t1"]) == 1


class TestRepeats:
    @pytest.mark.parametrize(("gap", "expected"), [(1, 1), (30, 1), (31, 0)])
    def test_a_repeat_comes_within_one_to_thirty_days(self, gap: int, expected: int) -> None:
        assert repeats(days_of(0, gap)).count == expected

    def test_a_second_item_on_the_same_day_is_no_repeat(self) -> None:
        assert repeats(days_of(0, 0.2)).count == 0

    def test_the_window_starts_anew_with_each_contact(self) -> None:
        assert repeats(days_of(0, 20, 40)).count == 2

    def test_the_window_is_a_setting(self) -> None:
        assert repeats(days_of(0, 20, 40), days=7).count == 0

    def test_the_rate_is_among_the_contacts_of_known_customers(self) -> None:
        assert repeat_rate([*days_of(0, 3), *days_of(0, 1, customer=None)]) == 0.5
        assert repeat_rate(days_of(0, 3, customer=None)) is None
        assert repeat_rate([]) is None


class TestWeeks:
    def test_weeks_are_iso_weeks(self) -> None:
        assert iso_week(date(2026, 5, 18)) == "2026-W21"
        assert iso_week(date(2027, 1, 3)) == "2026-W53"

    def test_weeks_without_contacts_are_zero_up_to_the_end(self) -> None:
        found = weekly(
            [date(2026, 12, 20), date(2027, 1, 5), date(2027, 1, 4)],
            within=(date(2026, 1, 1), date(2027, 1, 12)),
        )
        assert found == [("2026-W51", 1), ("2026-W52", 0), ("2026-W53", 0), ("2027-W01", 2), ("2027-W02", 0)]

    def test_without_a_day_there_is_no_week(self) -> None:
        assert weekly([], within=(date(2026, 1, 1), date(2027, 1, 12))) == []

    @given(st.lists(st.dates(date(2024, 1, 1), date(2027, 12, 31)), min_size=1))
    def test_every_day_is_in_one_week_and_no_week_is_left_out(self, days: list[date]) -> None:
        found = weekly(days)
        assert sum(count for _, count in found) == len(days)
        assert len(found) == len({week for week, _ in found})
        assert [week for week, _ in found] == sorted(week for week, _ in found)
        assert found[0][1]
        assert found[-1][1]


class TestPlausibleDays:
    YEAR: ClassVar = {date(2025, 6, 1) + timedelta(days=number): 3 for number in range(300)}

    @pytest.mark.parametrize("stray", [date(1970, 1, 1), date(2199, 12, 31)])
    def test_one_day_in_another_age_stretches_nothing(self, stray: date) -> None:
        bounds = plausible({**self.YEAR, stray: 1})
        assert bounds == (min(self.YEAR), max(self.YEAR))
        assert len(weekly([*self.YEAR, stray], within=bounds)) < 50

    def test_an_archive_of_old_tickets_counts(self) -> None:
        assert plausible({**self.YEAR, date(2019, 3, 1): 40}) == (date(2019, 3, 1), max(self.YEAR))

    def test_where_all_is_sparse_the_latest_stays(self) -> None:
        assert plausible({date(2020, 1, 1): 1, date(2026, 1, 1): 1}) == (date(2026, 1, 1), date(2026, 1, 1))
        assert plausible({}) is None
