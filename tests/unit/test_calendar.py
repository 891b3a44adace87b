"""Which days are off in Japan, and how the week's pattern is learnt."""

from datetime import date, timedelta

import pytest

from service.rules.calendar import kind_of, learn, long_break, public_holiday

TOKYO = "Asia/Tokyo"


@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        (date(2026, 5, 6), True),  # Constitution Day fell on a Sunday, so this Wednesday is free
        (date(2026, 9, 22), True),  # between two holidays
        (date(2026, 11, 23), True),
        (date(2026, 11, 24), False),
    ],
)
def test_public_holidays_of_japan_are_known_with_those_that_move(day: date, holiday: bool) -> None:  # noqa: FBT001
    assert public_holiday(day, TOKYO) is holiday
    assert not public_holiday(day, "Europe/Berlin"), "they are those of the zone's country"


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 12, 28), None),
        (date(2026, 12, 29), "new_year"),
        (date(2027, 1, 3), "new_year"),
        (date(2027, 1, 4), None),
        (date(2026, 5, 1), "golden_week"),
        (date(2026, 8, 13), "obon"),
        (date(2026, 8, 17), None),
    ],
)
def test_the_long_breaks_are_breaks_on_their_working_days_too(day: date, name: str | None) -> None:
    assert long_break(day, TOKYO) == name
    assert kind_of(day, TOKYO) == ("break" if name else "ordinary")
    assert long_break(day, "UTC") is None


def heard(weeks: int, pattern: tuple[int, ...], *, first: date = date(2026, 5, 11)) -> dict[date, int]:
    return {first + timedelta(days=day): pattern[day % 7] for day in range(7 * weeks)}


def test_the_pattern_of_the_week_is_learnt_and_averages_one() -> None:
    season = learn(heard(26, (20, 20, 20, 20, 20, 0, 5)), zone="UTC")
    assert sum(season.weekday) == pytest.approx(7)
    assert season.weekday[0] == pytest.approx(20 / 15, rel=0.1)
    assert season.weekday[5] < season.weekday[6] < season.weekday[0]


def test_few_days_are_drawn_towards_an_even_week() -> None:
    short = learn(heard(1, (20, 20, 20, 20, 20, 0, 5)), zone="UTC")
    long = learn(heard(26, (20, 20, 20, 20, 20, 0, 5)), zone="UTC")
    assert long.weekday[5] < short.weekday[5] < 1


def test_a_holiday_counts_like_a_sunday_until_enough_were_seen() -> None:
    season = learn(heard(6, (20, 20, 20, 20, 20, 4, 4)), zone=TOKYO)
    assert season.factor(date(2026, 11, 23)) == pytest.approx(season.weekday[6])
    assert season.factor(date(2026, 11, 24)) == season.weekday[1]


def test_where_nothing_was_heard_every_day_is_like_any_other() -> None:
    assert learn({}, zone=TOKYO).factor(date(2026, 5, 3)) == 1.0
    assert learn(dict.fromkeys(heard(4, (0,) * 7), 0), zone=TOKYO).factor(date(2026, 5, 12)) == 1.0
