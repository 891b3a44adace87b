"""How coarse the groups are: they are joined down to the level at which themes are told apart best."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from nlp.clusterers.graph import membership
from nlp.clusterers.inertia import leaning
from nlp.clusterers.numbering import Labels
from nlp.ports import Vectors

Matrix = npt.NDArray[np.float64]

LEVELS = tuple(round(0.60 - 0.02 * step, 2) for step in range(23))
"""Mean similarities at which joining may end, from 0.60 (hardly anything is joined) to 0.16."""
USUAL = 0.36
"""Where joining ends if the corpus has no view of its own."""
PULL = 0.3
"""The share of clearness that a level has to win for each unit that it lies away from the usual one."""
SAMPLED = 3_000
"""So many rows, spread evenly, say how clear the themes are."""
EVEN = 0.75
"""The power of its size with which a theme counts: 1 would let few large themes decide for all."""
LARGE_ROWS = 200
LEAST_LINKED = 0.03
"""A theme of more rows is joined only if at least this share of one part's edges leads to the other."""
LARGE_SHARE = 0.05
"""A group of more than this share of the corpus, too, is no longer one thing to act on …"""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Some rows, spread evenly over all, and how alike they are to every group."""

    group: Labels
    """The group of each row, shape (rows,)."""
    sums: Matrix
    """The sum of its cosines with all rows of a group, shape (rows, groups)."""
    sizes: npt.NDArray[np.float64]
    """Rows of each group."""

    @classmethod
    def of(cls, space: Vectors, labels: Labels) -> "Sample":
        """Take at most SAMPLED rows of `space` that are in a group."""
        themed = np.flatnonzero(labels >= 0)
        rows = themed[:: max(1, -(-len(themed) // SAMPLED))]
        belongs = membership(labels)
        return cls(
            group=labels[rows],
            sums=space[rows].astype(np.float64) @ (belongs.T @ space.astype(np.float64)).T,
            sizes=np.bincount(labels[labels >= 0]).astype(np.float64),
        )

    def clearness(self, part_of: npt.NDArray[np.int64]) -> float:
        """Return how much more alike rows are to their own theme than to the one that is next.

        `part_of` is the theme of each group. This is the silhouette (Rousseeuw 1987) before it is
        divided; a theme counts with the power EVEN of its size.
        """
        themes = np.unique(part_of, return_inverse=True)[1].astype(np.int64)
        if themes.max(initial=0) == 0:
            return 0.0
        rows, own = np.arange(len(self.group)), themes[self.group]
        sums = self.sums @ membership(themes)
        sizes = np.bincount(themes, weights=self.sizes)
        means = sums / sizes
        within = np.divide(
            sums[rows, own] - 1.0, sizes[own] - 1.0, out=np.zeros(len(rows)), where=sizes[own] > 1
        )
        means[rows, own] = -np.inf
        weights = sizes[own] ** (EVEN - 1.0)
        return float(np.average(within - means.max(axis=1), weights=weights))


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Groups that are joined, two at a time, by average linkage over all pairs of rows."""

    similarity: Matrix
    """Mean similarity of any two groups and, on the diagonal, within each; shape (groups, groups)."""
    links: Matrix
    """Weight of the edges between any two groups and, on the diagonal, within each."""
    sizes: npt.NDArray[np.float64]
    """Rows of each group."""
    said: npt.NDArray[np.float64]
    """The same with every equal row counted: how often it was said."""

    @classmethod
    def of(
        cls,
        space: Vectors,
        edges: csr_matrix,
        labels: Labels,
        counts: npt.NDArray[np.int64],
        *,
        past: Labels | None = None,
    ) -> "Joining":
        """Read groups, numbered without gaps, from their rows; `counts` equal ones stand behind each.

        Groups that were one in the `past` are taken for a little more alike than they are.
        """
        belongs = membership(labels)
        return cls(
            similarity=mean_similarity(space, labels) + leaning(labels, past),
            links=(belongs.T @ edges @ belongs).toarray(),
            sizes=np.bincount(labels[labels >= 0]).astype(np.float64),
            said=np.bincount(labels[labels >= 0], weights=counts[labels >= 0]).astype(np.float64),
        )

    def down_to(self, levels: Sequence[float]) -> list[npt.NDArray[np.int64]]:
        """Return what each group is part of at each level, the most alike joined first, while above it.

        `levels` fall. Two groups that may not be joined are asked again when one of them has grown.
        """
        sizes, said, links = self.sizes.copy(), self.said.copy(), self.links.copy()
        within, table = self.similarity.diagonal().copy(), self.similarity.copy()
        np.fill_diagonal(table, -np.inf)
        untried = table.copy()
        part_of = np.arange(len(sizes))
        found: list[npt.NDArray[np.int64]] = []
        while len(found) < len(levels):
            kept, gone = sorted(divmod(int(untried.argmax()), len(sizes))) if len(sizes) else (0, 0)
            alike = untried[kept, gone] if len(sizes) else -np.inf
            if alike <= levels[len(found)]:
                found.append(part_of.copy())
                continue
            pair = np.array([kept, gone])
            share = sizes[pair] / sizes[pair].sum()
            relative = alike / (share @ within[pair])
            if not self._one_thing(float(said[pair].sum()), relative, _linked(links, kept, gone)):
                untried[kept, gone] = untried[gone, kept] = -np.inf
                continue
            within[kept] = share**2 @ within[pair] + 2 * share.prod() * alike
            table[kept, :] = table[:, kept] = share @ table[pair]
            table[kept, kept] = -np.inf
            table[gone, :] = table[:, gone] = -np.inf
            untried[kept, :] = untried[:, kept] = table[kept]
            untried[gone, :] = untried[:, gone] = -np.inf
            links[kept, :] += links[gone, :]
            links[:, kept] += links[:, gone]
            links[gone, :] = links[:, gone] = 0.0
            sizes[kept] += sizes[gone]
            said[kept] += said[gone]
            part_of[part_of == gone] = kept
        return found

    def _one_thing(self, said: float, alike: float, linked: float) -> bool:
        """Say whether two groups may be one theme: the more it would hold, the more is asked of them.

        `alike` is how alike they are beside their rows among themselves.
        """
        if said > LARGE_ROWS and linked < LEAST_LINKED:
            return False
        return said <= max(LARGE_ROWS, LARGE_SHARE * float(self.said.sum())) or alike >= INDISTINCT


