"""Held on Banking77: what a person takes out of a theme teaches where others belong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import following
from benchmarks.clustering import spaces_of
from benchmarks.sets import SETS
from nlp.embedders import open_embedders

pytestmark = pytest.mark.data


def test_more_voices_that_nobody_corrected_are_right_afterwards(
    real: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SEEDS", (5,))
    given = SETS["banking77"](real("banking77").parent)
    (space,) = spaces_of(given, open_embedders(), tmp_path)
    labels = np.array([given.labels[row] for row in space.rows])
    found = [case for half in following.halves(space) for case in following.cases(space, labels, half, 8)]
    cells = following.line(found, 8).strip("| ").split(" | ")
    before, after, _, right, own = map(float, cells[3:])
    assert after > before + 0.06
    assert right > 0.75
    assert own < 0.1
