"""The map of voices: what is alike lies together, the same things always lie in the same places."""

import time

import numpy as np
import numpy.typing as npt
import pytest

from nlp.grounds import GAP, Places, first_grounds, free_place, pushed_apart
from nlp.layout import NONE, Said, basis_of, lay_out, reduced
from nlp.ports import Vectors

NOWHERE = np.nan


def said(themes: int, each: int, *, seed: int = 0, unthemed: int = 0) -> Said:
    """Return themes of so many texts each, and some texts in none."""
    chance = np.random.default_rng(seed)
    middles = np.random.default_rng(99).normal(size=(themes, 32))
    homes = np.concatenate([np.repeat(np.arange(themes), each), np.full(unthemed, NONE)])
    vectors = np.vstack(
        [
            middles[homes[homes != NONE]] + chance.normal(scale=0.6, size=(themes * each, 32)),
            chance.normal(size=(unthemed, 32)),
        ]
    )
    return of(vectors, homes)


def of(vectors: Vectors, homes: npt.NDArray[np.generic], kept: Places | None = None) -> Said:
    unit = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return Said(
        vectors=unit,
        homes=homes.astype(np.int64),
        parts=np.full(len(homes), NONE, np.int64),
        kept=np.full((len(homes), 2), NOWHERE) if kept is None else kept,
    )


def some(one: Said, rows: npt.NDArray[np.int64], kept: Places) -> Said:
    return Said(vectors=one.vectors[rows], homes=one.homes[rows], parts=one.parts[rows], kept=kept)


def test_the_same_texts_always_lie_in_the_same_places() -> None:
    first, second = lay_out([said(20, 30, unthemed=50)]), lay_out([said(20, 30, unthemed=50)])
    assert np.array_equal(first[0], second[0])


def test_the_nearest_of_a_text_are_of_its_own_theme() -> None:
    one = said(30, 40)
    (places,) = lay_out([one])
    away = np.linalg.norm(places[:, None] - places[None], axis=2)
    nearest = np.argsort(away, axis=1)[:, 1:11]
    assert np.mean(one.homes[nearest] == one.homes[:, None]) > 0.9


def test_what_was_there_stays_and_what_is_new_lies_with_its_theme() -> None:
    one = said(12, 50, unthemed=60)
    rows = np.arange(len(one.homes))
    known = rows[rows % 10 != 0]
    (before,) = lay_out([some(one, known, one.kept[known])])
    kept = one.kept.copy()
    kept[known] = before
    (after,) = lay_out([some(one, rows, kept)])
    assert np.array_equal(after[known], before)
    for home in range(12):
        old = before[one.homes[known] == home]
        new = after[(one.homes == home) & (rows % 10 == 0)]
        middle, reach = np.median(old, axis=0), np.linalg.norm(old - np.median(old, axis=0), axis=1).max()
        assert np.linalg.norm(new - middle, axis=1).max() < 1.5 * reach


def test_a_new_theme_finds_room_beside_its_like_and_moves_nobody() -> None:
    one = said(9, 40)
    one.vectors[one.homes == 8] = one.vectors[one.homes == 0] + 0.02
    known = np.flatnonzero(one.homes != 8)
    (before,) = lay_out([some(one, known, one.kept[known])])
    kept = one.kept.copy()
    kept[known] = before
    (after,) = lay_out([some(one, np.arange(len(kept)), kept)])
    assert np.array_equal(after[known], before)
    middles = np.array([np.median(after[one.homes == home], axis=0) for home in range(9)])
    away = np.linalg.norm(middles[:8] - middles[8], axis=1)
    assert away.argmin() == 0
    assert away.min() > np.linalg.norm(after[one.homes == 8] - middles[8], axis=1).max()


def test_a_theme_that_parts_leaves_its_texts_where_they_are() -> None:
    one = said(5, 40)
    (before,) = lay_out([one])
    parted = one.homes.copy()
    parted[:20] = 5
    after = lay_out([Said(vectors=one.vectors, homes=parted, parts=one.parts, kept=before)])
    assert np.array_equal(after[0], before)


def test_where_most_is_new_the_map_is_laid_out_anew() -> None:
    one = said(6, 40)
    kept = one.kept.copy()
    kept[:10] = 30_000.0
    (places,) = lay_out([some(one, np.arange(len(kept)), kept)])
    assert np.array_equal(places, lay_out([one])[0])


@pytest.mark.parametrize("rows", [0, 1, 2])
@pytest.mark.parametrize("home", [0, NONE])
def test_few_texts_have_places_too(rows: int, home: int) -> None:
    (places,) = lay_out([of(np.eye(2, 8, dtype=np.float32)[:rows], np.full(rows, home))])
    assert places.shape == (rows, 2)
    assert np.isfinite(places).all()


def test_without_any_space_there_is_no_place() -> None:
    assert lay_out([]) == []


@pytest.mark.parametrize("homes", [np.zeros(100_000), np.full(100_000, NONE), np.arange(100_000) % 300])
def test_a_hundred_thousand_equal_texts_lie_beside_each_other(homes: npt.NDArray[np.generic]) -> None:
    began = time.monotonic()
    vectors = np.zeros((100_000, 16), np.float32)
    vectors[:, 0] = 1.0
    basis = basis_of(vectors[:5_000])
    (places,) = lay_out([of(reduced(vectors, basis), homes)])
    assert np.isfinite(places).all()
    assert len(np.unique(np.rint(places), axis=0)) > 50_000
    assert np.abs(places).max() < 32_000
    assert time.monotonic() - began < 60


def test_spaces_lie_beside_each_other_and_a_theme_of_two_is_one() -> None:
    english, japanese = said(6, 30), said(4, 20, seed=3)
    shared = Said(
        vectors=japanese.vectors,
        homes=np.where(japanese.homes == 0, 0, japanese.homes + 10),
        parts=japanese.parts,
        kept=japanese.kept,
    )
    left, right = lay_out([english, shared])
    assert left[:, 0].max() < right[shared.homes != 0, 0].min()
    of_both = np.vstack([left[english.homes == 0], right[shared.homes == 0]])
    middle = np.median(of_both, axis=0)
    own = np.linalg.norm(left[english.homes == 0] - middle, axis=1).max()
    assert np.linalg.norm(of_both - middle, axis=1).max() < 2 * own


def test_no_ground_lies_on_another() -> None:
    chance = np.random.default_rng(0)
    radii = chance.uniform(20, 200, 150)
    places = pushed_apart(chance.normal(0, 300, (150, 2)), radii)
    away = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(150) * 1e9
    assert ((radii[:, None] + radii[None]) / away).max() < 1.02


def test_more_themes_than_are_arranged_together_all_have_a_ground(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlp.grounds.MOST_AT_ONCE", 10)
    middles = {home: np.eye(25, dtype=np.float32)[home] for home in range(25)}
    grounds = first_grounds(dict.fromkeys(range(25), 30), middles)
    assert set(grounds) == set(range(25))
    where = np.array([[each.x, each.y] for each in grounds.values()])
    away = np.linalg.norm(where[:, None] - where[None], axis=2) + np.eye(25) * 1e9
    assert away.min() > 1.9 * grounds[0].radius


def test_a_free_place_is_the_wanted_one_where_nothing_lies() -> None:
    found = free_place(np.array([5.0, 7.0]), 10.0, [])
    assert (found.x, found.y) == (5.0, 7.0)
    beside = free_place(np.array([5.0, 7.0]), 10.0, [found])
    assert np.hypot(beside.x - 5, beside.y - 7) >= GAP * 20
