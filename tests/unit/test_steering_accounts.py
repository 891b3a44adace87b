"""What accounts kept whose themes were solved, and the three numbers: by hand."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.comparing import Standing
from service.rules.steering.deals import Deal, Decision, deals
from service.rules.steering.frame import Every, Frame, frame, slices_of
from service.rules.steering.keeping import Kept, keeping, window
from service.rules.steering.reading import REASONS, Reading
from service.rules.steering.solving import Change, Life, Raised, Solution, Voices

FIRST, UNTIL = date(2025, 1, 1), date(2026, 5, 31)
AROUND = frame(first=FIRST, until=UNTIL)
JANUARY = date(2026, 1, 31)
"""The last day of the month whose accounts are followed into February, March and April."""
SPOKE, DONE = date(2025, 11, 1), date(2025, 12, 1)
HIGH = 3


def life(
    name: str,
    *,
    lost: date | None = None,
    renewed: Sequence[date] = (),
    started: date | None = date(2024, 1, 1),
    revenue: int | None = 100,
    currency: str = "JPY",
    plan: str = "S",
    expanded: Sequence[Change] = (),
    contracted: Sequence[Change] = (),
    used: Sequence[Change] = (),
    signed: Sequence[date] = (),
) -> Life:
    standing = Standing(
        name,
        plan=plan,
        revenue=None if revenue is None else Decimal(revenue),
        currency=currency,
        started=started,
        lost=[lost] if lost else [],
        contracted=[change.day for change in contracted],
        renewed=renewed,
    )
    return Life(standing, slices_of(plan=plan), signed, expanded, contracted, used)


def voices(
    *names: str,
    severity: int = HIGH,
    spoke: date = SPOKE,
    done: date | None = DONE,
    others: Sequence[str] = (),
) -> Voices:
    """Those named raised a theme that was solved, the others one that was not."""
    raised = [Raised(name, "t", spoke, severity) for name in names]
    raised += [Raised(name, "u", spoke, severity) for name in others]
    return Voices(raised, [Solution("t", done)] if done else [])


class TestSolvedForAnAccount:
    def solved(
        self, said: Sequence[int], solutions: Sequence[int], on: int, segment: str | None = None
    ) -> bool:
        known = Voices(
            [Raised("a", "t", FIRST + timedelta(days=day), 1) for day in said],
            [Solution("t", FIRST + timedelta(days=day), segment) for day in solutions],
        )
        return bool(known.stand(life("a"), FIRST + timedelta(days=on)).solved)

    def test_it_is_after_the_account_last_spoke_of_it(self) -> None:
        assert self.solved([1], [5], 5)
        assert not self.solved([1], [5], 4)  # not yet
        assert not self.solved([1, 7], [5], 9)  # it spoke again
        assert self.solved([1, 7], [5, 8], 9)  # and was helped again
        assert not self.solved([5], [5], 9)  # on the same day is not after
        assert not self.solved([6], [5], 9)  # it spoke only afterwards

    def test_what_was_done_for_another_segment_solves_nothing(self) -> None:
        assert not self.solved([1], [5], 9, segment="schools")

    def test_what_was_raised_more_than_a_year_ago_counts_no_more(self) -> None:
        assert self.solved([1], [5], 366)
        assert not self.solved([1], [5], 367)

    @given(
        st.lists(st.integers(0, 60), min_size=1, max_size=6),
        st.lists(st.integers(0, 60), max_size=4),
        st.integers(0, 60),
    )
    def test_it_is_what_the_definition_says(self, said: list[int], done: list[int], on: int) -> None:
        heard = [day for day in said if day <= on]
        wanted = bool(heard) and any(max(heard) < day <= on for day in done)
        assert self.solved(said, done, on) == wanted


def kept(
    kind: Kept,
    lives: Sequence[Life],
    known: Voices,
    *,
    name: str = "",
    around: Frame = AROUND,
    on: date = JANUARY,
) -> Reading:
    place = around.place("month", on)
    assert place is not None
    return keeping(lives, known, around).series[kind][name, "month"][place]


class TestRetention:
    def lives(self) -> list[Life]:
        """Ten whose theme was solved, one of which left; ten others, four of which left."""
        inside = date(2026, 3, 1)
        ours = [life(f"s{n}", lost=inside if n < 1 else None) for n in range(10)]
        return [*ours, *(life(f"o{n}", lost=inside if n < 4 else None) for n in range(10))]

    def known(self) -> Voices:
        return voices(*(f"s{n}" for n in range(10)), others=[f"o{n}" for n in range(10)])

    def test_those_who_stayed_are_counted_beside_comparable_ones(self) -> None:
        found = kept("retention", self.lives(), self.known())
        assert (found.value, found.numerator, found.denominator) == (0.9, 9, 10)
        assert (found.facts["others"], found.facts["others_kept"]) == (10, 6)
        difference = found.facts["difference"]
        assert difference["value"] == pytest.approx(0.3)
        assert difference["low"] < 0.3 < difference["high"]
        assert (difference["solved"], difference["others"]) == (10, 10)

    def test_who_left_before_or_raised_nothing_is_on_neither_side(self) -> None:
        more = [life("gone", lost=JANUARY), life("silent"), life("young", started=date(2026, 2, 1))]
        found = kept(
            "retention",
            [*self.lives(), *more],
            voices(*(f"s{n}" for n in range(10)), "gone", "young", others=[f"o{n}" for n in range(10)]),
        )
        assert (found.denominator, found.facts["others"]) == (10, 10)

    def test_it_waits_until_the_three_months_after_are_over(self) -> None:
        found = kept("retention", self.lives(), self.known(), on=date(2026, 3, 31))
        assert (found.value, found.reason) == (None, "waiting")
        assert window(AROUND.periods["month"][-4])[1:] == (date(2026, 2, 28), date(2026, 5, 31))

    @pytest.mark.parametrize(
        ("lives", "known", "reason"),
        [
            ([], voices(), "no_accounts"),
            ([life("a")], voices("a"), "no_outcomes"),
            ([life("a", lost=date(2026, 3, 1))], voices("a", done=None), "nothing_solved"),
            ([life("a", lost=date(2026, 3, 10))], voices("a"), "before_outcomes"),
            ([life("a", renewed=[date(2025, 3, 1)])], voices("b"), "none_solved_for"),
        ],
    )
    def test_where_it_cannot_be_known_it_says_why(
        self, lives: list[Life], known: Voices, reason: str
    ) -> None:
        found = kept("retention", lives, known)
        assert (found.value, found.reason) == (None, reason)
        assert reason in REASONS

    def test_a_plan_is_told_by_itself_and_a_team_is_not(self) -> None:
        around = frame(first=FIRST, until=UNTIL, slices=["plan:S", "plan:L", "team:north"])
        lives = [*self.lives(), life("big", plan="L")]
        known = voices(*(f"s{n}" for n in range(10)), "big", others=[f"o{n}" for n in range(10)])
        assert kept("retention", lives, known, name="plan:S", around=around).denominator == 10
        assert kept("retention", lives, known, name="plan:L", around=around).value == 1
        assert kept("retention", lives, known, name="team:north", around=around).reason == "not_by_slice"


class TestUsage:
    def used(self, name: str, before: int, after: int) -> Life:
        months = [date(2025, 11, 15), date(2025, 12, 15), date(2026, 1, 15)]
        later = [date(2026, 2, 15), date(2026, 3, 15), date(2026, 4, 15)]
        uses = [Change(day, Decimal(before)) for day in months] + [
            Change(day, Decimal(after)) for day in later
        ]
        return life(name, used=[use for use in uses if use.amount])

    def test_it_is_what_each_kept_of_its_own_and_growth_makes_up_for_nothing(self) -> None:
        lives = [
            self.used("half", 10, 5),
            self.used("more", 10, 30),
            self.used("gone", 10, 0),
            self.used("never", 0, 0),
            self.used("other", 10, 10),
        ]
        found = kept("usage_kept", lives, voices("half", "more", "gone", "never", others=["other"]))
        assert (found.value, found.denominator, found.left_out) == (0.5, 3, 1)
        assert (found.facts["others"], found.facts["others_kept"]) == (1, 1)

    def test_a_log_that_does_not_reach_so_far_says_nothing(self) -> None:
        short = life("a", used=[Change(date(2026, 1, 15), None), Change(date(2026, 4, 15), None)])
        assert kept("usage_kept", [short], voices("a")).reason == "no_usage_then"
        assert kept("usage_kept", [life("a")], voices("a")).reason == "no_usage"


class TestRevenue:
    def test_it_is_counted_back_to_the_day_and_no_currency_is_added_to_another(self) -> None:
        inside, later = date(2026, 3, 1), date(2026, 5, 5)
        lives = [
            life("shrank", revenue=50, contracted=[Change(inside, Decimal(50))]),  # 100 on the day
            life("grew", revenue=300, expanded=[Change(inside, Decimal(100))]),  # 200, all kept
            life("later", revenue=60, contracted=[Change(later, Decimal(40))]),  # 100, all kept
            life("left", revenue=100, lost=inside, currency="USD"),
            life("unknown", revenue=None),
            life("how much?", contracted=[Change(inside, None)]),
            life("other", revenue=10),
        ]
        names = [each.account_id for each in lives[:-1]]
        found = kept("revenue_kept", lives, voices(*names, others=["other"]))
        assert (found.denominator, found.left_out) == (4, 2)
        assert found.value == pytest.approx((0.5 + 1 + 1 + 0) / 4)
        assert found.facts["money"] == {
            "JPY": {"solved": 400, "solved_kept": 350, "others": 10, "others_kept": 10},
            "USD": {"solved": 100, "solved_kept": 0, "others": 0, "others_kept": 0},
        }

    def test_without_any_revenue_it_is_not_known(self) -> None:
        lives = [life("a", revenue=None, renewed=[date(2025, 2, 1)])]
        assert kept("revenue_kept", lives, voices("a")).reason == "no_revenue"


RENEWED = date(2026, 4, 10)


def number(
    deal: Deal, lives: Sequence[Life], known: Voices, *, every: Every = "year", until: date = UNTIL
) -> Reading:
    around = frame(first=FIRST, until=until)
    return deals(lives, known, around).series[deal]["", every][-1]


class TestFirstDealsKept:
    START = date(2025, 4, 10)

    def test_a_first_renewal_after_a_theme_was_solved_is_one(self) -> None:
        lives = [
            life("kept", renewed=[RENEWED], signed=[self.START]),
            life("left", lost=RENEWED, signed=[self.START]),
            life("later left", renewed=[RENEWED], lost=date(2026, 5, 1), signed=[self.START]),
            life("unsolved", renewed=[RENEWED], signed=[self.START]),
            life("silent", renewed=[RENEWED], signed=[self.START]),
        ]
        found = number("first_deals_kept", lives, voices("kept", "left", "later left", others=["unsolved"]))
        assert (found.value, found.denominator) == (1, 3)
        assert (found.facts["others"], found.facts["others_kept"]) == (1, 1)
        assert found.facts["money"] == {"JPY": 100.0}
        assert found.facts["difference"]["value"] == pytest.approx(1 / 3 - 1)

    def test_a_second_renewal_is_none_and_one_whose_beginning_nobody_told_neither(self) -> None:
        lives = [
            life("second", renewed=[date(2025, 10, 10), RENEWED], signed=[self.START]),
            life("old", renewed=[RENEWED], started=date(2020, 1, 1)),
        ]
        assert number("first_deals_kept", lives, voices("second", "old")).reason == "none_decided"
        young = life("young", renewed=[RENEWED], started=date(2025, 11, 1))
        assert number("first_deals_kept", [*lives, young], voices("young")).value == 1

    def test_a_solution_after_the_renewal_kept_nothing(self) -> None:
        lives = [life("a", renewed=[RENEWED], signed=[self.START])]
        assert number("first_deals_kept", lives, voices("a", done=RENEWED)).reason == "none_decided"
        assert number("first_deals_kept", lives, voices("a", done=RENEWED - timedelta(days=1))).value == 1


class TestShrinkageAvoided:
    def test_only_those_count_for_whom_something_grave_was_solved(self) -> None:
        lives = [life(name, renewed=[date(2025, 4, 1), RENEWED]) for name in ("grave", "slight")]
        raised = [Raised("grave", "t", SPOKE, 3), Raised("slight", "t", SPOKE, 2)]
        found = deals(lives, Voices(raised, [Solution("t", DONE)]), AROUND)
        assert [one.account_id for one in found.cases if one.deal == "shrinkage_avoided"] == ["grave"]

    def test_one_that_shrank_about_then_did_shrink(self) -> None:
        earlier = date(2025, 4, 1)
        lives = [
            life("stayed", renewed=[earlier, RENEWED]),
            life("shrank", renewed=[earlier, RENEWED], contracted=[Change(RENEWED, Decimal(1))]),
            life("before", renewed=[earlier, RENEWED], contracted=[Change(date(2026, 2, 1), Decimal(1))]),
            life("long ago", renewed=[earlier, RENEWED], contracted=[Change(date(2025, 9, 1), Decimal(1))]),
            life("left", renewed=[earlier], lost=RENEWED),
        ]
        found = number(
            "shrinkage_avoided",
            lives,
            voices(*(each.account_id for each in lives)),
            every="month",
            until=date(2026, 4, 30),
        )
        assert (found.value, found.denominator) == (2, 5)

    def test_an_account_counts_once_as_its_last_decision_was(self) -> None:
        monthly = [date(2026, month, 10) for month in (1, 2, 3, 4)]
        found = number("shrinkage_avoided", [life("a", renewed=monthly)], voices("a"))
        assert (found.value, found.denominator, found.facts["money"]) == (1, 1, {"JPY": 100.0})


class TestGrowthWon:
    def grew(
        self, name: str, *days: date, amount: int | None = 30, lost: date | None = None, currency: str = "JPY"
    ) -> Life:
        changes = [Change(day, None if amount is None else Decimal(amount)) for day in days]
        return life(name, expanded=changes, lost=lost, currency=currency)

    def test_expansions_soon_after_a_solution_are_added_up_by_currency(self) -> None:
        lives = [
            self.grew("twice", date(2026, 1, 1), date(2026, 2, 1)),
            self.grew("late", date(2026, 5, 31)),  # 181 days after
            self.grew("before", date(2025, 11, 20)),
            self.grew("dollars", date(2026, 1, 1), currency="USD"),
            self.grew("unknown", date(2026, 1, 1), amount=None),
            self.grew("left", date(2026, 1, 1), lost=date(2026, 2, 2)),
        ]
        found = number("growth_won", lives, voices(*(each.account_id for each in lives)))
        assert (found.value, found.denominator) == (3, 4)
        assert found.facts["money"] == {"JPY": 60.0, "USD": 30.0}
        assert found.facts["money_unknown"] == 1
        assert found.facts["others"] == 0


class TestNothing:
    @pytest.mark.parametrize(
        ("deal", "lives", "known", "reason"),
        [
            ("first_deals_kept", [], voices(), "no_accounts"),
            ("shrinkage_avoided", [life("a")], voices("a"), "no_renewals"),
            ("growth_won", [life("a", renewed=[RENEWED])], voices("a"), "no_growth"),
            ("first_deals_kept", [life("a", renewed=[RENEWED])], voices("a", done=None), "nothing_solved"),
        ],
    )
    def test_what_cannot_be_known_is_no_nothing(
        self, deal: Deal, lives: list[Life], known: Voices, reason: str
    ) -> None:
        found = number(deal, lives, known)
        assert (found.value, found.reason) == (None, reason)
        assert reason in REASONS

    def test_months_before_anything_was_told_of_accounts_are_unknown(self) -> None:
        found = deals([life("a", renewed=[RENEWED])], voices("a"), AROUND).series["first_deals_kept"]
        readings = found["", "month"]
        assert [one.reason for one in readings[-3:]] == ["before_outcomes", "none_decided", "none_decided"]


DAYS = st.dates(date(2025, 6, 1), UNTIL)


@given(
    st.lists(
        st.tuples(st.lists(DAYS, max_size=3), st.none() | DAYS, st.lists(DAYS, max_size=2), st.booleans()),
        max_size=8,
    )
)
def test_no_account_is_counted_that_left_or_for_which_nothing_was_solved(
    drawn: list[tuple[list[date], date | None, list[date], bool]],
) -> None:
    lives = [
        life(
            f"a{n}",
            renewed=sorted(renewed),
            lost=lost,
            expanded=[Change(day, Decimal(5)) for day in sorted(grew)],
            signed=[date(2025, 1, 5)] if is_new else [],
        )
        for n, (renewed, lost, grew, is_new) in enumerate(drawn)
    ]
    found = deals(lives, voices(*(f"a{n}" for n in range(0, len(lives), 2)), others=["a1", "a3"]), AROUND)
    by_id = {each.account_id: each for each in lives}

    def counts(one: Decision) -> bool:
        return bool(one.solved) and one.is_kept

    for one in filter(counts, found.cases):
        assert all(lost < one.day for lost in by_id[one.account_id].standing.lost)
        assert all(SPOKE < solved.day < one.day for solved in one.solved)
    for series in found.series.values():
        for reading in series["", "year"]:
            assert reading.value is None or 0 <= reading.value <= (reading.denominator or 0)
