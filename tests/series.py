"""Contacts of made-up themes, week by week."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from service.rules.effects.cases import Intervention, Wishes
from service.rules.effects.series import Heard, all_series
from service.rules.effects.verdict import Effect, measure

FIRST = date(2024, 1, 1)
"""A Monday."""


def week(number: int) -> date:
    """Return the Monday of a week, counted from the first."""
    return FIRST + timedelta(weeks=number)


def heard(contacts: Sequence[float], *, start: int = 0) -> list[Heard]:
    """Return contacts of weeks that follow one another."""
    return [Heard(period=week(start + place), contacts=count) for place, count in enumerate(contacts)]


def drawn(
    seed: int,
    *,
    level: float = 100,
    before: int = 52,
    after: int = 12,
    effect: float = 0.0,
    swing: float = 0.0,
) -> list[float]:
    """Return contacts drawn at random, with an effect after `before` weeks; the rate swings by `swing`."""
    rng = np.random.default_rng(seed)
    rates = np.full(before + after, float(level))
    rates[before:] *= 1 + effect
    rates *= np.exp(swing * rng.standard_normal(before + after))
    return [float(count) for count in rng.poisson(rates)]


def measured(
    themes: dict[str, list[Heard]],
    *done: tuple[str, str, date],
    margin: float = 0.1,
    after: int | None = None,
    washout: int = 0,
    zone: str = "UTC",
) -> list[Effect]:
    """Return what came of interventions, given as name, theme and day."""
    fit, unfit = all_series(themes)
    interventions = [Intervention(name=name, theme=theme, day=day) for name, theme, day in done]
    wishes = Wishes(zone=zone, margin=margin, after=after, washout=washout)
    return measure(fit, unfit, interventions, wishes)


def only(
    contacts: Sequence[float],
    *,
    at: int,
    margin: float = 0.1,
    after: int | None = None,
    washout: int = 0,
) -> Effect:
    """Return what came of the only intervention, in the week of a number, on the only theme."""
    (effect,) = measured(
        {"t": heard(contacts)}, ("i", "t", week(at)), margin=margin, after=after, washout=washout
    )
    return effect


def codes(effect: Effect) -> list[str]:
    """Return the codes of its reasons."""
    return [str(reason["code"]) for reason in effect.reasons]


def reason(effect: Effect, code: str) -> dict[str, object]:
    """Return its reason of a code."""
    return next(dict(each) for each in effect.reasons if each["code"] == code)
