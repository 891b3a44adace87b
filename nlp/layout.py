"""A map of what is said: every text at a place of its own, what says the same together, and all stay put.

Each theme has a round ground, as large as its texts are many; themes that are alike lie side by side. Texts
lie on the ground of their theme by what sets them apart within it. What had a place before keeps it: what is
new lies beside what it is most like. The map is laid out anew only where most of it would be new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.grounds import (
    APART,
    GAP,
    LEAST_WIDTH,
    Ground,
    Places,
    first_grounds,
    flattened,
    free_place,
    ground_radius,
)
from nlp.ports import Vectors

Numbers = npt.NDArray[np.int64]

NONE = -1
"""In place of a theme's number: in no theme."""
DIMENSIONS = 48
"""Of what is left of a vector, so that many fit into memory."""
BASIS_FROM = 5_000
"""Texts that tell which directions matter."""
STAYS = 0.5
"""Share of the texts that must have a place already for the map to stay as it is."""
NEAREST = 3
"""Of what a new text lies between."""
KEPT_LOOKED_AT = 5_000
"""Of a theme's texts that have places, so many are compared with what is new in it."""
TOGETHER = 0.4
"""How far texts of one part of a theme lie apart, against what their vectors say."""
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The texts of one space, a row each."""

    vectors: Vectors
    """What is left of them, see `reduced`."""
    homes: Numbers
    """The number of each one's theme, the same in all spaces; NONE for none."""
    parts: Numbers
    """The number of each one's part of the theme; NONE for none."""
    kept: Places
    """Where each was; NaN for what is new."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The directions in which the texts of a space differ most."""

    middle: Vectors
    directions: Vectors


def basis_of(vectors: Vectors) -> Basis:
    """Return the directions that matter, from some vectors of a space."""
    middle = vectors.mean(axis=0, keepdims=True)
    apart = (vectors - middle).astype(np.float64)
    _, found = np.linalg.eigh(apart.T @ apart)
    return Basis(middle, np.ascontiguousarray(found[:, ::-1][:, :DIMENSIONS], np.float32))


def reduced(vectors: Vectors, basis: Basis) -> Vectors:
    """Return what matters of vectors, shape (rows, at most DIMENSIONS), each row of length 1 or 0."""
    return _unit((vectors - basis.middle) @ basis.directions)


def lay_out(spaces: Sequence[Said]) -> list[Places]:
    """Return a place for every row of every space, the largest space first. The same rows, the same places.

    Rows that had a place keep it, unless fewer than STAYS of all rows have one.
    """
    rows = sum(len(said.homes) for said in spaces)
    known = sum(int(np.isfinite(said.kept[:, 0]).sum()) for said in spaces)
    if known < STAYS * rows:
        spaces = [
            Said(
                vectors=said.vectors,
                homes=said.homes,
                parts=said.parts,
                kept=np.full_like(said.kept, np.nan),
            )
            for said in spaces
        ]
    grounds = _grounds(spaces)
    return [_settled(said, grounds) for said in spaces]


def _grounds(spaces: Sequence[Said]) -> dict[int, Ground]:
    """Return the ground of every theme: where its texts were, else where there is room beside its like."""
    homes = np.concatenate([said.homes for said in spaces]) if spaces else np.empty(0, np.int64)
    kept = np.concatenate([said.kept for said in spaces]) if spaces else np.empty((0, 2))
    sizes = _counted(homes)
    stood = np.isfinite(kept[:, 0])
    grounds: dict[int, Ground] = {}
    for home in sizes:
        mine = kept[stood & (homes == home)]
        if len(mine):
            x, y = np.median(mine, axis=0)
            grounds[home] = Ground(float(x), float(y), ground_radius(len(mine)))
    for middles in _middles(spaces):
        new = sorted((home for home in middles if home not in grounds), key=lambda home: (-sizes[home], home))
        if len(new) == len(middles):
            found = first_grounds({home: sizes[home] for home in middles}, middles)
            grounds |= _beside(found, grounds)
            continue
        for home in new:
            grounds[home] = _ground_among(home, sizes[home], middles, grounds)
    return grounds


def _middles(spaces: Sequence[Said]) -> list[dict[int, Vectors]]:
    """Return for each space the middles of the themes that have most of their texts in it."""
    counts = [_counted(said.homes) for said in spaces]
    of: list[dict[int, Vectors]] = []
    for number, said in enumerate(spaces):
        own = [
            home
            for home, n in counts[number].items()
            if (n, -number) == max((other.get(home, 0), -place) for place, other in enumerate(counts))
        ]
        of.append({home: said.vectors[said.homes == home].mean(axis=0) for home in own})
    return of


def _counted(homes: Numbers) -> dict[int, int]:
    """Return how many texts each theme has."""
    found = zip(*np.unique(homes, return_counts=True), strict=True)
    return {int(home): int(number) for home, number in found if home != NONE}


