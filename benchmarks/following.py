"""What corrections teach: how many more of the voices that nobody corrected are in the right theme.

    python -m benchmarks.following DATA CACHE

Half of Banking77, drawn by each seed, is grouped. Where a group holds voices of another intent than its
commonest, a person takes some of these out, and the rule says which others follow. Counted are the voices of
both intents that were left in the group: right are those of the commonest that stay, and of the other that
follow. For control, as many voices of the commonest intent itself are taken out: then nothing should follow.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import typer

from benchmarks.clustering import Space, spaces_of
from benchmarks.sets import SETS
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.following import follow
from nlp.ports import Vectors

SEEDS = (5, 6, 7, 8, 9)
"""Others than those by which the rule was chosen (0 to 4)."""
TAKEN = (4, 8, 16)
"""Voices that a person takes out."""
LEFT = 5
"""So many of the intent must be left, or nothing can be told."""
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A group out of which some voices are taken."""

    taken: Vectors
    rest: Vectors
    belongs: npt.NDArray[np.bool_]
    """Which of the rest are of the intent that was taken out."""
    stays: npt.NDArray[np.bool_]
    """Which are of the group's commonest intent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """The rows that a seed drew, and their groups."""

    seed: int
    rows: Rows
    groups: Rows


def halves(space: Space) -> list[Half]:
    """Return half of the rows for each seed, grouped."""
    found = []
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(len(space.rows))
        rows = np.sort(order[: len(order) // 2])
        texts, langs = [space.texts[row] for row in rows], [space.langs[row] for row in rows]
        made = open_clusterer().cluster(space.vectors[rows], texts, langs=langs, seed=seed)
        groups = np.array([-1 if group is None else group for group in made.groups], np.int64)
        found.append(Half(seed=seed, rows=rows, groups=groups))
    return found


def cases(space: Space, labels: npt.NDArray[np.str_], half: Half, taken: int) -> Iterator[Case]:
    """Yield each group with each of its intents that is frequent enough: the commonest is the control."""
    chance = np.random.default_rng(half.seed)
    for group in range(half.groups.max() + 1):
        rows = half.rows[half.groups == group]
        counts = Counter(labels[rows].tolist()).most_common()
        for intent, count in counts:
            if count < taken + LEFT:
                continue
            out = chance.choice(rows[labels[rows] == intent], taken, replace=False)
            rest = np.setdiff1d(rows, out)
            yield Case(
                taken=space.vectors[out],
                rest=space.vectors[rest],
                belongs=labels[rest] == intent,
                stays=labels[rest] == counts[0][0],
            )


def line(found: list[Case], taken: int) -> str:
    """Return one row of the table."""
    before = after = voices = moved = right = control = controlled = 0
    groups = 0
    for case in found:
        follows = follow(case.taken, case.rest)
        if (case.belongs & case.stays).any():
            control, controlled = control + int(follows.sum()), controlled + len(follows)
            continue
        groups += 1
        before += int(case.stays.sum())
        after += int((case.stays & ~follows).sum() + (case.belongs & follows).sum())
        voices += int((case.stays | case.belongs).sum())
        moved += int(follows.sum())
        right += int((case.belongs & follows).sum())
    figures = (
        before / voices,
        after / voices,
        right / (voices - before),
        right / moved,
        control / controlled,
    )
    return f"| {taken} | {groups} | {voices:,} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |"


def main(data: Path, cache: Path) -> None:
    """Measure what corrections teach."""
    cache.mkdir(parents=True, exist_ok=True)
    given = SETS["banking77"](data)
    (space,) = spaces_of(given, open_embedders(), cache)
    labels = np.array([given.labels[row] for row in space.rows])
    found = halves(space)
    typer.echo(
        "| taken out | groups | voices left | right before | right after | of those to follow, do |"
        " of those that follow, right | of a theme's own, follow |"
    )
    typer.echo("|---|---|---|---|---|---|---|---|")
    for taken in TAKEN:
        typer.echo(line([case for half in found for case in cases(space, labels, half, taken)], taken))


if __name__ == "__main__":
    typer.run(main)
