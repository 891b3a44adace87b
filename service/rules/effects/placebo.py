"""The same reckoning on earlier days, on which nothing was done: how often would it claim something there?

A placebo in time (Abadie, Diamond and Hainmueller, *Comparative politics and the synthetic control method*,
American Journal of Political Science 59(2), 2015, section 4).
"""

from dataclasses import replace

import numpy as np

from service.rules.effects.cases import FEWEST_BEFORE, Case
from service.rules.effects.counterfactual import Told

MOST = 3
"""Earlier days that are tried."""
LEAST_BEFORE = 2 * FEWEST_BEFORE
"""Periods before an earlier day, without which it is none."""


def on_earlier_days(case: Case) -> list[Case]:
    """Return the case as if it had begun earlier, each time with as many periods after as it has now.

    None of these stretches overlaps with another one or with what came of the intervention. Empty where
    something else was done before: then it is not known that nothing happened.
    """
    if case.told.known:
        return []
    places, length = np.flatnonzero(case.told.before), int(case.told.after.sum())
    starts = [len(places) - number * length for number in range(1, MOST + 1)]
    earlier = [_begun_at(case.told, start, length) for start in starts if start >= LEAST_BEFORE]
    return [replace(case, told=told, cautious=None) for told in earlier if told.contacts[told.before].any()]


def _begun_at(told: Told, start: int, length: int) -> Told:
    """Return what is told as if the intervention had come after so many of the periods before."""
    places = np.flatnonzero(told.before)
    before, after = np.zeros((2, len(told.before)), bool)
    before[places[:start]] = True
    after[places[start : start + length]] = True
    return replace(told, before=before, after=after)
