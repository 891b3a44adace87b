"""What will come if nothing changes, said before anybody knows it: the window and the forecast.

Once the result is known, everybody finds a window and a forecast that suit it. So both are written down with
what was heard until the day itself, and stay.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from service.rules.effects.cases import FEWEST_BEFORE, Wishes, told_of
from service.rules.effects.counterfactual import fit, outlook
from service.rules.effects.priors import Prior
from service.rules.effects.series import Series, time_of

PERIODS = 12
"""The window: so many periods from the intervention's own on."""


def foresee(theme: Series, day: date, wishes: Wishes) -> Mapping[str, object] | None:
    """Return the contacts that are expected in the window, and between which bounds they lie 95 times of 100.

    None where a period from the day on was observed already, or too little was heard before.
    """
    if len(theme.periods) < FEWEST_BEFORE or not theme.contacts.any():
        return None
    start = time_of(day, theme.length)
    if start < theme.times[-1] + 1:
        return None
    seen = len(theme.periods)
    first = theme.periods[-1] + timedelta(days=theme.length * int(start - theme.times[-1]))
    window = tuple(first + timedelta(days=theme.length * number) for number in range(PERIODS))
    exposure = None if theme.exposure is None else np.append(theme.exposure, [theme.exposure[-1]] * PERIODS)
    longer = replace(
        theme,
        periods=(*theme.periods, *window),
        contacts=np.append(theme.contacts, np.zeros(PERIODS)),
        exposure=exposure,
    )
    before = np.arange(seen + PERIODS) < seen
    told = told_of(longer, day, before, ~before, None, (), wishes)
    expected, low, high = outlook(fit(told), Prior())
    return {
        "code": "foreseen",
        "period": first.isoformat(),
        "periods": PERIODS,
        "expected": round(expected, 1),
        "at_least": round(low),
        "at_most": round(high),
    }
