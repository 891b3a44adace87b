"""How many contacts there would have been had nothing changed, from what was heard before.

What comes of an intervention is never used: contacts after it are only held against the forecast, as in
interrupted time series (Bernal, Cummins and Gasparrini, *Interrupted time series regression for the
evaluation of public health interventions*, International Journal of Epidemiology 46(1), 2017) and in Bayesian
structural models of them (Brodersen et al., *Inferring causal impact using Bayesian structural time-series
models*, Annals of Applied Statistics 9(1), 2015). Instead of drawing at random, the posterior is summed over
a grid of how a theme may be disturbed and how it may swing, so that the same numbers give the same answer.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtri

from service.rules.effects import columns as groups
from service.rules.effects import priors
from service.rules.effects.breaks import Break, next_break
from service.rules.effects.columns import Columns
from service.rules.effects.latent import Whitened, swing_ahead, whiten
from service.rules.effects.priors import Beliefs, Evidence, Noise, Prior
from service.rules.effects.regression import Solved, rate, regress, solve
from service.rules.effects.series import Vector

Matrix = npt.NDArray[np.float64]

GRID = priors.noise()
UNLIKELY = 12.0
"""Points of the grid whose logarithm lies so far below the best are left out."""
FEW, MANY = 4, 100
"""Likeliest points at which a break is looked for, and among which it is weighed once it is found."""
DRAWN = 12
"""Likeliest pairs of noise and belief from which the single periods after are drawn."""
CALM = GRID.some(
    np.flatnonzero(
        np.isin(GRID.swing, (0.0, 0.09)) & (GRID.memory <= 0.3) & np.isin(GRID.dispersion, (1.0, 2.1, 4.5))
    )
)
"""Points of little noise: what a break leaves is calmer than what holds it."""
DRAWS = 4096
LEVEL = 0.95
"""How often the interval holds the effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is given: arrays over periods in the order of time."""

    times: Vector
    contacts: Vector
    offset: Vector
    """The logarithm of the exposure; 0 where it is not known."""
    columns: Columns
    before: npt.NDArray[np.bool_]
    """The periods that are learnt from."""
    after: npt.NDArray[np.bool_]
    """The periods from the intervention on; neither is empty, and no period is both."""
    to_come: "Coming"
    known: tuple[Break, ...] = ()
    """What is known to have moved the theme before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Periods that nobody has seen yet: arrays over them."""

    times: Vector
    columns: Columns
    """As those of `Told`; a control is where it is on the average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What the periods before say of those after, by noise and belief."""

    evidence: Evidence
    level: float
    """The logarithm of what a first regression expects of all periods after."""
    beyond: Matrix
    """How far the logarithm of what is expected lies from that."""
    variance: Matrix
    later: tuple[tuple[int, float], ...]
    """With so many periods more after, none at first, the standard deviation of the logarithm expected."""
    breaks: tuple[Break, ...]
    expected: Vector
    """What is expected of each period, before and after, where the numbers are most likely."""
    scatter: Vector
    """The variance of the contacts of each period after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """What would have been, and how what was heard differs from it; shares, so that -0.2 is a fifth less."""

    observed: float
    expected: float
    low: float
    high: float
    deviation: float
    """Of the logarithm of what is expected."""
    dispersion: float
    """Variance ÷ mean of a period's contacts."""

    @property
    def effect(self) -> float:
        """Observed ÷ expected - 1."""
        return self.observed / self.expected - 1


