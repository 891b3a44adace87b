"""Contacts per customer, repeat inquiries, contacts until a solution, self-service, and waiting: by hand."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.rules.contacts import Inquiry
from service.rules.steering.answering import Ticket, first_answer, solution
from service.rules.steering.contacting import (
    NO_THEME,
    Active,
    Made,
    contact_rate,
    contacts_made,
    customer_effort,
    followed,
    problems,
    repeat_rate,
)
from service.rules.steering.deciding import Answer, Spoken, answered_themes, due_themes, work
from service.rules.steering.frame import Frame, Slices, frame
from service.rules.steering.helping import Look, self_service
from service.rules.steering.reading import REASONS, Reading, Series

TOKYO = ZoneInfo("Asia/Tokyo")
FIRST, UNTIL = date(2026, 1, 1), date(2026, 5, 31)
AROUND = frame(first=FIRST, until=UNTIL)


def inquiry(theme: str, item: str, day: date, customer: str | None = None) -> Inquiry:
    return Inquiry(theme, item, customer, datetime.combine(day, time(12), TOKYO))


def made(
    heard: Iterable[Inquiry],
    *,
    slices: dict[str, Slices] | None = None,
    solved: dict[str, bool | None] | None = None,
) -> list[Made]:
    return contacts_made(heard, zone=TOKYO, slices=slices or {}, solved=solved or {})


def month(series: Series, number: int, name: str = "", around: Frame = AROUND) -> Reading:
    """The reading of a month of 2026."""
    place = around.place("month", date(2026, number, 1))
    assert place is not None
    return series[name, "month"][place]


def repeats(some: Iterable[Made], *, days: int = 30) -> Series:
    return repeat_rate(followed(some, days=days, until=UNTIL), AROUND)


def efforts(some: Iterable[Made]) -> Series:
    return customer_effort(problems(some, days=30, until=UNTIL), AROUND)


class TestContactRate:
    MARCH = date(2026, 3, 2)

    def active(self, count: int, *, plan: str = "S") -> list[Active]:
        return [Active("month", date(2026, 3, 1), f"c{n}", (f"plan:{plan}",)) for n in range(count)]

    def test_contacts_are_divided_by_those_who_were_active(self) -> None:
        heard = [
            inquiry("t", "a", self.MARCH, "c1"),
            inquiry("t", "b", self.MARCH, "c1"),  # the same day: the same contact
            inquiry("u", "b", self.MARCH, "c1"),  # about another theme as well
            inquiry(NO_THEME, "c", self.MARCH, "c2"),  # about nothing that is a theme
            inquiry("t", "d", self.MARCH),  # by nobody known
            inquiry("t", "e", date(2026, 4, 2), "c1"),
        ]
        series = contact_rate(made(heard), self.active(20), AROUND, base="customers")
        found = month(series, 3)
        assert (found.numerator, found.denominator, found.value) == (4, 20, 0.2)
        assert found.low is not None
        assert found.high is not None
        assert 0 < found.low < 0.2 < found.high
        assert found.facts == {"base": "customers", "unthemed": 1}

    def test_where_nobody_was_active_there_are_contacts_and_no_rate(self) -> None:
        heard = [inquiry("t", "a", self.MARCH, "c1")]
        for base, reason in ((None, "no_base"), ("accounts", "no_base_then")):
            found = month(contact_rate(made(heard), [], AROUND, base=base), 3)
            assert (found.value, found.reason, found.numerator, found.denominator) == (None, reason, 1, None)

    def test_a_month_that_is_not_over_has_no_rate(self) -> None:
        around = frame(first=FIRST, until=date(2026, 3, 30))
        found = month(contact_rate([], self.active(5), around, base="customers"), 3, around=around)
        assert (found.value, found.reason) == (None, "open")

    def test_a_month_in_which_nobody_asked_is_a_measured_nothing(self) -> None:
        found = month(contact_rate([], self.active(5), AROUND, base="customers"), 3)
        assert (found.value, found.low, found.numerator) == (0, 0, 0)
        assert found.high is not None
        assert found.high > 0

    def test_one_who_asks_a_hundred_times_makes_it_less_sure(self) -> None:
        days = [self.MARCH + timedelta(days=n % 28) for n in range(28)]
        one = made(inquiry(f"t{n}", f"a{n}", day, "c1") for n, day in enumerate(days))
        many = made(inquiry(f"t{n}", f"a{n}", day, f"c{n}") for n, day in enumerate(days))
        wide, narrow = (
            month(contact_rate(some, self.active(50), AROUND, base="customers"), 3) for some in (one, many)
        )
        assert wide.value == narrow.value
        assert (wide.high or 0) > 1.5 * (narrow.high or 0)

    def test_a_plan_is_held_against_its_own_customers_and_a_team_against_all(self) -> None:
        around = frame(first=FIRST, until=UNTIL, slices=["plan:S", "team:north"])
        heard = [inquiry("t", "a", self.MARCH, "c1"), inquiry("t", "b", self.MARCH, "c2")]
        some = made(heard, slices={"a": ("plan:S", "team:north")})
        everybody = [*self.active(4), Active("month", date(2026, 3, 1), "x", ("plan:L",))]
        series = contact_rate(some, everybody, around, base="customers")
        assert month(series, 3).value == 2 / 5
        assert month(series, 3, "plan:S", around).value == 1 / 4
        assert month(series, 3, "team:north", around).value == 1 / 5


class TestRepeatInquiries:
    def test_a_contact_counts_as_followed_when_the_same_customer_asks_again_in_time(self) -> None:
        day = date(2026, 3, 1)
        heard = [
            inquiry("t", "a", day, "c1"),
            inquiry("t", "b", day + timedelta(days=30), "c1"),  # on the last day
            inquiry("t", "c", day, "c2"),
            inquiry("t", "d", day + timedelta(days=31), "c2"),  # too late
            inquiry("u", "e", day + timedelta(days=1), "c2"),  # about something else
            inquiry("t", "f", day),  # nobody known
            inquiry(NO_THEME, "g", day, "c3"),
            inquiry(NO_THEME, "h", day + timedelta(days=1), "c3"),  # in no theme: nothing is the same
        ]
        found = month(repeats(made(heard)), 3)
        assert (found.numerator, found.denominator) == (1, 4)

    def test_one_whose_time_is_not_over_waits_though_its_customer_came_back(self) -> None:
        heard = [
            inquiry("t", "a", date(2026, 5, 1), "c1"),
            inquiry("t", "b", date(2026, 5, 3), "c1"),
        ]
        found = month(repeats(made(heard)), 5)
        assert (found.value, found.numerator, found.denominator, found.waiting) == (1, 1, 1, 1)

    def test_without_known_customers_it_is_not_known(self) -> None:
        found = month(repeats(made([inquiry("t", "a", date(2026, 3, 1))])), 3)
        assert (found.value, found.reason) == (None, "no_known_customer")

    @settings(max_examples=60)
    @given(
        st.lists(st.tuples(st.sampled_from("tu"), st.sampled_from("abc"), st.integers(0, 150)), max_size=40),
        st.integers(1, 60),
    )
    def test_it_is_what_one_counts_by_going_through_all_pairs(
        self, heard: Sequence[tuple[str, str, int]], days: int
    ) -> None:
        there = sorted({(theme, who, FIRST + timedelta(days=n)) for theme, who, n in heard})
        some = made(inquiry(theme, f"{n}", day, who) for n, (theme, who, day) in enumerate(there))
        series = repeats(some, days=days)
        for number in range(1, 6):
            ripe = [
                (theme, who, day)
                for theme, who, day in there
                if day.month == number and day + timedelta(days=days) <= UNTIL
            ]
            met = [
                one
                for one in ripe
                if any(
                    (theme, who) == one[:2] and 1 <= (day - one[2]).days <= days for theme, who, day in there
                )
            ]
            found = month(series, number)
            assert (found.numerator or 0, found.denominator or 0) == (len(met), len(ripe))


class TestCustomerEffort:
    def test_contacts_are_counted_until_the_problem_is_solved(self) -> None:
        heard = [
            inquiry("t", "a", date(2026, 2, 20), "c1"),
            inquiry("t", "b", date(2026, 3, 1), "c1"),
            inquiry("t", "c", date(2026, 3, 5), "c1"),  # solved with the third
            inquiry("t", "d", date(2026, 3, 5), "c2"),  # with the first
            inquiry("t", "e", date(2026, 3, 6), "c3"),  # never
            inquiry("t", "f", date(2026, 5, 20), "c4"),  # perhaps another comes
        ]
        solved: dict[str, bool | None] = {"c": True, "d": True, "e": False, "f": True}
        series = efforts(made(heard, solved=solved))
        found = month(series, 3)
        assert (found.value, found.numerator, found.denominator, found.left_out) == (2, 4, 2, 1)
        assert found.low is not None
        assert found.high is not None
        assert 1 <= found.low < 2 < found.high
        assert month(series, 2).value is None  # it counts where it ended
        assert (month(series, 5).reason, month(series, 5).waiting) == ("waiting", 1)

    def test_where_no_source_tells_what_is_solved_it_is_not_known(self) -> None:
        found = month(efforts(made([inquiry("t", "a", date(2026, 3, 1), "c1")])), 3)
        assert (found.value, found.reason, found.left_out) == (None, "no_status", 1)


class TestSelfService:
    def look(self, day: date, customer: str | None = "c1") -> Look:
        return Look(day, customer, ())

    def test_days_of_looking_without_asking_are_held_against_all_days_of_need(self) -> None:
        looks = [
            self.look(date(2026, 3, 1)),
            self.look(date(2026, 3, 2)),
            self.look(date(2026, 3, 2)),  # twice on a day is once
            self.look(date(2026, 3, 10)),  # and asks three days later
            self.look(date(2026, 3, 20)),  # and asks four days later
            self.look(date(2026, 3, 21), None),  # nobody known
            self.look(date(2026, 3, 31), "c9"),
        ]
        asked = [
            inquiry("t", "a", date(2026, 3, 13), "c1"),
            inquiry("t", "b", date(2026, 3, 24), "c1"),
            inquiry("u", "b", date(2026, 3, 24), "c1"),  # one day of need
            inquiry("t", "c", date(2026, 3, 5)),  # nobody known
        ]
        found = month(self_service(looks, made(asked), AROUND), 3)
        assert (found.numerator, found.denominator) == (4, 6)

    @pytest.mark.parametrize(
        ("looks", "reason"), [([], "no_looks"), ([Look(date(2026, 3, 1), None, ())], "unknown_looks")]
    )
    def test_without_looks_of_known_customers_it_is_not_known(self, looks: list[Look], reason: str) -> None:
        found = month(self_service(looks, made([inquiry("t", "a", date(2026, 3, 1), "c1")]), AROUND), 3)
        assert (found.value, found.reason) == (None, reason)
        assert "self-service share is not known" in REASONS[reason]

    def test_days_of_which_no_looks_were_given_do_not_count(self) -> None:
        looks = [self.look(date(2026, 3, 10)), self.look(date(2026, 3, 20))]
        asked = [inquiry("t", f"{n}", date(2026, 3, n), f"d{n}") for n in (1, 15, 25)]
        series = self_service(looks, made([*asked, inquiry("t", "x", date(2026, 4, 2), "c2")]), AROUND)
        assert (month(series, 3).numerator, month(series, 3).denominator) == (2, 3)
        assert month(series, 4).reason == "no_looks_then"

    def test_a_team_has_none(self) -> None:
        around = frame(first=FIRST, until=UNTIL, slices=["team:north"])
        series = self_service([self.look(date(2026, 3, 1))], [], around)
        assert month(series, 3, "team:north", around).reason == "not_by_slice"


NOON = time(12, tzinfo=TOKYO)
END = datetime(2026, 6, 1, tzinfo=TOKYO)


def ticket(
    day: date,
    answered: float | None = None,
    solved: float | None = None,
    *,
    source: str = "helpdesk",
    is_closed: bool = False,
) -> Ticket:
    created = datetime.combine(day, NOON)

    def after(hours: float | None) -> datetime | None:
        return None if hours is None else created + timedelta(hours=hours)

    return Ticket(source, day, (), created, after(answered), after(solved), is_closed)


class TestWaiting:
    MARCH = date(2026, 3, 10)

    def test_it_is_the_median_over_the_items_of_the_month(self) -> None:
        some = [ticket(self.MARCH, hours) for hours in (1, 2, 30)] + [ticket(date(2026, 4, 1), 100)]
        found = month(first_answer(some, AROUND, end=END), 3)
        assert (found.value, found.numerator, found.denominator) == (2, 3, 3)

    def test_what_waits_still_counts_as_longer(self) -> None:
        some = [ticket(self.MARCH, 1), ticket(self.MARCH, 5), *(ticket(self.MARCH) for _ in range(3))]
        found = month(first_answer(some, AROUND, end=END), 3)
        assert (found.value, found.reason, found.waiting, found.denominator) == (None, "under_half", 3, 5)

    def test_a_solution_is_an_answer_and_an_answer_is_no_solution(self) -> None:
        some = [ticket(self.MARCH, 1, 8), ticket(self.MARCH, None, 4), ticket(self.MARCH, 2)]
        assert month(first_answer(some, AROUND, end=END), 3).value == 2
        found = month(solution(some, AROUND, end=END), 3)
        assert (found.value, found.waiting) == (8, 1)

    def test_sources_that_never_tell_and_impossible_times_are_left_out(self) -> None:
        some = [
            ticket(self.MARCH, 3),
            ticket(self.MARCH, source="chats"),  # says nothing of anything
            ticket(self.MARCH, -5),
            ticket(self.MARCH, is_closed=True),  # nobody knows when
        ]
        found = month(first_answer(some, AROUND, end=END), 3)
        assert (found.value, found.denominator, found.left_out, found.waiting) == (3, 1, 2, 0)
        assert month(solution(some, AROUND, end=END), 3).reason == "no_solutions"
        assert month(first_answer([ticket(self.MARCH)], AROUND, end=END), 3).reason == "no_times"

    def test_what_is_dated_after_the_last_moment_has_not_happened(self) -> None:
        found = month(first_answer([ticket(UNTIL, 100), ticket(UNTIL, 1)], AROUND, end=END), 5)
        assert (found.numerator, found.waiting) == (1, 1)

    def test_nights_and_summer_time_are_hours_like_others(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        created = datetime(2026, 3, 28, 12, tzinfo=berlin)
        answered = datetime(2026, 3, 29, 12, tzinfo=berlin)
        one = ticket(created.date())._replace(created=created, answered=answered)
        assert month(first_answer([one], AROUND, end=END), 3).value == 23


class TestThemesAnswered:
    def spoken(self, theme: str, *days: int, who: Sequence[str] = ()) -> list[Spoken]:
        names = who or [f"c{n}" for n in range(len(days))]
        return [
            Spoken(theme, FIRST + timedelta(days=day), name, ("plan:S",))
            for day, name in zip(days, names, strict=True)
        ]

    def test_it_becomes_due_with_the_third_person_or_the_fifth_item(self) -> None:
        spoken = sorted(
            [
                *self.spoken("three", 0, 5, 9),
                *self.spoken("five", 0, 1, 2, 3, 20, who=["a"] * 5),
                *self.spoken("few", 0, 1, 2, who=["a", "a", "b"]),
            ],
            key=lambda one: one.day,
        )
        found = due_themes(spoken, [], people=3, items=5)
        assert [(one.theme_id, (one.day - FIRST).days, one.slices) for one in found] == [
            ("five", 20, ("plan:S",)),
            ("three", 9, ("plan:S",)),
        ]

    def test_the_first_answer_counts_and_none_from_before_it_was_spoken_of(self) -> None:
        answers = [
            Answer("t", FIRST - timedelta(days=1), "article"),
            Answer("t", FIRST + timedelta(days=50), "fix"),
            Answer("t", FIRST + timedelta(days=40), "decision"),
            Answer("other", FIRST, "fix"),
        ]
        (found,) = due_themes(self.spoken("t", 0, 1, 2), answers, people=3, items=5)
        assert found.answer == answers[2]

    def test_the_share_is_of_those_whose_quarter_is_over(self) -> None:
        spoken = [one for n in range(4) for one in self.spoken(f"t{n}", 0, 1, 2)] + self.spoken(
            "late", 100, 101, 102
        )
        answers = [
            Answer("t0", FIRST + timedelta(days=2 + 91), "fix"),
            Answer("t1", FIRST + timedelta(days=2 + 92), "fix"),  # a day late
            Answer("late", FIRST + timedelta(days=103), "fix"),
        ]
        series = answered_themes(due_themes(spoken, answers, people=3, items=5), AROUND, days=91)
        assert (month(series, 1).numerator, month(series, 1).denominator) == (1, 4)
        assert (month(series, 4).value, month(series, 4).reason, month(series, 4).waiting) == (
            None,
            "waiting",
            1,
        )
        assert month(series, 2).reason == "no_theme"

    def test_work_is_told_of_those_of_which_somebody_said_how_much(self) -> None:
        done = [
            Answer("a", date(2026, 3, 1), "fix"),
            Answer("a", date(2026, 3, 9), "article"),  # the same theme once
            Answer("b", date(2026, 3, 2), "article"),
            Answer("c", date(2026, 3, 3), "fix"),
            Answer("d", date(2026, 3, 3), "decision"),
        ]
        series = work(done, {"a": 3.0, "b": 0.5, "d": 9.0}, AROUND)
        found = month(series, 3)
        assert (found.value, found.denominator, found.left_out, found.low) == (1.75, 2, 1, None)
        assert month(series, 2).reason == "nothing"
        assert month(work(done, {}, AROUND), 3).reason == "no_work"
        assert month(work([], {}, AROUND), 3).reason == "nothing_solved"
