"""One exam for every clusterer, the double included."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from nlp.clusterers import CLUSTERERS, open_clusterer
from nlp.ports import Clusterer, Clustering, Past, Vectors

SEED = 20240501
FINDERS = ("communities", "hdbscan")
"""Those that read the vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    vectors: Vectors
    texts: list[str]
    truth: list[int | None]


def unit(rows: npt.NDArray[np.floating]) -> Vectors:
    scaled: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def planted(*, groups: int = 5, rows: int = 40, noise: int = 12, seed: int = SEED) -> Corpus:
    """Five tight groups of different sizes, and rows that are alike to nothing, shuffled."""
    print(f"planted corpus, seed {seed}")  # noqa: T201  shown when the test fails
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(groups, 64)))
    truth: list[int | None] = [k for k in range(groups) for _ in range(rows + 5 * (groups - k))]
    near = np.array([centres[k] + rng.normal(scale=0.07, size=64) for k in truth])
    vectors = unit(np.vstack([near, rng.normal(size=(noise, 64))]))
    truth += [None] * noise
    words = ["".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), 7)) for _ in truth]
    order = rng.permutation(len(truth))
    return Corpus(vectors=vectors[order], texts=[words[i] for i in order], truth=[truth[i] for i in order])


@pytest.fixture(params=sorted(CLUSTERERS))
def clusterer(request: pytest.FixtureRequest) -> Clusterer:
    return open_clusterer(request.param)


def rows_of(texts: list[str], *, seed: int = SEED) -> Vectors:
    """A vector a text, equal for equal texts."""
    rng = np.random.default_rng(seed)
    known = {text: rng.normal(size=16) for text in dict.fromkeys(texts)}
    return unit(np.array([known[text] for text in texts])) if texts else np.empty((0, 16), np.float32)


def check_shape(found: Clustering, rows: int) -> None:
    assert len(found.groups) == len(found.subgroups) == len(found.confidence) == rows
    for numbers in (found.groups, found.subgroups):
        used = [number for number in numbers if number is not None]
        sizes = [used.count(number) for number in sorted(set(used))]
        assert sorted(set(used)) == list(range(len(sizes)))
        assert sizes == sorted(sizes, reverse=True)
    parents: dict[int, int] = {}
    for group, subgroup, sure in zip(found.groups, found.subgroups, found.confidence, strict=True):
        assert (group is None) == (sure is None)
        assert sure is None or 0.0 <= sure <= 1.0
        if subgroup is not None:
            assert group is not None
            assert parents.setdefault(subgroup, group) == group


