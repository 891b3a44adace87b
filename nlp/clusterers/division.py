"""Sub-themes: a large theme is divided where its parts differ."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from nlp.clusterers import graph, levels
from nlp.clusterers.numbering import Labels
from nlp.ports import Vectors

RESOLUTION = 1.0
LEAST_ROWS = 8
"""A smaller part joins the part that is most like it."""
LEAST_THEME = 3 * LEAST_ROWS
"""A smaller theme is read as a whole."""
SAME = 0.6
"""Two parts say the same when they are this much as alike as their rows are among themselves."""


def divide(
    space: Vectors,
    edges: csr_matrix,
    labels: Labels,
    counts: npt.NDArray[np.int64],
    *,
    past: Labels | None = None,
    seed: int,
) -> Labels:
    """Return the part of each row, numbered over all themes; -1 where the theme is not divided."""
    parts = np.full(len(labels), -1, np.int64)
    taken = 0
    for theme in range(int(labels.max(initial=-1)) + 1):
        rows = np.flatnonzero(labels == theme)
        if counts[rows].sum() < LEAST_THEME or len(rows) < LEAST_ROWS:
            continue
        before = None if past is None else past[rows]
        found = _parts(space[rows], edges[rows][:, rows].tocsr(), counts[rows], before, seed=seed)
        if found.max() > 0:
            parts[rows] = taken + found
            taken += int(found.max()) + 1
    return parts


def _parts(
    space: Vectors,
    edges: csr_matrix,
    counts: npt.NDArray[np.int64],
    past: Labels | None,
    *,
    seed: int,
) -> Labels:
    """Return the parts of one theme's rows, numbered from 0; all 0 where they do not differ."""
    found = graph.communities(edges, resolution=RESOLUTION, seed=seed)
    tight = levels.tightness(space, found, counts)
    level = SAME * float(np.average(tight, weights=counts))
    found = levels.join(space, edges, found, counts, level, past=past)
    return _without_small(space, np.unique(found, return_inverse=True)[1].astype(np.int64), counts)


def _without_small(space: Vectors, found: Labels, counts: npt.NDArray[np.int64]) -> Labels:
    """Return the parts after each that is too small has joined the one that is most like it."""
    while True:
        sizes = np.bincount(found, weights=counts)
        smallest = int(sizes.argmin())
        if len(sizes) == 1 or sizes[smallest] >= LEAST_ROWS:
            return found
        alike = levels.mean_similarity(space, found)[smallest]
        alike[smallest] = -np.inf
        found = np.where(found == smallest, int(alike.argmax()), found)
        found = np.unique(found, return_inverse=True)[1].astype(np.int64)
