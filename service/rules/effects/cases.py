"""An intervention made ready to be measured: which periods are before and after it, and what may mislead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from service.rules.effects import columns as groups
from service.rules.effects.breaks import Break
from service.rules.effects.columns import columns_of
from service.rules.effects.controls import Controls, Panel, controls_of
from service.rules.effects.counterfactual import Coming, Told
from service.rules.effects.series import WEEK, Series, Unfit, time_of

Reason = Mapping[str, Any]
Mask = npt.NDArray[np.bool_]

FEWEST_BEFORE, FEWEST_AFTER = 8, 2
"""Periods without which nothing is said."""
MARGIN = 0.1
"""An effect that is surely smaller is none."""
DIED = 8
"""Weeks without a contact after which a theme is over, and contacts that are missing then at least."""
TOGETHER = 2
"""Periods between two interventions below which they cannot be told apart."""
RECENT = 6
"""Periods before an intervention that are asked whether they were usual."""
BLOCKS = 5
"""So many times as many must come before them to say what is usual."""
UNUSUAL = 3.5
"""Standard deviations from which on they were not."""
COMING = 104
"""Periods that are looked ahead."""
TOUCHED = 26
"""Periods before an intervention in which another one makes a theme no control for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """The day something changed for customers."""

    name: str
    theme: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How effects are measured."""

    zone: str
    """The time zone whose days off count."""
    margin: float = MARGIN
    after: int | None = None
    """Periods after an intervention that count; None: all."""
    washout: int = 0
    """Periods from an intervention on that count for nothing, until it is with everybody."""
    happened: groups.Happened = field(default_factory=dict)
    """Days of releases and outages, which may have moved all themes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """Why nothing can be said of an intervention, with the figures that can be given all the same."""

    intervention: Intervention
    reason: Reason
    naive: float | None = None
    observed: float | None = None
    weeks_needed: int | None = None
    others: tuple[Reason, ...] = ()
    """What else was done to the theme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An intervention that can be measured."""

    intervention: Intervention
    periods: tuple[date, ...]
    """The first day of each."""
    told: Told
    cautious: Told | None
    """Without the last periods before, where these were unusual: they may have passed by themselves."""
    controls: Controls | None
    length: int
    reasons: tuple[Reason, ...]
    naive: float | None
    together: bool
    """Whether another intervention came so near that the two cannot be told apart."""

    @property
    def observed(self) -> float:
        """Return the contacts after."""
        return float(self.told.contacts[self.told.after].sum())


def case_of(
    intervention: Intervention,
    series: Mapping[str, Series],
    unfit: Mapping[str, Unfit],
    panels: Mapping[int, Panel],
    by_theme: Mapping[str, Sequence[Intervention]],
    wishes: Wishes,
) -> Case | Untold:
    """Return an intervention as it is measured, or why it cannot be; `panels` are by length of a period."""
    wrong = unfit.get(intervention.theme)
    if wrong is not None:
        return Untold(
            intervention=intervention, reason={"code": wrong.code, "period": wrong.period.isoformat()}
        )
    theme = series.get(intervention.theme)
    if theme is None or not theme.periods:
        return Untold(intervention=intervention, reason={"code": "no_series"})
    start = theme.own_period(intervention.day)
    near, following, earlier = _neighbours(intervention, by_theme[intervention.theme], theme)
    first_after = start + wishes.washout
    until = min(
        np.inf if following is None else theme.own_period(following.day),
        np.inf if wishes.after is None else first_after + wishes.after,
    )
    times = theme.times
    before = times < start
    after = (times >= first_after) & (times < until)
    naive = _naive(theme, before, after)
    reasons: list[Reason] = [
        {"code": code, "intervention": other.name, "period": other.day.isoformat()}
        for code, other in (("together_with", near), ("second_intervention", following))
        if other is not None
    ]
    reasons += _of_exposure(theme)
    reasons += _of_happened(wishes.happened, theme, after)
    refusal = _too_little(theme, intervention, before, after, least=first_after + FEWEST_AFTER, until=until)
    if refusal is not None:
        return replace(refusal, others=tuple(reasons))
    known = tuple(
        Break(kind="shift", first=time, last=time)
        for time in sorted({theme.own_period(each.day) for each in earlier})
        if (times[before] < time).sum() >= TOGETHER and (times[before] >= time).sum() >= TOGETHER
    )
    touched = [
        each.theme
        for others in by_theme.values()
        for each in others
        if start - TOUCHED <= theme.own_period(each.day) <= times[after][-1]
    ]
    controls = controls_of(
        panels[theme.length],
        times,
        before=before,
        after=after,
        leave=[*touched, intervention.theme],
        exposure=theme.relative_exposure,
    )
    told = told_of(theme, intervention.day, before, after, controls, known, wishes)
    return Case(
        intervention=intervention,
        periods=theme.periods,
        told=told,
        cautious=_without_recent(told),
        controls=controls,
        length=theme.length,
        reasons=tuple(reasons),
        naive=naive,
        together=near is not None,
    )


