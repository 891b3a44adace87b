"""Which of the waves that people named an alarm tells of, in time or late, and how many alarms are false.

    python -m benchmarks.alarms DATA CACHE

The Thunderbird tickets are replayed day by day (`benchmarks.replay`); every evening the rules look once. What
should have been told of, when an alarm is in time and when it is false stands in `benchmarks.waves`, written
down before the first replay. `--shuffled SEED` deals the tickets' days out anew: every day has as many as it
had, but no wave is left, and every alarm is false. `--put-in SEED` adds waves whose tickets are known to be
of one topic, for people linked the same article under each.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.replay import Day, Numbers, Tickets, read, replay
from benchmarks.waves import FIRST, LAST, Asked, Wave, labelled, waves
from service.rules.alarms import ALLOWED, Known, Limits, Rise, Series, endings, rises, told_before

BLOCK = 28
FOUR_WEEKS = ((LAST - FIRST).days + 1) / BLOCK
PUT_IN = 10
"""Tickets of a wave that is put in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alarm of the replay."""

    alarm: Known
    rise: Rise
    tickets: frozenset[str]
    """That it was raised on."""


class Watch:
    """Looks at every evening of a replay."""

    def __init__(self, told: Tickets, allowed: float) -> None:
        self._told = told
        self._limits = Limits(allowed=allowed)
        self._volume = _contacts(told, np.arange(len(told.names)))
        self.known: list[Known] = []
        self.raised: list[Raised] = []

    def look(self, day: Day) -> None:
        """Raise and end alarms by what is known at the end of a day."""
        held = _held(self._told, day)
        today = self._told.first + timedelta(days=day.number)
        self.known = [self._followed(alarm, day, held) for alarm in self.known]
        series = Series(
            first=self._told.first,
            volume=self._volume[: day.number + 1],
            themes={name: _contacts(self._told, rows, day.number) for name, rows in sorted(held.items())},
            zone="UTC",
        )
        ended = endings(series, self.known)
        self.known = [
            replace(alarm, ended=today, ending=ended[alarm.alarm_id]) if alarm.alarm_id in ended else alarm
            for alarm in self.known
        ]
        for rise in rises(series, self.known, self._limits):
            onset = (rise.onset - self._told.first).days
            voices = self._names(held[rise.theme], onset)
            if told_before(voices, self.known) is None:
                alarm = Known(
                    alarm_id=str(len(self.known)),
                    theme=rise.theme,
                    onset=rise.onset,
                    raised=today,
                    voices=voices,
                )
                self.known.append(alarm)
                self.raised.append(Raised(alarm=alarm, rise=rise, tickets=voices))

    def _followed(self, alarm: Known, day: Day, held: dict[str, Numbers]) -> Known:
        """Return an open alarm under its theme's name of today, with all its voices."""
        theme = int(alarm.theme)
        while theme in day.successor:
            theme = day.successor[theme]
        name = str(theme)
        if alarm.ended is not None:
            return replace(alarm, theme=name)
        onset = (alarm.onset - self._told.first).days
        more = self._names(held.get(name, np.zeros(0, np.int64)), onset)
        return replace(alarm, theme=name, voices=alarm.voices | more)

    def _names(self, rows: Numbers, onset: int) -> frozenset[str]:
        return frozenset(self._told.names[row] for row in rows if self._told.days[row] >= onset)


def _held(told: Tickets, day: Day) -> dict[str, Numbers]:
    """Return the tickets that each theme has."""
    pairs = {
        (int(theme), int(ticket))
        for theme, ticket in zip(day.theme_of, told.of_span, strict=True)
        if theme >= 0
    }
    held: dict[str, list[int]] = defaultdict(list)
    for theme, ticket in sorted(pairs):
        held[str(theme)].append(ticket)
    return {theme: np.array(rows) for theme, rows in held.items()}


def _contacts(told: Tickets, rows: Numbers, last: int | None = None) -> list[int]:
    """Return how many people asked on each day."""
    asked = {(int(told.days[row]), told.who[row]) for row in rows}
    days = (int(told.days.max()) if last is None else last) + 1
    counts = np.bincount([day for day, _ in asked], minlength=days)[:days]
    return [int(count) for count in counts]


def shuffled(told: Tickets, seed: int) -> Tickets:
    """Return the tickets with their days dealt out anew."""
    return replace(told, days=np.random.default_rng(seed).permutation(told.days))


