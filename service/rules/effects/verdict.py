"""What came of each intervention: a verdict, how sure it is, and why it is none where it is none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, log
from typing import Any, Literal

import numpy as np
from scipy.special import ndtri

from service.rules.effects.cases import (
    FEWEST_AFTER,
    FEWEST_BEFORE,
    RECENT,
    Case,
    Intervention,
    Reason,
    Untold,
    Wishes,
    case_of,
    untouched_case,
)
from service.rules.effects.controls import MOST, Controls, panels_of
from service.rules.effects.counterfactual import LEVEL, Counterfactual, Fit, compare, fit
from service.rules.effects.course import Step, course_of
from service.rules.effects.placebo import on_earlier_days
from service.rules.effects.priors import Prior, learn
from service.rules.effects.series import WEEK, Series, Unfit, day_of

Verdict = Literal["reduced", "increased", "unchanged", "cannot_tell"]

Progress = Callable[[int, int], None]

LEAST_EXPECTED = 2.0
"""Contacts expected after, below which no share of them means anything."""
WORTH = 0.2
"""An effect that everybody would like to know of."""
OTHERS = 60
"""Themes without an intervention from which it is learnt how themes behave."""
TRIED = 200
"""Claims of one reckoning that are tried on earlier days as well."""
DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What came of an intervention; None where nothing can be said."""

    intervention_id: str
    theme_id: str
    verdict: Verdict
    relative_effect: float | None = None
    """Observed ÷ expected - 1."""
    low: float | None = None
    high: float | None = None
    naive: float | None = None
    """Contacts a period after ÷ before - 1, whatever else happened."""
    observed: float | None = None
    expected: float | None = None
    weeks_needed: int | None = None
    reasons: tuple[Reason, ...] = ()
    course: tuple[Step, ...] = ()
    """How the theme went and would have gone; empty where nothing is forecast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the periods before an intervention say."""

    fit: Fit
    cautious: Fit | None
    """What they say without the last ones, where these were unusual."""


MapAll = Callable[[Callable[[Case], Reading], Sequence[Case]], Iterable[Reading]]


def silent(done: int, all_of_them: int) -> None:
    """Tell nobody how far it is."""
    del done, all_of_them


def measure(
    series: Mapping[str, Series],
    unfit: Mapping[str, Unfit],
    interventions: Sequence[Intervention],
    wishes: Wishes,
    *,
    map_all: MapAll = map,
    progress: Progress = silent,
) -> list[Effect]:
    """Return the effect of each intervention, in their order.

    First every theme is read by itself; then what all of them show of how themes swing, grow and drift is
    used for each. `map_all` may spread the reading over processes.
    """
    panels = panels_of(series)
    by_theme: dict[str, list[Intervention]] = {}
    for each in interventions:
        by_theme.setdefault(each.theme, []).append(each)
    prepared = [case_of(each, series, unfit, panels, by_theme, wishes) for each in interventions]
    cases = [each for each in prepared if isinstance(each, Case)]
    together = [*cases, *(untouched_case(each, wishes) for each in _untouched(series, by_theme))]
    readings: list[Reading] = []
    for found in map_all(read, together):
        readings.append(found)
        progress(len(readings), len(together))
    prior = learn([each.fit.evidence for each in readings])
    fitted = iter(readings)
    effects = [
        _untold(each) if isinstance(each, Untold) else _judged(each, next(fitted), prior, wishes)
        for each in prepared
    ]
    return _tried_earlier(prepared, effects, prior, map_all)


def _tried_earlier(
    prepared: Sequence[Case | Untold], effects: Sequence[Effect], prior: Prior, map_all: MapAll
) -> list[Effect]:
    """Return the effects with how often the same would be claimed on earlier days, where one is claimed.

    Of very many claims none is tried: that would take as long again as all the rest.
    """
    claims = [
        each
        for each, effect in zip(prepared, effects, strict=True)
        if isinstance(each, Case) and effect.verdict in ("reduced", "increased")
    ]
    earlier = [on_earlier_days(each) if len(claims) <= TRIED else [] for each in claims]
    readings = iter(list(map_all(read, [one for some in earlier for one in some])))
    told: dict[str, Reason] = {}
    for claim, some in zip(claims, earlier, strict=True):
        answers = [compare(next(readings).fit, one.observed, prior) for one in some]
        if answers:
            claimed = sum(each.high < 0 or each.low > 0 for each in answers)
            told[claim.intervention.name] = {"code": "other_days", "days": len(answers), "claimed": claimed}
    return [
        replace(effect, reasons=(*effect.reasons, told[effect.intervention_id]))
        if effect.intervention_id in told
        else effect
        for effect in effects
    ]


def read(case: Case) -> Reading:
    """Return what the periods before say."""
    return Reading(fit=fit(case.told), cautious=None if case.cautious is None else fit(case.cautious))