def _too_little(
    theme: Series, intervention: Intervention, before: Mask, after: Mask, *, least: float, until: float
) -> Untold | None:
    """Return why nothing can be told of an intervention; None where something can.

    Periods count `until` a time; those up to `least` are enough.
    """
    observed = float(theme.contacts[after].sum()) if after.any() else None
    missing = max(0, FEWEST_AFTER - int(after.sum()))
    to_come = max(float(missing), least - theme.times[-1] - 1)
    # No wait helps where what counts is over before.
    reached = theme.times[-1] + to_come < until
    needed = ceil(to_come * theme.length / WEEK) if missing and reached else None
    naive = None
    if intervention.day < theme.periods[0]:
        reason: Reason = {"code": "before_first", "period": theme.periods[0].isoformat()}
        needed = None
    elif intervention.day >= theme.periods[-1] + timedelta(days=theme.length):
        reason = {"code": "in_future", "period": theme.periods[-1].isoformat()}
        observed = None
    elif before.sum() < FEWEST_BEFORE:
        reason = {"code": "short_before", "periods": int(before.sum()), "needed": FEWEST_BEFORE}
        naive, needed = _naive(theme, before, after), None
    elif not theme.contacts[before].any():
        reason, needed = {"code": "no_contact_before"}, None
    elif (died := _died(theme, before)) is not None:
        reason, needed = {"code": "died_before", "period": died.isoformat()}, None
    elif missing:
        reason = {"code": "short_after", "periods": int(after.sum()), "needed": FEWEST_AFTER}
        naive = _naive(theme, before, after)
    else:
        return None
    return Untold(
        intervention=intervention, reason=reason, naive=naive, observed=observed, weeks_needed=needed
    )


def _of_exposure(theme: Series) -> list[Reason]:
    """Return that customers are known of some periods only, and so of none."""
    return [{"code": "exposure_in_part", "periods": theme.unknown}] if theme.unknown else []


def _of_happened(happened: groups.Happened, theme: Series, after: Mask) -> list[Reason]:
    """Return what releases and outages came in the periods that are measured: the first, and how many."""
    times = theme.times[after]
    found: list[Reason] = []
    for kind in groups.HAPPENINGS:
        days = sorted(day for day in happened.get(kind, ()) if theme.own_period(day) in times)
        if days:
            found.append({"code": f"{kind}_after", "period": days[0].isoformat(), "times": len(days)})
    return found


def _died(theme: Series, before: Mask) -> date | None:
    """Return since when a theme is over; None where it is alive."""
    contacts = theme.contacts[before]
    last = int(np.flatnonzero(contacts)[-1])
    silent = len(contacts) - 1 - last
    if silent * theme.length < DIED * WEEK or silent * contacts[: last + 1].mean() < DIED:
        return None
    return theme.periods[last + 1]


