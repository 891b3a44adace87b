"""Cells of near rows, all of about one size, whatever the rows are like.

Rows are halved again and again along the direction in which they differ most, at the median: a principal
direction tree (Boley 1998, "Principal Direction Divisive Partitioning"; Sproull 1991). A median always
halves, also rows that are equal or nearly so, so no cell is ever larger than asked and the work after it is
bounded.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.ports import Vectors

SAMPLE = 2_000
"""So many rows of a part tell its direction."""
ROUNDS = 6
"""Of the power iteration that finds it; it need not be exact."""
BLOCK = 8_192
"""Rows projected at once, so that no part of the space is copied as a whole."""
SEED = 0

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A division of all rows."""

    members: tuple[Rows, ...]
    """The rows of each cell, ascending; every row is in one."""
    middles: Vectors
    """Unit mean of each cell's rows, shape (cells, dimensions)."""


def cells_of(space: Vectors, *, most: int) -> Cells:
    """Divide the rows into cells of more than half of `most` and at most `most` rows each."""
    chance = np.random.default_rng(SEED)
    waiting, members = [np.arange(len(space))], []
    while waiting:
        rows = waiting.pop()
        if len(rows) <= most:
            members.append(rows)
            continue
        lower, upper = _halves(space, rows, chance)
        waiting += [upper, lower]
    middles = np.stack([space[rows].mean(axis=0, dtype=np.float64) for rows in members])
    lengths = np.linalg.norm(middles, axis=1, keepdims=True)
    units = middles / np.where(lengths > 1e-9, lengths, 1.0)
    return Cells(members=tuple(members), middles=np.asarray(units, np.float32))


def _halves(space: Vectors, rows: Rows, chance: np.random.Generator) -> tuple[Rows, Rows]:
    direction = _direction(space, rows, chance)
    starts = range(0, len(rows), BLOCK)
    along = np.concatenate([space[rows[start : start + BLOCK]] @ direction for start in starts])
    order = np.argsort(along, kind="stable")
    half = len(rows) // 2
    return np.sort(rows[order[:half]]), np.sort(rows[order[half:]])


def _direction(space: Vectors, rows: Rows, chance: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return about the first principal direction of some of the rows."""
    sample = space[chance.choice(rows, min(len(rows), SAMPLE), replace=False)]
    sample -= sample.mean(axis=0)
    direction = np.asarray(chance.normal(size=space.shape[1]), np.float32)
    for _ in range(ROUNDS):
        found = sample.T @ (sample @ direction)
        length = float(np.linalg.norm(found))
        if length < 1e-9:  # equal rows: any direction does
            break
        direction = np.asarray(found / length, np.float32)
    return direction