class TestEveryClusterer:
    def test_answers_in_the_ports_shape(self, clusterer: Clusterer) -> None:
        corpus = planted()
        check_shape(clusterer.cluster(corpus.vectors, corpus.texts), len(corpus.texts))

    def test_gives_the_same_answer_for_the_same_seed(self, clusterer: Clusterer) -> None:
        corpus = planted()
        first = clusterer.cluster(corpus.vectors, corpus.texts, seed=7)
        assert clusterer.cluster(corpus.vectors.copy(), list(corpus.texts), seed=7) == first

    def test_leaves_what_it_was_given_as_it_was(self, clusterer: Clusterer) -> None:
        corpus = planted()
        before = corpus.vectors.copy()
        clusterer.cluster(corpus.vectors, corpus.texts)
        assert np.array_equal(corpus.vectors, before)

    def test_takes_the_languages_of_the_rows(self, clusterer: Clusterer) -> None:
        corpus = planted()
        langs = ["ja" if row % 2 else None for row in range(len(corpus.texts))]
        check_shape(clusterer.cluster(corpus.vectors, corpus.texts, langs=langs), len(corpus.texts))

    def test_takes_its_last_answer_and_still_answers_in_the_ports_shape(self, clusterer: Clusterer) -> None:
        corpus = planted()
        last = clusterer.cluster(corpus.vectors, corpus.texts)
        past = Past(groups=last.groups, subgroups=last.subgroups)
        again = clusterer.cluster(corpus.vectors, corpus.texts, seed=3, past=past)
        check_shape(again, len(corpus.texts))
        kept = [a == b for a, b in zip(last.groups, again.groups, strict=True)]
        assert np.mean(kept) >= 0.95

    @pytest.mark.parametrize("rows", [0, 1, 2, 3, 9, 11])
    def test_answers_for_very_few_rows(self, clusterer: Clusterer, rows: int) -> None:
        texts = [f"text number {row}" for row in range(rows)]
        check_shape(clusterer.cluster(rows_of(texts), texts), rows)

    def test_keeps_equal_texts_together(self, clusterer: Clusterer) -> None:
        corpus = planted()
        twice = clusterer.cluster(np.vstack([corpus.vectors, corpus.vectors]), corpus.texts * 2)
        half = len(corpus.texts)
        assert twice.groups[:half] == twice.groups[half:]
        assert twice.subgroups[:half] == twice.subgroups[half:]

    @pytest.mark.timeout(120)
    def test_answers_soon_for_100_000_equal_rows(self, clusterer: Clusterer) -> None:
        texts = ["The same sentence again"] * 100_000
        found = clusterer.cluster(np.repeat(rows_of(texts[:1]), len(texts), axis=0), texts)
        assert len(found.groups) == 100_000
        assert len(set(found.groups)) == 1

    @pytest.mark.parametrize("text", ["", "   ", "\n\t"])
    def test_puts_empty_texts_nowhere(self, clusterer: Clusterer, text: str) -> None:
        corpus = planted()
        vectors = np.vstack([corpus.vectors, rows_of([text] * 30)[:, [0] * 64]])
        found = clusterer.cluster(unit(vectors), corpus.texts + [text] * 30)
        assert set(found.groups[-30:]) == {None}

    def test_reads_emoji(self, clusterer: Clusterer) -> None:
        texts = [emoji * times for emoji in "😀😡👍🎉😭🚀❤" for times in range(1, 9)]
        check_shape(clusterer.cluster(rows_of(texts), texts), len(texts))

    def test_survives_vectors_that_point_nowhere(self, clusterer: Clusterer) -> None:
        texts = [f"text number {row}" for row in range(60)]
        check_shape(clusterer.cluster(np.zeros((60, 16), np.float32), texts), 60)

    def test_survives_different_texts_with_one_vector(self, clusterer: Clusterer) -> None:
        texts = [f"{row} {row * 7919} {row * 104729}" for row in range(60)]
        check_shape(clusterer.cluster(np.repeat(rows_of(["x"]), 60, axis=0), texts), 60)


class TestFindingGroups:
    @pytest.fixture(params=FINDERS)
    def found(self, request: pytest.FixtureRequest) -> tuple[Corpus, Clustering]:
        corpus = planted()
        return corpus, open_clusterer(request.param).cluster(corpus.vectors, corpus.texts)

    def test_finds_the_planted_groups(self, found: tuple[Corpus, Clustering]) -> None:
        corpus, answer = found
        pairs = {(t, g) for t, g in zip(corpus.truth, answer.groups, strict=True) if None not in (t, g)}
        assert len(pairs) == 5
        assert pairs == {(k, k) for k in range(5)}, "larger groups come first"

    def test_leaves_out_what_is_alike_to_nothing(self, found: tuple[Corpus, Clustering]) -> None:
        corpus, answer = found
        noise = [group for t, group in zip(corpus.truth, answer.groups, strict=True) if t is None]
        assert noise.count(None) >= len(noise) / 2

    def test_keeps_what_is_alike(self, found: tuple[Corpus, Clustering]) -> None:
        corpus, answer = found
        themed = [g is not None for t, g in zip(corpus.truth, answer.groups, strict=True) if t is not None]
        assert np.mean(themed) >= 0.9


class TestTheDouble:
    def test_groups_equal_texts_and_nothing_else(self) -> None:
        texts = ["Late", "late ", "Broken", "LATE", "broken", "Lonely"]
        found = open_clusterer("exact").cluster(rows_of(texts), texts)
        assert found.groups == (0, 0, 1, 0, 1, None)
        assert found.confidence == (1.0, 1.0, 1.0, 1.0, 1.0, None)


class TestTheDoor:
    def test_names_the_known_ones_when_asked_for_another(self) -> None:
        with pytest.raises(ValueError, match="communities, default, exact, hdbscan"):
            open_clusterer("topics")
