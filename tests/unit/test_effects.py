"""What an intervention did to a theme's contacts, and when nothing can be told."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from service.rules.effects.breaks import _candidates
from service.rules.effects.cases import Intervention, Wishes
from service.rules.effects.foresight import foresee
from service.rules.effects.latent import swing_ahead, whiten
from service.rules.effects.priors import Noise
from service.rules.effects.regression import solve
from service.rules.effects.series import Heard, Series, all_series
from service.rules.effects.verdict import Effect, measure
from tests.series import codes, drawn, heard, measured, only, reason, week


class TestVerdicts:
    def test_a_third_fewer_contacts_are_a_reduction_of_about_a_third(self) -> None:
        effect = only(drawn(1, effect=-0.35), at=52)
        assert effect.verdict == "reduced"
        assert effect.relative_effect == pytest.approx(-0.35, abs=0.08)
        assert effect.low is not None
        assert effect.high is not None
        assert effect.low < -0.35 < effect.high < 0

    def test_half_as_many_again_are_an_increase(self) -> None:
        effect = only(drawn(2, effect=0.5), at=52)
        assert effect.verdict == "increased"
        assert effect.low is not None
        assert effect.low > 0

    def test_what_stays_the_same_is_unchanged_once_that_is_sure(self) -> None:
        contacts = drawn(3, level=2_000, before=104, after=26)
        assert only(contacts, at=104, margin=0.2).verdict == "unchanged"
        assert only(contacts, at=104, margin=0.01).verdict == "cannot_tell"

    def test_few_contacts_cannot_tell_and_the_interval_is_given_all_the_same(self) -> None:
        effect = only(drawn(4, level=3, before=20, after=4, effect=-0.2), at=20)
        assert effect.verdict == "cannot_tell"
        assert None not in (effect.relative_effect, effect.low, effect.high, effect.expected)

    def test_the_effect_is_observed_over_expected(self) -> None:
        effect = only(drawn(5, effect=-0.2), at=52)
        assert effect.observed is not None
        assert effect.expected is not None
        assert effect.relative_effect == pytest.approx(effect.observed / effect.expected - 1, abs=1e-3)

    def test_equal_input_gives_equal_answers(self) -> None:
        assert only(drawn(6), at=52) == only(drawn(6), at=52)

    def test_a_rate_that_swings_makes_less_sure(self) -> None:
        calm, wild = only(drawn(7), at=52), only(drawn(7, swing=0.4), at=52)
        assert calm.high is not None
        assert calm.low is not None
        assert wild.high is not None
        assert wild.low is not None
        assert wild.high - wild.low > 1.5 * (calm.high - calm.low)

    def test_seasons_and_growth_are_no_effects(self) -> None:
        weeks = np.arange(168)
        course = 200 * np.exp(0.3 * np.sin(2 * np.pi * weeks / 52.18) + 0.3 * weeks / 52.18)
        contacts = [float(count) for count in np.random.default_rng(8).poisson(course)]
        effect = only(contacts, at=156)
        assert effect.low is not None
        assert effect.high is not None
        assert effect.low < 0 < effect.high
        assert effect.naive is not None
        assert not effect.low < effect.naive < effect.high, "before and after alone would have claimed one"

    @pytest.mark.parametrize("height", [0.7, -0.5])
    def test_a_shift_long_before_is_seen_and_does_not_count_for_the_level(self, height: float) -> None:
        contacts = drawn(9, level=150, before=80)
        contacts[:25] = [round(count * (1 + height)) for count in contacts[:25]]
        effect = only(contacts, at=80)
        assert "shift" in codes(effect)
        assert effect.relative_effect == pytest.approx(0, abs=0.08)

    def test_a_passing_bump_is_seen_for_what_it_is(self) -> None:
        contacts = drawn(10, level=150)
        contacts[20] *= 3
        assert reason(only(contacts, at=52), "bump")["period"] == week(20).isoformat()

    def test_a_rise_just_before_is_told_for_it_may_fall_by_itself(self) -> None:
        contacts = drawn(11, level=100, after=4)
        contacts[46:52] = [count * 1.35 for count in contacts[46:52]]
        found = only([round(count) for count in contacts], at=52)
        assert "unusual_before" in codes(found)
        assert found.verdict == "cannot_tell"


class TestPeriods:
    def test_a_day_within_a_week_belongs_to_the_weeks_after(self) -> None:
        themes = {"t": heard(drawn(12, effect=-0.5))}
        monday, thursday = (
            measured(themes, ("a", "t", week(52)), margin=0.1),
            measured(themes, ("a", "t", week(52) + timedelta(days=3))),
        )
        assert monday[0].observed == thursday[0].observed

    def test_only_some_weeks_count_where_that_is_wished(self) -> None:
        contacts = drawn(13)
        assert only(contacts, at=52, after=4).observed == sum(contacts[52:56])
        assert only(contacts, at=52, washout=3).observed == sum(contacts[55:])

    def test_a_missing_week_is_no_zero(self) -> None:
        contacts = drawn(14, effect=-0.3)
        rows = heard(contacts)
        held = [row for place, row in enumerate(rows) if place not in (10, 11, 30, 55)]
        (effect,) = measured({"t": held}, ("i", "t", week(52)))
        assert effect.observed == sum(contacts[52:]) - contacts[55]
        assert effect.relative_effect == pytest.approx(-0.3, abs=0.1)

    def test_days_are_read_with_their_weekdays(self) -> None:
        rng = np.random.default_rng(15)
        days = [week(0) + timedelta(days=number) for number in range(140)]
        rates = [
            (2.0 if day.weekday() >= 5 else 20.0) * (0.5 if number >= 105 else 1)
            for number, day in enumerate(days)
        ]
        rows = [
            Heard(period=day, contacts=float(rng.poisson(rate)))
            for day, rate in zip(days, rates, strict=True)
        ]
        (effect,) = measured({"t": rows}, ("i", "t", days[105]))
        assert effect.verdict == "reduced"
        assert effect.relative_effect == pytest.approx(-0.5, abs=0.12)
        assert reason(effect, "forecast")["days"] == 1

    def test_more_customers_are_no_more_contacts_each(self) -> None:
        contacts = drawn(16)
        grown = [round(count * (1.5 if place >= 52 else 1)) for place, count in enumerate(contacts)]
        rows = [
            Heard(period=week(place), contacts=count, exposure=150.0 if place >= 52 else 100.0)
            for place, count in enumerate(grown)
        ]
        (effect,) = measured({"t": rows}, ("i", "t", week(52)))
        assert effect.relative_effect == pytest.approx(0, abs=0.1)
        assert effect.naive == pytest.approx(0, abs=0.1)

    def test_more_customers_are_not_counted_again_where_the_other_themes_grow_with_them(self) -> None:
        def grown(seed: int) -> list[Heard]:
            contacts = drawn(seed, level=400, effect=0.5)
            return [
                Heard(period=week(place), contacts=count, exposure=150.0 if place >= 52 else 100.0)
                for place, count in enumerate(contacts)
            ]

        themes = {f"c{n}": grown(300 + n) for n in range(4)}
        (effect,) = measured({**themes, "t": grown(16)}, ("i", "t", week(52)))
        assert effect.relative_effect == pytest.approx(0, abs=0.06)
        without = {theme: [replace(row, exposure=None) for row in rows] for theme, rows in themes.items()}
        (effect,) = measured({**without, "t": grown(16)}, ("i", "t", week(52)))
        assert effect.relative_effect == pytest.approx(0, abs=0.06), (
            "of theirs it is taken that they grew alike"
        )

    def test_one_theme_told_by_days_makes_no_days_of_another_ones_weeks(self) -> None:
        weekly = heard(drawn(12, effect=-0.5))
        daily = [Heard(period=week(0) + timedelta(days=number), contacts=5.0) for number in range(448)]
        thursday = week(52) + timedelta(days=3)
        found = measured({"w": weekly, "d": daily}, ("i", "w", thursday), ("j", "d", thursday))
        assert [reason(effect, "forecast")["days"] for effect in found] == [7, 1]
        assert [reason(effect, "forecast")["periods_after"] for effect in found] == [12, 81]
        assert found[0].relative_effect == pytest.approx(-0.5, abs=0.1)

    def test_a_break_of_some_days_is_no_end_of_a_theme_told_by_days(self) -> None:
        counts = [float(count) for count in np.random.default_rng(1).poisson(5, 120)]
        counts[90:99] = [0.0] * 9
        days = [week(0) + timedelta(days=number) for number in range(120)]
        rows = [Heard(period=day, contacts=count) for day, count in zip(days, counts, strict=True)]
        (effect,) = measured({"t": rows}, ("i", "t", days[99]))
        assert "died_before" not in codes(effect)
        assert effect.low is not None

    @pytest.mark.parametrize("size", [1e9, 1e12])
    def test_however_many_contacts_there_are_they_are_what_is_expected(self, size: float) -> None:
        contacts = [float(round(size * (1 + 0.01 * np.sin(number)))) for number in range(64)]
        assert only(contacts, at=52).relative_effect == pytest.approx(0, abs=0.02)


class TestOtherThemes:
    def test_what_lifts_all_themes_is_no_effect(self) -> None:
        themes = {f"c{n}": heard(drawn(20 + n, level=80, effect=0.5)) for n in range(8)}
        themes["t"] = heard(drawn(40, level=80, effect=0.5))
        (effect,) = measured(themes, ("i", "t", week(52)))
        assert effect.low is not None
        assert effect.high is not None
        assert effect.low < 0 < effect.high
        assert reason(effect, "controls")["themes"] == 8

    def test_contacts_that_went_to_another_theme_are_told_and_do_not_count_as_usual(self) -> None:
        themes = {f"c{n}": heard(drawn(50 + n, level=80)) for n in range(8)}
        themes["taker"] = heard(drawn(60, level=80, effect=0.6))
        themes["t"] = heard(drawn(61, level=80, effect=-0.6))
        (effect,) = measured(themes, ("i", "t", week(52)))
        assert effect.verdict == "reduced"
        moved = reason(effect, "moved_to")
        assert moved["theme"] == "taker"
        assert reason(effect, "controls") == {"code": "controls", "themes": 8, "left_out": 1}

    def test_a_theme_that_was_touched_itself_is_no_control(self) -> None:
        themes = {name: heard(drawn(70 + place, level=80)) for place, name in enumerate("abt")}
        found = measured(themes, ("i", "t", week(52)), ("j", "a", week(50)))
        assert reason(found[0], "controls")["themes"] == 1

    def test_themes_that_were_never_heard_of_before_are_no_controls(self) -> None:
        themes = {name: heard([0.0] * 52 + [9.0] * 12) for name in ("new", "newer")}
        themes |= {"c": heard(drawn(71, level=80)), "t": heard(drawn(72, level=80))}
        (effect,) = measured(themes, ("i", "t", week(52)))
        assert reason(effect, "controls") == {"code": "controls", "themes": 1, "left_out": 0}
        assert "other_themes" not in codes(effect), "one theme is not apart from itself"

    def test_of_two_that_part_nobody_knows_which_stayed(self) -> None:
        themes = {"a": heard(drawn(1, level=80)), "b": heard(drawn(2, level=80, effect=1.0))}
        (effect,) = measured({**themes, "t": heard(drawn(4))}, ("i", "t", week(52)))
        assert "no_controls" in codes(effect)
        assert effect.relative_effect == pytest.approx(0, abs=0.1)

    def test_a_theme_touched_within_the_last_week_is_no_control(self) -> None:
        themes = {name: heard(drawn(70 + place, level=80)) for place, name in enumerate("abt")}
        found = measured(themes, ("i", "t", week(52)), ("j", "a", week(63) + timedelta(days=3)))
        assert reason(found[0], "controls")["themes"] == 1

    def test_without_others_that_is_told(self) -> None:
        assert "no_controls" in codes(only(drawn(1), at=52))


class TestSeveralInterventions:
    def test_the_next_one_ends_the_weeks_of_the_one_before(self) -> None:
        contacts = drawn(80, before=52, after=24)
        contacts[64:] = [round(count * 0.4) for count in contacts[64:]]
        first, second = measured({"t": heard(contacts)}, ("first", "t", week(52)), ("second", "t", week(64)))
        assert first.observed == sum(contacts[52:64])
        assert reason(first, "second_intervention")["intervention"] == "second"
        assert first.verdict != "reduced"
        assert second.verdict == "reduced"

    def test_the_week_in_which_the_next_one_begins_is_its_own(self) -> None:
        contacts = drawn(80, before=52, after=24)
        thursday = week(64) + timedelta(days=3)
        first, second = measured({"t": heard(contacts)}, ("first", "t", week(52)), ("second", "t", thursday))
        assert first.observed == sum(contacts[52:64])
        assert second.observed == sum(contacts[64:])

    @pytest.mark.parametrize(("days", "together"), [(7, 2), (13, 2), (14, 0)])
    def test_whether_two_can_be_told_apart_does_not_depend_on_which_is_asked(
        self, days: int, together: int
    ) -> None:
        themes = {"t": heard(drawn(82, effect=-0.5))}
        thursday = week(52) + timedelta(days=3)
        for first in (week(52), thursday):
            second = week(52) + timedelta(days=days)
            found = measured(themes, ("a", "t", first), ("b", "t", second))
            assert sum("together_with" in codes(effect) for effect in found) == together

    def test_a_third_one_ends_the_weeks_of_two_that_cannot_be_told_apart(self) -> None:
        contacts = drawn(83, before=52, after=24)
        done = (("a", "t", week(52)), ("b", "t", week(52)), ("c", "t", week(64)))
        found = measured({"t": heard(contacts)}, *done)
        assert [effect.observed for effect in found[:2]] == [sum(contacts[52:64])] * 2
        assert codes(found[0])[:2] == ["together_with", "second_intervention"]

    def test_two_of_one_week_cannot_be_told_apart(self) -> None:
        themes = {"t": heard(drawn(81, effect=-0.5))}
        for effect in measured(themes, ("a", "t", week(52)), ("b", "t", week(52))):
            assert effect.verdict == "cannot_tell"
            assert "together_with" in codes(effect)
            assert effect.relative_effect == pytest.approx(-0.5, abs=0.1), "both together are measured"


class TestForesight:
    def series(self, weeks: int) -> Series:
        found, _ = all_series({"t": heard(drawn(95, before=weeks, after=0))})
        return found["t"]

    def test_says_what_will_come_if_nothing_changes_and_is_right(self) -> None:
        told = foresee(self.series(52), week(52) + timedelta(days=2), Wishes(zone="UTC"))
        assert told is not None
        assert (told["period"], told["periods"]) == (week(52).isoformat(), 12)
        assert told["expected"] == pytest.approx(1_200, rel=0.1)
        came = sum(drawn(96, before=0, after=12))
        assert isinstance(told["at_least"], int)
        assert isinstance(told["at_most"], int)
        assert told["at_least"] < came < told["at_most"]

    def test_is_only_made_before_anything_was_heard(self) -> None:
        wishes = Wishes(zone="UTC")
        assert foresee(self.series(52), week(51) + timedelta(days=2), wishes) is None
        assert foresee(self.series(7), week(7), wishes) is None

    def test_begins_with_the_period_of_the_day_even_where_periods_lie_between(self) -> None:
        told = foresee(self.series(30), week(33) + timedelta(days=6), Wishes(zone="UTC"))
        assert told is not None
        assert told["period"] == week(33).isoformat()


class TestNothingToTell:
    @pytest.mark.parametrize(
        ("contacts", "at", "code"),
        [
            ([5.0], 0, "short_before"),
            ([5.0] * 7 + [1.0] * 9, 7, "short_before"),
            ([5.0] * 20, 19, "short_after"),
            ([5.0] * 20, 20, "in_future"),
            ([5.0] * 20, 300, "in_future"),
            ([5.0] * 20, -3, "before_first"),
            ([0.0] * 40, 20, "no_contact_before"),
            ([0.0] * 20 + [9.0] * 20, 20, "no_contact_before"),
            ([20.0] * 20 + [0.0] * 30, 40, "died_before"),
            ([0.0] * 12 + [1.0] + [0.0] * 27, 30, "hardly_expected"),
            ([5.0] * 10 + [-1.0] + [5.0] * 20, 20, "negative_contacts"),
            ([5.0] * 10 + [2.5] + [5.0] * 20, 20, "fractional_contacts"),
        ],
    )
    def test_is_said_in_a_reason_and_no_number_looks_like_one(
        self, contacts: list[float], at: int, code: str
    ) -> None:
        effect = only(contacts, at=at)
        assert codes(effect)[0] == code
        assert (effect.verdict, effect.relative_effect, effect.low, effect.high) == (
            "cannot_tell",
            None,
            None,
            None,
        )

    def test_a_week_that_stands_twice_is_told_by_its_day(self) -> None:
        (effect,) = measured({"t": [*heard([5.0] * 30), *heard([5.0], start=3)]}, ("i", "t", week(20)))
        assert effect.reasons == ({"code": "period_twice", "period": week(3).isoformat()},)

    def test_a_theme_that_nobody_knows_is_told(self) -> None:
        (effect,) = measured({"t": heard([5.0] * 30)}, ("i", "other", week(20)))
        assert codes(effect) == ["no_series"]

    def test_the_missing_weeks_are_counted(self) -> None:
        assert only([5.0] * 20, at=19).weeks_needed == 1
        assert only([5.0] * 20, at=20).weeks_needed == 2
        assert only([5.0] * 20, at=30).weeks_needed == 12
        assert only([5.0] * 20, at=19, washout=3).weeks_needed == 4

    def test_no_wait_helps_where_too_little_counts_for_good(self) -> None:
        assert only([5.0] * 20, at=18, after=1).weeks_needed is None
        themes = {"t": heard([5.0] * 25)}
        found = measured(themes, ("a", "t", week(18)), ("b", "t", week(20)), washout=1)
        assert codes(found[0]) == ["short_after", "second_intervention"]
        assert found[0].weeks_needed is None
        assert found[1].low is not None

    def test_where_a_fifth_would_have_shown_it_is_the_smaller_effect_that_cannot_be_told(self) -> None:
        effect = only(drawn(5, level=150, before=104, after=12, effect=-0.03), at=104)
        assert effect.verdict == "cannot_tell"
        assert effect.low is not None
        assert effect.low > -0.2
        told = reason(effect, "too_uncertain_for_good")
        assert told["effect"] == pytest.approx(
            max(-(effect.relative_effect or 0), 0.1 + (effect.relative_effect or 0))
        )
        assert effect.weeks_needed is None

    def test_where_the_weeks_that_count_are_over_none_are_missing(self) -> None:
        rows = [row for place, row in enumerate(heard([5.0] * 40)) if place not in (21, 22, 23)]
        (effect,) = measured({"t": rows}, ("i", "t", week(20)), after=4)
        assert (codes(effect), effect.weeks_needed) == (["short_after"], None)

    def test_where_no_number_of_weeks_would_do_that_is_said(self) -> None:
        effect = only(drawn(91, level=3, before=20, after=20, swing=0.9), at=20)
        assert effect.weeks_needed is None
        assert "too_uncertain_for_good" in codes(effect)

    def test_what_can_be_told_later_says_in_how_many_weeks(self) -> None:
        effect = only(drawn(90, level=15, after=3, effect=-0.3), at=52)
        assert effect.verdict == "cannot_tell"
        assert effect.weeks_needed is not None
        assert 1 <= effect.weeks_needed <= 30


@settings(max_examples=60, deadline=None)
@given(
    contacts=st.lists(st.integers(0, 400), max_size=60),
    at=st.integers(-5, 70),
    missing=st.sets(st.integers(0, 59), max_size=20),
)
def test_whatever_was_heard_there_is_an_answer_that_holds_together(
    contacts: list[int], at: int, missing: set[int]
) -> None:
    rows = [row for place, row in enumerate(heard([float(c) for c in contacts])) if place not in missing]
    (effect,) = measured({"t": rows} if rows else {}, ("i", "t", week(at)))
    assert effect.reasons
    if effect.relative_effect is None:
        assert effect.verdict == "cannot_tell"
        assert (effect.low, effect.high) == (None, None)
    else:
        assert effect.low is not None
        assert effect.high is not None
        assert -1 <= effect.low <= effect.high
        assert np.isfinite([effect.low, effect.high, effect.relative_effect]).all()
        assert (effect.verdict == "reduced") == (effect.high < 0)
        assert (effect.verdict == "increased") == (effect.low > 0)


class TestTheSums:
    """What the filter gives, against the whole covariance written out."""

    TIMES = np.array([0.0, 1.0, 2.0, 5.0, 6.0, 9.0, 10.0, 11.0, 12.0])
    AHEAD = np.array([13.0, 14.0, 17.0])
    NOISE = Noise(
        dispersion=np.array([1.0, 3.0]),
        swing=np.array([0.0, 0.4]),
        memory=np.array([0.0, 0.85]),
        kind=np.array([0, 3]),
        shape=np.zeros(2),
    )

    def test_of_coefficients_and_likelihood_are_those_of_generalised_least_squares(self) -> None:
        rng = np.random.default_rng(7)
        mean = rng.uniform(5, 60, 9)
        rows = np.column_stack([rng.normal(0, 0.3, 9), np.ones(9), self.TIMES / 52])
        precision, believed = np.array([0.5, 6.0]), np.array([0.1, -0.2])
        solved = solve(whiten(rows, self.TIMES, mean, self.NOISE), precision[None], believed[None])
        likelihood = []
        for point in range(2):
            covariance = self._swings(point, self.TIMES, self.TIMES)
            covariance += np.diag(self.NOISE.dispersion[point] / mean)
            inverse = np.linalg.inv(covariance)
            information = rows[:, 1:].T @ inverse @ rows[:, 1:] + np.diag(precision)
            pulled = rows[:, 1:].T @ inverse @ rows[:, 0] + precision * believed
            assert solved.information[point, 0] == pytest.approx(information)
            assert solved.coefficients[point, 0] == pytest.approx(np.linalg.solve(information, pulled))
            marginal = covariance + (rows[:, 1:] / precision) @ rows[:, 1:].T
            likelihood.append(multivariate_normal(rows[:, 1:] @ believed, marginal).logpdf(rows[:, 0]))
        assert np.diff(solved.likelihood[:, 0]) == pytest.approx(np.diff(likelihood))

    def test_of_what_is_left_of_the_swing_are_those_of_its_conditional_distribution(self) -> None:
        rng = np.random.default_rng(8)
        mean, rows, weights = rng.uniform(5, 60, 9), rng.normal(0, 0.3, (9, 1)), np.array([0.5, 0.3, 0.2])
        whitened = whiten(rows, self.TIMES, mean, self.NOISE)
        left, variance = swing_ahead(whitened, self.NOISE, ahead=self.AHEAD - self.TIMES[-1], weights=weights)
        for point in range(2):
            seen = self._swings(point, self.TIMES, self.TIMES)
            seen += np.diag(self.NOISE.dispersion[point] / mean)
            shared = weights @ self._swings(point, self.AHEAD, self.TIMES)
            spread = weights @ self._swings(point, self.AHEAD, self.AHEAD) @ weights
            assert left[point] * whitened.swing[point, 0] == pytest.approx(
                shared @ np.linalg.solve(seen, rows[:, 0])
            )
            assert variance[point] == pytest.approx(spread - shared @ np.linalg.solve(seen, shared))

    def test_of_many_periods_take_no_column_for_each(self) -> None:
        periods = 3_650
        possible = _candidates(periods)
        columns = possible.stretches(periods)
        assert columns.shape[1] < periods / 10
        summed = np.concatenate([[0.0], columns.sum(0).cumsum()])[None, None]
        assert possible.sums(summed)[0, 0] == pytest.approx(possible.ends - possible.starts)

    def _swings(
        self, point: int, some: npt.NDArray[np.float64], others: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        apart = np.abs(some[:, None] - others[None])
        found: npt.NDArray[np.float64] = self.NOISE.swing[point] ** 2 * self.NOISE.memory[point] ** apart
        return found


class TestReleases:
    """Days on which something came that may have moved every theme."""

    def lifted(self, seed: int, *, effect: float, after: bool = True) -> tuple[list[float], list[date]]:
        """Return contacts that every release lifts by half for two weeks, and the days of releases."""
        contacts = drawn(seed, level=120, before=78, after=8, effect=effect)
        places = [10, 24, 38, 52, 66, *([79, 83] if after else [])]
        for place in places:
            contacts[place : place + 2] = [round(count * 1.5) for count in contacts[place : place + 2]]
        return contacts, [week(place) for place in places]

    def told(self, contacts: list[float], days: list[date]) -> Effect:
        fit, unfit = all_series({"t": heard(contacts)})
        wishes = Wishes(zone="UTC", happened={"release": days})
        (effect,) = measure(fit, unfit, [Intervention(name="i", theme="t", day=week(78))], wishes)
        return effect

    def test_a_release_after_an_intervention_is_no_effect_of_it(self) -> None:
        claims = {True: 0, False: 0}
        for seed in range(12):
            contacts, days = self.lifted(seed, effect=0.0)
            for known in claims:
                claims[known] += self.told(contacts, days if known else []).verdict == "increased"
        assert claims[True] <= 1 < claims[False]

    def test_a_reduction_is_told_through_a_release(self) -> None:
        contacts, days = self.lifted(1, effect=-0.35)
        effect = self.told(contacts, days)
        assert effect.verdict == "reduced"
        assert effect.low is not None
        assert effect.high is not None
        assert effect.low < -0.35 < effect.high
        assert reason(effect, "release_after") == {
            "code": "release_after",
            "period": week(79).isoformat(),
            "times": 2,
        }

    def test_a_release_before_is_no_reason(self) -> None:
        contacts, days = self.lifted(2, effect=0.0, after=False)
        assert "release_after" not in codes(self.told(contacts, days))

    def test_releases_every_day_say_nothing(self) -> None:
        contacts, _ = self.lifted(3, effect=0.0, after=False)
        every_day = [week(0) + timedelta(days=number) for number in range(86 * 7)]
        found, plain = self.told(contacts, every_day), self.told(contacts, [])
        assert found.expected == pytest.approx(plain.expected, rel=0.05)


class TestLengths:
    def test_months_are_no_periods(self) -> None:
        months = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(24)]
        rows = [Heard(period=month, contacts=40.0) for month in months]
        (effect,) = measured({"t": rows}, ("i", "t", months[20]))
        assert codes(effect) == ["neither_days_nor_weeks"]
        assert (effect.low, effect.relative_effect) == (None, None)

    def test_working_days_are_days(self) -> None:
        days = [week(0) + timedelta(days=number) for number in range(140) if number % 7 < 5]
        rows = [Heard(period=day, contacts=20.0 + number % 3) for number, day in enumerate(days)]
        (effect,) = measured({"t": rows}, ("i", "t", days[80]))
        assert effect.low is not None

    def test_customers_that_are_known_of_some_weeks_only_are_left_out_and_that_is_told(self) -> None:
        rows = heard(drawn(1))
        part = [replace(row, exposure=100.0) if place % 3 else row for place, row in enumerate(rows)]
        known, (effect,) = only(drawn(1), at=52), measured({"t": part}, ("i", "t", week(52)))
        assert reason(effect, "exposure_in_part") == {"code": "exposure_in_part", "periods": 22}
        assert effect.relative_effect == known.relative_effect


class TestEarlierDays:
    """The same reckoning where nothing was done."""

    def test_a_calm_theme_claims_nothing_on_earlier_days(self) -> None:
        effect = only(drawn(3, effect=-0.4), at=52)
        assert reason(effect, "other_days") == {"code": "other_days", "days": 3, "claimed": 0}

    def test_it_seldom_claims_anything_where_nothing_was_done(self) -> None:
        tried = [
            reason(effect, "other_days")
            for seed in range(30)
            for effect in [only(drawn(seed, effect=-0.5, swing=0.2), at=52)]
            if "other_days" in codes(effect)
        ]
        days = sum(int(str(each["days"])) for each in tried)
        assert days >= 60
        assert sum(int(str(each["claimed"])) for each in tried) <= 0.12 * days

    def test_what_cannot_be_told_is_not_tried(self) -> None:
        effect = only(drawn(4, level=3, before=40, after=4, effect=-0.2), at=40)
        assert effect.verdict == "cannot_tell"
        assert "other_days" not in codes(effect)

    def test_where_something_was_done_before_no_earlier_day_is_one_on_which_nothing_was(self) -> None:
        contacts = drawn(5, before=60, effect=-0.5)
        found = measured({"t": heard(contacts)}, ("first", "t", week(30)), ("second", "t", week(60)))
        assert "other_days" not in codes(found[1])

    def test_too_little_before_is_no_earlier_day(self) -> None:
        effect = only(drawn(6, before=20, after=12, effect=-0.6), at=20)
        assert effect.verdict == "reduced"
        assert "other_days" not in codes(effect)
