"""Which rows belong to their group, how surely, and which belong nowhere."""

import numpy as np
import numpy.typing as npt

from nlp.clusterers.graph import membership
from nlp.clusterers.inertia import patience
from nlp.clusterers.levels import tightness
from nlp.clusterers.neighbours import Neighbours
from nlp.clusterers.numbering import Labels
from nlp.ports import Vectors

Strength = npt.NDArray[np.float64]

LEAST_ROWS = 4
"""A group of fewer rows (equal texts counted each) is none."""
LEAST_STRENGTH = 0.48
"""A row below this share of the corpus' median strength belongs nowhere."""
LEAST_TIGHTNESS = 0.5
"""A group whose rows are alike to each other less than this share of the corpus' median row says nothing."""
DENSITY_OVER = 5
SURE_BY_MARGIN, SURE_AT_ZERO = 5.0, -0.26
"""Fitted to eleven labelled sets together, each with the same weight."""
ROWS_AT_ONCE = 4_096


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


def without_loose(
    labels: Labels, space: Vectors, counts: npt.NDArray[np.int64], past: Labels | None = None
) -> Labels:
    """Return the labels without the groups that hold together by nothing but being left over.

    What the last answer (`past`) had in a theme is asked for less.
    """
    themed = labels >= 0
    if not themed.any():
        return labels
    tight = tightness(space, labels, counts)
    rows = np.bincount(labels[themed], weights=counts[themed])
    means = np.bincount(labels[themed], weights=(tight * counts)[themed]) / np.maximum(rows, 1.0)
    loose = means < LEAST_TIGHTNESS * patience(labels, past) * float(np.median(tight[themed]))
    return np.where(themed & ~np.append(loose, True)[labels], labels, -1)


def without_strangers(labels: Labels, strong: Strength, counts: npt.NDArray[np.int64]) -> Labels:
    """Return the labels without the rows that are alike to nothing, and the groups this makes too small."""
    themed = labels >= 0
    if not themed.any():
        return labels
    least = LEAST_STRENGTH * float(np.median(strong[themed]))
    return without_small(np.where(themed & (strong >= least), labels, -1), counts)


def confidence(typical: Vectors, labels: Labels) -> Strength:
    """Return how surely each row says what most of its group says, 0 to 1; 0 for a row of none.

    A logistic function of how much more alike it is to its own group than to the next, in the smoothed
    space; docs/quality.md says how well it holds.
    """
    evidence = SURE_BY_MARGIN * margin(typical, labels) + SURE_AT_ZERO
    return np.where(labels >= 0, 1.0 / (1.0 + np.exp(-evidence)), 0.0)


def margin(space: Vectors, labels: Labels) -> Strength:
    """Return how much higher each row's mean cosine with its own group is than with the next one.

    0 for a row of none; where there is no other group, the mean cosine itself.
    """
    themed = np.flatnonzero(labels >= 0)
    ahead = np.zeros(len(labels))
    belongs = membership(labels)
    sizes = np.asarray(belongs.sum(axis=0)).ravel()
    sums = belongs.T @ space.astype(np.float64)
    own = tightness(space, labels)
    for start in range(0, len(themed), ROWS_AT_ONCE):
        rows = themed[start : start + ROWS_AT_ONCE]
        means = (space[rows] @ sums.T) / np.maximum(sizes, 1.0)
        means[np.arange(len(rows)), labels[rows]] = 0.0
        ahead[rows] = own[rows] - means.max(axis=1)
    return ahead
