"""The Japanese embedder: what words mean beside which words they are.

One half is the mean of word vectors weighted by rarity, without the directions that all texts share
(SIF: Arora, Liang, Ma 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings"). The other is
the words themselves, weighted by rarity and hashed into a fixed number of dimensions. Rarity and common
directions come from the vocabulary alone, never from the texts at hand, so a text's vector never changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import version
from math import log, sqrt
from zlib import crc32

import numpy as np

from nlp.embedders.hashing import features
from nlp.embedders.word_vectors import Floats, WordVectors, fingerprint, read_vectors, vocabulary_folder
from nlp.ports import Embedder, Vectors
from nlp.tokens import Token, words

MEANING = 300
"""Dimensions of the wheel's word vectors."""
LETTERS = 512
"""Dimensions that words are hashed into. On the JSTS pairs 256 cost .004 Spearman and 65,536 gain .003."""
SMOOTHING = 1e-3
"""SIF's a: words more frequent than this count less and less."""
COMMON = 10
"""Directions taken away. 1 and 40 are worse on the JSTS pairs, by .012 and .003."""
RARITY = 1.5
"""Power of a word's surprise in the second half."""
WORDING = 0.4
"""The second half's share of the cosine."""
PROPER = 0.2
"""What the name of a place or a person counts beside another word: it says where or who, seldom what."""
KEPT = 32_768
"""Words kept at hand, some 2 KB each."""
RECIPE = 2
"""Counts up with every change that gives other vectors."""


@dataclass(frozen=True, slots=True)
class Word:
    """What one normal form adds to a text."""

    meaning: Floats | None
    """Weighted and rid of common directions; None for a word without a vector."""
    place: int
    weight: float
    """Where the word stands in the second half, and its signed weight there."""


class JapaneseEmbedder(Embedder):
    """Reads Japanese by word vectors and words; 812 dimensions."""

    batch_size = 512
    dimensions = MEANING + LETTERS

    def __init__(self) -> None:
        """Find the word vectors, but do not read them yet. Raises ModelMissing if they are not installed."""
        self.folder = vocabulary_folder()
        self.name = f"ja-sif{RECIPE}@{fingerprint(self.folder)}+sudachi{version('sudachidict-core')}"
        self._word = lru_cache(maxsize=KEPT)(self._read)

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text; a text without words is told by its characters."""
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._vector(words(text), text)
        return vectors

    def _vector(self, tokens: Sequence[Token], text: str) -> Floats:
        meaning = np.zeros(MEANING)
        counts = {token.normal: PROPER if token.proper else 1.0 for token in tokens}
        for token in tokens:
            added = self._word(token.normal).meaning
            if added is not None:
                meaning += counts[token.normal] * added
        wording = np.zeros(LETTERS)
        for normal, count in counts.items():
            word = self._word(normal)
            wording[word.place] += count * word.weight
        if not wording.any():
            wording = _by_characters(text)
        return _unit(np.concatenate([sqrt(1 - WORDING) * _unit(meaning), sqrt(WORDING) * _unit(wording)]))

    def _read(self, normal: str) -> Word:
        row, rank = self._vocabulary.find(normal)
        share = float(self._vocabulary.share(rank))
        place, sign = _place(normal)
        meaning = None
        if row is not None:
            centre, directions = self._common
            meaning = _unit(self._vocabulary.matrix[row].astype(np.float64)) - centre
            for direction in directions:
                meaning -= float(np.sum(meaning * direction)) * direction
            meaning *= SMOOTHING / (SMOOTHING + share)
        return Word(meaning, place, sign * (-log(share)) ** RARITY)

    @cached_property
    def _vocabulary(self) -> WordVectors:
        return read_vectors(self.folder)

    @cached_property
    def _common(self) -> tuple[Floats, Floats]:
        return common_directions(self._vocabulary)


def common_directions(vocabulary: WordVectors) -> tuple[Floats, Floats]:
    """Return the expected vector of a word in a text, shape (d,), and the directions in which words differ
    most from it, shape (COMMON, d), orthonormal: what SIF takes from a corpus, out of the words' shares.
    """
    share = vocabulary.share(np.arange(len(vocabulary.matrix)))
    weight = SMOOTHING / (SMOOTHING + share)
    matrix = vocabulary.matrix.astype(np.float64)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    centre = np.sum(matrix * (share * weight)[:, None], axis=0) / np.sum(share * weight)
    matrix -= centre
    matrix *= (np.sqrt(share) * weight)[:, None]
    _, directions = np.linalg.eigh(matrix.T @ matrix)
    # Rounded, because the library's last bits depend on its number of threads, and a vector's must not.
    return np.round(centre, 6), np.round(directions[:, : -COMMON - 1 : -1].T, 6)


def _by_characters(text: str) -> Floats:
    """Return the second half of a text in which no word was found: emoji, signs."""
    wording = np.zeros(LETTERS)
    for feature in features(text):
        place, sign = _place(feature)
        wording[place] += sign
    if not wording.any():
        wording[0] = 1
    return wording


def _place(feature: str) -> tuple[int, int]:
    """Return the dimension that a word is hashed into, and its sign there."""
    code = crc32(feature.encode("utf-8", "surrogatepass"))
    return code % LETTERS, 1 if code & 0x80000000 else -1


def _unit(vector: Floats) -> Floats:
    length = sqrt(float(np.sum(vector * vector)))
    return vector / length if length > 0 else vector
