"""The Thunderbird tickets in the order of time: each day's voices among the themes of what came before.

Themes are discovered anew every so many days from all earlier tickets, keep their ids by the rules of
lineage, and take in each day's voices in between by live placing. Nothing of a later day is seen.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.causes import spans, tickets
from benchmarks.clustering import Space, spaces_of
from benchmarks.sets import LabelledSet
from benchmarks.waves import day_of
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.placing import place, reach
from nlp.ports import Clusterer, Past
from service.models.columns import digest
from service.rules.lineage import match
from service.rules.matching import Grouping

FIRST_DISCOVERY = 28
"""Days that are heard before themes are discovered for the first time."""
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets:
    """All tickets and their spans, by time."""

    first: date
    names: Sequence[str]
    who: Sequence[str]
    days: Numbers
    """Of each ticket, as a number of days after the first."""
    of_span: Numbers
    """The ticket of each span."""
    texts: Sequence[str]
    spaces: Sequence[Space]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What is known at the end of a day."""

    number: int
    theme_of: Numbers
    """The theme of each span; -1 for none, and for those that are still to come."""
    part_of: Numbers
    """Its sub-theme, under numbers that last no longer than to the next discovery; -1 for none."""
    successor: Mapping[int, int]
    """Themes that ended today, and where most of each went."""


def read(data: Path, cache: Path) -> Tickets:
    """Return the tickets and the vectors of their spans."""
    folder = data / "thunderbird_support" / "questions.csv"
    with folder.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = [day_of(row) for row in rows]
    spans_of = [spans(ticket) for ticket in tickets(data)]
    texts = tuple(text for each in spans_of for text in each)
    given = LabelledSet(name="Thunderbird", texts=texts, labels=(), lang=None)
    first = min(days)
    return Tickets(
        first=first,
        names=[row["id"] for row in rows],
        who=[row["creator"] for row in rows],
        days=np.array([(day - first).days for day in days], np.int64),
        of_span=np.repeat(np.arange(len(rows)), [len(each) for each in spans_of]),
        texts=texts,
        spaces=spaces_of(given, open_embedders(), cache),
    )


def replay(told: Tickets, cache: Path, *, last: int, every: int) -> Iterator[Day]:
    """Yield each day from the first discovery up to day `last`; discoveries are kept in `cache`."""
    clusterer = open_clusterer()
    span_days = told.days[told.of_span]
    theme_of = np.full(len(told.texts), -1, np.int64)
    part_of = theme_of.copy()
    taken = 0
    least: Mapping[int, float | None] = {}
    for day in range(FIRST_DISCOVERY, last + 1):
        successor: Mapping[int, int] = {}
        if (day - FIRST_DISCOVERY) % every == 0:
            groups, part_of = _discovered(told, span_days < day, clusterer, (theme_of, part_of), cache)
            theme_of, successor, taken = _named(groups, theme_of, span_days < day, taken)
            least = {number: _reach(space, theme_of) for number, space in enumerate(told.spaces)}
        _place(told, theme_of, part_of, span_days < day, span_days == day, least)
        yield Day(number=day, theme_of=theme_of.copy(), part_of=part_of.copy(), successor=successor)


def _discovered(
    told: Tickets,
    known: npt.NDArray[np.bool_],
    clusterer: Clusterer,
    last: tuple[Numbers, Numbers],
    cache: Path,
) -> tuple[Numbers, Numbers]:
    """Return the group and the part of each known span, -1 for none; it leans on where they were before."""
    state = np.packbits(known).tobytes() + last[0].tobytes() + last[1].tobytes()
    path = cache / f"replay-{digest(clusterer.name, *told.texts, state.hex())}.npy"
    if not path.exists():
        groups = np.full((2, len(told.texts)), -1, np.int64)
        taken = np.zeros(2, np.int64)
        for space in told.spaces:
            rows = [place for place, row in enumerate(space.rows) if known[row]]
            if len(rows) < 2:
                continue
            where = [space.rows[row] for row in rows]
            found = clusterer.cluster(
                space.vectors[rows],
                [space.texts[row] for row in rows],
                langs=[space.langs[row] for row in rows],
                seed=0,
                past=_past(last[0][where], last[1][where]),
            )
            for level, numbers in enumerate((found.groups, found.subgroups)):
                groups[level, where] = [-1 if each is None else taken[level] + each for each in numbers]
            taken = groups.max(axis=1) + 1
        np.save(path, groups)
    kept: Numbers = np.load(path)
    return kept[0], kept[1]


def _past(groups: Numbers, parts: Numbers) -> Past | None:
    """Return where the spans were before; None where none was anywhere."""
    if not (groups >= 0).any():
        return None
    return Past(groups=_numbers(groups), subgroups=_numbers(parts))


def _numbers(groups: Numbers) -> tuple[int | None, ...]:
    return tuple(None if group < 0 else int(group) for group in groups)


def _named(
    groups: Numbers, theme_of: Numbers, known: npt.NDArray[np.bool_], taken: int
) -> tuple[Numbers, Mapping[int, int], int]:
    """Return the theme of each span, where ended themes went, and how many ids are taken."""
    read = frozenset(map(str, np.flatnonzero(known)))
    grouping = Grouping(
        themes={str(theme): spans for theme, spans in _members(theme_of).items()},
        groups=_members(groups),
        before=read if taken else frozenset(),
        now=read,
    )
    matching = match(grouping)
    ids = {group: int(theme) for group, theme in matching.theme_of.items()}
    for group in sorted(grouping.groups):
        if group not in ids:
            ids[group] = taken
            taken += 1
    named = np.array([ids.get(int(group), -1) for group in groups], np.int64)
    return named, {int(theme): ids[group] for theme, group in matching.successor.items()}, taken


def _members(numbers: Numbers) -> dict[int, frozenset[str]]:
    held: dict[int, list[str]] = defaultdict(list)
    for row in np.flatnonzero(numbers >= 0):
        held[int(numbers[row])].append(str(row))
    return {number: frozenset(rows) for number, rows in held.items()}


def _reach(space: Space, theme_of: Numbers) -> float | None:
    mine = theme_of[list(space.rows)]
    return reach(space.vectors, tuple(None if theme < 0 else int(theme) for theme in mine))


def _place(
    told: Tickets,
    theme_of: Numbers,
    part_of: Numbers,
    known: npt.NDArray[np.bool_],
    new: npt.NDArray[np.bool_],
    least: Mapping[int, float | None],
) -> None:
    """Put a day's spans into the themes, and the parts of them, that are there."""
    for number, space in enumerate(told.spaces):
        rows = np.array(space.rows)
        mine = np.flatnonzero(new[rows])
        nearest = least.get(number)
        middles, owners, parts = [], [], []
        for level in (theme_of, part_of):
            held = np.where(known[rows], level[rows], -1)
            for name in np.unique(held[held >= 0]):
                members = held == name
                middles.append(space.vectors[members].mean(axis=0))
                owners.append(theme_of[rows[members]][0])
                parts.append(name if level is part_of else -1)
        if nearest is None or not len(mine) or not middles:
            continue
        found = place(space.vectors[mine], np.stack(middles), np.array(owners, np.int64), least=nearest)
        for row, one in zip(mine, found, strict=True):
            if one is not None:
                theme_of[rows[row]], part_of[rows[row]] = owners[one.middle], parts[one.middle]
