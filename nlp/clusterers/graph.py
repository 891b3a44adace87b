"""The graph of nearest rows, its communities, and a vote over it."""

import graspologic_native
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from nlp.clusterers.neighbours import Neighbours
from nlp.clusterers.numbering import Labels

ITERATIONS = 12
VOTES = 3


def affinity(neighbours: Neighbours) -> csr_matrix:
    """Return the undirected graph of who is near whom, weighted by the squared cosine, shape (rows, rows)."""
    rows, k = neighbours.rows.shape
    weight = np.clip(neighbours.similarity, 0.0, 1.0).astype(np.float64) ** 2
    starts = np.arange(0, rows * k + 1, k)
    directed = csr_matrix((weight.ravel(), neighbours.rows.ravel(), starts), shape=(rows, rows))
    undirected = (directed + directed.T).tocsr()
    undirected.eliminate_zeros()
    undirected.sort_indices()
    return undirected


def communities(graph: csr_matrix, *, resolution: float, seed: int) -> Labels:
    """Return the Leiden communities (Traag, Waltman, van Eck 2019) by modularity, numbered from 0.

    A higher resolution gives more of them; a row without edges is one of its own.
    """
    rows = graph.shape[0]
    labels = np.full(rows, -1, np.int64)
    if graph.nnz:
        _, found = graspologic_native.leiden_csr(
            graph.indptr.astype(np.int64),
            graph.indices.astype(np.int32),
            graph.data,
            rows,
            resolution=resolution,
            iterations=ITERATIONS,
            seed=seed,
        )
        labels[list(found)] = list(found.values())
    alone = labels < 0
    labels[alone] = labels.max(initial=-1) + 1 + np.arange(alone.sum())
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def membership(labels: Labels, weights: npt.NDArray[np.float64] | None = None) -> csr_matrix:
    """Return which row is in which group, shape (rows, groups): its weight, or 1; -1 is in none."""
    themed = np.flatnonzero(labels >= 0)
    entries = np.ones(len(themed)) if weights is None else weights[themed]
    shape = (len(labels), int(labels.max(initial=-1)) + 1)
    return csr_matrix((entries, (themed, labels[themed])), shape=shape)


def edge_shares(graph: csr_matrix, labels: Labels) -> csr_matrix:
    """Return how much of each row's edge weight goes to which group, shape (rows, groups), rows sum to 1."""
    weight = (graph @ membership(labels)).tocsr()
    total = np.asarray(weight.sum(axis=1)).ravel()
    scale = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    shares: csr_matrix = weight.multiply(scale[:, None]).tocsr()
    return shares


def vote(graph: csr_matrix, labels: Labels) -> Labels:
    """Return the group that holds most of each row's edge weight, after VOTES rounds.

    A row without edges keeps its own.
    """
    for _ in range(VOTES if labels.max(initial=-1) >= 0 else 0):
        shares = edge_shares(graph, labels)
        winner = np.asarray(shares.argmax(axis=1)).ravel().astype(np.int64)
        labels = np.where(np.diff(shares.indptr) > 0, winner, labels)
    return labels
