"""Themes keep their spans from run to run on a real set, whatever the seed and although new ones come."""

import os
from pathlib import Path

import pytest

from benchmarks.clustering import Space, spaces_of
from benchmarks.identity import Home, after, grouped
from benchmarks.sets import fukui
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders

pytestmark = pytest.mark.data

QUESTION = "不便さの内容"


@pytest.fixture(scope="module")
def spaces(tmp_path_factory: pytest.TempPathFactory) -> list[Space]:
    given = fukui(Path(os.environ["KOE_TEST_DATA"]), QUESTION)
    return spaces_of(given, open_embedders(), tmp_path_factory.mktemp("vectors"))


def test_another_seed_changes_the_theme_of_three_spans_in_a_hundred_at_most(spaces: list[Space]) -> None:
    rows = frozenset(spaces[0].rows)
    first = grouped(open_clusterer(), spaces, rows, seed=0)
    live = Home()
    live.take(first)
    for seed in (1, 2):
        again = grouped(open_clusterer(), spaces, rows, seed=seed, home=live)
        assert after(first, again).themes >= 0.97, f"seed {seed}"


def test_a_tenth_of_new_voices_changes_eight_in_a_hundred_at_most(spaces: list[Space]) -> None:
    rows = spaces[0].rows
    home = Home()
    home.take(grouped(open_clusterer(), spaces, frozenset(rows[: len(rows) * 10 // 11]), seed=0))
    whole = grouped(open_clusterer(), spaces, frozenset(rows), seed=0, home=home)
    assert home.take(whole).themes >= 0.92
