"""Shares of what customers did again and again, and times of which some are not over.

- `share`: Wilson's interval (1927), with as many cases as they are worth where those of one customer are
  alike: Kish's effective number from the variance of a ratio over clusters (Cochran, *Sampling Techniques*,
  1977, chapter 6; used so by Korn and Graubard, Survey Methodology 1998).
- `median_time`: the estimator of Kaplan and Meier (1958) with the interval of Brookmeyer and Crowley
  (Biometrics 1982) on the log-log scale.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from service.rules.intervals import Z, of_share


class Share(NamedTuple):
    """How many of how many, and between what the share lies."""

    met: float
    of: float
    value: float
    low: float
    high: float


def share(clusters: Mapping[str, tuple[float, float]]) -> Share | None:
    """Return the share over all clusters, of each how many met with it and of how many; None without any."""
    total = math.fsum(number for _, number in clusters.values())
    if total <= 0:
        return None
    met = math.fsum(each for each, _ in clusters.values())
    value = met / total
    low, high = of_share(value, worth(clusters, value, total))
    # What is told in whole cases can be no farther off than these.
    return Share(met, total, value, min(low, value), max(high, value))


def worth(clusters: Mapping[str, tuple[float, float]], value: float, total: float) -> float:
    """Return how many independent cases these are worth: all of them at most, one at least.

    Where all met with it, or none, nothing shows how alike those of a customer are; they count as one.
    """
    number = len(clusters)
    if number == 1 or not 0 < value < 1:
        return float(min(number, total))
    spread = math.fsum((met - value * held) ** 2 for met, held in clusters.values())
    variance = number / (number - 1) * spread / total**2
    return total if variance <= 0 else max(1.0, min(total, value * (1 - value) / variance))


HALF = 0.5 + 1e-12
"""A product of fractions may miss a half by a hair."""


class Median(NamedTuple):
    """After what time half had come to it; None where that, or its limit, is not known."""

    value: float | None
    low: float | None
    high: float | None
    over: int
    """How many had."""
    number: int


def median_time(times: Iterable[tuple[float, bool]]) -> Median:
    """Return the median of times, each with whether it is over; one that is not lasts at least so long."""
    ordered = sorted(times, key=lambda time: (time[0], not time[1]))
    at_risk, standing, greenwood = len(ordered), 1.0, 0.0
    value = low = high = None
    place = 0
    while place < len(ordered) and high is None:
        moment, ended, gone = ordered[place][0], 0, 0
        while place < len(ordered) and ordered[place][0] == moment:
            ended += ordered[place][1]
            gone += 1
            place += 1
        if ended:
            standing *= 1 - ended / at_risk
            if at_risk > ended:
                greenwood += ended / (at_risk * (at_risk - ended))
            below, above = _band(standing, greenwood)
            low = moment if low is None and below <= HALF else low
            value = moment if value is None and standing <= HALF else value
            high = moment if above <= HALF else None
        at_risk -= gone
    return Median(value, low, high, sum(over for _, over in ordered), len(ordered))


def _band(standing: float, greenwood: float) -> tuple[float, float]:
    """Return between what the share that still waits lies; of nobody, no upper limit can be told."""
    if standing <= 0:
        return 0.0, 1.0
    reach = math.exp(Z * math.sqrt(greenwood) / abs(math.log(standing)))
    return standing**reach, standing ** (1 / reach)
