"""What became of accounts that raised a theme, beside comparable ones that did not."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from service.rules.comparing import Standing, compare, sizes_of
from service.rules.intervals import Interval, of_difference, of_share, of_sum, together

TODAY = date(2026, 5, 1)
LANDMARK = TODAY - timedelta(days=90)
LATER = TODAY - timedelta(days=30)


def accounts(plan: str, count: int, lost: int, *, first: int = 0) -> list[Standing]:
    return [
        Standing(f"{plan}{n:03}", plan=plan, lost=(LATER,) if n < first + lost else ())
        for n in range(first, first + count)
    ]


class TestComparable:
    def test_each_plan_is_held_against_itself(self) -> None:
        # Half of the small ones leave and none of the large: the theme is raised by small ones alone.
        held = compare([*accounts("S", 40, 20), *accounts("L", 60, 0)], landmark=LANDMARK, until=TODAY)
        raised = [f"S{n:03}" for n in range(0, 40, 2)]
        found = held.difference(raised, "churn")
        assert found
        assert (found.raised, found.raised_met, found.others, found.others_met) == (20, 10, 20, 10)
        assert found.difference.value == 0
        assert found.difference.low < 0 < found.difference.high

    def test_a_difference_is_told_with_its_interval(self) -> None:
        held = compare(accounts("S", 100, 30), landmark=LANDMARK, until=TODAY)
        found = held.difference([f"S{n:03}" for n in range(10, 60)], "churn")
        assert found
        assert (found.share, found.others_share) == pytest.approx((0.4, 0.2))
        assert found.difference.low < 0.2 < found.difference.high
        assert found.weight * found.difference.value == pytest.approx(20 - 50 * 30 / 100)

    def test_who_had_left_before_is_no_company(self) -> None:
        gone = Standing("S900", plan="S", lost=(LANDMARK,))
        young = Standing("S901", plan="S", started=LANDMARK + timedelta(days=1))
        held = compare([*accounts("S", 4, 1), gone, young], landmark=LANDMARK, until=TODAY)
        assert [one.account_id for one in held.accounts] == ["S000", "S001", "S002", "S003"]

    def test_a_group_in_which_all_raised_it_says_nothing(self) -> None:
        held = compare([*accounts("S", 4, 4), *accounts("L", 4, 0)], landmark=LANDMARK, until=TODAY)
        found = held.difference([f"S{n:03}" for n in range(4)] + ["L000"], "churn")
        assert found
        assert (found.raised, found.others, found.difference.value) == (1, 3, 0)
        assert held.difference([f"S{n:03}" for n in range(4)], "churn") is None

    def test_where_nothing_is_known_to_compare_by_nothing_is_compared(self) -> None:
        held = compare([Standing(f"a{n}") for n in range(9)], landmark=LANDMARK, until=TODAY)
        assert (held.likeness, held.difference(["a1"], "churn")) == ((), None)

    def test_the_finest_likeness_counts_in_which_most_have_company(self) -> None:
        alike = [Standing(f"a{n}", plan="SML"[n % 3], segment=str(n)) for n in range(12)]
        assert compare(alike, landmark=LANDMARK, until=TODAY).likeness == ("plan",)

    def test_of_renewals_only_those_count_that_were_decided(self) -> None:
        held = compare(
            [
                Standing("a", plan="S", renewed=(LATER,)),
                Standing("b", plan="S", lost=(LATER,)),
                Standing("c", plan="S"),
                Standing("d", plan="S", contracted=(LATER,), renewed=(LATER,)),
            ],
            landmark=LANDMARK,
            until=TODAY,
        )
        found = held.difference(["a", "c"], "renewal")
        assert found
        assert (found.raised, found.raised_met, found.others, found.others_met) == (1, 1, 2, 1)
        loss = held.difference(["a", "c"], "loss")
        assert loss
        assert (loss.share, loss.others_share) == (0, 0.75)


def test_sizes_are_shares_of_those_in_the_same_currency() -> None:
    revenues = (("JPY", 10), ("JPY", 20), ("JPY", 20), ("USD", 1), ("EUR", None))
    held = [
        Standing(f"a{n}", revenue=None if amount is None else Decimal(amount), currency=currency)
        for n, (currency, amount) in enumerate(revenues)
    ]
    assert sizes_of(held) == pytest.approx({"a0": 1 / 6, "a1": 4 / 6, "a2": 4 / 6, "a3": 0.5})


class TestIntervals:
    """Each as right as it claims, where the truth is known."""

    def test_of_a_sum_over_customers(self) -> None:
        dice = np.random.default_rng(3)
        for rate in (2, 8, 40):
            held = []
            for _ in range(2000):
                weights = dice.choice([0.5, 1.0, 2.5], dice.poisson(rate))
                found = of_sum(float(weights.sum()), float(weights @ weights), weight=1.0)
                held.append(found.low <= rate * 4 / 3 <= found.high)
            assert np.mean(held) >= 0.935

    def test_of_a_difference_of_shares(self) -> None:
        dice = np.random.default_rng(4)
        for share, other in ((0.05, 0.05), (0.3, 0.1), (0.9, 0.97)):
            mine, others = dice.binomial(20, share, 4000) / 20, dice.binomial(60, other, 4000) / 60
            found = [of_difference(m, 20, o, 60) for m, o in zip(mine, others, strict=True)]
            assert np.mean([one.low <= share - other <= one.high for one in found]) >= 0.935

    def test_nobody_of_a_few_is_no_certainty(self) -> None:
        assert of_share(0.0, 5) == pytest.approx((0, 0.4345), abs=0.001)
        assert of_sum(0.0, 0.0, weight=1.0) == pytest.approx((0, 0, 3.689), abs=0.001)

    def test_what_varies_by_itself_widens_the_sum_by_the_root_of_squares(self) -> None:
        assert together([Interval(1, 0, 5), Interval(2, -1, 5)]) == pytest.approx((3, 3 - 10**0.5, 8))
