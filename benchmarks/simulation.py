"""Made-up series of which the truth is known, and an oracle that knows what is asked of an estimate.

A company's themes share a year, growth and launches, each theme to its own degree, or nothing at all. What
is drawn says nothing of how it is measured: rates are multiplied by a gamma or an autoregressive noise and
counted by Poisson, shifts and releases come at random, weeks are lost.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from service.rules.effects.cases import Intervention
from service.rules.effects.series import Heard

Vector = npt.NDArray[np.float64]

FIRST = date(2021, 1, 4)
YEAR = 365.25 / 7
YEAR_END = (0, 51)
"""Weeks of a year in which offices are closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a series is drawn from."""

    level: float = 100.0
    """Contacts a week."""
    dispersion: float = 1.0
    """Variance ÷ mean."""
    correlation: float = 0.0
    """Of what goes beyond Poisson, from one week to the next."""
    before: int = 104
    after: int = 12
    effect: float = 0.0
    weeks: int = 0
    """Over which the effect comes; 0: at once."""
    season: float = 0.0
    """Height of the yearly wave, as a logarithm."""
    growth: float = 0.0
    """A year, as a logarithm."""
    quiet: float = 0.0
    """How much less is heard when offices are closed, as a logarithm."""
    shifts: int = 0
    releases: int = 0
    """Before the intervention."""
    releases_after: int = 0
    missing: float = 0.0
    """Share of the weeks that were not observed."""
    launch: float = 0.0
    """What lifts the theme from the intervention on that is none of its doing, as a logarithm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A series, and what is true of it."""

    kind: Kind
    heard: tuple[Heard, ...]
    started: date
    """The week of the intervention."""
    truth: float
    """What the intervention did to the rate, over all weeks from its own on."""
    course: Vector
    """The logarithm of what season and closed offices do to each observed week."""
    weeks: Vector
    """The numbers of the observed weeks."""
    released: tuple[date, ...]
    """The weeks of releases."""

    def intervention(self, name: str, theme: str) -> Intervention:
        """Return the intervention as it is told."""
        return Intervention(name=name, theme=theme, day=self.started)


def any_kind(rng: np.random.Generator) -> Kind:
    """Return a kind out of all that the series may be."""
    return Kind(
        level=float(np.exp(rng.uniform(np.log(3), np.log(400)))),
        dispersion=float(rng.choice([1.0, 1.5, 2.0, 4.0])),
        correlation=float(rng.choice([0.0, 0.2, 0.4, 0.6])),
        before=int(rng.choice([26, 40, 52, 78, 104, 130])),
        after=int(rng.choice([6, 8, 12, 20, 26])),
        effect=float(rng.choice([0.0, 0.0, -0.1, -0.2, -0.35, -0.6])),
        weeks=int(rng.choice([0, 0, 4, 8])),
        season=float(rng.choice([0.0, 0.1, 0.25])),
        growth=float(rng.choice([0.0, 0.1, 0.4])),
        quiet=float(rng.choice([0.0, 0.3])),
        shifts=int(rng.random() < 0.2),
        releases=int(rng.choice([0, 0, 1, 3])),
        missing=float(rng.choice([0.0, 0.0, 0.05])),
    )


def shared_year(rng: np.random.Generator) -> tuple[float, float]:
    """Return the phases of a company's year."""
    first, second = rng.uniform(0, 2 * np.pi, 2)
    return float(first), float(second)


def draw(rng: np.random.Generator, kind: Kind, *, end: int = 200, year: tuple[float, float]) -> Drawn:
    """Draw a series whose last week has a number, counted from `FIRST`."""
    start = end - kind.before - kind.after
    weeks = np.arange(start, end)
    after = weeks >= start + kind.before
    course = kind.season * np.sin(2 * np.pi * weeks / YEAR + year[0])
    course += 0.3 * kind.season * np.sin(4 * np.pi * weeks / YEAR + year[1])
    course -= kind.quiet * np.isin((weeks % YEAR).astype(int), YEAR_END)
    rate = np.log(kind.level) + course + kind.growth * (weeks - weeks[kind.before]) / YEAR
    for _ in range(kind.shifts):
        height = rng.choice([-1, 1]) * rng.uniform(0.2, 0.6)
        rate[: rng.integers(4, kind.before - 4)] += height
    released = []
    for bounds in [(0, kind.before - 2)] * kind.releases + [(kind.before, len(weeks))] * kind.releases_after:
        place = int(rng.integers(*bounds))
        rate[place : place + 2] += rng.uniform(0.2, 0.6)
        released.append(place)
    without = np.exp(rate + kind.launch * after)
    ramp = np.minimum(1, (weeks - start - kind.before + 1) / max(kind.weeks, 1))
    rates = without * np.where(after, 1 + kind.effect * ramp, 1.0)
    counts = rng.poisson(rates * _noise(rng, kind, len(weeks)))
    seen = rng.random(len(weeks)) >= kind.missing
    seen[kind.before - 1 : kind.before + 2] = True
    first = int(kind.before)
    return Drawn(
        kind=kind,
        heard=tuple(
            Heard(period=FIRST + timedelta(weeks=int(week)), contacts=float(count))
            for week, count in zip(weeks[seen], counts[seen], strict=True)
        ),
        started=FIRST + timedelta(weeks=int(weeks[first])),
        truth=float(rates[after].sum() / without[after].sum() - 1),
        course=course[seen],
        weeks=weeks[seen].astype(float),
        released=tuple(FIRST + timedelta(weeks=int(weeks[place])) for place in released),
    )


def _noise(rng: np.random.Generator, kind: Kind, weeks: int) -> Vector:
    beyond = (kind.dispersion - 1) / kind.level
    if not beyond:
        return np.ones(weeks)
    if not kind.correlation:
        return np.asarray(rng.gamma(1 / beyond, beyond, weeks))
    deviation = np.sqrt(np.log1p(beyond))
    found = np.empty(weeks)
    found[0] = deviation * rng.standard_normal()
    steps = deviation * np.sqrt(1 - kind.correlation**2) * rng.standard_normal(weeks)
    for week in range(1, weeks):
        found[week] = kind.correlation * found[week - 1] + steps[week]
    return np.asarray(np.exp(found - deviation**2 / 2))


def oracle_tells(drawn: Drawn) -> bool:
    """Say whether somebody would tell an effect who knows season, dispersion and correlation.

    Generalised least squares with the true covariance; only the level and the effect are unknown.
    """
    kind = drawn.kind
    first = (drawn.started - FIRST).days / 7
    usual = kind.level * np.exp(drawn.course)
    contacts = np.array([each.contacts for each in drawn.heard])
    columns = np.column_stack([np.ones(len(usual)), drawn.weeks >= first])
    apart = np.abs(drawn.weeks[:, None] - drawn.weeks)
    beyond = (kind.dispersion - 1) / kind.level
    together = kind.correlation**apart if kind.correlation else np.eye(len(usual))
    inverse = np.linalg.inv(np.diag(1 / usual) + beyond * together)
    covariance = np.linalg.inv(columns.T @ inverse @ columns)
    found = covariance @ (columns.T @ inverse @ (contacts / usual))
    return bool(found[1] < -1.96 * np.sqrt(covariance[1, 1]))


def without_effect(kind: Kind) -> Kind:
    """Return the same kind with nothing done."""
    return replace(kind, effect=0.0)
