"""The space in which rows are compared: meaning beside spelling, centred on each language."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.extmath import randomized_svd

from nlp.clusterers.neighbours import Neighbours
from nlp.clusterers.peers import Peers
from nlp.ports import Vectors

SPELLING_WEIGHT = 0.5
"""How much the spelling counts beside the meaning, as a factor on its unit vectors."""
SPELLING_DIMENSIONS = 150
SPELLING_FEATURES = 10_000
SPELLING_CHARACTERS = 200
"""Only the start of a text is spelled out: there it says what it is about."""
SPELLING_SAMPLE = 6_000
"""So many rows decide the directions; all rows are then projected on them."""
SPELLING_LEARNT = 25_000
"""So many texts decide which n-grams are counted; all n-grams of many more would fill the memory."""
SMOOTHED_OVER = 5
BLOCK = 8_192
"""Rows worked on at once, so that what a step needs for itself stays small beside the space."""


def unit(rows: npt.NDArray[np.floating]) -> Vectors:
    """Return the rows at length 1; rows of length 0 stay as they are."""
    scaled = np.empty(rows.shape, np.float32)
    for start in range(0, len(rows), BLOCK):
        part = rows[start : start + BLOCK]
        length = np.linalg.norm(part, axis=1, keepdims=True)
        scaled[start : start + BLOCK] = part / np.where(length > 1e-9, length, 1.0)
    return scaled


def centred(rows: npt.NDArray[np.floating], peers: Peers) -> Vectors:
    """Return the unit rows, each seen from the mean of its peers: what they all share says nothing."""
    seen = unit(rows)
    means = _means(seen, peers)
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        seen[part] = unit(seen[part] - means[peers[part]])
    return seen


def _means(rows: Vectors, peers: Peers) -> Vectors:
    """Return the mean of each number's peers, shape (numbers, dimensions)."""
    numbers = range(int(peers.max(initial=-1)) + 1)
    if len(numbers) == 1:  # all rows, without a copy of them
        return np.asarray(rows.mean(axis=0, dtype=np.float64, keepdims=True), np.float32)
    means = [rows[peers == number].mean(axis=0, dtype=np.float64) for number in numbers]
    return np.array(means, np.float32).reshape(len(means), rows.shape[1])


def joint_space(vectors: Vectors, texts: Sequence[str], peers: Peers, *, seed: int) -> Vectors:
    """Return unit rows of meaning (`vectors`) beside spelling (latent semantics of character n-grams)."""
    meaning = centred(vectors, peers)
    spelling = spelling_space(texts, peers, seed=seed)
    if spelling is None:
        return meaning
    return centred(np.hstack([meaning, SPELLING_WEIGHT * spelling]), peers)


def spelling_space(texts: Sequence[str], peers: Peers, *, seed: int) -> Vectors | None:
    """Return centred unit rows that are near where texts are spelled alike; None where nothing recurs.

    TF-IDF of character 3- to 5-grams, reduced by a truncated singular value decomposition.
    """
    counted = _counted([text[:SPELLING_CHARACTERS].casefold() for text in texts], seed=seed)
    if counted is None:
        return None
    rows = np.arange(counted.shape[0])
    if len(rows) > SPELLING_SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SPELLING_SAMPLE, replace=False))
    sample = counted[rows]
    dimensions = min(SPELLING_DIMENSIONS, min(sample.shape) - 1)
    if dimensions < 1:
        return None
    directions = randomized_svd(sample, dimensions, n_iter=3, random_state=seed)[2]
    return centred(counted @ directions.T, peers)


def _counted(texts: Sequence[str], *, seed: int) -> csr_matrix | None:
    """Return the weights of each text's n-grams; None where no n-gram stands in enough texts."""
    least = 3 if len(texts) > 100 else 2
    vectorizer = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(3, 5),
        sublinear_tf=True,
        min_df=least,
        max_features=SPELLING_FEATURES,
        dtype=np.float32,
    )
    try:
        if len(texts) <= SPELLING_LEARNT:
            whole: csr_matrix = vectorizer.fit_transform(texts)
            return whole
        chosen = np.random.default_rng(seed).choice(len(texts), SPELLING_LEARNT, replace=False)
        vectorizer.fit([texts[row] for row in np.sort(chosen)])
    except ValueError:
        return None
    starts = range(0, len(texts), SPELLING_LEARNT)
    parts = [vectorizer.transform(texts[start : start + SPELLING_LEARNT]) for start in starts]
    counted: csr_matrix = vstack(parts, format="csr")
    return counted


def smoothed(space: Vectors, neighbours: Neighbours, peers: Peers) -> Vectors:
    """Return each row moved half-way to the mean of its nearest rows: what is typical of its place stays."""
    moved = np.empty_like(space)
    for start in range(0, len(space), BLOCK):
        part = slice(start, start + BLOCK)
        nearest = neighbours.rows[part, :SMOOTHED_OVER]
        weight = np.clip(neighbours.similarity[part, :SMOOTHED_OVER], 0.0, None)
        around = np.zeros_like(space[part])
        for column in range(nearest.shape[1]):
            around += space[nearest[:, column]] * weight[:, column, None]
        moved[part] = space[part] + unit(around)
    return centred(moved, peers)
