"""When an alarm is raised, of what kind it is, and when it ends."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from service.rules import scanning
from service.rules.alarms import (
    Known,
    Limits,
    Series,
    Voice,
    course,
    endings,
    is_spam,
    past_of,
    rises,
    told_before,
)

FIRST = date(2026, 1, 5)
DAYS = 140
TODAY = FIRST + timedelta(days=DAYS - 1)
SEED = 20260527


def usual(rate: float, *, seed: int = SEED, days: int = DAYS) -> list[int]:
    """Return what chance makes of the same rate every day."""
    return [int(count) for count in np.random.default_rng(seed).poisson(rate, days)]


def series(**themes: list[int]) -> Series:
    """Return themes beside much else, 20 contacts a day."""
    others = {f"other {number}": usual(4, seed=number) for number in range(5)}
    both = {**others, **themes}
    return Series(
        first=FIRST,
        volume=[sum(day) for day in zip(*both.values(), strict=True)],
        themes=both,
        zone="UTC",
    )


def with_wave(counts: list[int], *wave: int) -> list[int]:
    return [*counts[: -len(wave)], *wave]


class TestRaising:
    def test_a_theme_that_comes_far_more_often_rises_from_the_day_on_which_it_began(self) -> None:
        [rise] = rises(series(login=with_wave(usual(0.4), 5, 6)), [], Limits())
        assert rise.theme == "login"
        assert rise.onset == TODAY - timedelta(days=1)
        assert rise.contacts == 11
        assert rise.expected < 2
        assert not rise.is_new

    def test_a_theme_that_nobody_spoke_of_before_is_new(self) -> None:
        [rise] = rises(series(login=with_wave([0] * DAYS, 2, 4)), [], Limits())
        assert rise.is_new

    def test_what_is_as_ever_raises_nothing(self) -> None:
        assert rises(series(login=usual(0.4)), [], Limits()) == []

    def test_three_people_are_not_enough_to_disturb_anybody(self) -> None:
        assert rises(series(login=with_wave([0] * DAYS, 3)), [], Limits()) == []

    def test_a_theme_that_grows_with_everything_else_does_not_rise(self) -> None:
        grown = {f"theme {number}": with_wave(usual(4, seed=number), 16, 16, 16) for number in range(6)}
        volume = [sum(day) for day in zip(*grown.values(), strict=True)]
        assert rises(Series(first=FIRST, volume=volume, themes=grown, zone="UTC"), [], Limits()) == []

    def test_a_busy_monday_after_a_quiet_weekend_is_no_wave(self) -> None:
        pattern = (9, 5, 5, 5, 5, 0, 0)
        mondays = [pattern[day % 7] for day in range(DAYS + 1)]
        alone = Series(first=FIRST, volume=mondays, themes={"only": mondays}, zone="UTC")
        assert alone.today.weekday() == 0
        assert rises(alone, [], Limits()) == []

    def test_more_customers_that_use_the_product_explain_more_contacts(self) -> None:
        counts = with_wave(usual(3), *usual(9, seed=5, days=7))
        alone = Series(first=FIRST, volume=counts, themes={"only": counts}, zone="UTC")
        assert [rise.theme for rise in rises(alone, [], Limits())] == ["only"]
        active = [100.0] * (DAYS - 7) + [300.0] * 7
        assert rises(replace(alone, active=active), [], Limits()) == []

    def test_nothing_is_unusual_before_four_weeks_were_heard(self) -> None:
        young = series(login=with_wave([0] * DAYS, 9, 9))
        cut = {name: counts[-28:] for name, counts in young.themes.items()}
        assert rises(replace(young, volume=young.volume[-28:], themes=cut), [], Limits()) == []

    def test_no_theme_and_no_allowed_alarm_raise_nothing(self) -> None:
        assert rises(series(), [], Limits(allowed=0)) == []
        assert rises(Series(first=FIRST, volume=[3] * DAYS, themes={}, zone="UTC"), [], Limits()) == []

    def test_the_same_day_looked_at_again_gives_the_same_answer(self) -> None:
        told = series(login=with_wave(usual(0.4), 5, 6))
        assert rises(told, [], Limits()) == rises(told, [], Limits())

    def test_fewer_allowed_alarms_need_a_clearer_wave(self) -> None:
        past = past_of(series(login=usual(0.4)), [])
        limits = [scanning.threshold(past, allowed) for allowed in (0.25, 0.5, 1, 2)]
        assert limits == sorted(limits)
        assert limits[0] < limits[-1]


def known(**changes: object) -> Known:
    """Return an open alarm about `login` that was raised yesterday."""
    alarm = Known(
        alarm_id="a1",
        theme="login",
        onset=TODAY - timedelta(days=2),
        raised=TODAY - timedelta(days=1),
        voices=frozenset({"v1", "v2", "v3", "v4"}),
    )
    return replace(alarm, **changes)  # type: ignore[arg-type]


class TestOnce:
    def test_a_theme_with_an_open_alarm_raises_no_second_one(self) -> None:
        assert rises(series(login=with_wave(usual(0.4), 5, 6)), [known()], Limits()) == []

    def test_the_days_of_a_wave_that_is_over_raise_nothing_again(self) -> None:
        told = series(login=with_wave(usual(0.4), 5, 6))
        assert rises(told, [known(ended=TODAY, ending="over")], Limits()) == []

    def test_a_second_wave_is_held_against_the_time_before_the_first(self) -> None:
        counts = with_wave(usual(0.4), *([6] * 10), *([0] * 10), 5, 6)
        first = known(
            onset=TODAY - timedelta(days=21),
            raised=TODAY - timedelta(days=20),
            ended=TODAY - timedelta(days=8),
            ending="over",
        )
        [rise] = rises(series(login=counts), [first], Limits())
        assert (rise.contacts, rise.onset) == (11, TODAY - timedelta(days=1))
        assert rise.expected < 2

    def test_a_level_that_stayed_is_the_usual_one_once_its_alarm_has_settled(self) -> None:
        counts = with_wave(usual(0.4), *usual(4, seed=9, days=70))
        settled = known(
            onset=TODAY - timedelta(days=69),
            raised=TODAY - timedelta(days=67),
            ended=TODAY - timedelta(days=13),
            ending="settled",
        )
        assert rises(series(login=counts), [settled], Limits()) == []

    def test_voices_of_an_earlier_alarm_are_that_alarm_under_whatever_theme(self) -> None:
        assert told_before({"v1", "v2", "v9"}, [known()]) == known()
        assert told_before({"v1", "v8", "v9"}, [known()]) is None
        assert told_before(set(), [known()]) is None
        assert told_before({"v1"}, []) is None


class TestEnding:
    def test_an_alarm_is_over_once_a_week_was_as_usual(self) -> None:
        counts = with_wave(usual(0.4), 6, 6, 0, 1, 0, 0, 1, 0, 0)
        raised = known(onset=TODAY - timedelta(days=8), raised=TODAY - timedelta(days=8))
        assert endings(series(login=counts), [raised]) == {"a1": "over"}

    def test_it_stays_open_while_the_theme_is_heard_more_than_usual(self) -> None:
        counts = with_wave(usual(0.4), *([5] * 12))
        raised = known(onset=TODAY - timedelta(days=11), raised=TODAY - timedelta(days=10))
        assert endings(series(login=counts), [raised]) == {}

    def test_it_is_not_over_on_the_day_after(self) -> None:
        assert endings(series(login=with_wave(usual(0.4), 6, 0, 0)), [known()]) == {}

    def test_what_stays_for_eight_weeks_has_become_the_level(self) -> None:
        counts = with_wave(usual(0.4), *([5] * 57))
        raised = known(onset=TODAY - timedelta(days=56), raised=TODAY - timedelta(days=55))
        assert endings(series(login=counts), [raised]) == {"a1": "settled"}

    def test_the_alarm_of_a_theme_that_is_no_more_ends(self) -> None:
        gone = known(theme="gone", raised=TODAY - timedelta(days=7))
        assert endings(series(), [gone]) == {"a1": "over"}

    def test_what_has_ended_does_not_end_again(self) -> None:
        assert endings(series(login=usual(0.4)), [known(ended=TODAY, ending="over")]) == {}


class TestCourse:
    def test_days_of_which_nothing_was_known_are_left_out(self) -> None:
        quiet = [0] * (DAYS - 10)
        began = Series(
            first=FIRST, volume=[*quiet, *[4] * 10], themes={"login": [*quiet, *[1] * 10]}, zone="UTC"
        )
        went = course(began, [], known(onset=TODAY - timedelta(days=2)))
        assert [each.day for each in went.days] == [
            TODAY - timedelta(days=back) for back in range(9, -1, -1)
        ][1:]
        assert max(each.expected for each in went.days) < 10

    def test_where_nothing_was_known_before_the_onset_nothing_is_expected(self) -> None:
        began = Series(first=FIRST, volume=[0] * DAYS, themes={"login": [0] * DAYS}, zone="UTC")
        went = course(began, [], known())
        assert (went.expected, went.days) == (None, ())


class TestSpam:
    def test_many_texts_that_are_nearly_equal_and_come_from_nobody_are_spam(self) -> None:
        sold = [Voice(sender=None, words=frozenset(f"cheap watches here {n}".split())) for n in range(12)]
        assert not is_spam(sold), "a word of four differs"
        longer = [
            Voice(
                sender=None, words=frozenset(f"very cheap watches sold here for you today only {n}".split())
            )
            for n in range(12)
        ]
        assert is_spam(longer)

    def test_an_outage_told_in_the_same_words_by_many_customers_is_none(self) -> None:
        told = [Voice(sender=f"c{n}", words=frozenset({"login", "fails"})) for n in range(12)]
        assert not is_spam(told)

    def test_one_customer_who_sends_the_same_over_and_over_is_spam(self) -> None:
        assert is_spam([Voice(sender="c1", words=frozenset({"buy", "now"})) for _ in range(12)])

    def test_few_voices_and_different_texts_are_none(self) -> None:
        assert not is_spam([Voice(sender=None, words=frozenset({"buy", "now"})) for _ in range(7)])
        assert not is_spam([Voice(sender=None, words=frozenset({f"text {n}"})) for n in range(12)])
        assert not is_spam([])


def test_without_a_wave_no_more_alarms_come_than_are_allowed() -> None:
    """A short form of `python -m benchmarks.silence`, which measures the rate itself."""
    days, weeks, allowed = 28 * 8, 3, 1.0
    told = {f"theme {number}": usual(0.3 + number / 20, seed=number, days=days) for number in range(12)}
    volume = [sum(day) for day in zip(*told.values(), strict=True)]
    alarms: list[Known] = []
    limits = Limits(allowed=allowed)
    for day in range(days - 28 * weeks, days):
        now = Series(
            first=FIRST,
            volume=volume[: day + 1],
            themes={name: counts[: day + 1] for name, counts in told.items()},
            zone="UTC",
        )
        alarms += [
            Known(alarm_id=str(day), theme=rise.theme, onset=rise.onset, raised=now.today)
            for rise in rises(now, alarms, limits)
        ]
    assert len(alarms) <= 2 * weeks * allowed, f"seed {SEED}: {len(alarms)} in {weeks} times four weeks"
