"""What is believed of a theme before its numbers are read, and how other themes' numbers change that.

A theme swings, grows and drifts in ways that few weeks of it cannot show. So several beliefs stand side by
side, each with its weight, and the numbers say which of them to trust. The weights are those of themes in
general, until the other themes of the same organisation say otherwise (empirical Bayes: the weights that make
what was heard of all themes most likely, found by expectation and maximisation; Efron, *Large-Scale
Inference*, 2010, chapter 1). No theme counts for more than any other, and the general weights count like
`BELIEF` themes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from service.rules.effects import columns
from service.rules.effects.series import Vector

Matrix = npt.NDArray[np.float64]

DISPERSIONS = (1.0, 1.25, 1.6, 2.1, 3.0, 4.5, 7.0, 12.0, 20.0, 36.0)
"""Variance ÷ mean of a period's contacts at a given rate; 1 is Poisson's."""
SWINGS = (0.05, 0.09, 0.15, 0.24, 0.38, 0.6, 0.9)
"""How far the rate itself swings about its course: a standard deviation of its logarithm."""
MEMORIES = (0.3, 0.6, 0.85, 0.97)
"""Correlation of the swing from one period to the next; the last is nearly a random walk."""

SEASONS = (0.01, 0.1, 0.25, 0.5)
"""How large the yearly wave is, as a standard deviation of its coefficients."""
GROWTHS = (0.1, 0.4, 1.2)
"""How much a theme grows a year, as a standard deviation of its logarithm."""
CONTROLS = (0.001, 0.25)
"""How far a theme follows the others: not at all, or mostly."""
FOLLOWS = 0.95
"""By how much it does then, 1 being wholly."""
FIXED: Mapping[str, tuple[float, float]] = {
    columns.LEVEL: (0.0, 10.0),
    columns.DAYS_OFF: (-0.15, 0.3),
    columns.WEEKDAY: (0.0, 0.5),
    columns.BREAK: (0.0, 0.7),
    columns.RELEASE: (0.0, 0.3),
    columns.OUTAGE: (0.0, 0.6),
    columns.LATEST: (0.0, 0.2),
}
"""Mean and standard deviation of the coefficients that are believed in one way only."""
BELIEF = 20.0
ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """The weights of the beliefs; each tuple sums to 1."""

    seasons: tuple[float, ...] = (0.62, 0.26, 0.1, 0.02)
    growths: tuple[float, ...] = (0.45, 0.47, 0.08)
    controls: tuple[float, ...] = (0.15, 0.85)
    memories: tuple[float, ...] = (0.4, 0.17, 0.26, 0.1, 0.07)
    """First without any swing, then by `MEMORIES`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The grid of how a series may be disturbed: arrays over its points."""

    dispersion: Vector
    swing: Vector
    memory: Vector
    kind: npt.NDArray[np.int64]
    """The place of its weight in `Prior.memories`."""
    shape: Vector
    """The logarithm of its weight within that."""

    def some(self, places: npt.NDArray[np.int64]) -> "Noise":
        """Return some of the points."""
        return Noise(
            dispersion=self.dispersion[places],
            swing=self.swing[places],
            memory=self.memory[places],
            kind=self.kind[places],
            shape=self.shape[places],
        )

    def beside(self, others: "Noise") -> "Noise":
        """Return its points and those of another one that it lacks."""
        has = set(zip(self.dispersion, self.swing, self.memory, strict=True))
        points = zip(others.dispersion, others.swing, others.memory, strict=True)
        new = np.array([place for place, point in enumerate(points) if point not in has], np.int64)
        return Noise(
            dispersion=np.concatenate([self.dispersion, others.dispersion[new]]),
            swing=np.concatenate([self.swing, others.swing[new]]),
            memory=np.concatenate([self.memory, others.memory[new]]),
            kind=np.concatenate([self.kind, others.kind[new]]),
            shape=np.concatenate([self.shape, others.shape[new]]),
        )

    def weights(self, prior: Prior) -> Vector:
        """Return the logarithm of each point's weight."""
        return np.asarray(np.log(prior.memories))[self.kind] + self.shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Beliefs:
    """The beliefs about coefficients, one a row: precisions and means by column, and which they are."""

    precisions: Matrix
    means: Matrix
    season: npt.NDArray[np.int64]
    growth: npt.NDArray[np.int64]
    control: npt.NDArray[np.int64]
    """-1 where there is no control."""

    def weights(self, prior: Prior) -> Vector:
        """Return the logarithm of each belief's weight."""
        control = np.where(self.control < 0, 0.0, np.log(prior.controls)[self.control])
        found: Vector = np.log(prior.seasons)[self.season] + np.log(prior.growths)[self.growth] + control
        return found


