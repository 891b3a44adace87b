"""Every measure: what it is told in, which way is better, and in which periods it is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from service.rules.steering.deals import DEALT
from service.rules.steering.frame import MONTHLY, OFTEN, Every
from service.rules.steering.reading import Reading

Unit = Literal["rate", "share", "hours", "contacts", "days", "accounts"]
Name = Literal[
    "contact_rate",
    "repeat_rate",
    "self_service",
    "first_answer",
    "solution",
    "customer_effort",
    "work",
    "answered_themes",
    "retention",
    "usage_kept",
    "revenue_kept",
    "first_deals_kept",
    "shrinkage_avoided",
    "growth_won",
]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure."""

    name: Name
    unit: Unit
    better: Literal["up", "down"] | None
    """Which way is good; None where neither is."""
    periods: tuple[Every, ...]
    opens: Literal["voices", "themes", "accounts"]
    """What stands behind its numbers."""


MEASURES: Sequence[Measure] = (
    Measure("contact_rate", "rate", "down", OFTEN, "voices"),
    Measure("repeat_rate", "share", "down", OFTEN, "voices"),
    Measure("self_service", "share", "up", OFTEN, "voices"),
    Measure("first_answer", "hours", "down", OFTEN, "voices"),
    Measure("solution", "hours", "down", OFTEN, "voices"),
    Measure("customer_effort", "contacts", "down", OFTEN, "voices"),
    Measure("work", "days", None, MONTHLY, "themes"),
    Measure("answered_themes", "share", "up", MONTHLY, "themes"),
    Measure("retention", "share", "up", MONTHLY, "accounts"),
    Measure("usage_kept", "share", "up", MONTHLY, "accounts"),
    Measure("revenue_kept", "share", "up", MONTHLY, "accounts"),
    Measure("first_deals_kept", "accounts", "up", DEALT, "accounts"),
    Measure("shrinkage_avoided", "accounts", "up", DEALT, "accounts"),
    Measure("growth_won", "accounts", "up", DEALT, "accounts"),
)
BY_NAME: Mapping[str, Measure] = {measure.name: measure for measure in MEASURES}
QUARTER = 91
"""Days within which a theme is to be answered: thirteen weeks."""


def latest(readings: Sequence[Reading], whole: Sequence[bool]) -> int | None:
    """Return the place of the last whole period that has a value; None where none has."""
    places = (place for place in range(len(readings) - 1, -1, -1) if whole[place])
    return next((place for place in places if readings[place].value is not None), None)
