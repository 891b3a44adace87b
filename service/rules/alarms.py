"""When an alarm is raised, what it is about, and when it ends.

An alarm is raised once: while it is open its theme raises no other, a window that follows begins after it
ended, and one whose voices are mostly those of an earlier alarm is that alarm, whatever its theme is called
by now. It ends when the theme has been as usual for a week, or after eight weeks, when what was unusual has
become the level that later days are held against.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np

from service.rules import scanning
from service.rules.calendar import learn
from service.rules.scanning import FEWEST, LEAST_PAST, Counts, Past

Kind = Literal["new", "rising", "spam"]
Ending = Literal["over", "settled", "merged"]

ALLOWED = 0.5
"""False alarms in four weeks, over all themes, if nothing else is wished."""
SCREEN = 0.01
"""Chances above this share of the allowed alarms are never unusual enough."""
QUIET = 7
"""Days after which it is asked whether an alarm is over, and days that must be as usual."""
USUAL = 0.05
"""A chance above which a week is as usual."""
SETTLED = timedelta(days=56)
SAME = 1 / 2
"""Of a window's voices, so many known from an earlier alarm make it that alarm."""
ALIKE = 1 / 2
"""Of a wave's voices, so many that say nearly the same make it spam, if few customers sent them."""
FEW_SENDERS = 1 / 3
"""Known customers ÷ voices up to which they are few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What was heard from `first` on up to today, a number a day."""

    first: date
    volume: Sequence[int]
    themes: Mapping[str, Sequence[int]]
    zone: str
    """The name of the time zone whose days these are."""
    active: Sequence[float] | None = None
    """Customers that use the product; None where that is not known."""

    @property
    def today(self) -> date:
        """The last day."""
        return self.first + timedelta(days=len(self.volume) - 1)

    def up_to(self, day: date) -> "Series":
        """Return what was heard up to a day."""
        days = (day - self.first).days + 1
        return replace(
            self,
            volume=self.volume[:days],
            themes={theme: counts[:days] for theme, counts in self.themes.items()},
            active=None if self.active is None else self.active[:days],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An alarm that was raised before."""

    alarm_id: str
    theme: str
    onset: date
    raised: date
    ended: date | None = None
    ending: Ending | None = None
    voices: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A theme that is unusual today."""

    theme: str
    onset: date
    """The first day of the window."""
    contacts: int
    expected: float
    chance: float
    is_new: bool
    """True where hardly anything was heard of it before."""


def past_of(series: Series, known: Iterable[Known]) -> Past:
    """Return the series as they are scanned, without what earlier alarms have told already."""
    days = len(series.volume)
    volume = np.array(series.volume, np.int64)
    rows = {theme: row for row, theme in enumerate(series.themes)}
    usual = np.ones((len(rows), days), np.bool_)
    after = np.zeros(len(rows), np.int64)
    for alarm in known:
        row = rows.get(alarm.theme)
        if row is None:
            continue
        onset = max(0, (alarm.onset - series.first).days)
        if alarm.ending == "settled":
            usual[row, :onset] = False
        else:
            end = days if alarm.ended is None else (alarm.ended - series.first).days + 1
            usual[row, onset : max(end, 0)] = False
        if alarm.ended is not None:
            after[row] = max(after[row], (alarm.ended - series.first).days + 1)
    return Past(
        volume=volume,
        season=season_of(series),
        active=None if series.active is None else np.array(series.active, np.float64),
        counts=np.array(list(series.themes.values()), np.int64).reshape(len(rows), days),
        usual=usual,
        after=after,
    )


def season_of(series: Series) -> scanning.Floats:
    """Return what each day of the series is worth, by the pattern of the year before."""
    dates = [series.first + timedelta(days=day) for day in range(len(series.volume))]
    season = learn(dict(list(zip(dates, series.volume, strict=True))[-365:]), zone=series.zone)
    return np.array([season.factor(day) for day in dates], np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How improbable a window must be: worked out once a week, from all that was heard before that week."""

    allowed: float = ALLOWED
    """False alarms that may come in four weeks, over all themes."""
    held: dict[date, float] = field(default_factory=dict)
    """The limits that were worked out, by the Sunday up to which was read."""

    def of(self, series: Series, known: Sequence[Known]) -> float:
        """Return the limit of the last day of a series; the same for whoever asks, and however often."""
        sunday = series.today - timedelta(days=series.today.weekday() + 1)
        days = (sunday - series.first).days + 1
        before = series.up_to(sunday) if days > LEAST_PAST else series
        if before.today not in self.held:
            self.held[before.today] = scanning.threshold(
                past_of(before, known), self.allowed, seed=before.today.toordinal()
            )
        return self.held[before.today]


def rises(series: Series, known: Sequence[Known], limits: Limits) -> list[Rise]:
    """Return the themes that are unusual today and have no open alarm, the least probable first.

    Nothing is unusual before four weeks were heard.
    """
    if not series.themes or len(series.volume) <= LEAST_PAST or limits.allowed <= 0:
        return []
    past = past_of(series, known)
    found = scanning.scan(past)
    opened = {alarm.theme for alarm in known if alarm.ended is None}
    free = np.array([theme not in opened for theme in series.themes])
    chances = np.where(free, found.chance, 1.0)
    if chances.min() > SCREEN * limits.allowed:
        return []
    limit = limits.of(series, known)
    names = list(series.themes)
    rows = sorted(np.flatnonzero(chances <= limit), key=lambda row: (chances[row], names[row]))
    return [_rise(series, found, int(row), names[row], past.counts[row]) for row in rows]


def _rise(series: Series, found: scanning.Found, row: int, theme: str, counts: Counts) -> Rise:
    length = int(found.days[row])
    return Rise(
        theme=theme,
        onset=series.today - timedelta(days=length - 1),
        contacts=int(found.contacts[row]),
        expected=round(float(found.expected[row]), 4),
        chance=float(found.chance[row]),
        is_new=int(counts[:-length].sum()) < FEWEST,
    )


def endings(series: Series, known: Sequence[Known]) -> dict[str, Ending]:
    """Return the open alarms that end today, by id."""
    open_ = [alarm for alarm in known if alarm.ended is None]
    if not open_ or len(series.volume) <= LEAST_PAST:
        return {}
    past = past_of(series, known)
    days = len(series.volume)
    should = scanning.expected(past, days - QUIET, days, scanning.swings(past))
    chance = should.chance(past.counts[:, -QUIET:].sum(axis=1))
    rows = {theme: row for row, theme in enumerate(series.themes)}
    ended: dict[str, Ending] = {}
    for alarm in open_:
        row = rows.get(alarm.theme)
        is_usual = row is None or chance[row] > USUAL
        if is_usual and (series.today - alarm.raised).days >= QUIET:
            ended[alarm.alarm_id] = "over"
        elif series.today - alarm.onset >= SETTLED:
            ended[alarm.alarm_id] = "settled"
    return ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of a theme beside what was to be expected."""

    day: date
    contacts: int
    expected: float
    low: int
    high: int
    """19 of 20 days lie between these two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a theme of an alarm went, from its onset up to today."""

    contacts: int
    expected: float | None
    """None where nothing was known of what is usual."""
    days: tuple[Day, ...]
    """With some weeks before the onset; without days of which nothing was known."""


SHOWN_BEFORE = 28
"""Days before an onset that are shown with it."""


def course(series: Series, known: Sequence[Known], alarm: Known) -> Course:
    """Return how the theme of an alarm went; what is to be expected comes from the days before its onset.

    Raises KeyError for a theme that is not in the series.
    """
    counts = series.themes[alarm.theme]
    one = Series(
        first=series.first,
        volume=series.volume,
        themes={alarm.theme: counts},
        zone=series.zone,
        active=series.active,
    )
    past = past_of(one, [each for each in known if each.alarm_id != alarm.alarm_id])
    swing = scanning.swings(past)
    onset, end = max(1, (alarm.onset - series.first).days), len(counts)
    days = []
    for day in range(max(1, onset - SHOWN_BEFORE), end):
        should = scanning.expected(past, day, day + 1, swing, by=min(day, onset))
        if should.mean[0] == scanning.UNKNOWN:
            continue
        low, high = should.within()
        days.append(
            Day(
                day=series.first + timedelta(days=day),
                contacts=counts[day],
                expected=round(float(should.mean[0]), 3),
                low=int(low[0]),
                high=int(high[0]),
            )
        )
    should = scanning.expected(past, onset, end, swing)
    mean = float(should.mean[0])
    return Course(
        contacts=sum(counts[onset:]),
        expected=None if mean == scanning.UNKNOWN else round(mean, 4),
        days=tuple(days),
    )


def led_on(theme: str | None, successors: Mapping[str, str]) -> str | None:
    """Return what a theme is today, by what each theme that is no more leads on to."""
    passed = set[str]()
    while theme is not None and theme in successors and theme not in passed:
        passed.add(theme)
        theme = successors[theme]
    return theme


def told_before(voices: Set[str], known: Iterable[Known]) -> Known | None:
    """Return the earlier alarm that most of these voices are of; None where they tell of something else."""
    best = max(known, key=lambda alarm: (len(voices & alarm.voices), alarm.alarm_id), default=None)
    if best is None or not voices or len(voices & best.voices) < SAME * len(voices):
        return None
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What decides whether a wave is spam: who sent it, and its words."""

    sender: str | None
    words: frozenset[str]


NEARLY = 0.8
"""Common words ÷ all words from which on two texts say nearly the same."""
MANY = 8
"""Voices below which nothing is called spam."""


def is_spam(voices: Sequence[Voice]) -> bool:
    """Say whether most of a wave's voices are nearly equal, and few customers or none known sent them."""
    senders = {voice.sender for voice in voices} - {None}
    if len(voices) < MANY or len(senders) > FEW_SENDERS * len(voices):
        return False
    return _largest_alike(voices) >= ALIKE * len(voices)


def _largest_alike(voices: Sequence[Voice]) -> int:
    """Return how many voices say nearly the same as one of them."""
    return max(
        sum(
            len(one.words & other.words) >= NEARLY * len(one.words | other.words)
            for other in voices
            if other.words
        )
        for one in voices[:MANY]
    )
