"""How far a group reaches, and which group a new text is nearest to."""

import numpy as np
import pytest

from nlp.placing import place, reach
from nlp.ports import Vectors

RNG = np.random.default_rng(0)


def around(middle: int, count: int, *, spread: float = 0.2) -> Vectors:
    rows = RNG.normal(scale=spread, size=(count, 8))
    rows[:, middle] += 1.0
    near: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return near


def test_nearly_every_member_of_a_group_lies_within_its_reach() -> None:
    vectors = np.vstack([around(0, 100), around(3, 100)])
    least = reach(vectors, (0,) * 100 + (1,) * 100)
    assert least is not None
    middles = np.vstack([vectors[:100].mean(axis=0), vectors[100:].mean(axis=0)])
    found = place(np.vstack([around(0, 50), around(3, 50)]), middles, np.array([0, 1]), least=least)
    right = [one is not None and one.middle == row // 50 for row, one in enumerate(found)]
    assert sum(right) >= 95


def test_a_text_far_from_every_middle_has_no_place() -> None:
    vectors = around(0, 100)
    least = reach(vectors, (0,) * 100)
    assert least is not None
    assert place(around(5, 3), vectors.mean(axis=0, keepdims=True), np.array([0]), least=least) == [None] * 3


def test_a_text_between_two_groups_is_less_sure_than_one_in_the_middle() -> None:
    middles = np.eye(2, 8, dtype=np.float32)
    between = np.array([[0.72, 0.69, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0]], np.float32)
    between /= np.linalg.norm(between, axis=1, keepdims=True)
    unsure, sure = place(between, middles, np.array([0, 1]), least=0.3)
    assert unsure is not None
    assert sure is not None
    assert (unsure.middle, sure.middle) == (0, 0)
    assert unsure.confidence < 0.7 < 0.95 < sure.confidence


def test_parts_of_one_group_do_not_compete_with_it() -> None:
    middles = np.array([[1, 0.1], [1, 0.12]], np.float32)
    text = np.array([[1, 0.12]], np.float32) / np.linalg.norm([1, 0.12])
    (alone,) = place(text, middles, np.array([0, 0]), least=0.5)
    (rivals,) = place(text, middles, np.array([0, 1]), least=0.5)
    assert alone is not None
    assert rivals is not None
    assert alone.confidence > rivals.confidence


@pytest.mark.parametrize("groups", [(), (None, None), (0, None)])
def test_without_a_group_of_two_nothing_is_known_of_reach(groups: tuple[int | None, ...]) -> None:
    assert reach(around(0, len(groups)), groups) is None


def test_without_groups_nothing_has_a_place() -> None:
    assert place(around(0, 2), np.empty((0, 0), np.float32), np.array([], np.int64), least=0.5) == [None] * 2
