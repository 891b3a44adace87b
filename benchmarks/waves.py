"""The waves in the Thunderbird tickets, from what people said of them, as a Markdown table.

    python -m benchmarks.waves DATA CACHE

What an alarm should have told of is fixed here before any alarm is looked at, by labels that Koe never sees:
the causes that moderators put into tags and into the brackets at a title's end (`benchmarks.causes`), and the
help articles that people linked in their answers. Customers' words play no part in it.

The rule. A label's tickets count once for each who asked, by the day (UTC) on which they asked. For every
stretch of 1 to 14 days the label's tickets there are held against its share of all labelled tickets outside
of it, for moderators label one month more than another; the chance of as many or more is a Poisson tail. A
wave is a label's least probable stretch if at least five people are in it and its chance is at most one in
ten thousand. A second label, most of whose people in its stretch are those of a wave before it, is the same
wave. A wave begins on the first day of its stretch by whose end three people had asked within three days:
before that nobody could know. One that never gets there is no wave but a higher level, and is left out.

An alarm tells of a wave if it is raised from the first day of the stretch to a week after its last, and at
least three of its tickets are the wave's own. It is in time if it is raised by the end of the second day
after the onset (48 hours). An alarm that tells of no wave is counted as false, though most of what happened
in these months has no label: so the count is an upper bound.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import typer
from scipy import stats

from benchmarks.causes import causes_of

csv.field_size_limit(2**31 - 1)
FIRST, LAST = date(2023, 3, 1), date(2024, 6, 30)
"""Days on which a wave may begin: two months come before, and from July 2024 on only some languages are
there."""
LONGEST = 14
FEWEST = 5
CHANCE = 1e-4
KNOWN_PEOPLE, KNOWN_DAYS = 3, 3
"""From when on a wave can be known at all."""
IN_TIME = timedelta(days=2)
LATE = timedelta(days=7)
OWN = 3
"""Tickets of a wave that an alarm must have to tell of it."""
NO_CAUSE = re.compile(
    r"troubleshoot.*|modalita-risoluzione-problemi.*|how-(?:do-i-create|to-make)-screenshot.*"
)
"""Articles that say how to look for a cause, and name none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A ticket with a label."""

    day: date
    who: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A label that came far more often for some days."""

    label: str
    onset: date
    first: date
    last: date
    people: int
    expected: float
    chance: float
    tickets: frozenset[str]
    """Of the stretch."""

    def is_told_by(self, raised: date, tickets: Set[str]) -> bool:
        """Say whether an alarm that was raised on a day, with these tickets, tells of this wave."""
        return self.first <= raised <= self.last + LATE and len(self.tickets & tickets) >= OWN

    def is_in_time(self, raised: date) -> bool:
        """Say whether an alarm of that day came within 48 hours of the onset."""
        return raised <= self.onset + IN_TIME


def labelled(folder: Path) -> list[Mapping[str, Sequence[Asked]]]:
    """Return the tickets of each label, for each way of labelling."""
    read = folder / "thunderbird_support"
    asked, tagged = {}, defaultdict(list)
    with (read / "questions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            asked[row["id"]] = Asked(day=day_of(row), who=row["creator"], ticket=row["id"])
            for cause in causes_of(row):
                tagged[cause].append(asked[row["id"]])
    linked: dict[str, dict[str, Asked]] = defaultdict(dict)
    with (read / "kb_links.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["question_id"] in asked and not NO_CAUSE.fullmatch(row["kb_slug"]):
                linked[row["kb_slug"]][row["question_id"]] = asked[row["question_id"]]
    return [tagged, {slug: list(of.values()) for slug, of in linked.items()}]


def day_of(row: Mapping[str, str]) -> date:
    """Return the day on which a question was asked, in UTC."""
    return datetime.strptime(row["created"], "%Y-%m-%d %H:%M:%S %z").astimezone(UTC).date()


def waves(labels: Mapping[str, Sequence[Asked]]) -> list[Wave]:
    """Return the waves of one way of labelling, by onset."""
    everything = {(each.ticket, each.day) for of in labels.values() for each in of}
    per_day: dict[date, int] = defaultdict(int)
    for _, day in everything:
        per_day[day] += 1
    found = (_wave(label, of, per_day) for label, of in labels.items())
    return _distinct(wave for wave in found if wave is not None)


def _wave(label: str, of: Sequence[Asked], per_day: Mapping[date, int]) -> Wave | None:
    best: Wave | None = None
    for first in sorted({each.day for each in of}):
        for days in range(1, LONGEST + 1):
            last = first + timedelta(days=days - 1)
            inside = [each for each in of if first <= each.day <= last]
            people = len({each.who for each in inside})
            if people < FEWEST or max(each.day for each in inside) < last:
                continue
            around = sum(count for day, count in per_day.items() if first <= day <= last)
            share = (len(of) - len(inside) + 0.5) / max(1, sum(per_day.values()) - around)
            chance = float(stats.poisson.sf(people - 1, share * around))
            onset = _known(inside, first, last)
            if onset is None or not FIRST <= onset <= LAST:
                continue
            if chance <= CHANCE and (best is None or chance < best.chance):
                best = Wave(
                    label=label,
                    onset=onset,
                    first=first,
                    last=last,
                    people=people,
                    expected=share * around,
                    chance=chance,
                    tickets=frozenset(each.ticket for each in inside),
                )
    return best


def _known(inside: Sequence[Asked], first: date, last: date) -> date | None:
    for day in (first + timedelta(days=step) for step in range((last - first).days + 1)):
        recent = {each.who for each in inside if 0 <= (day - each.day).days < KNOWN_DAYS}
        if len(recent) >= KNOWN_PEOPLE:
            return day
    return None


def _distinct(found: Iterable[Wave]) -> list[Wave]:
    kept: list[Wave] = []
    for wave in sorted(found, key=lambda wave: (wave.chance, wave.label)):
        if not any(2 * len(wave.tickets & other.tickets) > len(wave.tickets) for other in kept):
            kept.append(wave)
    return sorted(kept, key=lambda wave: (wave.onset, wave.label))


def main(data: Path, cache: Path) -> None:  # noqa: ARG001  every table is made by the same two arguments
    """Print the waves."""
    typer.echo(
        "| said by | label | onset | stretch | people | expected | chance |\n|---|---|---|---|---|---|---|"
    )
    for name, labels in zip(("moderators' causes", "linked articles"), labelled(data), strict=True):
        for wave in waves(labels):
            typer.echo(
                f"| {name} | {wave.label} | {wave.onset} | {wave.first} to {wave.last} | {wave.people} "
                f"| {wave.expected:.2f} | {wave.chance:.1g} |"
            )


if __name__ == "__main__":
    typer.run(main)
