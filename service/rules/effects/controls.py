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
LEAST_SWING = 0.1
"""Themes part by so much anyhow, as a standard deviation of the logarithm."""
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


def panel_of(series: Mapping[str, Series]) -> Panel:
    """Return all themes in one table."""
    times = np.unique(np.concatenate([each.times for each in series.values()])) if series else np.empty(0)
    contacts = np.full((len(series), len(times)), np.nan)
    for row, each in enumerate(series.values()):
        contacts[row, np.searchsorted(times, each.times)] = each.contacts
    return Panel(themes=tuple(series), times=times, contacts=contacts)


def controls_of(
    panel: Panel, times: Vector, *, before: Mask, after: Mask, leave: Sequence[str]
) -> Controls | None:
    """Return what the themes but those to `leave` did at some times; None where too little was heard of them.

    A period in which none of them was observed has the index of its neighbours.
    """
    left = frozenset(leave)
    rows = np.array([place for place, theme in enumerate(panel.themes) if theme not in left], np.int64)
    if not len(rows):
        return None
    contacts = panel.contacts[rows][:, np.searchsorted(panel.times, times)]
    known = (~np.isnan(contacts[:, before])).sum(1) >= before.sum() / 2
    known &= (~np.isnan(contacts[:, after])).any(1)
    rows, contacts = rows[known], contacts[known]
    if not len(rows) or np.nansum(contacts[:, before]) / before.sum() < LEAST_TOTAL:
        return None
    usual = np.nanmean(contacts[:, before], axis=1)
    index = _index(contacts, usual)
    expected = np.where(np.isnan(contacts), 0.0, usual[:, None] * np.exp(index))[:, after].sum(1)
    heard = np.nansum(contacts[:, after], axis=1)
    told = expected >= FEWEST
    moves = np.log((heard[told] + 0.5) / (expected[told] + 0.5))
    past = np.nansum(contacts[:, before], axis=1)[told]
    apart = moves - np.median(moves) if len(moves) else moves
    spread = 1.4826 * np.median(np.abs(apart)) if len(moves) else 0.0
    error = np.sqrt(np.maximum(1 / expected[told] + 1 / np.maximum(past, 1.0), spread**2) + LEAST_SWING**2)
    limit = -ndtri(PARTED / 2 / max(len(moves), 1))
    far = np.abs(apart) > limit * error
    places = np.flatnonzero(told)
    parted = [
        Moved(theme=panel.themes[rows[place]], contacts=float(heard[place]), expected=float(expected[place]))
        for place in places[far]
    ]
    stay = np.ones(len(rows), bool)
    stay[places[far]] = False
    if stay.any() and far.any():
        index = _index(contacts[stay], usual[stay])
    return Controls(
        index=index - index[before].mean(),
        themes=int(stay.sum()),
        parted=tuple(sorted(parted, key=lambda one: one.expected - one.contacts)),
        moves=apart,
    )


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
