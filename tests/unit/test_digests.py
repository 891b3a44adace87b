"""When a digest goes out: by the clocks of each organisation, once a week, whatever the clocks do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.digests import (
    LONGEST_PAUSE,
    Rhythm,
    Week,
    is_in_time,
    newest,
    next_after,
    pause_after,
)

TOKYO, BERLIN = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin")
MONDAY = Rhythm()


def at(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "zone", "name"),
    [
        ("2026-05-04T07:59", TOKYO, "2026-04-27"),
        ("2026-05-04T08:00", TOKYO, "2026-05-04"),
        ("2026-05-10T23:59", TOKYO, "2026-05-04"),
        ("2026-05-04T08:00", BERLIN, "2026-05-04"),
        ("2026-01-01T00:00", BERLIN, "2025-12-29"),
    ],
)
def test_the_newest_week_is_the_last_whose_hour_has_come(now: str, zone: ZoneInfo, name: str) -> None:
    week = newest(at(now, zone).astimezone(UTC), zone, MONDAY)
    assert week.name == name
    assert (week.until.hour, week.until.weekday()) == (8, 0)


def test_a_week_goes_from_hour_to_hour_over_a_change_of_the_clocks() -> None:
    week = newest(at("2026-03-30T09:00", BERLIN), BERLIN, MONDAY)  # clocks went forward on the 29th
    assert week.until.astimezone(UTC) - week.since.astimezone(UTC) == timedelta(days=7, hours=-1)
    assert week.since.hour == week.until.hour == 8


@given(
    st.integers(10**9, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from([TOKYO, BERLIN, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Kiritimati")]),
    st.builds(Rhythm, day=st.integers(0, 6), hour=st.integers(0, 23)),
)
def test_weeks_follow_each_other_without_a_gap(now: datetime, zone: ZoneInfo, rhythm: Rhythm) -> None:
    week = newest(now, zone, rhythm)
    following = next_after(week, zone, rhythm)
    assert week.until.astimezone(UTC) <= now < following.until.astimezone(UTC)
    assert following.since == week.until
    assert newest(following.until.astimezone(UTC), zone, rhythm) == following


def test_it_is_told_two_days_late_at_most() -> None:
    week = Week(since=at("2026-04-27T08:00", TOKYO), until=at("2026-05-04T08:00", TOKYO))
    assert is_in_time(week, at("2026-05-06T07:59", TOKYO))
    assert not is_in_time(week, at("2026-05-06T08:00", TOKYO))


def test_a_letter_rests_longer_each_time_and_never_longer_than_an_hour() -> None:
    pauses = [pause_after(tries) for tries in (1, 2, 3, 60)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