def told_of(
    theme: Series,
    day: date,
    before: Mask,
    after: Mask,
    controls: Controls | None,
    known: tuple[Break, ...],
    wishes: Wishes,
) -> Told:
    """Return a theme's periods as they are read, with those that come."""
    last = theme.periods[int(np.flatnonzero(after)[-1])]
    coming = [last + timedelta(days=theme.length * number) for number in range(1, COMING + 1)]
    columns = columns_of(
        [*theme.periods, *coming],
        length=theme.length,
        since=day,
        zone=wishes.zone,
        happened=wishes.happened,
    )
    if controls is not None:
        index = np.concatenate([controls.index, np.full(COMING, controls.index[after].mean())])
        columns = columns.beside(index, groups.CONTROL)
    seen = len(theme.periods)
    exposure = theme.relative_exposure
    offset = np.zeros(seen) if exposure is None else np.log(exposure)
    return Told(
        times=theme.times,
        contacts=theme.contacts,
        offset=offset,
        columns=columns.slice(0, seen),
        before=before,
        after=after,
        to_come=Coming(
            times=np.array([time_of(each, theme.length) for each in coming]),
            columns=columns.slice(seen, seen + COMING),
        ),
        known=known,
    )


def _without_recent(told: Told) -> Told | None:
    """Return it without the last periods before an intervention, if these were unusual; else None.

    They are held against all stretches of the same length before them. What is done because much was heard
    is followed by less in any case (regression to the mean).
    """
    contacts = told.contacts[told.before] / np.exp(told.offset[told.before])
    blocks = len(contacts) // RECENT
    if blocks <= BLOCKS:
        return None
    means = np.log(contacts[-blocks * RECENT :].reshape(blocks, RECENT).mean(1) + 0.5)
    usual, last = means[:-1], means[-1]
    least = 1 / np.sqrt(max(contacts[:-RECENT].mean() * RECENT, 1.0))
    if abs(last - usual.mean()) <= UNUSUAL * max(usual.std(ddof=1), least) * np.sqrt(1 + 1 / len(usual)):
        return None
    before = told.before.copy()
    before[np.flatnonzero(before)[-RECENT:]] = False
    return replace(told, before=before)


def untouched_case(theme: Series, wishes: Wishes) -> Case:
    """Return a theme that nothing touched as if something had at its end: what it shows is how themes are."""
    before = np.arange(len(theme.periods)) < len(theme.periods) - FEWEST_AFTER
    day = theme.periods[-FEWEST_AFTER]
    return Case(
        intervention=Intervention(name="", theme=theme.theme, day=day),
        periods=theme.periods,
        told=told_of(theme, day, before, ~before, None, (), wishes),
        cautious=None,
        controls=None,
        length=theme.length,
        reasons=(),
        naive=None,
        together=False,
    )


def _neighbours(
    intervention: Intervention, all_of_theme: Sequence[Intervention], theme: Series
) -> tuple[Intervention | None, Intervention | None, list[Intervention]]:
    """Return another one too near to be told apart, the next one that is not, and the earlier ones."""
    start = theme.own_period(intervention.day)
    others = [each for each in all_of_theme if each is not intervention]
    apart = {each.name: theme.own_period(each.day) - start for each in others}
    near = [each for each in others if abs(apart[each.name]) < TOGETHER]
    following = [each for each in others if apart[each.name] >= TOGETHER]
    earlier = [each for each in others if apart[each.name] < 0]
    return (
        min(near, key=lambda each: abs(apart[each.name]), default=None),
        min(following, key=lambda each: each.day, default=None),
        earlier,
    )


def _naive(theme: Series, before: Mask, after: Mask) -> float | None:
    """Compare the contacts of as many periods before as after, as everybody does."""
    if not after.any() or not before.any():
        return None
    just_before = np.flatnonzero(before)[-int(after.sum()) :]
    exposure = np.ones(len(theme.contacts)) if theme.exposure is None else theme.exposure
    usual = theme.contacts[just_before].sum() / exposure[just_before].sum()
    return float(theme.contacts[after].sum() / exposure[after].sum() / usual - 1) if usual else None