def fit(told: Told) -> Fit:
    """Learn from the periods before an intervention what is expected of those after."""
    before = told.before
    columns, breaks, grid = told.columns, list(told.known), GRID
    for each in breaks:
        columns = columns.beside(each.column(told.times), groups.BREAK)
    while True:
        belief = priors.beliefs(columns.groups)
        first = _first_regression(told, columns, belief)
        mean = rate(columns.values, first, told.offset)
        share = (told.contacts[before] - mean[before]) / mean[before]
        rows = np.column_stack([share, columns.rows(before)])
        # Coefficients are counted from the first regression's, so what is believed of them is, too.
        means = belief.means - first
        times = told.times[before]
        whitened, noise = _likely(whiten(rows, times, mean[before], grid), grid, belief, means)
        solved = solve(whitened, belief.precisions, means)
        evidence = Evidence(likelihood=solved.likelihood, noise=noise, beliefs=belief)
        posterior = evidence.posterior(Prior())
        best = int(posterior.sum(0).argmax())
        grid = _asked(posterior.sum(1), noise, FEW)
        found = next_break(
            rows,
            times,
            mean[before],
            grid,
            grid.weights(Prior()),
            precision=belief.precisions[best],
            prior_mean=means[best],
            known=breaks,
        )
        if found is None:
            break
        breaks.append(found)
        columns = columns.beside(found.column(told.times), groups.BREAK)
        grid = _asked(posterior.sum(1), noise, MANY)
    ahead = _Ahead(last=float(told.times[before][-1]), whitened=whitened, noise=noise, solved=solved)
    beyond, variance = ahead.of(told.times[told.after], columns.rows(told.after), mean[told.after])
    top = np.unravel_index(int(posterior.argmax()), posterior.shape)
    expected = rate(columns.values, first + solved.coefficients[top], told.offset)
    periods = ahead.each(told.times[told.after], columns.rows(told.after), mean[told.after], posterior)
    expected[told.after] = periods.expected
    return Fit(
        evidence=evidence,
        level=float(np.log(mean[told.after].sum())),
        beyond=beyond,
        variance=variance,
        later=_later(told, columns, mean, first, ahead.only(int(top[0]), int(top[1]))),
        breaks=tuple(breaks),
        expected=expected,
        scatter=periods.scatter,
    )


