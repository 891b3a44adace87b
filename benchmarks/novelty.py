"""How many subjects that nobody spoke of before are found among live voices, as a Markdown table.

    python -m benchmarks.novelty DATA CACHE

Some labels of a set are kept back, and a tenth of all others; what is left is grouped. Then the rest comes
live: the tenth, and up to twenty rows of each label that is new. They are placed as live voices are, and
looked through for new themes. A new theme is right if most of it has one of the labels that were kept back.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import typer

from benchmarks.clustering import Space, spaces_of
from benchmarks.sets import SETS
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.novelty import likeness, novel
from nlp.placing import reach
from nlp.ports import Vectors

NEW_LABELS = {"banking77": 10, "banking77-zipf": 15, "dstc11": 5, "hint3": 4, "xsid-ja": 3}
"""How many labels of each set are new."""
ROWS = 20
"""Rows that come of a new label, at the most."""
SEEDS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of one draw."""

    un_themed: float
    """The share of the new labels' rows that no theme is near to."""
    right: int
    """New labels that have a new theme."""
    themes: int
    """New themes of such labels; more than `right` where a label has several."""
    wrong: int
    """New themes of other labels, or of none."""
    covered: float
    """The share of the new labels' rows that is in a right new theme."""


def draw(space: Space, labels: npt.NDArray[np.str_], *, new: int, seed: int) -> Found:
    """Keep some labels back, group the others, let the rest come live and look through it."""
    chance = np.random.default_rng(seed)
    kept_back = chance.choice(np.unique(labels), new, replace=False)
    is_new = np.isin(labels, kept_back)
    is_late = chance.random(len(labels)) < 0.1
    grouped = np.flatnonzero(~is_new & ~is_late)
    come = [np.flatnonzero(labels == label) for label in sorted(kept_back)]
    late = np.concatenate(
        [
            np.flatnonzero(~is_new & is_late),
            *(chance.choice(rows, min(ROWS, len(rows)), replace=False) for rows in come),
        ]
    )
    vectors = space.vectors
    answer = open_clusterer().cluster(
        vectors[grouped],
        [space.texts[row] for row in grouped],
        langs=[space.langs[row] for row in grouped],
        seed=seed,
    )
    least, alike = reach(vectors[grouped], answer.groups), likeness(vectors[grouped], answer.groups)
    if least is None or alike is None:
        return Found(un_themed=1.0, right=0, themes=0, wrong=0, covered=0.0)
    cosines = (vectors[late] @ _middles(vectors[grouped], answer.groups).T).astype(np.float64)
    homes, home = cosines.max(axis=1), cosines.argmax(axis=1)
    themes = np.array([-1 if group is None else group for group in answer.groups])

    def elders(rows: Sequence[int]) -> npt.NDArray[np.float64]:
        said = [vectors[grouped[themes == home[row]]] @ vectors[late[row]] for row in rows]
        near = [float(each.max()) for each in said]
        return np.where(homes[list(rows)] < least, -1.0, near)

    numbers = [
        None if one is None else one.number
        for one in novel(vectors[late], homes, elders, likeness=alike, reach=least)
    ]
    return _judged(labels[late], is_new[late], homes < least, numbers)


def _middles(vectors: Vectors, groups: Sequence[int | None]) -> Vectors:
    numbers = np.array([-1 if group is None else group for group in groups])
    means = np.array([vectors[numbers == number].mean(axis=0) for number in range(numbers.max() + 1)])
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)


def _judged(
    labels: npt.NDArray[np.str_],
    is_new: npt.NDArray[np.bool_],
    un_themed: npt.NDArray[np.bool_],
    numbers: Sequence[int | None],
) -> Found:
    held: dict[int, Counter[tuple[str, bool]]] = {}
    for label, new, number in zip(labels, is_new, numbers, strict=True):
        if number is not None:
            held.setdefault(number, Counter())[str(label), bool(new)] += 1
    right = []
    for counts in held.values():
        (label, new), most = counts.most_common(1)[0]
        if new and 2 * most >= counts.total():
            right.append((label, most))
    return Found(
        un_themed=float(un_themed[is_new].mean()),
        right=len({label for label, _ in right}),
        themes=len(right),
        wrong=len(held) - len(right),
        covered=sum(most for _, most in right) / int(is_new.sum()),
    )


def main(data: Path, cache: Path) -> None:
    """Measure every set, means over the seeds."""
    cache.mkdir(parents=True, exist_ok=True)
    embedders = open_embedders()
    typer.echo("| set | new labels | near to no theme | found | new themes of them | wrong ones | covered |")
    typer.echo("|---|---|---|---|---|---|---|")
    for name, new in NEW_LABELS.items():
        given = SETS[name](data)
        (space,) = spaces_of(given, embedders, cache)
        draws = [draw(space, np.array(given.labels), new=new, seed=seed) for seed in SEEDS]
        fared = np.mean(
            [(one.un_themed, one.right, one.themes, one.wrong, one.covered) for one in draws], axis=0
        )
        un_themed, right, themes, wrong, covered = fared
        typer.echo(
            f"| {given.name} | {new} | {un_themed:.2f} | {right:.1f} | {themes:.1f} | {wrong:.1f} "
            f"| {covered:.2f} |"
        )


if __name__ == "__main__":
    typer.run(main)
