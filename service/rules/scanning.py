"""Which theme is heard more often than its own past, the season and all other voices explain.

A scan over windows of 1 to 14 days that end today. What a window should hold comes from the twelve weeks
before it, times how much more is heard now than then: the larger of what the season promises and of what came
in about everything else. The chance of so many contacts or more is the upper tail of a negative binomial: a
Poisson count whose rate was itself estimated from few contacts (the gamma–Poisson predictive distribution,
with Jeffreys' prior) and swings from week to week beyond that (overdispersion by moments, over all themes, or
more where a theme does more). Scans of many windows that know no outside population are those of Kulldorff
et al., *A space–time permutation scan statistic for disease outbreak detection*, PLoS Medicine 2(3), 2005;
the negative binomial expectation from a series' own past is that of Noufaily et al., *An improved algorithm
for outbreak detection in multiple surveillance systems*, Statistics in Medicine 32(7), 2013.

Many windows of many themes are looked at day after day, so a single chance says little. `threshold` draws
four weeks of all themes as they would be with no wave in them, looks at them in the same way, and returns the
chance below which as many false alarms come as are allowed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy  # its statistics take half a second to load: they are when they are first asked for

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

WINDOWS = range(1, 15)
"""Lengths of a window in days."""
BASELINE = 84
"""Days before a window that say what is usual."""
LEAST_PAST = 28
"""Days that must come before a window."""
LEVEL = 28
"""Days before a window from which the present level is taken."""
FEWEST = 4
"""Contacts below which nobody is disturbed."""
PRIOR = 0.5
"""Jeffreys' prior of a Poisson rate, as contacts that are added to those of the past."""
WEEK = 7
LEAST_SWING = 0.02
"""Themes swing at least so much from week to week, as the square of a share of their rate."""
MOST_SWING = 2.0
SWING_WEEKS = 26
"""Weeks, at most, by which it is told."""
DRAWS = 200
"""How often four weeks are drawn."""
TOGETHER = 250
"""Themes that are drawn at once, for memory's sake."""
HORIZON = 28
MARGIN = 0.7
"""Of the allowed false alarms so many are used: how far themes swing is known only roughly."""
UNKNOWN = 1e12
"""More than will ever be heard: stands for what is usual where nothing says it; nothing is unusual then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was heard, day by day up to today; arrays over days, or over themes and days."""

    volume: Counts
    """Contacts about anything."""
    season: Floats
    """How much an ordinary day of this kind is worth; an average day is 1."""
    active: Floats | None
    """Customers that use the product; None where that is not known."""
    counts: Counts
    """Of each theme."""
    usual: Mask
    """False on days of a theme that say nothing about what is usual: those of a wave."""
    after: Counts
    """For each theme, the first day on which a window may begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The least probable window of each theme."""

    chance: Floats
    days: Counts
    """Its length."""
    contacts: Counts
    expected: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a window should hold: the mean and the size of a negative binomial for each theme.

    The mean is `UNKNOWN` where nothing says what is usual.
    """

    mean: Floats
    size: Floats

    def chance(self, contacts: Counts) -> Floats:
        """Return the chance of so many contacts or more."""
        tail = scipy.stats.nbinom.sf(contacts - 1, self.size, self.size / (self.size + self.mean))
        return np.asarray(tail, np.float64)

    def within(self, share: float = 0.95) -> tuple[Floats, Floats]:
        """Return the bounds between which that share of all windows lies."""
        chance = self.size / (self.size + self.mean)
        low, high = (1 - share) / 2, (1 + share) / 2
        return _quantile(low, self.size, chance), _quantile(high, self.size, chance)


def _quantile(share: float, size: Floats, chance: Floats) -> Floats:
    return np.asarray(scipy.stats.nbinom.ppf(share, size, chance), np.float64)


def scan(past: Past) -> Found:
    """Return each theme's least probable window that ends on the last day; 1 where there is none."""
    themes, days = past.counts.shape
    best = Found(
        chance=np.ones(themes),
        days=np.ones(themes, np.int64),
        contacts=np.zeros(themes, np.int64),
        expected=np.zeros(themes),
    )
    swing = swings(past)
    for length in WINDOWS:
        start = days - length
        if start < LEAST_PAST:
            break
        contacts = past.counts[:, start:].sum(axis=1)
        should = expected(past, start, days, swing)
        chance = np.where((contacts >= FEWEST) & (start >= past.after), should.chance(contacts), 1.0)
        better = chance < best.chance
        best.chance[better] = chance[better]
        best.days[better] = length
        best.contacts[better] = contacts[better]
        best.expected[better] = should.mean[better]
    return best


def expected(past: Past, start: int, end: int, swing: Floats, *, by: int | None = None) -> Expectation:
    """Return what each theme should have from day `start` up to day `end`.

    That is told by the weeks before day `by`, which is `start` unless an earlier one is given.
    """
    by = start if by is None else by
    before = slice(max(0, by - BASELINE), by)
    usual = past.usual[:, before]
    base = (past.counts[:, before] * usual).sum(axis=1)
    heard = (past.volume[before] * usual).sum(axis=1).astype(np.float64)
    recent = slice(max(0, by - LEVEL), by)
    level = past.volume[recent].sum() / max(past.season[recent].sum(), 1e-9)
    promised = past.season[start:end].sum() * level * _growth(past, recent, slice(start, end))
    others = past.volume[start:end].sum() - past.counts[:, start:end].sum(axis=1)
    known = heard > 0
    safe = np.where(known, heard, 1.0)
    more = np.maximum(promised / safe, others / np.maximum(heard - base, 1.0))
    rate = base + PRIOR
    mean = np.where(known, rate * np.where(known, more, 0.0), np.inf)
    finite = np.isfinite(mean) & (mean > 0)
    size = 1.0 / (1.0 / rate + swing * (1 + WEEK / BASELINE))
    # Where nothing says what is usual, nothing is unusual.
    return Expectation(mean=np.where(finite, mean, UNKNOWN), size=size)