def _judged(case: Case, read: Reading, prior: Prior, wishes: Wishes) -> Effect:
    """Return the effect of an intervention once the weights of all beliefs are known."""
    found = read.fit
    fits = [each for each in (found, read.cautious) if each is not None]
    answers = [compare(each, case.observed, prior) for each in fits]
    # What is written is what is judged.
    low = round(min(each.low for each in answers), DIGITS) + 0.0
    high = round(max(each.high for each in answers), DIGITS) + 0.0
    compared = replace(answers[0], low=low, high=high)
    before, after = case.told.before, case.told.after
    if compared.expected < LEAST_EXPECTED:
        reason = {"code": "hardly_expected", "expected": _rounded(compared.expected)}
        why = Untold(intervention=case.intervention, reason=reason, observed=case.observed)
        return _untold(replace(why, others=case.reasons))
    verdict: Verdict = "cannot_tell" if case.together else _verdict(compared, wishes.margin)
    reasons = [
        *case.reasons,
        {
            "code": "forecast",
            "periods_before": int(before.sum()),
            "periods_after": int(after.sum()),
            "days": case.length,
            "dispersion": _rounded(compared.dispersion),
        },
        *_of_controls(case.controls, compared),
        *_of_breaks(case, found),
    ]
    if read.cautious is not None:
        reasons.append({"code": "unusual_before", "periods": RECENT})
    needed = None
    if verdict == "cannot_tell" and not case.together:
        worth = 0.0 if _would_show(compared) else WORTH
        waits = [
            _weeks_needed(case, fit, answer, worth=worth, margin=wishes.margin)
            for fit, answer in zip(fits, answers, strict=True)
        ]
        needed = max((each for each in waits if each is not None), default=None) if all(waits) else None
        code = "too_uncertain" if needed else "too_uncertain_for_good"
        size = abs(_rounded(compared.effect) or 0.0)
        reasons.append({"code": code, "effect": _rounded(max(worth, size, wishes.margin - size))})
    return Effect(
        intervention_id=case.intervention.name,
        theme_id=case.intervention.theme,
        verdict=verdict,
        relative_effect=_rounded(compared.effect),
        low=low,
        high=high,
        naive=_rounded(case.naive),
        observed=case.observed,
        expected=_rounded(compared.expected),
        weeks_needed=needed,
        reasons=tuple(reasons),
        course=course_of(case, found, compared),
    )


def _of_breaks(case: Case, found: Fit) -> list[Reason]:
    """Return what moved the theme before, but for earlier interventions: these are known."""
    return [
        {"code": each.kind, "period": day_of(each.first, case.length).isoformat()}
        for each in found.breaks
        if each not in case.told.known
    ]


def _verdict(compared: Counterfactual, margin: float) -> Verdict:
    if compared.high < 0:
        return "reduced"
    if compared.low > 0:
        return "increased"
    return "unchanged" if -margin <= compared.low and compared.high <= margin else "cannot_tell"


def _would_show(compared: Counterfactual) -> bool:
    """Say whether an effect of `WORTH` could be told already: then it is a smaller one that cannot."""
    return (1 + compared.high) * (1 - WORTH) ** 2 < 1 + compared.low


def _weeks_needed(
    case: Case, found: Fit, compared: Counterfactual, *, worth: float, margin: float
) -> int | None:
    """Return after how many more weeks an effect like this one, or of `worth`, could be told.

    None where no two years would be enough, as long as the theme is disturbed as it is.
    """
    wide = -ndtri((1 - LEVEL) / 2)
    periods = int(case.told.after.sum())
    # `later` takes the likeliest noise for known, what is claimed does not: so much surer it looks.
    doubt = compared.deviation / found.later[0][1]
    seen = abs(log(max(case.observed, 0.5) / compared.expected))
    effect = max(seen, -log(1 - worth))
    for more, deviation in found.later[1:]:
        heard = max(case.observed, 0.5) / periods * (periods + more)
        reach = wide * float(np.hypot(doubt * deviation, np.sqrt(compared.dispersion / heard)))
        if reach < effect or (reach + seen) < log(1 + margin):
            return ceil(more * case.length / WEEK)
    return None


def _of_controls(controls: Controls | None, compared: Counterfactual) -> list[Reason]:
    """Return what is to be known of the other themes."""
    if controls is None:
        return [{"code": "no_controls"}]
    found: list[Reason] = [{"code": "controls", "themes": controls.themes, "left_out": len(controls.parted)}]
    if len(controls.moves) > 1:
        size = abs(log(max(compared.observed, 0.5) / compared.expected))
        moved = int((np.abs(controls.moves) >= size).sum())
        found.append({"code": "other_themes", "themes": len(controls.moves), "moved_as_much": moved})
    gone = compared.expected - compared.observed
    found += [
        {"code": "moved_to", "theme": each.theme, "more": round(each.contacts - each.expected)}
        for each in controls.parted[:MOST]
        if gone > 0 and each.contacts - each.expected > gone / 4
    ]
    return found


def _untouched(series: Mapping[str, Series], touched: Mapping[str, Any]) -> list[Series]:
    """Return some themes without an intervention that are long enough, evenly from all of them."""
    found = [
        each
        for theme, each in series.items()
        if theme not in touched
        and len(each.periods) >= 2 * FEWEST_BEFORE
        and each.contacts.mean() >= 1
        and each.contacts[:-FEWEST_AFTER].any()
    ]
    stride = max(1, ceil(len(found) / OTHERS))
    return found[::stride]


def _untold(why: Untold) -> Effect:
    return Effect(
        intervention_id=why.intervention.name,
        theme_id=why.intervention.theme,
        verdict="cannot_tell",
        naive=_rounded(why.naive),
        observed=why.observed,
        weeks_needed=why.weeks_needed,
        reasons=(why.reason, *why.others),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS) + 0.0
