"""How the last answer counts in the next one: a little, and only where it says anything."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import adjusted_rand_score

from nlp.clusterers.communities import CommunityClusterer
from nlp.clusterers.distinct import distinct
from nlp.clusterers.inertia import DRAW, LEAN, drawn, leaning
from nlp.ports import Clustering, Past, Vectors
from tests.unit.test_communities import blobs, labels_of

SEED = 11


class TestEdges:
    EDGES = csr_matrix(np.array([[0.0, 4, 2, 1], [4, 0, 0, 3], [2, 0, 0, 0], [1, 3, 0, 0]]))

    def test_weigh_more_within_a_theme_and_less_between_two(self) -> None:
        found = drawn(self.EDGES, np.array([0, 0, 1, 1])).toarray()
        assert found[0].tolist() == [0, 4 * DRAW, 2 / DRAW, 1 / DRAW]
        assert np.array_equal(found, found.T)

    def test_of_a_row_that_is_new_stay_as_they_are(self) -> None:
        found = drawn(self.EDGES, np.array([-1, 0, 0, -1])).toarray()
        assert np.array_equal(found, self.EDGES.toarray())

    def test_stay_as_they_are_without_a_past(self) -> None:
        assert drawn(self.EDGES, None) is self.EDGES


class TestJoining:
    def test_groups_of_one_theme_are_taken_for_more_alike_and_of_two_for_less(self) -> None:
        found = leaning(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 0, 0, 1, 1]))
        assert np.allclose(found, LEAN * np.array([[1, 1, -1], [1, 1, -1], [-1, -1, 1]]))

    def test_a_group_of_new_rows_leans_nowhere(self) -> None:
        found = leaning(np.array([0, 0, 1, 1]), np.array([0, 0, -1, -1]))
        assert np.allclose(found, np.array([[LEAN, 0.0], [0.0, 0.0]]))

    def test_a_mixed_group_leans_by_the_pairs_of_its_rows(self) -> None:
        found = np.asarray(leaning(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 0])))
        assert found[0, 1] == pytest.approx(0.0), "half of the pairs were in one theme, half in two"

    def test_rows_of_no_group_have_no_say(self) -> None:
        found = leaning(np.array([0, -1, 1, 1]), np.array([0, 1, 0, 0]))
        assert np.allclose(found, LEAN)


class TestEqualTexts:
    def test_were_where_the_first_of_them_was_that_was_anywhere(self) -> None:
        rows = distinct(np.ones((5, 2), np.float32), ["late", "LATE", "other", "", "late"])
        assert rows.first_known([None, 3, None, 7, 5]).tolist() == [3, -1]

    def test_need_a_past_for_each_row(self) -> None:
        rows = distinct(np.ones((2, 2), np.float32), ["late", "other"])
        with pytest.raises(ValueError, match="a past of 1 rows, but 2 rows"):
            rows.first_known([None])


def agreement(one: Clustering, other: Clustering) -> float:
    """Return how alike two answers are, however they are numbered; 1 where they are the same."""
    numbers = [[-1 if group is None else group for group in each.groups] for each in (one, other)]
    return float(adjusted_rand_score(*numbers))


class TestTheNextAnswer:
    @staticmethod
    def overlapping() -> tuple[Vectors, list[str]]:
        """Three subjects that reach into each other: some rows could as well be elsewhere."""
        rng = np.random.default_rng(SEED)
        texts = ["".join(rng.choice(list("abcdefghijklmnop"), 9)) for _ in range(180)]
        return blobs(60, 60, 60, spread=0.25), texts

    @staticmethod
    def together(found: Clustering, rows: range) -> float:
        groups = [found.groups[row] for row in rows]
        return max(groups.count(group) for group in set(groups)) / len(groups)

    def test_is_the_last_one_whatever_the_seed_where_nothing_is_new(self) -> None:
        vectors, texts = self.overlapping()
        first = CommunityClusterer().cluster(vectors, texts, seed=0)
        past = Past(groups=first.groups, subgroups=first.subgroups)
        seeds = range(1, 5)
        alone = [agreement(first, CommunityClusterer().cluster(vectors, texts, seed=n)) for n in seeds]
        beside = [
            agreement(first, CommunityClusterer().cluster(vectors, texts, seed=n, past=past)) for n in seeds
        ]
        assert min(alone) < 0.9, "without a past some seed sees it otherwise, or this shows nothing"
        assert min(beside) >= 0.99

    def test_numbers_of_the_past_mean_nothing(self) -> None:
        vectors, texts = self.overlapping()
        halves = tuple(int(label) for label in labels_of(60, 60, 60))
        other = tuple(97 - label for label in halves)
        nothing = (None,) * len(texts)
        one, two = (
            CommunityClusterer().cluster(vectors, texts, past=Past(groups=past, subgroups=nothing))
            for past in (halves, other)
        )
        assert one == two

    def test_parts_what_was_one_theme_and_is_clearly_two_things(self) -> None:
        vectors = blobs(60, 60, 60, spread=0.05)
        texts = [f"{row * 7919} {row * 104729}" for row in range(180)]
        past = Past(groups=(0,) * 120 + (1,) * 60, subgroups=(None,) * 180)
        found = CommunityClusterer().cluster(vectors, texts, past=past)
        assert len({found.groups[row] for row in (0, 60, 120)}) == 3
        assert all(self.together(found, range(start, start + 60)) >= 0.95 for start in (0, 60, 120))

    def test_finds_a_new_subject_among_new_rows(self) -> None:
        vectors, texts = self.overlapping()
        new = blobs(40, spread=0.05, seed=SEED + 1)
        words = [f"{row * 7919} {row * 104729}" for row in range(40)]
        first = CommunityClusterer().cluster(vectors, texts)
        past = Past(groups=(*first.groups, *(None,) * 40), subgroups=(*first.subgroups, *(None,) * 40))
        found = CommunityClusterer().cluster(np.vstack([vectors, new]), [*texts, *words], past=past)
        born = {found.groups[row] for row in range(180, 220)}
        assert len(born) == 1
        assert born.isdisjoint(found.groups[:180])