def _beside(found: Mapping[int, Ground], others: Mapping[int, Ground]) -> dict[int, Ground]:
    """Return the grounds of a space moved to the right of all others."""
    if not others or not found:
        return dict(found)
    right = max(each.x + each.radius for each in others.values())
    left = min(each.x - each.radius for each in found.values())
    widest = max(each.radius for each in (*found.values(), *others.values()))
    shift = right - left + GAP * widest
    return {home: Ground(each.x + shift, each.y, each.radius) for home, each in found.items()}


def _ground_among(
    home: int, size: int, middles: Mapping[int, Vectors], grounds: Mapping[int, Ground]
) -> Ground:
    """Return a free place near the themes that a new one is most like."""
    others = [other for other in middles if other in grounds and other != home]
    alike = _unit(np.array([middles[other] for other in others])) @ _unit(middles[home][None])[0]
    nearest = np.argsort(-alike, kind="stable")[:NEAREST]
    where = np.array([[grounds[others[place]].x, grounds[others[place]].y] for place in nearest])
    aim = np.average(where, axis=0, weights=_weights(alike[nearest][None])[0])
    return free_place(aim, ground_radius(size), list(grounds.values()))


def _settled(said: Said, grounds: Mapping[int, Ground]) -> Places:
    """Return the places of a space's rows, those of themes first: what is in none lies between them."""
    places = said.kept.copy()
    chance = np.random.default_rng(SEED)
    jitter = chance.normal(0, APART / 2, places.shape)
    order = np.argsort(said.homes, kind="stable")
    homes, starts = np.unique(said.homes[order], return_index=True)
    for home, rows in zip(homes, np.split(order, starts)[1:], strict=True):
        if home == NONE:
            continue
        new = rows[np.isnan(said.kept[rows, 0])]
        old = rows[np.isfinite(said.kept[rows, 0])][:KEPT_LOOKED_AT]
        if not len(new):
            continue
        if len(old):
            places[new] = _between(said.vectors[new], said.vectors[old], said.kept[old]) + jitter[new]
        else:
            places[new] = _on_ground(said.vectors[new], said.parts[new], grounds[int(home)])
    new = np.flatnonzero((said.homes == NONE) & np.isnan(said.kept[:, 0]))
    if len(new):
        places[new] = _unthemed(said, new, grounds, jitter[new])
    return places


def _unthemed(said: Said, new: Numbers, grounds: Mapping[int, Ground], jitter: Places) -> Places:
    homes = [int(home) for home in np.unique(said.homes) if home != NONE]
    if not homes:
        right = max((each.x + each.radius for each in grounds.values()), default=0.0)
        radius = ground_radius(len(new))
        return _on_ground(said.vectors[new], said.parts[new], Ground(right + 2 * radius, 0.0, radius))
    middles = np.array([said.vectors[said.homes == home].mean(axis=0) for home in homes])
    where = np.array([[grounds[home].x, grounds[home].y] for home in homes])
    return _between(said.vectors[new], _unit(middles), where) + 4 * jitter


def _between(vectors: Vectors, others: Vectors, where: Places) -> Places:
    """Return for each row the mean place of the others that are most like it."""
    found = np.empty((len(vectors), 2))
    for start in range(0, len(vectors), 1_000):
        alike = vectors[start : start + 1_000] @ others.T
        few = min(NEAREST, len(others))
        nearest = np.argpartition(-alike, few - 1, axis=1)[:, :few]
        weights = _weights(np.take_along_axis(alike, nearest, axis=1))
        found[start : start + 1_000] = (where[nearest] * weights[:, :, None]).sum(axis=1)
    return found


def _weights(alike: npt.NDArray[np.floating]) -> Places:
    """Return how much each of a row's nearest counts: the most alike one most, all together 1."""
    weights = np.exp(10.0 * (alike - alike.max(axis=1, keepdims=True)).astype(np.float64))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float64)


def _on_ground(vectors: Vectors, parts: Numbers, ground: Ground) -> Places:
    """Return places all over a ground: what sets rows apart decides where each lies."""
    apart = vectors.astype(np.float64)
    for part in (part for part in np.unique(parts) if part != NONE):
        middle = apart[parts == part].mean(axis=0)
        apart[parts == part] = middle + TOGETHER * (apart[parts == part] - middle)
    flat = flattened(apart)
    width = flat.std(axis=0)
    flat = flat / np.where(width > LEAST_WIDTH, width, 1.0)
    flat += np.random.default_rng(SEED).normal(0, 1e-3, flat.shape)  # equal texts lie beside each other
    away = np.linalg.norm(flat, axis=1)
    out = np.empty(len(flat))
    out[np.argsort(away, kind="stable")] = np.sqrt((np.arange(len(flat)) + 0.5) / len(flat))
    places: Places = np.array([ground.x, ground.y]) + ground.radius * out[:, None] * flat / away[:, None]
    return places


def _unit(vectors: npt.NDArray[np.floating]) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0), np.float32)
