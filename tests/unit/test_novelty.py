"""What is said for the first time is told from what lies near to a theme."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.novelty import LEAST_ROWS, Cosines, Elders, likeness, novel
from nlp.ports import Vectors

SEED = 5


def around(*centres: int, rows: int, spread: float = 0.04, seed: int = SEED) -> Vectors:
    """So many unit rows around each of these axes, one axis after the other."""
    rng = np.random.default_rng(seed)
    near = [np.eye(24)[axis] + rng.normal(scale=spread, size=24) for axis in centres for _ in range(rows)]
    found = np.array(near)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def nobody(rows: Sequence[int]) -> Cosines:
    """Nothing like it was said before."""
    return np.full(len(rows), -1.0)


def numbers(
    vectors: Vectors,
    homes: list[float],
    *,
    elders: Elders = nobody,
    likeness: float = 0.8,
    reach: float = 0.5,
) -> list[int | None]:
    found = novel(vectors, np.array(homes), elders, likeness=likeness, reach=reach)
    return [None if one is None else one.number for one in found]


class TestNovel:
    def test_new_texts_that_say_one_thing_are_a_theme_each(self) -> None:
        rows = np.vstack([around(1, rows=6), around(2, rows=4)])
        assert numbers(rows, [0.4] * 10) == [0] * 6 + [1] * 4

    def test_texts_that_are_as_near_to_their_theme_stay_there(self) -> None:
        assert numbers(around(1, rows=6), [0.93] * 6) == [None] * 6

    def test_what_was_said_before_is_not_new(self) -> None:
        rows = around(1, rows=6)
        assert numbers(rows, [0.4] * 6, elders=lambda asked: np.full(len(asked), 0.99)) == [None] * 6
        assert numbers(rows, [0.4] * 6, elders=lambda asked: np.full(len(asked), 0.8)) == [0] * 6

    def test_one_of_no_theme_does_not_speak_for_those_of_one(self) -> None:
        rows = around(1, rows=6)
        said = lambda asked: np.where(np.arange(len(asked)) == 0, -1.0, 0.99)  # noqa: E731
        assert numbers(rows, [0.4] * 6, elders=said) == [None] * 6

    def test_a_few_are_none(self) -> None:
        rows = around(1, rows=LEAST_ROWS - 1)
        assert numbers(rows, [0.1] * len(rows)) == [None] * len(rows)

    def test_texts_that_say_all_sorts_of_things_are_none(self) -> None:
        assert numbers(around(*range(12), rows=1), [0.1] * 12) == [None] * 12

    def test_one_that_says_it_otherwise_comes_along_if_it_is_nearer_than_to_its_own(self) -> None:
        beside = around(1, rows=1, spread=0.12, seed=SEED + 1)
        rows = np.vstack([around(1, rows=6, spread=0.02), beside])
        assert numbers(rows, [0.3] * 7, likeness=0.97)[6] == 0
        assert numbers(rows, [0.3] * 6 + [0.9], likeness=0.97)[6] is None
        assert numbers(rows, [0.3] * 7, likeness=0.97, reach=0.95)[6] is None

    def test_how_sure_it_is_grows_with_how_far_their_theme_is(self) -> None:
        rows = around(1, rows=6)
        near, far = (novel(rows, np.full(6, home), nobody, likeness=0.8, reach=0.3) for home in (0.7, 0.2))
        assert all(
            one is not None and other is not None and one.confidence < other.confidence < 1
            for one, other in zip(near, far, strict=True)
        )

    def test_nothing_is_new_where_nothing_came(self) -> None:
        assert novel(np.empty((0, 24), np.float32), np.empty(0), nobody, likeness=0.8, reach=0.5) == []

    @settings(deadline=None, max_examples=60)
    @given(st.lists(st.integers(0, 5), max_size=24), st.floats(-1, 1), st.floats(0.1, 0.99))
    def test_the_order_of_texts_changes_nothing(self, axes: list[int], home: float, least: float) -> None:
        rows = around(*axes, rows=1) if axes else np.empty((0, 24), np.float32)
        order = np.random.default_rng(SEED).permutation(len(rows))
        homes = np.full(len(rows), home)
        one = novel(rows, homes, nobody, likeness=least, reach=0.4)
        other = novel(rows[order], homes[order], nobody, likeness=least, reach=0.4)
        together = [{i for i, a in enumerate(one) if a and b and a.number == b.number} for b in one]
        assert together == [
            {int(order[i]) for i, a in enumerate(other) if a and b and a.number == b.number}
            for b in (other[int(np.flatnonzero(order == row)[0])] for row in range(len(rows)))
        ]


class TestLikeness:
    def test_it_is_that_of_the_middling_group(self) -> None:
        tight, middling, loose = (around(axis, rows=8, spread=axis / 20) for axis in (1, 2, 3))
        groups = [0] * 8 + [1] * 8 + [2] * 8
        whole = likeness(np.vstack([tight, middling, loose]), groups)
        assert whole == likeness(middling, [0] * 8)
        assert likeness(tight, [0] * 8) == pytest.approx(0.93, abs=0.06)

    def test_small_groups_and_rows_of_none_say_nothing(self) -> None:
        assert likeness(around(1, rows=6), [0, 0, 0, None, None, None]) is None
        assert likeness(np.empty((0, 24), np.float32), []) is None
