"""Which voices follow those that a person took out of a group."""

import numpy as np
import pytest

from nlp.following import LEAST, follow
from nlp.ports import Vectors


def around(angle: float, count: int, seed: int) -> Vectors:
    """Unit vectors that lie near a direction."""
    angles = angle + np.random.default_rng(seed).normal(0, 0.05, count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_what_is_like_them_follows_and_the_rest_stays(seed: int) -> None:
    rest = np.vstack([around(0.0, 40, seed), around(1.0, 10, seed + 1)])
    assert follow(around(1.0, 5, seed + 2), rest).tolist() == [False] * 40 + [True] * 10


def test_where_this_and_that_was_taken_out_nothing_follows(seed: int) -> None:
    rest = around(0.0, 40, seed)
    assert not follow(around(0.0, 8, seed + 1), rest).any()


@pytest.mark.parametrize("count", range(LEAST))
def test_a_few_say_too_little(count: int) -> None:
    assert not follow(around(1.0, count, 1), around(1.0, 10, 2)).any()


def test_without_a_rest_and_without_vectors_nothing_follows() -> None:
    assert follow(around(1.0, 5, 1), np.empty((0, 2), np.float32)).tolist() == []
    assert not follow(np.zeros((5, 2), np.float32), np.zeros((3, 2), np.float32)).any()
