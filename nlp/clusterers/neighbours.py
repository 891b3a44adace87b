"""Each row's nearest rows, exactly, in bounded memory and with the same answer on any number of cores."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.ports import Vectors

CELLS = 6_000_000
"""Similarities held at once by one core: 24 MB, and three times that while they are sorted."""
CORES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The nearest rows of every row, nearest first."""

    rows: npt.NDArray[np.int32]
    """Shape (rows, k)."""
    similarity: npt.NDArray[np.float32]
    """Cosine, shape (rows, k)."""


def nearest(space: Vectors, k: int) -> Neighbours:
    """Return the `k` rows of highest cosine for every unit row, itself apart; 0 < k < len(space).

    The blocks are the same however many cores there are, and each is computed by one core, so the
    bits do not depend on the machine's number of cores as long as BLAS is held to one thread.
    """
    block = max(1, CELLS // len(space))
    starts = range(0, len(space), block)
    with ThreadPoolExecutor(min(CORES, os.cpu_count() or 1)) as pool:
        parts = list(pool.map(lambda start: _block(space, start, start + block, k), starts))
    return Neighbours(
        rows=np.concatenate([rows for rows, _ in parts]),
        similarity=np.concatenate([similarity for _, similarity in parts]),
    )


def _block(
    space: Vectors, start: int, stop: int, k: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    similarity = space[start:stop] @ space.T
    own = np.arange(len(similarity))
    similarity[own, own + start] = -np.inf
    found = np.argpartition(similarity, -k, axis=1)[:, -k:]
    values = np.take_along_axis(similarity, found, axis=1)
    order = np.lexsort((found, -values), axis=1)
    return (
        np.take_along_axis(found, order, axis=1).astype(np.int32),
        np.take_along_axis(values, order, axis=1),
    )
