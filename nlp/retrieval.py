"""Which article answers a question: words (BM25 on normal forms) and vectors, fused and calibrated.

Both views are brought to one scale before they are added:
- words: the BM25 scores of the best passage and of the whole article, divided by the weight of all words of
  the question, so that the words that no article knows count against it. What one passage says together
  tells more than words strewn over an article, but a question may well need two passages;
- vectors: the cosine of the best passage, measured from what two passages of different articles have in
  common anyway. Spaces never mix: an article of another space than the question is compared by words only.

`Calibration` turns the two into the probability that the article answers. Its numbers were fitted on the
397 questions of hint3 (sofmattress), whose articles were cut in four ways (a sentence, four sentences and as
Koe cuts, with and without a title), 10-fold, with all cuts of a question in one fold. The share between
words and vectors was looked at on twenty set-ups of six sets in three languages, and is flat. docs/quality.md
has the figures beside plain BM25 and plain cosine.

BM25: Robertson & Zaragoza, The Probabilistic Relevance Framework, 2009.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy  # each of its parts is loaded when it is first asked for

from nlp.ports import Vectors
from nlp.tokens import normal_forms

SATURATION = 1.2
LENGTH_WEIGHT = 0.75
BATCH = 512
"""Questions compared at once: 512 x 5,000 passages take 10 MB."""
SAMPLE = 400
"""Passages from which the common ground of a space is measured."""
COMMON = 0.15
"""The cosine of unrelated passages where there are too few to measure it; it weighs as much as eight."""
DIGITS = 6
"""Decimals that count, so that another order of additions cannot change an order of articles."""

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The log-odds that an article answers, as a sum of what words and vectors say."""

    nearness: float = 6.63
    words: float = 2.39
    length: float = 0.59
    """For the logarithm of the passage's words: a long passage is never very near to a short question."""
    offset: float = -3.94
    words_only: float = 5.0
    words_only_offset: float = -2.5
    """Lower than hint3 would give (3.9, -1.0): without a common space it is most often another language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedArticle:
    """An article as it is searched: its passages and their vectors in one space."""

    id: str
    passages: Sequence[str]
    space: str
    """The name of the embedder that made the vectors."""
    vectors: Vectors
    """Shape (passages, dimensions)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that may answer, and its passage that is nearest to the question."""

    article_id: str
    passage: int
    score: float
    """0 to 1; for the first hit the probability that it answers."""


class ArticleIndex:
    """All passages of a knowledge base, ready to be asked."""

    def __init__(self, articles: Sequence[IndexedArticle], calibration: Calibration | None = None) -> None:
        self.articles = [article for article in articles if article.passages]
        self.calibration = calibration or Calibration()
        counts = [len(article.passages) for article in self.articles]
        self._firsts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        counted = [[Counter(normal_forms(passage)) for passage in one.passages] for one in self.articles]
        self._words = _Words([count for article in counted for count in article])
        self._wholes = _Words([sum(article, Counter()) for article in counted])
        self._spaces = {
            space: _Space(
                [place for place, one in enumerate(self.articles) if one.space == space], self.articles
            )
            for space in sorted({article.space for article in self.articles})
        }

    def search(
        self, questions: Sequence[str], space: str, vectors: Vectors, *, limit: int = 10
    ) -> Iterator[tuple[Hit, ...]]:
        """Yield for each question its articles, best first; none where nothing is shared with any.

        `vectors` are those of the questions in `space`, shape (len(questions), dimensions).
        """
        for start in range(0, len(questions), BATCH):
            end = start + BATCH
            yield from self._search(questions[start:end], space, vectors[start:end], limit)

    def _search(
        self, questions: Sequence[str], space: str, vectors: Vectors, limit: int
    ) -> Iterator[tuple[Hit, ...]]:
        if not self.articles:
            yield from (() for _ in questions)
            return
        asked = [sorted(set(normal_forms(question))) for question in questions]
        best, passages = _best(self._words.scores(asked), self._firsts)
        words = (best + self._wholes.scores(asked)) / 2
        odds = self._by_words(words)
        if space in self._spaces:
            self._add_nearness(odds, passages, words, self._spaces[space], vectors)
        order = np.argsort(-odds.round(DIGITS), axis=1, kind="stable")[:, :limit]
        for row, places in enumerate(order):
            yield tuple(
                Hit(
                    article_id=self.articles[place].id,
                    passage=int(passages[row, place]),
                    score=_probability(odds[row, place]),
                )
                for place in places
                if odds[row, place] > -math.inf
            )

    def _by_words(self, words: Scores) -> Scores:
        """Return the log-odds of each article by words only."""
        odds = self.calibration.words_only * words + self.calibration.words_only_offset
        return np.where(words > 0, odds, -math.inf)

    def _add_nearness(
        self, odds: Scores, passages: npt.NDArray[np.intp], words: Scores, space: "_Space", vectors: Vectors
    ) -> None:
        """Replace the log-odds of the articles of the questions' own space."""
        near, nearest = _best(space.nearness(vectors), space.firsts)
        fused = self.calibration.nearness * near + self.calibration.words * words[:, space.places]
        first = fused.round(DIGITS).argmax(axis=1)
        rows = np.arange(len(fused))
        lengths = self._words.lengths[self._firsts[space.places][first] + nearest[rows, first]]
        offsets = self.calibration.length * np.log(np.maximum(lengths, 1)) + self.calibration.offset
        odds[:, space.places] = fused + offsets[:, None]
        passages[:, space.places] = nearest


