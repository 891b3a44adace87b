"""The swing of a theme's rate, taken out of its series by a Kalman filter, for a grid of noise at once.

The logarithm of the rate swings about its course as a first-order autoregression, and contacts scatter about
the rate. The filter (Durbin and Koopman, *Time Series Analysis by State Space Methods*, 2nd edition, 2012,
section 4.3) gives of every column what the periods before do not tell, divided by its standard deviation:
ordinary least squares on these are generalised least squares on the columns. Periods that are missing are
stepped over.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.rules.effects.priors import Noise
from service.rules.effects.series import Vector

Matrix = npt.NDArray[np.float64]
Cube = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whitened:
    """Columns without what the periods before tell of them, by point of the grid."""

    values: Cube
    """Points × periods × columns."""
    log_variance: Vector
    """By point, the sum over periods of the logarithms of the variances that were divided by."""
    swing: Matrix
    """Points × columns: each column's part in the swing at the last period."""
    uncertainty: Vector
    """By point, the variance of the swing at the last period."""

    def first(self, width: int) -> "Whitened":
        """Return the first columns only."""
        return Whitened(
            values=self.values[:, :, :width],
            log_variance=self.log_variance,
            swing=self.swing[:, :width],
            uncertainty=self.uncertainty,
        )

    def some(self, places: npt.NDArray[np.int64]) -> "Whitened":
        """Return some points of the grid only."""
        return Whitened(
            values=self.values[places],
            log_variance=self.log_variance[places],
            swing=self.swing[places],
            uncertainty=self.uncertainty[places],
        )


def whiten(rows: Matrix, times: Vector, mean: Vector, noise: Noise) -> Whitened:
    """Filter columns (periods × columns) whose scatter has the variance dispersion ÷ `mean`."""
    points, (periods, width) = len(noise.swing), rows.shape
    variance = noise.swing**2
    state, spread = np.zeros((points, width)), variance.copy()
    values, log_variance = np.empty((points, periods, width)), np.zeros(points)
    gaps = np.diff(times, prepend=times[0])
    for place in range(periods):
        if place:
            kept = noise.memory ** gaps[place]
            state *= kept[:, None]
            spread = kept**2 * spread + variance * (1 - kept**2)
        total = spread + noise.dispersion / mean[place]
        surprise = rows[place] - state
        values[:, place] = surprise / np.sqrt(total)[:, None]
        log_variance += np.log(total)
        gain = spread / total
        state += gain[:, None] * surprise
        spread = spread * (1 - gain)
    return Whitened(
        values=values,
        log_variance=log_variance,
        swing=state,
        uncertainty=spread,
    )


def swing_ahead(whitened: Whitened, noise: Noise, *, ahead: Vector, weights: Vector) -> tuple[Vector, Vector]:
    """Return how much of the last swing is left in a weighed sum of later periods, and what variance comes.

    `ahead` says how many periods after the last one each lies. Arrays over points.
    """
    left = np.where(noise.swing[:, None] > 0, noise.memory[:, None] ** ahead[None], 0.0) @ weights
    apart = np.abs(ahead[:, None] - ahead[None])
    # One memory after the other: all at once would be a table of the periods by themselves for each point.
    memories, kind = np.unique(noise.memory, return_inverse=True)
    together = np.array([weights @ memory**apart @ weights for memory in memories])[kind]
    variance = noise.swing**2
    return left, np.where(
        variance > 0, variance * together - left**2 * (variance - whitened.uncertainty), 0.0
    )
