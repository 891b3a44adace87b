"""A theme's course from its columns: a penalised Poisson regression, and what whitened columns say of it.

Contacts are read as shares of the mean that a first regression gives, as in one step of iteratively
reweighted least squares (McCullagh and Nelder, *Generalized Linear Models*, 2nd edition, 1989, section 2.5;
with random effects: Breslow and Clayton, *Approximate inference in generalized linear mixed models*, Journal
of the American Statistical Association 88, 1993).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.rules.effects.latent import Whitened
from service.rules.effects.series import Vector

Matrix = npt.NDArray[np.float64]
Cube = npt.NDArray[np.float64]

ROUNDS = 25
STEP = 2.0
"""No coefficient moves farther in one round."""
CLOSE = 1e-6
LOGARITHMS = -12.0, 30.0
"""Rates outside these are no rates of contacts."""


def rate(columns: Matrix, coefficients: Vector, offset: Vector) -> Vector:
    """Return the mean contacts of periods."""
    found: Vector = np.exp(np.clip(columns @ coefficients + offset, *LOGARITHMS))
    return found


def regress(columns: Matrix, contacts: Vector, offset: Vector, precision: Vector, mean: Vector) -> Vector:
    """Return the coefficients, drawn towards `mean` with `precision`; the first column is the level."""
    found = mean.copy()
    found[0] = np.log(max(float(contacts.sum()), 0.5) / np.exp(offset).sum())
    for _ in range(ROUNDS):
        expected = rate(columns, found, offset)
        # Real contacts scatter by more than Poisson's: halved weights stand for that.
        weight = expected / 2
        working = columns @ found + (contacts - expected) / expected
        weighed = columns * weight[:, None]
        next_ = np.linalg.solve(
            weighed.T @ columns + np.diag(precision), weighed.T @ working + precision * mean
        )
        moved = np.clip(next_ - found, -STEP, STEP)
        found = found + moved
        if np.abs(moved).max() < CLOSE:
            break
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """What whitened columns say of their coefficients, by noise and belief."""

    likelihood: Matrix
    """Noise × beliefs: the logarithm of how likely the numbers are."""
    coefficients: Cube
    """Noise × beliefs × columns."""
    information: npt.NDArray[np.float64]
    """Noise × beliefs × columns × columns: the inverse of their covariance."""

    def only(self, point: int, belief: int) -> "Solved":
        """Return it for one noise and one belief."""
        some = slice(point, point + 1), slice(belief, belief + 1)
        return Solved(
            likelihood=self.likelihood[some],
            coefficients=self.coefficients[some],
            information=self.information[some],
        )


def solve(whitened: Whitened, precisions: Matrix, means: Matrix) -> Solved:
    """Return the coefficients of all columns but the first, which they explain, for each belief in a row.

    Bayesian linear regression with known noise (Bishop, *Pattern Recognition and Machine Learning*, 2006,
    section 3.5).
    """
    moments = whitened.values.transpose(0, 2, 1) @ whitened.values
    width = precisions.shape[1]
    information = moments[:, None, 1:, 1:] + precisions[:, :, None] * np.eye(width)
    pulled = moments[:, None, 1:, 0] + precisions * means
    coefficients = np.asarray(np.linalg.solve(information, pulled[..., None])[..., 0], np.float64)
    _, log_volume = np.linalg.slogdet(information)
    misfit = moments[:, :1, 0] + (precisions * means**2).sum(1) - (coefficients * pulled).sum(2)
    likelihood = -0.5 * (whitened.log_variance[:, None] + misfit + log_volume - np.log(precisions).sum(1))
    return Solved(likelihood=likelihood, coefficients=coefficients, information=information)