def noise() -> Noise:
    """Return the grid: every dispersion without a swing, and with every swing and memory."""
    points = [(dispersion, 0.0, 0.0, 0) for dispersion in DISPERSIONS]
    points += [
        (dispersion, swing, memory, kind)
        for dispersion, swing, (kind, memory) in product(DISPERSIONS, SWINGS, enumerate(MEMORIES, start=1))
    ]
    table = np.array(points)
    dispersion, swing, memory, kind = table.T
    # Most themes are heard of nearly at random, and swing by less than a third.
    shape = -0.7 * np.log(dispersion) - (swing / 0.35) ** 2 / 2
    kinds = kind.astype(np.int64)
    for each in range(len(MEMORIES) + 1):
        held = kinds == each
        shape[held] -= np.log(np.exp(shape[held]).sum())
    return Noise(dispersion=dispersion, swing=swing, memory=memory, kind=kinds, shape=shape)


def beliefs(groups: Sequence[str]) -> Beliefs:
    """Return the beliefs about the coefficients of columns of these groups."""
    controlled = columns.CONTROL in groups
    kinds = list(
        product(range(len(SEASONS)), range(len(GROWTHS)), range(len(CONTROLS)) if controlled else (-1,))
    )
    means, deviations = np.empty((2, len(kinds), len(groups)))
    for row, (season, growth, control) in enumerate(kinds):
        for column, group in enumerate(groups):
            means[row, column], deviations[row, column] = _believed(group, season, growth, control)
    season, growth, control = np.array(kinds).T
    return Beliefs(precisions=deviations**-2, means=means, season=season, growth=growth, control=control)


def _believed(group: str, season: int, growth: int, control: int) -> tuple[float, float]:
    if group == columns.SEASON:
        return 0.0, SEASONS[season]
    if group == columns.SHORT_SEASON:
        return 0.0, SEASONS[season] / 2
    if group == columns.GROWTH:
        return 0.0, GROWTHS[growth]
    if group == columns.CONTROL:
        return (FOLLOWS if control else 0.0), CONTROLS[control]
    return FIXED[group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How likely what was heard of one theme is, by noise and belief: logarithms, without any weight."""

    likelihood: Matrix
    """Noise × beliefs."""
    noise: Noise
    beliefs: Beliefs

    def posterior(self, prior: Prior) -> Matrix:
        """Return the weight of each noise and belief once the numbers are read; it sums to 1."""
        weighed = self.likelihood + self.noise.weights(prior)[:, None] + self.beliefs.weights(prior)[None]
        found: Matrix = np.exp(weighed - weighed.max())
        found /= found.sum()
        return found


def learn(evidence: Sequence[Evidence], start: Prior | None = None) -> Prior:
    """Return the weights that themes of one organisation share."""
    general = start or Prior()
    prior = general
    for _ in range(ROUNDS):
        posteriors = [(each, each.posterior(prior)) for each in evidence]
        controlled = [(one, held) for one, held in posteriors if one.beliefs.control[0] >= 0]
        prior = replace(
            prior,
            seasons=_shared(general.seasons, ((held.sum(0), one.beliefs.season) for one, held in posteriors)),
            growths=_shared(general.growths, ((held.sum(0), one.beliefs.growth) for one, held in posteriors)),
            controls=_shared(
                general.controls, ((held.sum(0), one.beliefs.control) for one, held in controlled)
            ),
            memories=_shared(general.memories, ((held.sum(1), one.noise.kind) for one, held in posteriors)),
        )
    return prior


def _shared(
    general: tuple[float, ...], held: Iterable[tuple[Vector, npt.NDArray[np.int64]]]
) -> tuple[float, ...]:
    """Return general weights once each theme has added its own."""
    total = BELIEF * np.asarray(general)
    for weights, places in held:
        total += np.bincount(places, weights=weights, minlength=len(general))
    return tuple(float(weight) for weight in total / total.sum())
