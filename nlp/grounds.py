"""The grounds of a map's themes: which lies beside which, and none on another."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from nlp.ports import Vectors

Places = npt.NDArray[np.float64]
"""A row a text or a theme, x and y; two texts lie about APART from each other."""

APART = 20.0
GAP = 1.15
"""How far apart the middles of two grounds are, against their radii together."""
FILLED = 0.45
"""Share of the map that is ground, before grounds are pushed apart."""
MOST_AT_ONCE = 1_200
"""Themes that are arranged together, the largest; each other one then finds a place beside its like."""
FEW = 6
"""Themes that are so few are arranged by their two main directions."""
PERPLEXITY = 12.0
LEAST_WIDTH = 1e-9
"""Of the themes' spread in a direction; below it they are all the same there."""
PUSHES = 300
FORCE = 0.8
STEPS = 256
"""Places that are tried together where a free one is looked for."""
GOLDEN = np.pi * (3 - np.sqrt(5))


class Ground(NamedTuple):
    """A round place."""

    x: float
    y: float
    radius: float


def ground_radius(texts: int) -> float:
    """Return how large a ground so many texts need."""
    return float(APART * 0.6 * np.sqrt(max(texts, 1)))


def first_grounds(sizes: Mapping[int, int], middles: Mapping[int, Vectors]) -> dict[int, Ground]:
    """Return a ground for every theme of a space of which none has one yet, around the origin."""
    order = sorted(sizes, key=lambda home: (-sizes[home], home))
    together, later = order[:MOST_AT_ONCE], order[MOST_AT_ONCE:]
    if not together:
        return {}
    radii = np.array([ground_radius(sizes[home]) for home in together])
    places = arranged(np.array([middles[home] for home in together], np.float32))
    spread = np.sqrt((places**2).sum(axis=1).max())
    room = np.sqrt((radii**2).sum() / FILLED)
    places = pushed_apart(places * (room / spread if spread > 0 else 0.0), radii)
    grounds = {
        home: Ground(float(x), float(y), float(radius))
        for home, (x, y), radius in zip(together, places, radii, strict=True)
    }
    for home in later:
        alike = np.array([middles[home] @ middles[other] for other in together])
        nearest = grounds[together[int(alike.argmax())]]
        aim = np.array([nearest.x, nearest.y])
        grounds[home] = free_place(aim, ground_radius(sizes[home]), list(grounds.values()))
    return grounds


def flattened(vectors: npt.NDArray[np.floating]) -> Places:
    """Return the rows by the two directions in which they differ most, around the origin."""
    apart = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    if apart.shape[1] < 2:
        apart = np.pad(apart, ((0, 0), (0, 2 - apart.shape[1])))
    _, directions = np.linalg.eigh(apart.T @ apart)
    main = directions[:, ::-1][:, :2]
    largest = main[np.abs(main).argmax(axis=0), np.arange(2)]
    return np.asarray(apart @ (main * np.where(largest < 0, -1.0, 1.0)), np.float64)


def arranged(middles: Vectors) -> Places:
    """Return the middles of themes in two dimensions, around the origin, like beside like."""
    flat = flattened(middles)
    if len(middles) < FEW or flat.std(axis=0).min() < LEAST_WIDTH:
        return flat
    from sklearn.manifold import TSNE  # takes a second to load, and only runs need it

    found_by = TSNE(
        perplexity=min(PERPLEXITY, (len(middles) - 1) / 3),
        init=(flat / flat[:, 0].std() * 1e-4).astype(np.float32),
        learning_rate="auto",
        random_state=0,
    )
    with threadpool_limits(1):  # more threads add up in another order and give other bits
        found = found_by.fit_transform(middles)
    return np.asarray(found - found.mean(axis=0), np.float64)


def pushed_apart(places: Places, radii: npt.NDArray[np.float64]) -> Places:
    """Return the places moved until hardly a ground lies on another; small ones move most."""
    turn = GOLDEN * np.arange(len(places))
    places = places + 1e-6 * radii.max() * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    least = GAP * (radii[:, None] + radii[None, :])
    np.fill_diagonal(least, 0.0)
    gives = radii[None, :] ** 2 / (radii[:, None] ** 2 + radii[None, :] ** 2)
    for _ in range(PUSHES):
        between = places[:, None] - places[None]
        away = np.sqrt((between**2).sum(axis=2))
        lacks = np.maximum(least - away, 0.0)
        if lacks.max() < 0.01 * radii.min():
            break
        pushes = between * (gives * lacks / np.where(away > 0, away, 1.0))[:, :, None]
        crowd = np.maximum((lacks > 0).sum(axis=1), 1)
        places = places + FORCE * pushes.sum(axis=1) / np.sqrt(crowd)[:, None]
    return np.asarray(places, np.float64)


def free_place(aim: npt.NDArray[np.floating], radius: float, others: Sequence[Ground]) -> Ground:
    """Return a ground as near as may be to where it is wanted, that lies on no other."""
    taken = np.array([[each.x, each.y] for each in others]).reshape(-1, 2)
    least = GAP * (np.array([each.radius for each in others]) + radius)
    step = radius / 2
    start = 0
    while True:
        numbers = np.arange(start, start + STEPS)
        turn, out = GOLDEN * numbers, step * np.sqrt(numbers)
        tried = np.asarray(aim) + np.stack([out * np.cos(turn), out * np.sin(turn)], axis=1)
        away = np.linalg.norm(tried[:, None] - taken[None], axis=2)
        free = np.flatnonzero((away >= least[None]).all(axis=1))
        if len(free):
            return Ground(float(tried[free[0], 0]), float(tried[free[0], 1]), radius)
        start += STEPS
