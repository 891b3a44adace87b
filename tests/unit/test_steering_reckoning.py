"""Shares of what customers did again and again, times of which some are not over, and months and weeks."""

import math
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.intervals import Z, of_share
from service.rules.steering.catalogue import MEASURES, latest
from service.rules.steering.frame import MONTHS, WEEKS, Case, Groups, frame, most_heard, slices_of
from service.rules.steering.reading import REASONS, Reading, unknown
from service.rules.steering.reckoning import median_time, share

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


class TestShares:
    def test_where_each_customer_is_one_case_it_is_wilsons(self) -> None:
        found = share({str(n): (float(n < 3), 1.0) for n in range(10)})
        assert found
        low, high = of_share(0.3, 10)
        # The variance over clusters divides by one less: nine tenths of the cases count.
        assert found.low == pytest.approx(of_share(0.3, 9)[0])
        assert (found.met, found.of, found.value) == (3, 10, 0.3)
        assert found.low <= low < 0.3 < high <= found.high

    def test_a_customer_with_a_hundred_cases_is_no_hundred_customers(self) -> None:
        loud = {"a": (100.0, 100.0), "b": (0.0, 100.0), "c": (50.0, 100.0)}
        many = {str(n): (float(n % 2), 1.0) for n in range(300)}
        found, plain = share(loud), share(many)
        assert found
        assert plain
        assert found.value == plain.value == 0.5
        assert found.high - found.low > 4 * (plain.high - plain.low)

    def test_all_or_none_of_one_customer_says_next_to_nothing(self) -> None:
        found = share({"a": (50.0, 50.0)})
        assert found
        assert (found.value, found.high) == (1.0, 1.0)
        assert found.low == pytest.approx(of_share(1.0, 1)[0])

    def test_of_nothing_there_is_no_share(self) -> None:
        assert share({}) is None

    @given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=1, max_size=30))
    def test_it_lies_in_its_interval_and_both_lie_between_nothing_and_all(
        self, drawn: list[tuple[int, int]]
    ) -> None:
        found = share({str(n): (float(min(met, of)), float(of)) for n, (met, of) in enumerate(drawn)})
        assert found
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.met / found.of == found.value


def by_hand(times: list[tuple[int, bool]]) -> tuple[float | None, float | None, float | None]:
    """The median and its limits straight from the books, in fractions."""
    standing, greenwood = Fraction(1), Fraction(0)
    value = low = high = None
    for moment in sorted({time for time, over in times if over}):
        risk = sum(time >= moment for time, _ in times)
        ended = sum(time == moment and over for time, over in times)
        standing *= Fraction(risk - ended, risk)
        if risk > ended:
            greenwood += Fraction(ended, risk * (risk - ended))
        if standing > 0:
            theta = math.exp(Z * math.sqrt(greenwood) / math.log(standing))
            limits = sorted((float(standing) ** theta, float(standing) ** (1 / theta)))
        else:
            limits = [0.0, 1.0]
        low = moment if low is None and limits[0] <= 0.5 else low
        value = moment if value is None and standing <= Fraction(1, 2) else value
        high = moment if high is None and limits[1] <= 0.5 else high
    return value, low, high


class TestTimes:
    def test_where_all_are_over_it_is_the_middle_one(self) -> None:
        found = median_time((float(n), True) for n in range(1, 100))
        assert found.value == 50
        assert found.low is not None
        assert found.high is not None
        assert 38 <= found.low < 50 < found.high <= 62

    def test_one_that_waits_still_is_longer_than_it_has_waited(self) -> None:
        over = [(float(n), True) for n in range(1, 6)]
        assert median_time(over).value == 3
        assert median_time([*over, *((9.0, False) for _ in range(3))]).value == 4

    def test_where_fewer_than_half_have_come_to_it_there_is_no_median(self) -> None:
        found = median_time([(1.0, True), (2.0, False), (3.0, False)])
        assert (found.value, found.high, found.over, found.number) == (None, None, 1, 3)

    def test_of_one_and_of_none(self) -> None:
        assert median_time([(5.0, True)]) == (5.0, 5.0, None, 1, 1)
        assert median_time([]) == (None, None, None, 0, 0)

    @given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=40))
    def test_it_is_that_of_the_books(self, times: list[tuple[int, bool]]) -> None:
        found = median_time((float(time), over) for time, over in times)
        assert found[:3] == by_hand(times)
        if found.value is not None:
            assert found.low is not None
            assert found.low <= found.value
            assert found.high is None or found.value <= found.high


class TestPeriods:
    @given(DAYS)
    def test_each_day_lies_in_its_own_month_and_week(self, until: date) -> None:
        around = frame(first=date(1900, 1, 1), until=until)
        months, weeks = around.periods["month"], around.periods["week"]
        assert (len(months), len(weeks)) == (MONTHS, WEEKS)
        for every, periods in (("month", months), ("week", weeks), ("year", around.periods["year"])):
            assert periods[-1].start <= until <= periods[-1].end
            for place, period in enumerate(periods):
                assert period.every == every
                assert around.place(period.every, period.start) == place
                assert around.place(period.every, period.end) == place
                assert place == 0 or period.start == periods[place - 1].end + timedelta(days=1)
        assert around.place("month", months[0].start - timedelta(days=1)) is None
        assert around.place("week", weeks[-1].end + timedelta(days=1)) is None

    def test_what_is_not_over_or_not_known_from_its_beginning_is_not_whole(self) -> None:
        around = frame(first=date(2026, 3, 10), until=date(2026, 5, 30))
        assert [str(one.start) for one in around.periods["month"]] == [
            "2026-03-01",
            "2026-04-01",
            "2026-05-01",
        ]
        assert [around.is_whole(one) for one in around.periods["month"]] == [False, True, False]
        full = frame(first=date(2020, 1, 1), until=date(2026, 5, 31))
        assert full.is_whole(full.periods["month"][-1])

    def test_cases_lie_in_everybody_and_in_the_slices_that_are_measured(self) -> None:
        around = frame(first=date(2026, 1, 1), until=date(2026, 5, 31), slices=["plan:S"])
        cases = [
            Case(date(2026, 4, 30), "a", slices_of(plan="S", team="north"), 1),
            Case(date(2026, 5, 1), "b", (), 1),
            Case(date(2025, 12, 31), "c", ("plan:S",), 1),
        ]
        groups = Groups(cases, around, periods=("month",))
        found = {key: len(some) for key, some in groups._found.items()}
        assert found == {("", "month", 3): 1, ("", "month", 4): 1, ("plan:S", "month", 3): 1}

    def test_of_each_dimension_those_most_heard_are_measured(self) -> None:
        counts = {f"segment:{n:03}": n for n in range(100)} | {"team:a": 1, "plan:S": 5}
        found = most_heard(counts)
        assert found[0] == "segment:060"
        assert found[39] == "segment:099"
        assert found[40:] == ["plan:S", "team:a"]


class TestWords:
    def test_every_reason_is_a_sentence(self) -> None:
        assert [reason for reason, words in REASONS.items() if not words.endswith(".")] == []

    def test_every_measure_has_its_own_name(self) -> None:
        assert len({measure.name for measure in MEASURES}) == len(MEASURES) == 14

    def test_the_latest_number_is_that_of_the_last_whole_period_that_has_one(self) -> None:
        one = Reading(value=1.0)
        assert latest([one, one, unknown("waiting"), one], [True, True, True, False]) == 1
        assert latest([unknown("nothing"), one], [True, False]) is None
