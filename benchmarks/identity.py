"""How many spans keep their theme's id from run to run, and what that costs, as Markdown tables.

    python -m benchmarks.identity DATA CACHE [SET …]

A run is matched with the one before as Koe does it: groups, both levels, by the spans that both read.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.clustering import Space, spaces_of
from benchmarks.sets import SETS, LabelledSet
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.evaluation import compare
from nlp.ports import Clusterer, Past
from service.rules.lineage import match
from service.rules.matching import Grouping

CHOSEN = ("banking77", "thunderbird", "fukui-inconvenience", "fukui-wish", "fukui-all")
GROWN = ("banking77", "banking77-zipf", "dstc11", "hint3")
FIRST_SEED = 0
OTHER_SEEDS = (1, 2, 3, 4)
NEW = 10
"""One row of so many comes between two runs; a grown set has come in so many steps."""
WITHHELD = 10
"""One label of so many is heard of later than all others."""

Groups = Mapping[int, tuple[int | None, int | None]]
"""Group and sub-group of each row that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of the themes of a run in the next one."""

    themes: float
    """The share of the rows with a theme, of those that both runs read, whose theme has the same id."""
    subthemes: float
    events: Counter[str]


@dataclass(slots=True)
class Home:
    """A home in which runs go live one after the other."""

    theme: dict[int, int] = field(default_factory=dict)
    subtheme: dict[int, int] = field(default_factory=dict)
    read: frozenset[int] = frozenset()
    ids: "count[int]" = field(default_factory=count)

    def past(self, rows: Sequence[int]) -> Past | None:
        """Return where these rows are, as a run is told it."""
        if not self.theme:
            return None
        return Past(groups=tuple(map(self.theme.get, rows)), subgroups=tuple(map(self.subtheme.get, rows)))

    def take(self, groups: Groups) -> Kept:
        """Let a run go live, and return what was kept of the last one."""
        upper = {row: group for row, (group, _) in groups.items() if group is not None}
        lower = {row: part for row, (_, part) in groups.items() if part is not None}
        now = frozenset(groups)
        theme, kept, events = self._matched(self.theme, upper, now)
        subtheme, kept_below, _ = self._matched(self.subtheme, lower, now)
        self.theme, self.subtheme, self.read = theme, subtheme, now
        return Kept(themes=kept, subthemes=kept_below, events=events)

    def _matched(
        self, before: Mapping[int, int], groups: Mapping[int, int], now: frozenset[int]
    ) -> tuple[dict[int, int], float, Counter[str]]:
        found = match(
            Grouping(
                themes={str(name): rows for name, rows in _sets(before).items()},
                groups=_sets(groups),
                before=frozenset(map(str, self.read)),
                now=frozenset(map(str, now)),
            )
        )
        name_of = {group: int(theme) for group, theme in found.theme_of.items()}
        for group in sorted(set(groups.values()) - set(name_of)):
            name_of[group] = next(self.ids)
        after = {row: name_of[group] for row, group in groups.items()}
        asked = [row for row in before if row in now]
        kept = float(np.mean([after.get(row) == before[row] for row in asked])) if asked else 1.0
        return after, kept, Counter(event.name for event in found.events)


def _sets(groups: Mapping[int, int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for row, group in groups.items():
        found.setdefault(group, set()).add(str(row))
    return found


def grouped(
    clusterer: Clusterer,
    spaces: Sequence[Space],
    only: frozenset[int],
    *,
    seed: int,
    home: Home | None = None,
) -> Groups:
    """Group the rows in `only`, each space by itself; with a `home`, from where its live run has put them."""
    found: dict[int, tuple[int | None, int | None]] = {}
    taken, divided = 0, 0
    for space in spaces:
        places = [place for place, row in enumerate(space.rows) if row in only]
        rows = [space.rows[place] for place in places]
        answer = clusterer.cluster(
            space.vectors[places],
            [space.texts[place] for place in places],
            langs=[space.langs[place] for place in places],
            seed=seed,
            past=home.past(rows) if home else None,
        )
        for row, group, part in zip(rows, answer.groups, answer.subgroups, strict=True):
            found[row] = (
                None if group is None else taken + group,
                None if part is None else divided + part,
            )
        taken += len({group for group in answer.groups if group is not None})
        divided += len({part for part in answer.subgroups if part is not None})
    return found


def after(first: Groups, second: Groups) -> Kept:
    """Return what a second run kept of a first one."""
    home = Home()
    home.take(first)
    return home.take(second)


def line(given: LabelledSet, spaces: Sequence[Space]) -> str:
    """Return a set's row of the first table."""
    clusterer = open_clusterer()
    whole = frozenset(range(len(given.texts)))
    first = grouped(clusterer, spaces, whole, seed=FIRST_SEED)
    live = Home()
    live.take(first)
    alone, beside = [], []
    for seed in OTHER_SEEDS:
        alone.append(after(first, grouped(clusterer, spaces, whole, seed=seed)))
        beside.append(after(first, grouped(clusterer, spaces, whole, seed=seed, home=live)))
    most = frozenset(_drawn(len(whole), len(whole) * NEW // (NEW + 1)))
    part = grouped(clusterer, spaces, most, seed=FIRST_SEED)
    smaller = Home()
    smaller.take(part)
    grown = grouped(clusterer, spaces, whole, seed=FIRST_SEED, home=smaller)
    more = smaller.take(grown)
    told = ", ".join(f"{name} {number}" for name, number in sorted(more.events.items()))
    return (
        f"| {given.name} | {len(whole):,} | {_span(alone)} | {_span(beside)} "
        f"| {np.mean([kept.subthemes for kept in beside]):.3f} "
        f"| {after(part, first).themes:.3f} | {more.themes:.3f} | {told} |"
    )


def _drawn(rows: int, wanted: int) -> list[int]:
    order = np.random.default_rng(FIRST_SEED).permutation(rows)
    return [int(row) for row in order[:wanted]]


def _span(kept: Sequence[Kept]) -> str:
    """Return the mean over seeds, and the least."""
    shares = [each.themes for each in kept]
    return f"{np.mean(shares):.3f} ({min(shares):.3f})"


def quality(given: LabelledSet, groups: Groups) -> str:
    """Return how well groups agree with the labels, and how many there are."""
    rows = sorted(groups)
    found = compare([given.labels[row] for row in rows], [groups[row][0] for row in rows])
    return f"{found.v_measure:.3f} / {found.ari:.3f}, {found.themes}"


def grown_line(given: LabelledSet, spaces: Sequence[Space]) -> str:
    """Return a set's row of the second table."""
    clusterer = open_clusterer()
    whole = frozenset(range(len(given.texts)))
    nothing = grouped(clusterer, spaces, whole, seed=FIRST_SEED)
    order = _drawn(len(whole), len(whole))
    home, kept = Home(), []
    for step in range(1, NEW + 1):
        read = frozenset(order[: len(order) * step // NEW])
        steps = grouped(clusterer, spaces, read, seed=FIRST_SEED, home=home)
        kept.append(home.take(steps).themes)
    later = set(sorted(set(given.labels))[::WITHHELD])
    told = Home()
    old = frozenset(row for row in whole if given.labels[row] not in later)
    told.take(grouped(clusterer, spaces, old, seed=FIRST_SEED))
    news = grouped(clusterer, spaces, whole, seed=FIRST_SEED, home=told)
    return (
        f"| {given.name} | {quality(given, nothing)} | {quality(given, steps)} | {np.mean(kept[1:]):.3f} "
        f"| {quality(given, news)} | {_found(given, nothing, later)} | {_found(given, news, later)} |"
    )


def _found(given: LabelledSet, groups: Groups, labels: set[str]) -> str:
    """Return recall and purity of the theme that holds most of a label, as means over `labels`."""
    sizes = Counter(group for group, _ in groups.values())
    shares = []
    for label in sorted(labels):
        mine = Counter(groups[row][0] for row, own in enumerate(given.labels) if own == label)
        themed = [(number, group) for group, number in mine.items() if group is not None]
        number, group = max(themed, default=(0, None))
        shares.append((number / mine.total(), number / sizes[group] if number else 0.0))
    recall, purity = np.mean(shares, axis=0)
    return f"{recall:.2f} / {purity:.2f}"


def main(
    data: Path,
    cache: Path,
    names: Annotated[list[str] | None, typer.Argument(help="Sets to measure.")] = None,
) -> None:
    """Measure what keeps its id, and what grouping from the last run costs."""
    cache.mkdir(parents=True, exist_ok=True)
    embedders = open_embedders()
    typer.echo(
        "| set | spans | other seeds, from nothing | other seeds, beside a live run | its sub-themes "
        "| 10 % new, from nothing | 10 % new, beside a live run | what happened then |"
    )
    typer.echo("|---|---|---|---|---|---|---|---|")
    for name in names or CHOSEN:
        given = SETS[name](data)
        typer.echo(line(given, spaces_of(given, embedders, cache)))
    typer.echo(
        "\n| set | V / ARI, themes: all at once | in ten steps | kept at each step "
        "| a tenth of the labels later | these labels, recall / purity: all at once | later |"
    )
    typer.echo("|---|---|---|---|---|---|---|")
    for name in names or GROWN:
        given = SETS[name](data)
        if given.labels:
            typer.echo(grown_line(given, spaces_of(given, embedders, cache)))


if __name__ == "__main__":
    typer.run(main)