def watched(told: Tickets, cache: Path, *, last: date, every: int, allowed: float) -> list[Raised]:
    """Return the alarms of a replay."""
    watch = Watch(told, allowed)
    for day in replay(told, cache, last=(last - told.first).days, every=every):
        watch.look(day)
    return watch.raised


def with_waves(told: Tickets, labels: Mapping[str, Sequence[Asked]], seed: int) -> tuple[Tickets, list[Wave]]:
    """Return the tickets with waves put in, one every four weeks, each of one article.

    Ten tickets under which people linked the same article are taken from wherever they were, and asked within
    three days: four on the first, three on each of the others.
    """
    rng = np.random.default_rng(seed)
    place = {name: row for row, name in enumerate(told.names)}
    of_article = {
        label: list({each.who: each.ticket for each in of if each.day <= LAST}.values())
        for label, of in labels.items()
    }
    long_enough = sorted(label for label, of in of_article.items() if len(of) >= PUT_IN)
    days, put = told.days.copy(), list[Wave]()
    starts = range((FIRST - told.first).days + BLOCK // 2, (LAST - told.first).days - BLOCK // 2, BLOCK)
    for label, start in zip(rng.permutation(long_enough), starts, strict=False):
        chosen = [str(each) for each in rng.permutation(of_article[str(label)])[:PUT_IN]]
        for number, ticket in enumerate(chosen):
            days[place[ticket]] = start + max(0, number - 1) // 3
        first = told.first + timedelta(days=start)
        put.append(
            Wave(
                label=str(label),
                onset=first,
                first=first,
                last=first + timedelta(days=2),
                people=PUT_IN,
                expected=0.0,
                chance=0.0,
                tickets=frozenset(chosen),
            )
        )
    return replace(told, days=days), put


def judged(raised: Sequence[Raised], known: Mapping[str, Sequence[Wave]], allowed: float) -> Iterator[str]:
    """Yield the table: what became of each wave, and how many alarms tell of none."""
    yield "| said by | wave | onset | raised | |"
    yield "|---|---|---|---|---|"
    right: set[str] = set()
    in_time = total = 0
    for name, found in known.items():
        for wave in found:
            telling = [each for each in raised if wave.is_told_by(each.alarm.raised, each.tickets)]
            right |= {each.alarm.alarm_id for each in telling}
            first = min((each.alarm.raised for each in telling), default=None)
            total += 1
            in_time += first is not None and wave.is_in_time(first)
            yield f"| {name} | {wave.label} | {wave.onset} | {first or '-'} | {_verdict(wave, first)} |"
    false = len(raised) - len(right)
    yield ""
    yield (
        f"{in_time} of {total} waves in time; {len(raised)} alarms, {len(right)} of which tell of a wave; "
        f"{false} false by the rule, {false / FOUR_WEEKS:.2f} in four weeks ({allowed:g} allowed)."
    )


def main(
    data: Path,
    cache: Path,
    every: Annotated[int, typer.Option(help="Days between two discoveries of themes.")] = 7,
    allowed: Annotated[float, typer.Option(help="False alarms in four weeks.")] = ALLOWED,
    deal: Annotated[
        int | None, typer.Option("--shuffled", help="Deal the days out anew, with this seed.")
    ] = None,
    put: Annotated[
        int | None, typer.Option("--put-in", help="Put in waves of one article each, with this seed.")
    ] = None,
) -> None:
    """Replay the tickets and print what became of each wave."""
    cache.mkdir(parents=True, exist_ok=True)
    told = read(data, cache)
    tagged, linked = labelled(data)
    known = {"moderators' causes": waves(tagged), "linked articles": waves(linked)}
    if put is not None:
        told, made = with_waves(told, linked, put)
        known = {"put in": made, **known}
    if deal is not None:
        told, known = shuffled(told, deal), {}
    found = watched(told, cache, last=LAST, every=every, allowed=allowed)
    for line in judged([each for each in found if each.alarm.raised >= FIRST], known, allowed):
        typer.echo(line)


def _verdict(wave: Wave, first: date | None) -> str:
    if first is None:
        return "missed"
    return "in time" if wave.is_in_time(first) else f"late by {(first - wave.onset).days - 2} days"


if __name__ == "__main__":
    typer.run(main)
