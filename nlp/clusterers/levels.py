"""How coarse the groups are: micro groups are joined while they are alike enough for this corpus."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from nlp.clusterers.graph import membership
from nlp.clusterers.numbering import Labels
from nlp.ports import Vectors

Matrix = npt.NDArray[np.float64]

LEVEL = 0.40
"""Groups are joined above this mean similarity, where micro groups are as tight as in short questions."""
LEVEL_SHARE = 0.83
"""Of how tight the corpus' own micro groups are: the level where texts are longer or vaguer than those."""
LEAST_LEVEL = 0.35
"""Below this, groups of long texts are joined for their tone rather than for what they say."""
LARGE_SHARE = 0.05
LARGE_ROWS = 200
"""A group of more rows than this and than LARGE_SHARE of the corpus is no longer one thing to act on …"""
INDISTINCT = 0.85
"""… unless its parts are this much as alike as their rows are among themselves: then it is."""
MOST_GROUPS = 2_000
"""Only the largest so many groups are compared with each other; the table of pairs stays under 32 MB."""

BLOCK = 8_192
COLUMNS = 64
"""Rows and columns of the space that are turned into double precision at once."""


def sums(belongs: csr_matrix, space: Vectors) -> Matrix:
    """Return the weighted sum of each group's rows, shape (groups, dimensions), in double precision."""
    starts = range(0, space.shape[1], COLUMNS)
    return np.hstack([belongs.T @ space[:, start : start + COLUMNS].astype(np.float64) for start in starts])


def mean_similarity(space: Vectors, labels: Labels) -> Matrix:
    """Return the mean cosine over all pairs of rows of two groups, shape (groups, groups)."""
    belongs = membership(labels)
    sizes = np.asarray(belongs.sum(axis=0)).ravel()
    means = sums(belongs, space) / np.maximum(sizes, 1.0)[:, None]
    table: Matrix = means @ means.T
    return table


def tightness(
    space: Vectors, labels: Labels, counts: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.float64]:
    """Return each row's mean cosine with the other rows of its group; 0 for a row alone or in none.

    With `counts`, each row stands for so many equal ones.
    """
    weights = np.ones(len(labels)) if counts is None else counts.astype(np.float64)
    themed = np.flatnonzero(labels >= 0)
    belongs = membership(labels, weights)
    whole = sums(belongs, space)
    others = np.asarray(belongs.sum(axis=0)).ravel()[labels[themed]] - 1.0
    with_all = np.empty(len(themed))
    for start in range(0, len(themed), BLOCK):
        rows = themed[start : start + BLOCK]
        with_all[start : start + BLOCK] = np.einsum(
            "ij,ij->i", space[rows].astype(np.float64), whole[labels[rows]]
        )
    tight = np.zeros(len(labels))
    tight[themed] = np.divide(with_all - 1.0, others, out=np.zeros(len(themed)), where=others > 0)
    return tight


def level_of(space: Vectors, micro: Labels) -> float:
    """Return the mean similarity above which two groups of this corpus say the same thing.

    Absolute similarities do not carry over: long tickets are less alike than short questions, and
    each embedder has a scale of its own. What carries over is how tight micro groups are.
    """
    tight = tightness(space, micro)
    known = tight[np.bincount(micro)[micro] > 1]
    if not len(known):
        return LEVEL
    return min(LEVEL, max(LEAST_LEVEL, LEVEL_SHARE * float(np.median(known))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Groups that are joined, two at a time, by average linkage over all pairs of rows."""

    similarity: Matrix
    """Mean similarity of any two groups and, on the diagonal, within each; shape (groups, groups)."""
    sizes: npt.NDArray[np.float64]

    def down_to(self, level: float) -> npt.NDArray[np.int64]:
        """Return what each group becomes part of, the most alike joined first, while above `level`."""
        large = max(LARGE_ROWS, LARGE_SHARE * self.sizes.sum())
        within, sizes = self.similarity.diagonal().copy(), self.sizes.copy()
        table = self.similarity.copy()
        np.fill_diagonal(table, -np.inf)
        part_of = np.arange(len(sizes))
        while len(sizes):
            kept, gone = sorted(divmod(int(table.argmax()), len(sizes)))
            alike = table[kept, gone]
            if alike <= level:
                break
            share = sizes[[kept, gone]] / (sizes[kept] + sizes[gone])
            if sizes[kept] + sizes[gone] > large and alike < INDISTINCT * (share @ within[[kept, gone]]):
                table[kept, gone] = table[gone, kept] = -np.inf
                continue
            within[kept] = share**2 @ within[[kept, gone]] + 2 * share.prod() * alike
            table[kept, :] = table[:, kept] = share @ table[[kept, gone]]
            table[kept, kept] = -np.inf
            table[gone, :] = table[:, gone] = -np.inf
            sizes[kept] += sizes[gone]
            part_of[part_of == gone] = kept
        return part_of


def join(space: Vectors, labels: Labels, level: float) -> Labels:
    """Return the labels after the groups that are more alike than `level` are made one."""
    sizes = np.bincount(labels[labels >= 0])
    largest = np.sort(np.argsort(-sizes, kind="stable")[:MOST_GROUPS])
    place = np.full(len(sizes) + 1, -1, np.int64)
    place[largest] = np.arange(len(largest))
    among = place[labels]
    joining = Joining(
        similarity=mean_similarity(space, among), sizes=np.bincount(among[among >= 0]).astype(np.float64)
    )
    part_of = largest[joining.down_to(level)]
    return np.where(among >= 0, np.append(part_of, -1)[among], labels)
