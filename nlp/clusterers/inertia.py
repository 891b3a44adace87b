"""What was one theme in the last answer stays one, where the corpus has no strong view of its own.

Grouping draws lots, and every new row moves the others a little: without a memory a seventh of the rows
would change their theme from run to run although nobody said anything new. So the last answer counts a
little in the next one, in the graph and where groups are joined (evolutionary clustering: Chakrabarti,
Kumar, Tomkins 2006). What is clearly one thing, or clearly another, becomes so all the same;
docs/quality.md has the figures.
"""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from nlp.clusterers.graph import membership
from nlp.clusterers.numbering import Labels

DRAW = 1.5
"""An edge within a theme of the last answer weighs so many times as much, one between two so much less."""
PATIENCE = 0.7
"""Of what a group must be to be a theme, one that was a theme must be this part."""
LEAN = 0.3
"""So much more alike are groups taken for whose rows were in one theme, so much less if in two: a cosine."""


def drawn(edges: csr_matrix, past: Labels | None) -> csr_matrix:
    """Return the graph with its edges weighed by where their rows were; a row of no theme (-1) has no say."""
    if past is None:
        return edges
    rows = np.repeat(past, np.diff(edges.indptr))
    others = past[edges.indices]
    factor = np.where((rows < 0) | (others < 0), 1.0, np.where(rows == others, DRAW, 1.0 / DRAW))
    return csr_matrix((edges.data * factor, edges.indices, edges.indptr), shape=edges.shape)


def leaning(labels: Labels, past: Labels | None) -> npt.NDArray[np.float64] | float:
    """Return how much more alike than they are groups are taken for, shape (groups, groups): -LEAN to LEAN.

    It is the share of pairs of rows that were in one theme less the share of those that were in two.
    """
    if past is None:
        return 0.0
    groups = membership(labels)
    sizes = np.maximum(np.asarray(groups.sum(axis=0)).ravel(), 1.0)
    share = (groups.T @ membership(np.where(labels < 0, -1, past))).toarray() / sizes[:, None]
    together = share @ share.T
    known = share.sum(axis=1)
    lean: npt.NDArray[np.float64] = LEAN * (2.0 * together - np.outer(known, known))
    return lean


def patience(labels: Labels, past: Labels | None) -> npt.NDArray[np.float64]:
    """Return the part of what is asked of a new group that is asked of each, shape (groups,): PATIENCE to 1.

    The more of a group's rows were in a theme, the less.
    """
    groups = int(labels.max(initial=-1)) + 1
    if past is None:
        return np.ones(groups)
    themed = labels >= 0
    rows = np.bincount(labels[themed], minlength=groups)
    known = np.bincount(labels[themed], weights=past[themed] >= 0, minlength=groups)
    return 1.0 - (1.0 - PATIENCE) * known / np.maximum(rows, 1)
