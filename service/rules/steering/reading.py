"""What was measured in one period: a number with what it rests on, or why there is none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.rules.steering.frame import At, Every, Frame

REASONS = {
    "open": "The period is not over.",
    "nothing": "Nothing of the kind was heard in this period.",
    "no_base": "No usage and no accounts were given, so it is not known among how many customers.",
    "no_base_then": "No usage was given for this period, so it is not known among how many customers.",
    "no_known_customer": "It is not known which customers spoke.",
    "waiting": "The time in which it would show is not over.",
    "no_looks": "No article views or searches were given, so the self-service share is not known.",
    "unknown_looks": "It is not told whose the article views and searches are; one of nobody known may be "
    "anybody's, so the self-service share is not known.",
    "no_looks_then": "No article views or searches were given for this period.",
    "no_times": "No source tells when it answered.",
    "no_solutions": "No source tells when it solved what was asked.",
    "under_half": "Fewer than half have come to it, so when half will have is not known.",
    "no_status": "No source tells what is solved.",
    "none_solved": "None that ended in this period is known to be solved.",
    "no_work": "Nobody said how much work the solved themes took.",
    "nothing_solved": "No theme is known to be solved: no article, fix or other change was told.",
    "no_theme": "No theme came up in this period that many spoke of.",
    "no_accounts": "No accounts are known; where all customers are employees, there are none.",
    "no_outcomes": "No renewal, contraction, churn or end of an account was given.",
    "before_outcomes": "Nothing was given of what became of accounts in this period.",
    "none_solved_for": "No account had a theme solved by then.",
    "none_decided": "No account for which a theme was solved came to a decision in this period.",
    "no_renewals": "No renewal of an account was given.",
    "no_growth": "No expansion of an account was given.",
    "no_usage": "No usage of accounts was given.",
    "no_usage_then": "Usage was not given for the whole of the three months before and after.",
    "no_revenue": "No account has a revenue.",
    "no_revenue_then": "Of none of these accounts the revenue of the time is known.",
    "not_by_slice": "This is not told apart so.",
}
"""Why there is no number, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A measure in one period."""

    value: float | None
    low: float | None = None
    high: float | None = None
    """Between what it lies, 95 times out of 100; None where it is no estimate."""
    numerator: float | None = None
    denominator: float | None = None
    reason: str | None = None
    """Why there is no value, one of REASONS."""
    waiting: int = 0
    """Cases that are not counted yet: the time in which it would show is not over."""
    left_out: int = 0
    """Cases that cannot be counted."""
    facts: Mapping[str, Any] = field(default_factory=dict)


Series = Mapping[tuple[str, Every], Sequence[Reading]]
"""By slice and length of the periods, one a period of the frame."""


def unknown(reason: str, **more: Any) -> Reading:
    """Return a reading without a number."""
    return Reading(value=None, reason=reason, **more)


def series_of(around: Frame, periods: Sequence[Every], reading: Callable[[At], Reading]) -> Series:
    """Return what is read of every slice in every period."""
    return {
        (name, every): [
            reading(At(name, place, period)) for place, period in enumerate(around.periods[every])
        ]
        for name in around.slices
        for every in periods
    }
