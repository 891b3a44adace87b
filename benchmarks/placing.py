"""How well live placing agrees with grouping everything anew, as a Markdown table.

    python -m benchmarks.placing DATA CACHE [SET …]

A tenth of each set is held back, the rest is grouped, and the tenth is placed one by one, as live voices are.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from benchmarks.clustering import Space, spaces_of
from benchmarks.sets import SETS, LabelledSet
from nlp.clusterers import open_clusterer
from nlp.embedders import Embedders, open_embedders
from nlp.placing import Place, place, reach
from nlp.ports import Clustering, Vectors

CHOSEN = ("banking77", "banking77-zipf", "dstc11", "hint3", "multidogo", "fukui-inconvenience")
HELD_BACK = 10
"""One row of so many."""
SMALLEST = 800
"""Rows of a space that is measured."""
SEED = 0
Groups = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A space of which some rows were held back."""

    space: Space
    kept: Groups
    held: Groups
    part: Clustering
    """Of the kept rows."""
    whole: Groups
    """The group of every row, had all been grouped; -1 for none."""


def numbered(groups: Sequence[int | None]) -> Groups:
    """Return the groups as numbers, -1 for none."""
    return np.array([-1 if group is None else group for group in groups], np.int64)


def hold_back(space: Space) -> Held:
    """Group all but the rows that are held back, and all."""
    clusterer = open_clusterer()
    order = np.random.default_rng(SEED).permutation(len(space.rows))
    held, kept = np.sort(order[: len(order) // HELD_BACK]), np.sort(order[len(order) // HELD_BACK :])
    texts, langs = [space.texts[row] for row in kept], [space.langs[row] for row in kept]
    part = clusterer.cluster(space.vectors[kept], texts, langs=langs, seed=SEED)
    whole = clusterer.cluster(space.vectors, space.texts, langs=space.langs, seed=SEED)
    return Held(space=space, kept=kept, held=held, part=part, whole=numbered(whole.groups))


def middles_of(found: Held) -> tuple[Vectors, Groups]:
    """Return the middles of the kept groups and of their parts, and the group that each belongs to."""
    rows = found.space.vectors[found.kept]
    groups, parts = numbered(found.part.groups), numbered(found.part.subgroups)
    middles, owners = [], []
    for numbers in (groups, parts):
        for number in range(numbers.max(initial=-1) + 1):
            mine = numbers == number
            middles.append(rows[mine].mean(axis=0))
            owners.append(groups[mine][0])
    return np.array(middles), np.array(owners, np.int64)


def placed(found: Held) -> tuple[list[Place | None], Groups]:
    """Place the held rows; return their places, and the group of each middle."""
    middles, owned = middles_of(found)
    least = reach(found.space.vectors[found.kept], found.part.groups)
    return place(found.space.vectors[found.held], middles, owned, least=least or 1.0), owned


def line(given: LabelledSet, found: Held) -> str:
    """Return one row of the table."""
    places, owners = placed(found)
    got = np.array([-1 if one is None else owners[one.middle] for one in places])
    groups, alike = numbered(found.part.groups), {}
    for number in range(groups.max() + 1):
        counted = Counter(found.whole[found.kept][groups == number].tolist())
        alike[number] = counted.most_common(1)[0][0]
    whole = found.whole[found.held]
    agree = np.mean([alike.get(mine, -1) == theirs for mine, theirs in zip(got, whole, strict=True)])
    cells = [f"{agree:.3f}", f"{np.mean(got >= 0):.3f}", f"{np.mean(whole >= 0):.3f}"]
    cells += ["-", "-", "-"] if not given.labels else _judged(given, found, places, got)
    return f"| {given.name} | {len(found.held):,} | {' | '.join(cells)} |"


def _judged(given: LabelledSet, found: Held, places: Sequence[Place | None], got: Groups) -> list[str]:
    """Return how often the group's commonest label is the row's, placed and grouped, and how sure it was."""
    labels = np.array([given.labels[row] for row in found.space.rows])
    groups = numbered(found.part.groups)
    named = named_groups(labels[found.kept], groups)
    of_whole = named_groups(labels, found.whole)
    true = labels[found.held]
    right = np.array([named.get(mine) == label for mine, label in zip(got, true, strict=True)])
    grouped = [of_whole.get(n) == label for n, label in zip(found.whole[found.held], true, strict=True)]
    sure = np.mean([one.confidence for one in places if one is not None])
    return [f"{right.mean():.3f}", f"{np.mean(grouped):.3f}", f"{sure:.2f} / {right[got >= 0].mean():.2f}"]


def named_groups(labels: npt.NDArray[np.str_], groups: Groups) -> dict[int, str]:
    """Return the commonest label of each group, by its number."""
    numbers = range(groups.max(initial=-1) + 1)
    return {number: Counter(labels[groups == number].tolist()).most_common(1)[0][0] for number in numbers}


def spaces_to_measure(
    names: Sequence[str] | None, embedders: Embedders, data: Path, cache: Path
) -> Iterator[tuple[LabelledSet, Space]]:
    """Yield each space of these sets, or of all that are chosen, with its set; small ones are left out."""
    for name in names or CHOSEN:
        given = SETS[name](data)
        for space in spaces_of(given, embedders, cache):
            if len(space.rows) >= SMALLEST:
                yield given, space


def main(
    data: Path,
    cache: Path,
    names: Annotated[list[str] | None, typer.Argument(help="Sets to measure.")] = None,
) -> None:
    """Measure live placing on each set."""
    cache.mkdir(parents=True, exist_ok=True)
    embedders = open_embedders()
    typer.echo(
        "| set | held back | as grouping all | placed | grouped | right label, placed | right label, grouped"
        " | sure / right |"
    )
    typer.echo("|---|---|---|---|---|---|---|---|")
    for given, space in spaces_to_measure(names, embedders, data, cache):
        typer.echo(line(given, hold_back(space)))


if __name__ == "__main__":
    typer.run(main)
