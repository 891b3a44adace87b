"""An effect as a row: the same in files, in the export and in the API."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Told(Protocol):
    """What came of an intervention, wherever it was measured."""

    @property
    def theme_id(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def relative_effect(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def naive(self) -> float | None: ...
    @property
    def observed(self) -> float | None: ...
    @property
    def expected(self) -> float | None: ...
    @property
    def weeks_needed(self) -> int | None: ...
    @property
    def reasons(self) -> Sequence[Mapping[str, Any]]: ...


def effect_row(name: str, effect: Told) -> dict[str, Any]:
    """Return what came of the intervention of this name, as the export `effects` has it."""
    return {
        "intervention_id": name,
        "theme_id": effect.theme_id,
        "verdict": effect.verdict,
        "relative_effect": effect.relative_effect,
        "low": effect.low,
        "high": effect.high,
        "naive": effect.naive,
        "observed": effect.observed,
        "expected": effect.expected,
        "weeks_needed": effect.weeks_needed,
        "reasons": [dict(reason) for reason in effect.reasons],
    }