def compare(found: Fit, contacts: float, prior: Prior) -> Counterfactual:
    """Hold the contacts after an intervention against what is expected of all periods after together."""
    expected, dispersion = _draws(found, found.evidence.posterior(prior))
    # The mean behind the contacts: Jeffreys' posterior of a Poisson rate, stretched by dispersion.
    behind = dispersion * gammaincinv(contacts / dispersion + 0.5, _EVEN[2])
    effect = np.log(np.maximum(behind, np.finfo(float).tiny)) - expected
    low, high = np.expm1(np.quantile(effect, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return Counterfactual(
        observed=contacts,
        expected=float(np.exp(np.median(expected))),
        low=float(low),
        high=float(high),
        deviation=float(expected.std()),
        dispersion=float(dispersion.mean()),
    )


def outlook(found: Fit, prior: Prior) -> tuple[float, float, float]:
    """Return how many contacts are expected in all periods after, and between which bounds they will lie."""
    expected, dispersion = _draws(found, found.evidence.posterior(prior))
    mean = np.exp(expected)
    contacts = mean + np.sqrt(dispersion * mean) * ndtri(_EVEN[2])
    low, high = np.quantile(contacts, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(np.exp(np.median(expected))), max(0.0, float(low)), float(high)


def _draws(found: Fit, weights: Matrix) -> tuple[Vector, Vector]:
    """Return draws of the logarithm of what is expected after, and the dispersion of each."""
    total = np.cumsum(weights.ravel())
    chosen = np.minimum(np.searchsorted(total / total[-1], _EVEN[0]), weights.size - 1)
    dispersion = found.evidence.noise.dispersion[chosen // weights.shape[1]]
    spread = np.sqrt(found.variance.ravel()[chosen]) * ndtri(_EVEN[1])
    return found.level + found.beyond.ravel()[chosen] + spread, dispersion


def _first_regression(told: Told, columns: Columns, belief: Beliefs) -> Vector:
    """Return the coefficients about which everything else is reckoned, held as beliefs do on the whole."""
    before = told.before
    precision = np.exp(np.log(belief.precisions).mean(0))
    return regress(
        columns.rows(before), told.contacts[before], told.offset[before], precision, belief.means[-1]
    )


def _likely(whitened: Whitened, grid: Noise, belief: Beliefs, means: Matrix) -> tuple[Whitened, Noise]:
    """Return only the points of the grid that the numbers leave likely."""
    middle = len(means) // 2
    rough = solve(whitened, belief.precisions[middle : middle + 1], means[middle : middle + 1])
    likely = rough.likelihood[:, 0] + grid.weights(Prior())
    places = np.flatnonzero(likely > likely.max() - UNLIKELY)
    return whitened.some(places), grid.some(places)


def _asked(weights: Vector, noise: Noise, most: int) -> Noise:
    """Return the likeliest points, and the calm ones."""
    return noise.some(np.argsort(weights)[-most:]).beside(CALM)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Periods:
    """Later periods one by one: arrays over them."""

    expected: Vector
    scatter: Vector
    """The variance of their contacts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ahead:
    """What is known of later periods at the last one before an intervention."""

    last: float
    whitened: Whitened
    noise: Noise
    solved: Solved

    def of(self, times: Vector, columns: Matrix, mean: Vector) -> tuple[Matrix, Matrix]:
        """Return how far the logarithm of all that is expected lies from that of `mean`, and its variance."""
        weights = mean / mean.sum()
        left, swings = swing_ahead(self.whitened, self.noise, ahead=times - self.last, weights=weights)
        part = (weights @ columns) - left[:, None] * self.whitened.swing[:, 1:]
        coefficients = self.solved.coefficients
        beyond = (left * self.whitened.swing[:, 0])[:, None] + np.einsum("pk,pbk->pb", part, coefficients)
        tall = np.broadcast_to(part[:, None, :, None], (*coefficients.shape, 1))
        spread = np.einsum("pk,pbk->pb", part, np.linalg.solve(self.solved.information, tall)[..., 0])
        return beyond, spread + swings[:, None]

    def each(self, times: Vector, columns: Matrix, mean: Vector, posterior: Matrix) -> _Periods:
        """Return what is expected of each period, by the likeliest pairs of noise and belief together."""
        pairs = np.argsort(posterior, axis=None, kind="stable")[-DRAWN:]
        weights = posterior.ravel()[pairs] / posterior.ravel()[pairs].sum()
        points, beliefs = np.unravel_index(pairs, posterior.shape)
        swing, memory = self.noise.swing[points, None], self.noise.memory[points, None]
        left = np.where(swing > 0, memory ** (times - self.last), 0.0)
        # pairs × periods × columns
        part = columns - left[..., None] * self.whitened.swing[points, None, 1:]
        coefficients = self.solved.coefficients[points, beliefs]
        beyond = left * self.whitened.swing[points, :1] + np.einsum("ptk,pk->pt", part, coefficients)
        known = np.linalg.solve(self.solved.information[points, beliefs], part.transpose(0, 2, 1))
        of_columns = np.einsum("ptk,pkt->pt", part, known)
        of_swing = swing**2 * (1 - left**2) + left**2 * self.whitened.uncertainty[points, None]
        middle = weights @ beyond
        expected = mean * np.exp(middle)
        of_rate = weights @ (of_columns + of_swing + (beyond - middle) ** 2)
        of_chance = weights @ self.noise.dispersion[points]
        return _Periods(expected=expected, scatter=of_chance * expected + np.expm1(of_rate) * expected**2)

    def only(self, point: int, belief: int) -> "_Ahead":
        """Return it as if one noise and one belief were known to be right."""
        places = np.array([point])
        return _Ahead(
            last=self.last,
            whitened=self.whitened.some(places),
            noise=self.noise.some(places),
            solved=self.solved.only(point, belief),
        )


def _later(
    told: Told, columns: Columns, mean: Vector, first: Vector, ahead: _Ahead
) -> tuple[tuple[int, float], ...]:
    """Return how sure it would be with more periods after; nothing of `ahead` is unsure but its numbers."""
    coming = told.to_come
    width = columns.values.shape[1] - coming.columns.values.shape[1]
    future = np.column_stack([coming.columns.values, np.zeros((len(coming.times), width))])
    times = np.concatenate([told.times[told.after], coming.times])
    rows = np.concatenate([columns.rows(told.after), future])
    expected = np.concatenate([mean[told.after], rate(future, first, np.full(len(future), told.offset[-1]))])
    so_far = int(told.after.sum())
    steps = sorted({*range(min(9, len(future) + 1)), *range(13, len(future) + 1, 13)})
    found = []
    for more in steps:
        some = slice(0, so_far + more)
        _, variance = ahead.of(times[some], rows[some], expected[some])
        found.append((more, float(np.sqrt(variance[0, 0]))))
    return tuple(found)


def _even_draws() -> Matrix:
    """Return numbers that fill the unit cube evenly: an additive recurrence.

    M. Roberts, *The unreasonable effectiveness of quasirandom sequences*, 2018, with the root for three
    dimensions.
    """
    root = 1.2207440846057596
    steps = root ** -np.arange(1.0, 4.0)
    found: Matrix = (0.5 + np.arange(1, DRAWS + 1) * steps[:, None]) % 1.0
    return found


_EVEN = _even_draws()
