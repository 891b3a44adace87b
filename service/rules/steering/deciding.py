"""What becomes of themes: whether they are answered within a quarter, and how much work solving one takes."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from service.rules.steering.contacting import share_of
from service.rules.steering.frame import EVERYBODY, MONTHLY, At, Case, Frame, Groups, Slices
from service.rules.steering.reading import Reading, Series, series_of, unknown


class Spoken(NamedTuple):
    """Somebody speaking of a theme, in the order of time."""

    theme_id: str
    day: date
    who: str
    slices: Slices


class Answer(NamedTuple):
    """A theme's answer: something that customers have, or a written decision not to act."""

    theme_id: str
    day: date
    kind: str
    """`fix`, `article`, `other`, or `decision`."""


class Asked(NamedTuple):
    """A theme that many spoke of, and what came of it."""

    theme_id: str
    day: date
    """When the third person, or the fifth item, spoke of it."""
    slices: Slices
    answer: Answer | None


def due_themes(
    spoken: Iterable[Spoken], answers: Iterable[Answer], *, people: int, items: int
) -> list[Asked]:
    """Return the themes that so many people, or so many items, spoke of, with the first answer to each.

    What was done before anybody spoke of a theme is no answer to it. A theme belongs to those slices in which
    that many spoke of it, too.
    """
    firsts: dict[str, date] = {}
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    due: dict[str, date] = {}
    slices: dict[str, set[str]] = defaultdict(set)
    for one in spoken:
        firsts.setdefault(one.theme_id, one.day)
        for name in ("", *one.slices):
            key = one.theme_id, name
            counts[key] += 1
            if len(seen[key]) < people:
                seen[key].add(one.who)
            if len(seen[key]) >= people or counts[key] >= items:
                if name:
                    slices[one.theme_id].add(name)
                else:
                    due.setdefault(one.theme_id, one.day)
    first: dict[str, Answer] = {}
    for answer in sorted(answers, key=lambda each: (each.day, each.kind)):
        if answer.theme_id in firsts and answer.day >= firsts[answer.theme_id]:
            first.setdefault(answer.theme_id, answer)
    return [
        Asked(theme, day, tuple(sorted(slices[theme])), first.get(theme))
        for theme, day in sorted(due.items())
    ]


def answered_themes(asked: Iterable[Asked], around: Frame, *, days: int) -> Series:
    """Return the share of themes answered within so many days of becoming due, by the month they did.

    A theme whose days are not over waits, answered or not.
    """
    over: list[Case] = []
    waiting: list[Case] = []
    for one in asked:
        met = one.answer is not None and (one.answer.day - one.day).days <= days
        case = Case(one.day, one.theme_id, one.slices, float(met))
        (over if (around.until - one.day).days >= days else waiting).append(case)
    counted, later = Groups(over, around, periods=MONTHLY), Groups(waiting, around, periods=MONTHLY)
    return series_of(
        around,
        MONTHLY,
        lambda at: share_of(counted[at], waiting=later.count(at), nothing="no_theme"),
    )


def work(done: Iterable[Answer], efforts: Mapping[str, float], around: Frame) -> Series:
    """Return the days of work per theme solved in a month, over those of which somebody said how many.

    It is no estimate: these are all there are. A decision not to act solves nothing.
    """
    solved = {(each.theme_id, each.day) for each in done if each.kind != "decision"}
    months: dict[int, set[str]] = defaultdict(set)
    for theme, day in solved:
        place = around.place("month", day)
        if place is not None:
            months[place].add(theme)

    def reading(at: At) -> Reading:
        if at.name != EVERYBODY:
            return unknown("not_by_slice")
        return _work(months.get(at.place, ()), efforts, is_any=bool(solved))

    return series_of(around, MONTHLY, reading)


def _work(themes: Collection[str], efforts: Mapping[str, float], *, is_any: bool) -> Reading:
    known = [efforts[theme] for theme in sorted(themes) if theme in efforts]
    left_out = len(themes) - len(known)
    if not known:
        reason = "no_work" if themes else "nothing" if is_any else "nothing_solved"
        return unknown(reason, left_out=left_out)
    total = math.fsum(known)
    return Reading(value=total / len(known), numerator=total, denominator=len(known), left_out=left_out)
