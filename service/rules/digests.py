"""When the digest of a week goes out, and when one that did not get away is tried again."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK = timedelta(days=7)
IN_TIME = timedelta(days=2)
"""How late a week may still be told, where nobody worked at its hour."""
TRIED_FOR = timedelta(days=6)
"""How long a letter is tried: then the next one is near."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """The day and the hour at which digests go out, by the clocks of each organisation."""

    day: int = 0
    """0 is Monday."""
    hour: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What one digest tells of."""

    since: datetime
    until: datetime
    """When it goes out; what happens later is told by the next one."""

    @property
    def name(self) -> str:
        """The day on which it goes out: no organisation has two of a day."""
        return self.until.date().isoformat()


def newest(now: datetime, zone: tzinfo, rhythm: Rhythm) -> Week:
    """Return the last week whose hour has come, seven days by the clocks of a zone."""
    today = now.astimezone(zone).date()
    day = today - timedelta(days=(today.weekday() - rhythm.day) % 7)
    until = _at(day, zone, rhythm)
    return of_day(day if until.astimezone(UTC) <= now else day - WEEK, zone, rhythm)


def of_day(day: date, zone: tzinfo, rhythm: Rhythm) -> Week:
    """Return the week that goes out on a day."""
    return Week(since=_at(day - WEEK, zone, rhythm), until=_at(day, zone, rhythm))


def next_after(week: Week, zone: tzinfo, rhythm: Rhythm) -> Week:
    """Return the week that goes out after another one."""
    return of_day(week.until.astimezone(zone).date() + WEEK, zone, rhythm)


def is_in_time(week: Week, now: datetime) -> bool:
    """Say whether a week may still be told."""
    return now - week.until.astimezone(UTC) < IN_TIME


def pause_after(tries: int) -> timedelta:
    """Return for how long a letter rests that did not get away so many times."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, 10)), LONGEST_PAUSE)


def _at(day: date, zone: tzinfo, rhythm: Rhythm) -> datetime:
    return datetime.combine(day, time(rhythm.hour), zone)
