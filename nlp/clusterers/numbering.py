"""From raw labels to the numbers of a Clustering: no gaps, larger groups first, None for noise."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.ports import Clustering

Labels = npt.NDArray[np.int64]
"""A group's raw label a row; -1 where the row has none."""


def by_size(labels: Labels) -> Labels:
    """Return the labels renumbered from 0, larger groups first; of two equal ones, the one seen first."""
    numbers = np.full(len(labels), -1, np.int64)
    themed = labels >= 0
    if not themed.any():
        return numbers
    _, first, inverse, sizes = np.unique(
        labels[themed], return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -sizes))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    numbers[themed] = rank[inverse]
    return numbers


def clustering(labels: Labels, sublabels: Labels, confidence: Sequence[float]) -> Clustering:
    """Return the answer of the port for raw labels of two levels and a confidence (0 to 1) a row."""
    groups = by_size(labels)
    subgroups = by_size(np.where(groups >= 0, sublabels, -1))
    sure = zip(groups.tolist(), confidence, strict=True)
    return Clustering(
        groups=tuple(number if number >= 0 else None for number in groups.tolist()),
        subgroups=tuple(number if number >= 0 else None for number in subgroups.tolist()),
        confidence=tuple(round(min(max(float(c), 0.0), 1.0), 4) if g >= 0 else None for g, c in sure),
    )
