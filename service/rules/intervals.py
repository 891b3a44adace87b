"""Intervals of 95 %: for weighted sums over customers, for shares, and for what is made of both.

- `of_sum`: the gamma interval for a weighted sum of Poisson counts (Fay and Feuer, *Confidence intervals for
  directly standardized rates*, Statistics in Medicine 1997), with one more customer like the others in its
  upper limit (after Tiwari, Clegg and Zou, Statistical Methods in Medical Research 2006).
- `of_share`: Wilson's score interval.
- `of_difference` and `together`: limits combined by the square root of the sum of squares (Newcombe 1998;
  Zou and Donner's MOVER, Statistics in Medicine 2008).
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import scipy  # each of its parts is loaded when it is first asked for

LEVEL = 0.95
Z = 1.959963984540054


class Interval(NamedTuple):
    """A value, and between what it lies."""

    value: float
    low: float
    high: float


def of_sum(total: float, squares: float, *, weight: float) -> Interval:
    """Return the interval of a sum of weights that are not negative, each of which came by chance.

    `squares` is the sum of their squares; `weight` that of one more where there is none.
    """
    if squares <= 0:
        return Interval(total, 0.0, _upper(weight, weight * weight))
    one = squares / total
    tail = (1 - LEVEL) / 2
    low = squares / total * float(scipy.special.gammaincinv(total * total / squares, tail))
    return Interval(total, low, _upper(total + one, squares + one * one))


def _upper(total: float, squares: float) -> float:
    if squares <= 0:  # too small to be told from nothing
        return total
    tail = (1 - LEVEL) / 2
    return squares / total * float(scipy.special.gammaincinv(total * total / squares, 1 - tail))


def of_share(share: float, number: float) -> tuple[float, float]:
    """Return Wilson's limits of a share of a number, which need not be whole."""
    middle = share + Z * Z / (2 * number)
    reach = Z * math.sqrt(max(0.0, share * (1 - share)) / number + Z * Z / (4 * number * number))
    scale = 1 + Z * Z / number
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def of_difference(share: float, number: float, other: float, other_number: float) -> Interval:
    """Return how much larger a share is than another, of other people."""
    low, high = of_share(share, number)
    other_low, other_high = of_share(other, other_number)
    return Interval(
        share - other,
        share - other - math.hypot(share - low, other_high - other),
        share - other + math.hypot(high - share, other - other_low),
    )


def together(parts: Iterable[Interval]) -> Interval:
    """Return the sum of values that vary by themselves."""
    parts = list(parts)
    value = math.fsum(part.value for part in parts)
    below = math.sqrt(math.fsum((part.value - part.low) ** 2 for part in parts))
    above = math.sqrt(math.fsum((part.high - part.value) ** 2 for part in parts))
    return Interval(value, value - below, value + above)


def times(part: Interval, factor: float) -> Interval:
    """Return a multiple; a negative one turns the limits around."""
    limits = sorted((part.low * factor, part.high * factor))
    return Interval(part.value * factor, limits[0], limits[1])
