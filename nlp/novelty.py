"""Which new texts say one thing that no theme says yet.

Between two groupings of everything a text goes to the theme that is nearest. Some are in a wrong place then:
what is said for the first time is near to something, too. New texts that are as alike among themselves as
those of a theme are, clearly nearer to each other than to the middle of where they were put, and nearer to
one another than to anything that was said there before, are a theme of their own.
How many new subjects this finds, and how many that are none, stands in docs/quality.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy  # each of its parts is loaded when it is first asked for

from nlp.placing import sureness
from nlp.ports import Vectors

LEAST_ROWS = 4
"""So many texts can make a theme."""
LEAD = 0.1
"""So much nearer (a cosine) must they be, on the mean, to the middle of the others than to their theme."""
NEARER = 0.05
"""So much nearer must another text be to the new middle than to its own theme to come along."""

Cosines = npt.NDArray[np.float64]
Elders = Callable[[Sequence[int]], Cosines]
"""The cosine of each of these rows with the nearest text that its theme had before; -1 if it is in none."""


def likeness(vectors: Vectors, groups: Sequence[int | None]) -> float | None:
    """Return how alike the texts of a group are: the mean cosine of any two, for the middling group.

    Groups of fewer than LEAST_ROWS texts say nothing; None where there is no other.
    """
    numbers = np.array([-1 if group is None else group for group in groups], np.int64)
    means = []
    for number in range(int(numbers.max(initial=-1)) + 1):
        rows = vectors[numbers == number].astype(np.float64)
        if len(rows) >= LEAST_ROWS:
            means.append((_square(rows.sum(axis=0)) - len(rows)) / (len(rows) * (len(rows) - 1)))
    return round(float(np.median(means)), 4) if means else None


def _square(vector: npt.NDArray[np.float64]) -> float:
    return float(np.sum(vector * vector))


@dataclass(frozen=True, slots=True, kw_only=True)
class Novelty:
    """A text in a new theme."""

    number: int
    """Of the theme, from 0, the largest first."""
    confidence: float


def novel(
    vectors: Vectors, homes: Cosines, elders: Elders, *, likeness: float, reach: float
) -> list[Novelty | None]:
    """Return for each text the new theme that it is in; None for most.

    `homes` are the texts' cosines with the middles of their themes; of one that is in none, with the
    nearest. Average linkage joins texts up to `likeness`; `elders` are asked for those of groups alone. To a
    group that is a theme come the texts that are within `reach` of its middle and nearer to it than to their
    own.
    """
    rows = vectors.astype(np.float64)
    found = [
        group
        for group in _alike(rows, likeness)
        if _leads(rows[group], homes[group]) and _unheard(rows[group], elders(group.tolist()))
    ]
    found.sort(key=lambda group: (-len(group), int(group[0])))
    if not found:
        return [None] * len(rows)
    numbers, near = _nearest(rows, found)
    founded = np.zeros(len(rows), np.bool_)
    for number, group in enumerate(found):
        numbers[group], near[group], founded[group] = number, _among_others(rows[group]), True
    joins = founded | ((near >= reach) & (near >= homes + NEARER))
    sure = sureness(near, near - homes, least=reach)
    return [
        Novelty(number=int(number), confidence=round(float(confidence), 4)) if joined else None
        for number, confidence, joined in zip(numbers, sure, joins, strict=True)
    ]


def _alike(rows: Cosines, least: float) -> list[npt.NDArray[np.int64]]:
    """Return the groups of LEAST_ROWS rows and more of which two are, on the mean, as alike as `least`."""
    if len(rows) < LEAST_ROWS:
        return []
    apart = np.clip(1.0 - rows @ rows.T, 0.0, None)
    np.fill_diagonal(apart, 0.0)
    tree = scipy.cluster.hierarchy.linkage(scipy.spatial.distance.squareform(apart, checks=False), "average")
    labels = scipy.cluster.hierarchy.fcluster(tree, 1.0 - least, "distance")
    groups = (np.flatnonzero(labels == label) for label in np.unique(labels))
    return [group for group in groups if len(group) >= LEAST_ROWS]


def _leads(rows: Cosines, homes: Cosines) -> bool:
    """Say whether rows are nearer to each other than to where they are."""
    return bool(np.mean(_among_others(rows) - homes) >= LEAD)


def _unheard(rows: Cosines, elders: Cosines) -> bool:
    """Say whether rows that are in a theme are nearer to one another than to what it had before."""
    themed = elders > -1.0
    return not themed.any() or bool(np.mean(_nearest_mate(rows)[themed]) > np.mean(elders[themed]))


def _nearest_mate(rows: Cosines) -> Cosines:
    """Return each row's cosine with the nearest of the others."""
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -1.0)
    nearest: Cosines = cosines.max(axis=1)
    return nearest


def _among_others(rows: Cosines) -> Cosines:
    """Return each row's cosine with the middle of the others."""
    near: Cosines = np.sum(rows * _unit(rows.sum(axis=0) - rows), axis=1)
    return near


def _nearest(rows: Cosines, found: Sequence[npt.NDArray[np.int64]]) -> tuple[npt.NDArray[np.int64], Cosines]:
    """Return the group whose middle is nearest to each row, and the cosine with it."""
    cosines = rows @ _unit(np.array([rows[group].mean(axis=0) for group in found])).T
    nearest = cosines.argmax(axis=1)
    return nearest, cosines[np.arange(len(rows)), nearest]


def _unit(rows: Cosines) -> Cosines:
    scaled: Cosines = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return scaled
