"""The weeks of an effect as they are drawn."""

import numpy as np
import pytest

from tests.series import drawn, only, week

BEFORE, AFTER = 60, 8


class TestTheCourse:
    def test_every_week_is_in_it_with_what_was_heard(self) -> None:
        contacts = drawn(1, before=BEFORE, after=AFTER, effect=-0.3)
        course = only(contacts, at=BEFORE).course
        assert [step.heard for step in course] == contacts
        assert [step.period for step in course] == [week(number) for number in range(BEFORE + AFTER)]

    def test_the_weeks_after_add_up_to_the_figure_that_is_told(self) -> None:
        effect = only(drawn(2, before=BEFORE, after=AFTER, effect=-0.3, swing=0.3), at=BEFORE)
        after = effect.course[BEFORE:]
        assert sum(step.heard for step in after) == effect.observed
        assert sum(step.expected for step in after) == pytest.approx(effect.expected, abs=0.1)

    def test_bounds_begin_with_the_intervention_and_hold_what_is_expected(self) -> None:
        course = only(drawn(3, before=BEFORE, after=AFTER), at=BEFORE).course
        assert all(step.low is step.high is None for step in course[:BEFORE])
        assert all(
            step.low is not None and step.high is not None and step.low < step.expected < step.high
            for step in course[BEFORE:]
        )

    @pytest.mark.parametrize("swing", [0.0, 0.3])
    def test_the_bounds_hold_about_nineteen_of_twenty_weeks_of_a_theme_left_alone(self, swing: float) -> None:
        held = [
            step.low <= step.heard <= step.high
            for seed in range(60)
            for step in only(drawn(seed, before=BEFORE, after=AFTER, swing=swing), at=BEFORE).course
            if step.low is not None and step.high is not None
        ]
        assert len(held) == 60 * AFTER
        assert 0.9 <= np.mean(held) <= 0.99

    def test_what_lasts_of_an_unusual_last_week_is_in_it(self) -> None:
        contacts = drawn(4, before=BEFORE, after=AFTER, swing=0.4)
        usual = only(contacts, at=BEFORE).course[BEFORE]
        contacts[BEFORE - 1] *= 3
        assert only(contacts, at=BEFORE).course[BEFORE].expected > usual.expected

    def test_where_nothing_is_forecast_there_is_no_course(self) -> None:
        assert only(drawn(5, before=4, after=AFTER), at=4).course == ()
