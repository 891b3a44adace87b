"""How a theme went and how it would have gone, period by period, as it is drawn."""

from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy.special import nbdtrik

from service.rules.effects.cases import Case
from service.rules.effects.counterfactual import LEVEL, Counterfactual, Fit
from service.rules.effects.series import Vector

Matrix = npt.NDArray[np.float64]

DIGITS = 2
LEAST_SCATTER = 1.0001
"""Variance ÷ mean: at 1 a negative binomial is a Poisson, and has no number of its own any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A period as it was heard and as it was expected."""

    period: date
    heard: float
    expected: float
    low: float | None = None
    """From the intervention on, the bounds between which the contacts of 95 periods of 100 would lie."""
    high: float | None = None

    def written(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return {**asdict(self), "period": self.period.isoformat()}


def course_of(case: Case, found: Fit, compared: Counterfactual) -> tuple[Step, ...]:
    """Return every period of a case in the order of time.

    The shape is that of the likeliest noise and belief; its height after the intervention is what all of
    them together expect, so that the steps add up to the figure that is told.
    """
    told = case.told
    expected = found.expected.copy()
    lift = compared.expected / expected[told.after].sum()
    expected[told.after] *= lift
    bounds = iter(_bounds(expected[told.after], found.scatter * lift**2).tolist())
    ahead = [next(bounds) if after else (None, None) for after in told.after]
    return tuple(
        Step(period=period, heard=float(heard), expected=round(float(mean), DIGITS), low=low, high=high)
        for period, heard, mean, (low, high) in zip(case.periods, told.contacts, expected, ahead, strict=True)
    )


def _bounds(mean: Vector, variance: Vector) -> Matrix:
    """Return between which counts 95 of 100 periods lie, if they scatter like a negative binomial.

    A row for each period, its lower and its upper bound.
    """
    wide = np.maximum(variance, mean * LEAST_SCATTER)
    often = np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    counts = nbdtrik(often, (mean**2 / (wide - mean))[:, None], (mean / wide)[:, None])
    # Where not even none is so rare, there is no such count.
    found: Matrix = np.ceil(np.nan_to_num(np.maximum(counts, 0.0)))
    return found
