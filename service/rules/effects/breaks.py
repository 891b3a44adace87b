"""Shifts of level and passing bumps in a theme's past, each found where it explains far more than it costs.

A release, an outage or a change of the form moves a theme for good or for some weeks. Taken for noise it
would widen what is expected, and taken for the level it would move it. As in stepwise searches for outliers
and level shifts (Chen and Liu, *Joint estimation of model parameters and outlier effects in time series*,
Journal of the American Statistical Association 88, 1993), one after the other is looked for; what decides is
the Bayes factor times the odds that such a thing begins in a given period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from service.rules.effects import columns as groups
from service.rules.effects.latent import whiten
from service.rules.effects.priors import FIXED, Noise
from service.rules.effects.regression import Solved, solve
from service.rules.effects.series import Vector

Matrix = npt.NDArray[np.float64]
Cube = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

MOST = 5
ODDS = {"shift": 1 / 500, "bump": 1 / 10_000}
"""How probable it is that one begins in a given period: rarer than they are, for a swing that is taken
for one makes intervals too narrow (measured by `benchmarks/proof.py`)."""
FROM, TO = 4, 3
"""No shift lies nearer to the first and the last period: nothing would speak for its other side."""
BUMPS = (1, 2, 4)
"""Periods that a bump lasts."""
CANDIDATES = 150
"""Where there are more periods, not each is tried."""
SMALLEST = 16
"""Periods in which a break can be told at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Something that moved a theme in its past."""

    kind: Literal["shift", "bump"]
    first: float
    """The time of the first period after a shift, or of a bump."""
    last: float
    """The time of the last period of a bump; that of a shift is its first."""

    def column(self, times: Vector) -> Vector:
        """Return what it adds to the periods at some times. The level after a shift is the level."""
        if self.kind == "shift":
            return -(times < self.first).astype(float)
        return ((times >= self.first) & (times <= self.last)).astype(float)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidates:
    """The breaks that are possible in so many periods: arrays of the places where each begins and ends."""

    starts: Places
    ends: Places
    """The place behind its last period; a shift is what ends there, for the level after it is the level."""
    shift: npt.NDArray[np.bool_]

    @property
    def edges(self) -> Places:
        """Return the places at which any begins or ends; what lies between two is a stretch."""
        return np.unique(np.concatenate([self.starts, self.ends]))

    def stretches(self, periods: int) -> Matrix:
        """Return a column for each stretch, 1 in its periods."""
        edges, places = self.edges, np.arange(periods)[:, None]
        return ((edges[:-1] <= places) & (places < edges[1:])).astype(float)

    def sums(self, summed: Cube) -> Cube:
        """Return what filtering makes of each, from the running sums of what it makes of the stretches."""
        starts, ends = np.searchsorted(self.edges, self.starts), np.searchsorted(self.edges, self.ends)
        return np.take(summed, ends, axis=2) - np.take(summed, starts, axis=2)

    def at(self, times: Vector, place: int) -> Break:
        """Return one of them."""
        start, end = self.starts[place], self.ends[place]
        if self.shift[place]:
            return Break(kind="shift", first=times[end], last=times[end])
        return Break(kind="bump", first=times[start], last=times[end - 1])


def _candidates(periods: int) -> _Candidates:
    stride = max(1, periods // CANDIDATES)
    shifts = [(0, place, True) for place in range(FROM, periods - TO, stride)]
    bumps = [
        (place, place + length * stride, False)
        for length in BUMPS
        for place in range(0, periods - length * stride + 1, stride)
    ]
    starts, ends, shift = np.array([*shifts, *bumps]).T
    return _Candidates(starts=starts, ends=ends, shift=shift.astype(bool))


def next_break(
    rows: Matrix,
    times: Vector,
    mean: Vector,
    noise: Noise,
    weights: Vector,
    *,
    precision: Vector,
    prior_mean: Vector,
    known: Sequence[Break],
) -> Break | None:
    """Return the break that explains most of what the columns leave; None where none is worth its cost.

    `rows` are what is explained and its columns, `noise` the points at which it is asked, `weights` the
    logarithm of each one's weight.
    """
    periods, width = rows.shape
    if periods < SMALLEST or len(known) >= MOST:
        return None
    possible = _candidates(periods)
    # Filtering is linear: what it makes of a break is the sum of what it makes of the break's stretches.
    whitened = whiten(np.column_stack([rows, possible.stretches(periods)]), times, mean, noise)
    summed = np.zeros((*whitened.values.shape[:2], len(possible.edges)))
    np.cumsum(whitened.values[:, :, width:], axis=2, out=summed[:, :, 1:])
    tried = possible.sums(summed)
    without = solve(whitened.first(width), precision[None], prior_mean[None])
    before = without.likelihood[:, 0] + weights
    odds = np.where(possible.shift, np.log(ODDS["shift"]), np.log(ODDS["bump"]))
    gained = _gain(whitened.values[:, :, :width], tried, without)
    after = logsumexp(before[:, None] + gained, axis=0) + odds
    best = int(np.argmax(after))
    found = possible.at(times, best)
    return found if after[best] > logsumexp(before) and found not in known else None


def _gain(base: Cube, tried: Cube, without: Solved) -> Matrix:
    """Return by how much one more column raises the logarithm of the likelihood: points × columns."""
    crossed = tried.transpose(0, 2, 1) @ base
    covariance = np.linalg.inv(without.information[:, 0])
    left = crossed[:, :, 0] - np.einsum("pck,pk->pc", crossed[:, :, 1:], without.coefficients[:, 0])
    shared = crossed[:, :, 1:] @ covariance
    told = (tried**2).sum(1) - (shared * crossed[:, :, 1:]).sum(2)
    deviation = FIXED[groups.BREAK][1]
    information = told + deviation**-2
    gained: Matrix = 0.5 * (left**2 / information - np.log(information * deviation**2))
    return gained
