"""Themes as communities of a nearest-neighbour graph, joined up to the level that the corpus suggests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from nlp.clusterers import belonging, division, graph, inertia, levels, nameable, spaces
from nlp.clusterers.distinct import Distinct, distinct
from nlp.clusterers.neighbours import nearest
from nlp.clusterers.numbering import Labels, clustering
from nlp.clusterers.peers import Peers, peers_of
from nlp.ports import Clusterer, Clustering, Past, Vectors

NEIGHBOURS = 10
RESOLUTION = 450.0
"""Divided by the square root of the number of rows, it makes micro groups that hardly mix two themes."""
FEWEST = 8
"""With fewer distinct texts than this there is no structure to find; only equal texts make groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Labels of two levels and a confidence for each distinct text."""

    labels: Labels
    sublabels: Labels
    confidence: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Where each distinct text was in the last answer, on two levels; None where there is none."""

    labels: Labels | None = None
    sublabels: Labels | None = None

    @classmethod
    def of(cls, past: Past | None, rows: Distinct) -> "Before":
        """Return the past of distinct texts."""
        if past is None:
            return cls()
        return cls(labels=rows.first_known(past.groups), sublabels=rows.first_known(past.subgroups))


class CommunityClusterer(Clusterer):
    """Leiden micro groups of a k-NN graph, joined by mean similarity; rows alike to nothing are left out.

    The space is meaning (the vectors) beside spelling (character n-grams). The level comes from the
    corpus: groups are joined while they are about as alike as its micro groups are in themselves.
    Each theme is divided again where its parts differ. Nothing depends on how many cores there are.
    """

    name = "communities"

    def cluster(
        self,
        vectors: Vectors,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        seed: int = 0,
        past: Past | None = None,
    ) -> Clustering:
        """Group the rows; equal texts are read once and stay together."""
        rows = distinct(vectors, texts)
        read = [texts[row] for row in rows.first]
        if len(read) < FEWEST:
            answer = _equal_texts(rows.counts)
        else:
            with threadpool_limits(1):  # more threads add up in another order and give other bits
                peers = peers_of(None if langs is None else [langs[row] for row in rows.first], len(read))
                before = Before.of(past, rows)
                answer = _find(vectors[rows.first], read, peers, rows.counts, before, seed=seed)
        return clustering(
            rows.spread(answer.labels),
            rows.spread(answer.sublabels),
            rows.spread(answer.confidence).tolist(),
        )


def _equal_texts(counts: npt.NDArray[np.int64]) -> Answer:
    """Return a group for each text that is there often enough."""
    labels = np.where(counts >= belonging.LEAST_ROWS, np.arange(len(counts)), -1)
    return Answer(labels=labels, sublabels=np.full(len(counts), -1), confidence=np.ones(len(counts)))


def _find(
    vectors: Vectors,
    texts: Sequence[str],
    peers: Peers,
    counts: npt.NDArray[np.int64],
    before: Before,
    *,
    seed: int,
) -> Answer:
    space = spaces.joint_space(vectors, texts, peers, seed=seed)
    neighbours = nearest(space, min(NEIGHBOURS, len(space) - 1))
    edges = inertia.drawn(graph.affinity(neighbours), before.labels)
    typical = spaces.smoothed(space, neighbours, peers)
    micro = graph.communities(edges, resolution=RESOLUTION / np.sqrt(len(space)), seed=seed)
    themes = levels.join_clearly(space, typical, edges, micro, counts, past=before.labels)
    themes = graph.vote(edges, belonging.without_small(themes, counts))
    themes = belonging.without_loose(themes, space, counts, before.labels)
    themes = nameable.without_nameless(themes, texts, before.labels)
    strong = belonging.strength(space, neighbours, themes, counts)
    themes = belonging.without_strangers(themes, strong, counts)
    parts = inertia.drawn(edges, before.sublabels)
    return Answer(
        labels=themes,
        sublabels=division.divide(typical, parts, themes, counts, past=before.sublabels, seed=seed),
        confidence=belonging.confidence(typical, themes),
    )