def _growth(past: Past, before: slice, now: slice) -> float:
    """Return how many more customers there are now than in the days before."""
    if past.active is None:
        return 1.0
    then = past.active[before].mean()
    return float(past.active[now].mean() / then) if then > 0 else 1.0


def swings(past: Past) -> Floats:
    """Return how far each theme swings from week to week beyond chance, as variance ÷ mean²."""
    return _swings(past)[0]


def _swings(past: Past) -> tuple[Floats, float]:
    """Return the swings, and by how many independent weeks of themes they are told."""
    themes, days = past.counts.shape
    end = days - WINDOWS[-1]
    weeks = min(SWING_WEEKS, end // WEEK)
    if weeks < 4:
        return np.full(themes, LEAST_SWING), float(weeks)
    span = slice(end - weeks * WEEK, end)
    usual = past.usual[:, span]
    counts = (past.counts[:, span] * usual).reshape(themes, weeks, WEEK).sum(axis=2)
    heard = (past.volume[span] * usual).reshape(themes, weeks, WEEK).sum(axis=2)
    share = counts.sum(axis=1) / np.maximum(heard.sum(axis=1), 1)
    mean = share[:, None] * heard
    beyond = ((counts - mean) ** 2).sum(axis=1) * weeks / (weeks - 1) - mean.sum(axis=1)
    squares, weight = (mean**2).sum(axis=1), mean.sum(axis=1)
    common = float(np.clip(beyond.sum() / max(squares.sum(), 1e-9), LEAST_SWING, MOST_SWING))
    own = (beyond + common * weight) / np.maximum(squares + weight, 1e-9)
    telling = squares.sum() ** 2 / max((squares**2).sum(), 1e-9)
    return np.clip(np.maximum(own, common), LEAST_SWING, MOST_SWING), max(1.0, float((weeks - 1) * telling))


def threshold(past: Past, allowed: float, *, seed: int = 0) -> float:
    """Return the chance up to which `allowed` false alarms are expected in four weeks over all themes."""
    themes, days = past.counts.shape
    if days <= LEAST_PAST or not themes:
        return 0.0
    rng = np.random.default_rng(seed)
    least = np.sort(
        np.concatenate(
            [
                _least_chances(past, slice(start, start + TOGETHER), rng).ravel()
                for start in range(0, themes, TOGETHER)
            ]
        )
    )
    place = int(MARGIN * allowed * DRAWS)
    if place >= len(least):
        return 1.0
    below = least[least < least[place]]
    return float(below[-1]) if len(below) else 0.0


def _least_chances(past: Past, themes: slice, rng: np.random.Generator) -> Floats:
    """Return the least chance of each of these themes in each of the drawn four weeks."""
    days = past.counts.shape[1]
    swings_, told_by = _swings(past)
    swing = swings_[themes]
    size = expected(past, days - 1, days, swings_).size[themes]
    before = slice(max(0, days - 1 - BASELINE), days - 1)
    usual = past.usual[themes, before]
    rate = (past.counts[themes, before] * usual).sum(axis=1) + PRIOR
    heard = (past.volume[before] * usual).sum(axis=1)
    daily = past.volume[before][-LEVEL:].mean() / np.maximum(heard, 1.0)
    length = HORIZON + WINDOWS[-1] - 1
    weeks = -(-length // WEEK)
    drawn = (DRAWS, len(rate))
    level = rng.gamma(rate, 1.0, drawn)[..., None]
    # The swing itself was told by few weeks: it may be larger than it seemed.
    true = swing * (told_by / rng.chisquare(told_by, (DRAWS, 1)))
    true = np.minimum(true, MOST_SWING)[..., None]
    weekly = np.repeat(rng.gamma(1 / true, true, (*drawn, weeks)), WEEK, axis=2)
    counts = rng.poisson(level * weekly[..., :length] * daily[:, None])
    sums = np.concatenate([np.zeros((*drawn, 1), np.int64), counts.cumsum(axis=2)], axis=2)
    least = np.ones(drawn)
    for window in WINDOWS:
        held = (sums[..., window:] - sums[..., :-window])[..., -HORIZON:].max(axis=2)
        should = Expectation(mean=rate * daily * window, size=size)
        chance = np.where(held >= FEWEST, _chances(should, held), 1.0)
        least = np.minimum(least, chance)
    return least


def _chances(should: Expectation, held: Counts) -> Floats:
    """Return the chances of counts by theme (columns), each distinct one worked out once."""
    most = int(held.max(initial=0))
    if most > 4 * held.size:
        return should.chance(held)
    columns = np.arange(held.shape[1])
    table = np.stack([should.chance(np.full(len(columns), count)) for count in range(most + 1)])
    chosen: Floats = table[held, columns]
    return chosen
