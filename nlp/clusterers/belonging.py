"""Which rows belong to their group, how surely, and which belong nowhere."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from nlp.clusterers.graph import shares_of_own
from nlp.clusterers.levels import tightness
from nlp.clusterers.neighbours import Neighbours
from nlp.clusterers.numbering import Labels
from nlp.ports import Vectors

Strength = npt.NDArray[np.float64]

LEAST_ROWS = 4
"""A group of fewer rows (equal texts counted each) is none."""
LEAST_STRENGTH = 0.55
"""A row below this share of the corpus' median strength belongs nowhere."""
DENSITY_OVER = 5
SURE_BY_EDGES, SURE_BY_STRENGTH, SURE_AT_ZERO = 3.0, 1.24, -2.68


def strength(
    space: Vectors, neighbours: Neighbours, labels: Labels, counts: npt.NDArray[np.int64]
) -> Strength:
    """Return how well each row sits: mean cosine with its group plus mean cosine with its nearest rows."""
    density = neighbours.similarity[:, :DENSITY_OVER].astype(np.float64).mean(axis=1)
    strong: Strength = tightness(space, labels, counts) + density
    return strong


def without_small(labels: Labels, counts: npt.NDArray[np.int64]) -> Labels:
    """Return the labels without the groups of fewer than LEAST_ROWS rows."""
    themed = labels >= 0
    sizes = np.bincount(labels[themed], weights=counts[themed], minlength=1)
    return np.where(themed & (np.append(sizes, 0)[labels] >= LEAST_ROWS), labels, -1)


def without_strangers(labels: Labels, strong: Strength, counts: npt.NDArray[np.int64]) -> Labels:
    """Return the labels without the rows that are alike to nothing, and the groups this makes too small."""
    themed = labels >= 0
    if not themed.any():
        return labels
    least = LEAST_STRENGTH * float(np.median(strong[themed]))
    return without_small(np.where(themed & (strong >= least), labels, -1), counts)


def confidence(graph: csr_matrix, labels: Labels, strong: Strength) -> Strength:
    """Return how surely each row says what most of its group says, 0 to 1; 0 for a row of none.

    A logistic function of the share of its edges that stay in the group and of its strength beside
    the median, fitted to eleven labelled sets; docs/quality.md says how well it holds on each.
    """
    themed = labels >= 0
    if not themed.any():
        return np.zeros(len(labels))
    relative = strong / max(float(np.median(strong[themed])), 1e-9)
    evidence = SURE_BY_EDGES * shares_of_own(graph, labels) + SURE_BY_STRENGTH * relative + SURE_AT_ZERO
    return np.where(themed, 1.0 / (1.0 + np.exp(-evidence)), 0.0)
