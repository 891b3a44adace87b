"""The other themes: what moves all of them is no effect, and what left one theme may have gone to another.

All themes that no intervention touched are taken together as one index, in which no large theme outweighs
the others. Those that parted from the rest just then are left out of it: they were touched by something, or
took in what left the theme. So a launch that lifts every theme is seen for what it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from service.rules.effects.series import Series, Vector

Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LEAST_TOTAL = 20.0
"""Contacts a period over all controls, below which their index would be noise."""
PARTED = 0.01
"""Chance at which any one of the controls that nothing touched would be left out."""
LEAST_SWING = 0.05
"""Themes part by so much anyhow, as a standard deviation of the logarithm."""
BLOCKS = 3
"""Stretches before, as long as that after, by which it is told how far themes part anyhow."""
SMOOTH = 2
"""Periods on each side over which the index is averaged: what is left of chance in it would hide that a theme
follows it (attenuation by errors in a regressor; Fuller, *Measurement Error Models*, 1987, section 1.1)."""
FEWEST = 5.0
"""Contacts expected of a theme after, below which nothing can be said of it."""
MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """All themes over all periods; NaN where a period was not observed."""

    themes: tuple[str, ...]
    times: Vector
    contacts: Matrix
    """Themes × periods."""
    exposure: Matrix
    """Relative to each theme's mean; NaN also where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A control that parted from the others from the day of an intervention on."""

    theme: str
    contacts: float
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What the other themes did meanwhile."""

    index: Vector
    """By period, the logarithm of how much was heard of them, 0 being their mean before."""
    themes: int
    parted: tuple[Moved, ...]
    """Those that were left out, the largest rise first."""
    moves: Vector
    """How far each theme moved beside the others, as logarithms."""


def panels_of(series: Mapping[str, Series]) -> dict[int, Panel]:
    """Return the themes whose periods have so many days in one table each."""
    return {
        length: panel_of({theme: each for theme, each in series.items() if each.length == length})
        for length in {each.length for each in series.values()}
    }


def panel_of(series: Mapping[str, Series]) -> Panel:
    """Return all themes in one table; their periods have the same length."""
    times = np.unique(np.concatenate([each.times for each in series.values()])) if series else np.empty(0)
    contacts, exposure = np.full((2, len(series), len(times)), np.nan)
    for row, each in enumerate(series.values()):
        places = np.searchsorted(times, each.times)
        contacts[row, places] = each.contacts
        relative = each.relative_exposure
        if relative is not None:
            exposure[row, places] = relative
    return Panel(themes=tuple(series), times=times, contacts=contacts, exposure=exposure)


def controls_of(
    panel: Panel,
    times: Vector,
    *,
    before: Mask,
    after: Mask,
    leave: Sequence[str],
    exposure: Vector | None = None,
) -> Controls | None:
    """Return what the themes but those to `leave` did at some times; None where too little was heard of them.

    A period in which none of them was observed has the index of its neighbours. Where the relative `exposure`
    of the theme is known, contacts per customer are compared: more customers would count twice otherwise.
    """
    left = frozenset(leave)
    rows = np.array([place for place, theme in enumerate(panel.themes) if theme not in left], np.int64)
    if not len(rows):
        return None
    places = np.searchsorted(panel.times, times)
    contacts = panel.contacts[rows][:, places]
    if exposure is not None:
        own = panel.exposure[rows][:, places]
        contacts = contacts / np.where(np.isnan(own), exposure, own)
    known = (~np.isnan(contacts[:, before])).sum(1) >= before.sum() / 2
    known &= (~np.isnan(contacts[:, after])).any(1)
    # Of what was never heard before, nobody knows what is usual.
    known &= np.nansum(contacts[:, before], axis=1) > 0
    rows, contacts = rows[known], contacts[known]
    if not len(rows) or np.nansum(contacts[:, before]) / before.sum() < LEAST_TOTAL:
        return None
    usual = np.nanmean(contacts[:, before], axis=1)
    index = _index(contacts, usual)
    expected = np.where(np.isnan(contacts), 0.0, usual[:, None] * np.exp(index))[:, after].sum(1)
    heard = np.nansum(contacts[:, after], axis=1)
    told = expected >= FEWEST
    moves = np.log((heard[told] + 0.5) / (expected[told] + 0.5))
    apart = moves - np.median(moves) if len(moves) else moves
    error = _usual_parting(contacts[told], usual[told], index, before, int(after.sum()))
    limit = -ndtri(PARTED / 2 / max(len(moves), 1))
    far = np.abs(apart) > limit * error
    places = np.flatnonzero(told)
    parted = [
        Moved(theme=panel.themes[rows[place]], contacts=float(heard[place]), expected=float(expected[place]))
        for place in places[far]
    ]
    stay = np.ones(len(rows), bool)
    stay[places[far]] = False
    if not stay.any():
        return None
    if far.any():
        index = _index(contacts[stay], usual[stay])
    return Controls(
        index=_smoothed(index - index[before].mean(), before, after),
        themes=int(stay.sum()),
        parted=tuple(sorted(parted, key=lambda one: one.expected - one.contacts)),
        moves=apart,
    )


def _usual_parting(contacts: Matrix, usual: Vector, index: Vector, before: Mask, length: int) -> Vector:
    """Return how far each theme parts from the others anyhow, as a standard deviation of the logarithm.

    It is told by stretches before of the length of that after; where there are too few of them, by what
    counting alone brings, and nothing is left out that does not part by far more.
    """
    places = np.flatnonzero(before)
    stretches = len(places) // length
    expected = np.where(np.isnan(contacts), 0.0, usual[:, None] * np.exp(index))
    if stretches < BLOCKS or not len(contacts):
        counting = 4 / np.maximum(expected[:, before].sum(1), 1.0)
        return np.asarray(np.sqrt(counting + (6 * LEAST_SWING) ** 2))
    shape = (len(contacts), stretches, length)
    within = places[-stretches * length :]
    heard = np.nan_to_num(contacts)[:, within].reshape(shape).sum(2)
    due = expected[:, within].reshape(shape).sum(2)
    moves = np.log((heard + 0.5) / (due + 0.5))
    moves -= np.median(moves, axis=0)
    own = np.sqrt((moves**2).mean(1))
    found: Vector = np.hypot(np.maximum(own, np.median(own)) * np.sqrt(1 + 1 / stretches), LEAST_SWING)
    return found


def _smoothed(index: Vector, before: Mask, after: Mask) -> Vector:
    """Return the index averaged over neighbours; never over an intervention, at which it may leap."""
    found = index.copy()
    for side in (before, after):
        places = np.flatnonzero(side)
        for number, place in enumerate(places):
            found[place] = index[places[max(0, number - SMOOTH) : number + SMOOTH + 1]].mean()
    return found


def _index(contacts: Matrix, usual: Vector) -> Vector:
    """Return the logarithm of heard ÷ usual, the largest themes weighing like the one in the middle."""
    weight = 1 / np.maximum(usual, np.median(usual))
    heard = np.nansum(contacts * weight[:, None], axis=0)
    expected = (~np.isnan(contacts) * (usual * weight)[:, None]).sum(0)
    seen = expected > 0
    least = 0.5 * weight.min()
    found = np.interp(
        np.arange(len(heard)), np.flatnonzero(seen), np.log((heard[seen] + least) / (expected[seen] + least))
    )
    return np.asarray(found)
