"""Each row's nearest rows, in bounded memory and with the same answer on any number of cores.

Up to EXACT_ROWS rows every pair is compared. Above, a row is compared with the rows of the cells whose
middles are nearest to it (an inverted file: Jégou, Douze, Schmid 2011), which misses a few neighbours and
costs little more than in proportion to the rows.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.clusterers.cells import Cells, cells_of
from nlp.ports import Vectors

EXACT_ROWS = 25_000
"""More rows than this are not all compared with each other."""
CELL_ROWS = 256
"""Rows of a cell at most."""
PROBES = 32
"""Cells that are searched for a row."""
SEARCHED = 8_192
"""Rows searched for together, in whichever cells they look."""
ASKED = 256
"""Rows whose neighbours' neighbours are looked at together: 60 MB of their vectors."""
CELLS = 6_000_000
"""Similarities held at once by one core: 24 MB, and three times that while the best are found."""
CORES = 4

Places = npt.NDArray[np.int64]
Similarities = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The nearest rows of every row, nearest first."""

    rows: npt.NDArray[np.int32]
    """Shape (rows, k)."""
    similarity: Similarities
    """Cosine, shape (rows, k)."""


def nearest(space: Vectors, k: int) -> Neighbours:
    """Return the `k` rows of highest cosine for every unit row, itself apart; 0 < k < len(space).

    They are exact up to EXACT_ROWS rows. The blocks are the same however many cores there are, and each is
    computed by one core, so the bits do not depend on the machine's number of cores as long as BLAS is
    held to one thread.
    """
    return exact(space, k) if len(space) <= EXACT_ROWS else approximate(space, k)


def exact(space: Vectors, k: int) -> Neighbours:
    """Return the nearest rows after a look at all pairs: time grows with the square of the rows."""

    def search(start: int, stop: int) -> tuple[Places, Similarities]:
        similarity = space[start:stop] @ space.T
        own = np.arange(len(similarity))
        similarity[own, own + start] = -np.inf
        return _best(similarity, k)

    return _in_blocks(search, len(space), max(1, CELLS // len(space)))


def approximate(space: Vectors, k: int) -> Neighbours:
    """Return nearly the nearest rows; 0 < k < CELL_ROWS / 2.

    They are the best of the PROBES cells nearest to each row, and of the rows near to these.
    """
    cells = cells_of(space, most=CELL_ROWS)

    def search(start: int, stop: int) -> tuple[Places, Similarities]:
        return _searched(space, cells, np.arange(start, min(stop, len(space))), k)

    found = _in_blocks(search, len(space), SEARCHED)

    def ask_on(start: int, stop: int) -> tuple[Places, Similarities]:
        return _of_neighbours(space, found.rows, np.arange(start, min(stop, len(space))))

    return _in_blocks(ask_on, len(space), ASKED)


def _in_blocks(
    search: Callable[[int, int], tuple[Places, Similarities]], rows: int, block: int
) -> Neighbours:
    """Search for the rows of each block, a block on one core."""
    starts = range(0, rows, block)
    with ThreadPoolExecutor(min(CORES, os.cpu_count() or 1)) as pool:
        parts = list(pool.map(lambda start: search(start, start + block), starts))
    return Neighbours(
        rows=np.concatenate([found.astype(np.int32) for found, _ in parts]),
        similarity=np.concatenate([similarity for _, similarity in parts]),
    )


def _searched(space: Vectors, cells: Cells, rows: Places, k: int) -> tuple[Places, Similarities]:
    """Return the best rows of the cells nearest to each of `rows`."""
    probes = min(PROBES, len(cells.members))
    wanted = _best(space[rows] @ cells.middles.T, probes)[0].ravel()
    order = np.argsort(wanted, kind="stable")
    ends = np.cumsum(np.bincount(wanted, minlength=len(cells.members)))
    found = np.zeros((len(rows) * probes, k), np.int64)
    similarity = np.full((len(rows) * probes, k), -np.inf, np.float32)
    for members, at in zip(cells.members, np.split(order, ends[:-1]), strict=True):
        if len(at):
            found[at], similarity[at] = _in_cell(space, members, rows[at // probes], k)
    best, values = _best(similarity.reshape(len(rows), -1), k)
    return np.take_along_axis(found.reshape(len(rows), -1), best, axis=1), values


def _in_cell(space: Vectors, members: Places, rows: Places, k: int) -> tuple[Places, Similarities]:
    """Return the best members of one cell for each of `rows`, a row itself apart."""
    similarity = space[rows] @ space[members].T
    place = np.minimum(np.searchsorted(members, rows), len(members) - 1)
    own = np.flatnonzero(members[place] == rows)
    similarity[own, place[own]] = -np.inf
    best, values = _best(similarity, k)
    return members[best], values


def _of_neighbours(space: Vectors, near: npt.NDArray[np.int32], rows: Places) -> tuple[Places, Similarities]:
    """Return the best of the near rows of each of `rows` and of the rows that are near to these.

    Neighbours of neighbours are likely neighbours: one round of NN-descent (Dong, Charikar, Li 2011).
    """
    k = near.shape[1]
    known = np.hstack([near[rows], near[near[rows]].reshape(len(rows), k * k)])
    known.sort(axis=1)
    similarity = np.einsum("rcd,rd->rc", space[known], space[rows])
    similarity[known == rows[:, None]] = -np.inf
    similarity[:, 1:][known[:, 1:] == known[:, :-1]] = -np.inf
    best, values = _best(similarity, k)
    return np.take_along_axis(known, best, axis=1), values


def _best(similarity: Similarities, k: int) -> tuple[Places, Similarities]:
    """Return the columns of the `k` highest values of each row and the values, the highest first.

    Of equal values the first columns are taken.
    """
    columns = similarity.shape[1]
    least = np.partition(similarity, columns - k, axis=1)[:, columns - k, None]
    chosen = similarity >= least
    tied = np.flatnonzero(chosen.sum(axis=1) > k)
    if len(tied):
        equal = similarity[tied] == least[tied]
        above = chosen[tied] & ~equal
        chosen[tied] = above | (equal & (equal.cumsum(axis=1) <= k - above.sum(axis=1, keepdims=True)))
    places = np.flatnonzero(chosen).reshape(-1, k)
    found, values = places % columns, similarity.ravel()[places]
    order = np.lexsort((found, -values), axis=1)
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(values, order, axis=1)