def _linked(links: Matrix, one: int, other: int) -> float:
    """Return the share of the less connected group's edges that lead to the other."""
    return float(links[one, other] / max(min(links[one].sum(), links[other].sum()), 1e-12))


def join(
    space: Vectors,
    edges: csr_matrix,
    labels: Labels,
    counts: npt.NDArray[np.int64],
    level: float,
    *,
    past: Labels | None = None,
) -> Labels:
    """Return the labels after the groups that are more alike than `level` are made one."""
    among, largest = _largest(labels)
    [part_of] = Joining.of(space, edges, among, counts, past=past).down_to([level])
    return _joined(labels, among, largest[part_of])


def join_clearly(
    space: Vectors,
    typical: Vectors,
    edges: csr_matrix,
    labels: Labels,
    counts: npt.NDArray[np.int64],
    *,
    past: Labels | None = None,
) -> Labels:
    """Return the labels after joining down to the level at which themes are told apart best.

    Groups are compared in `typical`, the smoothed space; `space` says how clear the themes are.
    Absolute similarities do not carry over from one corpus to the next: long tickets are less alike
    than short questions, commands of one pattern more. Where levels are about as clear, the usual
    one wins.
    """
    among, largest = _largest(labels)
    sample = Sample.of(space, among)
    parts = Joining.of(typical, edges, among, counts, past=past).down_to(LEVELS)
    clear = np.array([sample.clearness(part_of) for part_of in parts])
    worth = clear / max(float(clear.max()), 1e-9) - PULL * np.abs(np.array(LEVELS) - USUAL)
    return _joined(labels, among, largest[parts[int(worth.argmax())]])


def _largest(labels: Labels) -> tuple[Labels, npt.NDArray[np.int64]]:
    """Return the labels among the largest groups (-1 for the rest), and the labels of those groups."""
    sizes = np.bincount(labels[labels >= 0])
    largest = np.sort(np.argsort(-sizes, kind="stable")[:MOST_GROUPS])
    place = np.full(len(sizes) + 1, -1, np.int64)
    place[largest] = np.arange(len(largest))
    return place[labels], largest


def _joined(labels: Labels, among: Labels, becomes: npt.NDArray[np.int64]) -> Labels:
    return np.where(among >= 0, np.append(becomes, -1)[among], labels)