class _Words:
    """BM25 over texts, as one sparse matrix of texts by words."""

    def __init__(self, counts: Sequence[Counter[str]]) -> None:
        """Count the words of each text, once for all questions."""
        self.lengths = np.array([count.total() for count in counts], dtype=np.float64)
        found = Counter(word for count in counts for word in count)
        total = len(counts)
        self.places = {word: place for place, word in enumerate(found)}
        self.weights = {word: math.log1p((total - n + 0.5) / (n + 0.5)) for word, n in found.items()}
        self.unknown = math.log1p((total + 0.5) / 0.5)
        relative = self.lengths / max(1.0, float(self.lengths.mean()) if total else 1.0)
        damping = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * relative)
        cells = [
            (row, self.places[word], self.weights[word] * n / (n + damping[row]))
            for row, count in enumerate(counts)
            for word, n in count.items()
        ]
        self.matrix = _sparse(cells, (total, len(found)))

    def scores(self, questions: Sequence[Sequence[str]]) -> Scores:
        """Return how much of each question's weight each text holds, shape (questions, texts).

        A question is its words, each once.

        Unlike published BM25 scores these have a top: SATURATION + 1 for a question of rare words that
        the text says again and again; about 1 for words that it says once.
        """
        cells = []
        for row, words in enumerate(questions):
            whole = sum(self.weights.get(word, self.unknown) for word in words)
            scale = (SATURATION + 1) / whole if whole else 0.0
            cells += [(row, self.places[word], scale) for word in words if word in self.places]
        asked = _sparse(cells, (len(questions), len(self.places)))
        return np.asarray((asked @ self.matrix.T).toarray(), np.float64)


class _Space:
    """The passages whose vectors one embedder made."""

    def __init__(self, places: Sequence[int], articles: Sequence[IndexedArticle]) -> None:
        self.places = np.array(places, dtype=np.intp)
        self.vectors = np.vstack([articles[place].vectors for place in places]).astype(np.float64)
        counts = [len(articles[place].passages) for place in places]
        self.firsts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        self.common = self._common(np.repeat(self.places, counts))

    def nearness(self, vectors: Vectors) -> Scores:
        """Return the cosines, with 0 for what is common to all passages and 1 for the same text."""
        # In double precision, so that what another batch shape changes is far below DIGITS.
        cosines = vectors.astype(np.float64) @ self.vectors.T
        return (cosines - self.common) / (1 - self.common)

    def _common(self, owners: npt.NDArray[np.intp]) -> float:
        step = math.ceil(len(owners) / SAMPLE)
        vectors, owners = self.vectors[::step], owners[::step]
        cosines = (vectors @ vectors.T)[owners[:, None] != owners[None, :]]
        if not len(cosines):
            return COMMON
        measured = float(np.median(cosines))
        return round((len(vectors) * measured + 8 * COMMON) / (len(vectors) + 8), DIGITS)


def _best(scores: Scores, firsts: npt.NDArray[np.intp]) -> tuple[Scores, npt.NDArray[np.intp]]:
    """Return each article's best score and the passage that has it, shape (questions, articles) both."""
    slices = [scores[:, start:end] for start, end in pairwise(firsts)]
    best = np.maximum.reduceat(scores, firsts[:-1], axis=1)
    return best, np.column_stack([part.round(DIGITS).argmax(axis=1) for part in slices])


def _sparse(cells: Sequence[tuple[int, int, float]], shape: tuple[int, int]) -> "scipy.sparse.csr_array":
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    return scipy.sparse.csr_array(
        (np.array(values, np.float64), (np.array(rows, int), np.array(columns, int))), shape=shape
    )


def _probability(odds: float) -> float:
    return round(1 / (1 + math.exp(-odds)), DIGITS)
