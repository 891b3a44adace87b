"""The pieces of the community clusterer."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import block_diag, csr_matrix

from nlp.clusterers import belonging, communities, division, graph, levels, nameable, spaces
from nlp.clusterers.cells import cells_of
from nlp.clusterers.communities import CommunityClusterer
from nlp.clusterers.distinct import distinct
from nlp.clusterers.neighbours import approximate, exact, nearest
from nlp.clusterers.numbering import by_size
from nlp.clusterers.peers import ENOUGH, peers_of
from nlp.ports import Vectors

SEED = 11


def blobs(*sizes: int, spread: float = 0.05, dimensions: int = 32, seed: int = SEED) -> Vectors:
    """Unit rows around as many random centres, one after the other."""
    rng = np.random.default_rng(seed)
    centres = spaces.unit(rng.normal(size=(len(sizes), dimensions)))
    rows = [
        centre + rng.normal(scale=spread, size=(size, dimensions))
        for centre, size in zip(centres, sizes, strict=True)
    ]
    return spaces.unit(np.vstack(rows))


def labels_of(*sizes: int) -> np.ndarray:
    return np.repeat(np.arange(len(sizes)), sizes).astype(np.int64)


def neighbourhood(space: Vectors) -> csr_matrix:
    return graph.affinity(nearest(space, 6))


def all_linked(*sizes: int) -> csr_matrix:
    return csr_matrix(np.ones((sum(sizes), sum(sizes))))


def once(labels: np.ndarray) -> np.ndarray:
    return np.ones(len(labels), np.int64)


class TestNumbering:
    def test_larger_groups_come_first_and_leave_no_gap(self) -> None:
        assert by_size(np.array([9, 4, 4, -1, 4, 9, 2])).tolist() == [1, 0, 0, -1, 0, 1, 2]

    def test_of_two_equal_groups_the_one_seen_first_comes_first(self) -> None:
        assert by_size(np.array([5, 5, 1, 1])).tolist() == [0, 0, 1, 1]


class TestDistinct:
    def test_case_and_white_space_make_no_difference(self) -> None:
        rows = distinct(np.ones((4, 2), np.float32), ["Card lost", " card  LOST ", "card found", "Card lost"])
        assert rows.first.tolist() == [0, 2]
        assert rows.counts.tolist() == [3, 1]
        assert rows.spread(np.array([5, 6])).tolist() == [5, 5, 6, 5]

    def test_empty_texts_and_empty_vectors_are_not_read(self) -> None:
        rows = distinct(np.array([[1, 0], [0, 0], [1, 0]], np.float32), ["a", "b", " "])
        assert rows.place.tolist() == [0, -1, -1]
        assert rows.spread(np.array([3])).tolist() == [3, -1, -1]

    def test_refuses_vectors_of_other_rows(self) -> None:
        with pytest.raises(ValueError, match="2 vectors, but 1 texts"):
            distinct(np.ones((2, 2), np.float32), ["a"])


class TestPeers:
    def test_without_languages_all_rows_are_peers(self) -> None:
        assert peers_of(None, 3).tolist() == [0, 0, 0]

    def test_a_language_of_enough_rows_stands_alone(self) -> None:
        peers = peers_of(["en"] * (ENOUGH + 1) + ["it"] * ENOUGH, 2 * ENOUGH + 1)
        assert set(peers[: ENOUGH + 1]) == {0}
        assert set(peers[ENOUGH + 1 :]) == {1}

    def test_a_few_rows_of_a_language_are_read_with_the_most_frequent_one(self) -> None:
        assert set(peers_of(["en"] * ENOUGH + ["it", None, "cs"], ENOUGH + 3)) == {0}

    def test_the_rows_of_many_rare_languages_are_taken_together(self) -> None:
        rare = [f"x{row % 7}" for row in range(ENOUGH)]
        peers = peers_of(["en"] * ENOUGH + rare, 2 * ENOUGH)
        assert set(peers[ENOUGH:]) == {1}

    def test_refuses_languages_of_other_rows(self) -> None:
        with pytest.raises(ValueError, match="1 languages, but 2 rows"):
            peers_of(["en"], 2)


class TestSpaces:
    def test_what_a_language_shares_says_nothing(self) -> None:
        topic, language = labels_of(60, 60), np.arange(120) % 2
        accents = np.vstack([blobs(1, seed=5), blobs(1, seed=6)])
        spoken = spaces.unit(blobs(60, 60, spread=0.02) + 2.0 * accents[language])

        def alike_across_languages(space: Vectors) -> float:
            one, other = (space[(topic == 0) & (language == each)] for each in (0, 1))
            return float((one @ other.T).mean())

        assert alike_across_languages(spoken) < 0.3
        assert alike_across_languages(spaces.centred(spoken, language)) > 0.7

    def test_texts_that_share_no_letters_have_no_spelling(self) -> None:
        assert spaces.spelling_space(["a", "b", "c"], peers_of(None, 3), seed=0) is None

    def test_texts_that_are_spelled_alike_are_near(self) -> None:
        texts = ["password reset", "password resets", "invoice date", "invoice dates"] * 2
        space = spaces.spelling_space(texts, peers_of(None, 8), seed=0)
        assert space is not None
        assert space[0] @ space[1] > space[0] @ space[2]

    def test_many_texts_are_spelled_by_what_some_taught(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("nlp.clusterers.spaces.SPELLING_LEARNT", 120)
        said = ("password reset", "invoice date", "no sound")
        texts = [f"{each} {row}" for row in range(100) for each in said]
        space = spaces.spelling_space(texts, peers_of(None, 300), seed=0)
        assert space is not None
        assert min(space[0] @ space[297], space[1] @ space[298]) > 0.5 > space[0] @ space[298]


class TestNeighbours:
    def test_agrees_with_the_whole_table_of_cosines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("nlp.clusterers.neighbours.CELLS", 300)  # many blocks
        space = blobs(40, 40, 21, spread=0.3)
        found = nearest(space, 7)
        table = space @ space.T
        np.fill_diagonal(table, -np.inf)
        assert np.allclose(found.similarity, -np.sort(-table, axis=1)[:, :7], atol=1e-6)
        assert not (found.rows == np.arange(len(space))[:, None]).any()

    def test_of_equally_near_rows_the_first_ones_are_taken(self) -> None:
        found = nearest(np.repeat(np.eye(3, dtype=np.float32), 4, axis=0), 2)
        assert found.rows.tolist()[:4] == [[1, 2], [0, 2], [0, 1], [0, 1]]

    def test_many_rows_are_compared_with_those_of_near_cells_and_hardly_any_is_missed(self) -> None:
        space = blobs(*[150] * 40, spread=0.15)
        true, found = exact(space, 10), approximate(space, 10)
        assert not (found.rows == np.arange(len(space))[:, None]).any()
        assert all(len(set(row)) == 10 for row in found.rows.tolist())
        assert (found.similarity >= true.similarity[:, -1:] - 1e-6).mean() > 0.97

    def test_above_a_size_not_all_pairs_are_compared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        space = blobs(*[100] * 12, spread=0.3)
        monkeypatch.setattr("nlp.clusterers.neighbours.EXACT_ROWS", 1_000)
        monkeypatch.setattr("nlp.clusterers.neighbours.PROBES", 2)
        assert np.array_equal(nearest(space, 10).rows, approximate(space, 10).rows)
        assert not np.array_equal(nearest(space, 10).rows, exact(space, 10).rows)

    @pytest.mark.parametrize("spread", [0.0, 1e-4], ids=["equal", "nearly equal"])
    def test_rows_that_are_all_alike_have_neighbours_too(self, spread: float) -> None:
        space = blobs(3_000, spread=spread)
        found = approximate(space, 10)
        assert not (found.rows == np.arange(len(space))[:, None]).any()
        assert (found.similarity > 0.999).all()


class TestCells:
    def test_every_row_is_in_one_cell_and_no_cell_is_too_large_or_too_small(self) -> None:
        cells = cells_of(np.vstack([blobs(900), blobs(5, 70, 33, seed=5)]), most=64)
        assert sorted(np.concatenate(cells.members).tolist()) == list(range(1_008))
        assert {len(rows) for rows in cells.members} <= set(range(31, 65))

    def test_rows_of_one_cell_are_near(self) -> None:
        space = blobs(64, 64, 64, 64)
        assert max(len(set((rows // 64).tolist())) for rows in cells_of(space, most=64).members) == 1


class TestGraph:
    def test_finds_the_blobs_as_communities(self) -> None:
        edges = graph.affinity(nearest(blobs(30, 30, 30), 6))
        found = graph.communities(edges, resolution=1.0, seed=0)
        assert len({(a, b) for a, b in zip(found.tolist(), labels_of(30, 30, 30).tolist(), strict=True)}) == 3

    def test_is_undirected(self) -> None:
        edges = graph.affinity(nearest(blobs(20, 20), 4))
        assert abs(edges - edges.T).max() == 0

    def test_rows_without_edges_stay_alone(self) -> None:
        edges = graph.affinity(nearest(np.eye(5, dtype=np.float32), 2))
        assert graph.communities(edges, resolution=1.0, seed=0).tolist() == [0, 1, 2, 3, 4]

    def test_the_vote_brings_a_stray_row_home_and_leaves_lonely_rows(self) -> None:
        space = blobs(20, 20)
        labels = labels_of(20, 20)
        labels[3] = 1
        edges = graph.affinity(nearest(space, 5))
        assert graph.vote(edges, labels).tolist() == labels_of(20, 20).tolist()
        assert graph.vote(graph.affinity(nearest(np.eye(4, dtype=np.float32), 2)), labels[:4]).tolist() == [
            0,
            0,
            0,
            1,
        ]


class TestLevels:
    def test_joins_what_is_alike_and_stops_there(self) -> None:
        space = spaces.centred(blobs(40, 40, 40), peers_of(None, 120))
        halves = labels_of(20, 20, 20, 20, 20, 20)
        joined = levels.join(space, neighbourhood(space), halves, once(halves), 0.4)
        assert len(set(joined.tolist())) == 3
        assert all(len(set(joined[start : start + 40].tolist())) == 1 for start in (0, 40, 80))

    def test_the_mean_similarity_is_over_all_pairs(self) -> None:
        space = blobs(6, 9, spread=0.4)
        table = levels.mean_similarity(space, labels_of(6, 9))
        assert table[0, 1] == pytest.approx(float((space[:6] @ space[6:].T).mean()), abs=1e-5)

    def test_equal_rows_count_as_often_as_they_stand(self) -> None:
        space = blobs(5, spread=0.4)
        counts = np.array([3, 1, 1, 1, 1])
        weighted = levels.tightness(space, np.zeros(5, np.int64), counts)
        repeated = levels.tightness(np.repeat(space, counts, axis=0), np.zeros(7, np.int64))
        assert weighted[0] == pytest.approx(repeated[0])
        assert weighted[4] == pytest.approx(repeated[6])

    @pytest.mark.parametrize("spread", [0.03, 0.15])
    def test_the_level_is_where_themes_are_told_apart_best(self, spread: float) -> None:
        space = spaces.centred(blobs(40, 40, 40, spread=spread), peers_of(None, 120))
        halves = labels_of(20, 20, 20, 20, 20, 20)
        joined = levels.join_clearly(space, space, neighbourhood(space), halves, once(halves))
        assert len(set(joined.tolist())) == 3, "however tight the rows of this corpus are"

    def test_what_is_told_apart_less_is_less_clear(self) -> None:
        space = spaces.centred(blobs(40, 40, 40), peers_of(None, 120))
        sample = levels.Sample.of(space, labels_of(20, 20, 20, 20, 20, 20))
        right, finer, coarser = ([0, 0, 1, 1, 2, 2], [0, 1, 2, 3, 4, 5], [0, 0, 0, 0, 1, 1])
        clear = [sample.clearness(np.array(part_of)) for part_of in (right, finer, coarser, [0] * 6)]
        assert clear[0] == max(clear)
        assert clear[3] == 0.0

    def test_a_theme_of_many_rows_needs_rows_that_are_near_each_other(self) -> None:
        space = blobs(300, spread=0.1)
        halves = labels_of(150, 150)
        apart = csr_matrix(block_diag([neighbourhood(space[:150]), neighbourhood(space[150:])]))
        assert len(set(levels.join(space, apart, halves, once(halves), 0.4).tolist())) == 2
        assert len(set(levels.join(space, neighbourhood(space), halves, once(halves), 0.4).tolist())) == 1

    def test_a_large_share_is_joined_only_if_it_is_one_thing(self) -> None:
        sizes = (300, 300, 300, 300)
        rng = np.random.default_rng(SEED)
        shared = spaces.unit(rng.normal(size=(1, 64)))
        kin = np.vstack([shared + 0.8 * blobs(1, dimensions=64, seed=seed) for seed in range(4)])
        rows = np.repeat(kin, sizes, axis=0) + rng.normal(scale=0.02, size=(1200, 64))
        joined = levels.join(
            spaces.unit(rows), all_linked(*sizes), labels_of(*sizes), once(labels_of(*sizes)), 0.4
        )
        assert len(set(joined.tolist())) == 4, "alike enough for the level, but each is a thing of its own"
        same = levels.join(blobs(1200), all_linked(*sizes), labels_of(*sizes), once(labels_of(*sizes)), 0.4)
        assert len(set(same.tolist())) == 1


class TestBelonging:
    def test_small_groups_are_none(self) -> None:
        labels = labels_of(5, 3, 2)
        counts = np.array([1] * 8 + [2, 2])
        assert belonging.without_small(labels, counts).tolist() == [0] * 5 + [-1] * 3 + [2] * 2

    def test_rows_alike_to_nothing_are_none(self) -> None:
        strong = np.array([1.0] * 9 + [0.2])
        found = belonging.without_strangers(np.zeros(10, np.int64), strong, np.ones(10, np.int64))
        assert found.tolist() == [0] * 9 + [-1]

    def test_rows_in_the_middle_are_surer_than_rows_between_groups(self) -> None:
        space = blobs(30, 30, spread=0.1)
        between = spaces.unit(space[:1] + space[30:31])
        space = np.vstack([space, between])
        labels = np.append(labels_of(30, 30), 0)
        sure = belonging.confidence(space, labels)
        assert sure[60] < sure[:60].min()

    def test_nothing_is_sure_of_rows_in_no_group(self) -> None:
        space = blobs(10, 10)
        assert belonging.confidence(space, np.full(20, -1, np.int64)).tolist() == [0.0] * 20
        one = belonging.confidence(space, np.append(labels_of(10), np.full(10, -1)))
        assert (one[:10] > 0.5).all()
        assert one[10:].tolist() == [0.0] * 10


class TestDivision:
    def test_a_theme_of_two_things_is_divided_and_a_theme_of_one_is_not(self) -> None:
        space = blobs(30, 30, 60)
        edges = graph.affinity(nearest(space, 8))
        parts = division.divide(space, edges, labels_of(60, 60), np.ones(120, np.int64), seed=0)
        assert len(set(parts[:60].tolist())) == 2
        assert len(set(parts[:30].tolist())) == 1
        assert set(parts[60:].tolist()) == {-1}

    def test_no_part_is_too_small(self) -> None:
        space = blobs(30, 30, 3)
        edges = graph.affinity(nearest(space, 8))
        parts = division.divide(space, edges, np.zeros(63, np.int64), np.ones(63, np.int64), seed=0)
        assert np.bincount(parts).min() >= division.LEAST_ROWS


DIGEST_OF_AN_ANSWER = """
import hashlib
from tests.unit.test_communities import answer_digest
print(answer_digest())
"""


def answer_digest() -> str:
    """A digest of the answer for a corpus of many near ties."""
    space = blobs(*[50] * 30, spread=0.15)
    rng = np.random.default_rng(SEED)
    texts = [
        " ".join(rng.choice(["card", "bank", "late", "lost", "fee", "app"], 5)) + f" {row}"
        for row in range(1500)
    ]
    answer = CommunityClusterer().cluster(space, texts, seed=3)
    assert max(group for group in answer.groups if group is not None) > 10
    return hashlib.sha256(repr(answer).encode()).hexdigest()


class TestDeterminism:
    @pytest.mark.parametrize("threads", ["1", "2"])
    def test_another_process_with_any_number_of_threads_gives_the_same_bits(self, threads: str) -> None:
        variables = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": threads}
        command = [sys.executable, "-W", "error", "-c", DIGEST_OF_AN_ANSWER]
        other = subprocess.run(
            command, env=os.environ | variables, capture_output=True, text=True, check=True
        )
        assert other.stdout.strip() == answer_digest()

    def test_the_number_of_cores_changes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = answer_digest()
        monkeypatch.setattr("nlp.clusterers.neighbours.CORES", 1)
        assert answer_digest() == before


def test_too_few_texts_have_no_structure_but_equal_ones_make_a_theme() -> None:
    texts = ["no sound"] * 5 + ["no picture"] * 2
    vectors = np.repeat(blobs(1, 1), (5, 2), axis=0)
    assert len(set(texts)) < communities.FEWEST
    assert CommunityClusterer().cluster(vectors, texts).groups == (0,) * 5 + (None,) * 2


class TestWhatIsNoTheme:
    def test_rows_that_were_only_left_over_make_no_group(self) -> None:
        rows = np.vstack([blobs(30, 30), blobs(*[1] * 20, seed=SEED + 1)])
        labels = labels_of(30, 30, 20)
        kept = belonging.without_loose(labels, rows, once(labels))
        assert set(kept[:60].tolist()) == {0, 1}
        assert set(kept[60:].tolist()) == {-1}

    def test_equal_rows_count_as_often_as_they_were_said(self) -> None:
        rows = np.vstack([blobs(30), blobs(1, seed=SEED + 1), blobs(1, seed=SEED + 2)])
        labels = labels_of(30, 2)
        assert set(belonging.without_loose(labels, rows, once(labels))[30:].tolist()) == {-1}
        often = np.array([1] * 30 + [40, 1])
        assert set(belonging.without_loose(labels, rows, often)[30:].tolist()) == {1}

    def test_without_groups_nothing_is_loose(self) -> None:
        none = np.full(4, -1)
        assert belonging.without_loose(none, blobs(4), once(none)).tolist() == none.tolist()
        assert nameable.without_nameless(none, ["a"] * 4).tolist() == none.tolist()

    def test_a_group_without_words_of_its_own_is_no_theme(self) -> None:
        about = [f"The {thing} is broken, see {number}" for thing in ("door", "lamp") for number in range(8)]
        leftover = ["garlic", "a horse", "seven", "violins", "fog", "paper", "a desk", "rain"]
        kept = nameable.without_nameless(labels_of(8, 8, 8), [*about, *leftover])
        assert kept.tolist() == [0] * 8 + [1] * 8 + [-1] * 8

    def test_where_no_language_puts_spaces_between_words_every_group_stays(self) -> None:
        texts = [f"\u0e01\u0e02\u0e04{chr(0x0E07 + number)}\u0e08" for number in range(12)]
        assert nameable.without_nameless(labels_of(6, 6), texts).tolist() == [0] * 6 + [1] * 6
