"""The gold set that grows with use: what people say belongs together or apart, held against a grouping."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

Sides = Sequence[Sequence[str]]
"""Groups of spans; what is said is about pairs of spans of two sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that a person said."""

    together: bool
    """Whether the sides are one theme, or no two of them are."""
    sides: Sides


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far a grouping agrees with what people said; each statement counts once, however large it is."""

    statements: int
    """Those that could be judged."""
    gone: int
    """Those whose spans are no longer there."""
    together: float | None
    """The mean share of pairs that are in one group where they should be; None where nobody said so."""
    apart: float | None
    """The mean share of pairs that are in two groups where they should be."""


def agreement(statements: Iterable[Statement], groups: Mapping[str, int | None]) -> Agreement:
    """Judge a grouping. The spans of no group count as one more group, so that leaving out costs."""
    together, apart, gone = list[float](), list[float](), 0
    for statement in statements:
        share = _share_together(statement.sides, groups)
        if share is None:
            gone += 1
        elif statement.together:
            together.append(share)
        else:
            apart.append(1 - share)
    return Agreement(
        statements=len(together) + len(apart),
        gone=gone,
        together=fmean(together) if together else None,
        apart=fmean(apart) if apart else None,
    )


def _share_together(sides: Sides, groups: Mapping[str, int | None]) -> float | None:
    """Return the share of pairs over two sides that are in one group; None where no pair is left."""
    counted = [Counter(groups[span] for span in side if span in groups) for side in sides]
    pairs = sum(one.total() * other.total() for one, other in combinations(counted, 2))
    if not pairs:
        return None
    alike = sum(
        count * other[group] for one, other in combinations(counted, 2) for group, count in one.items()
    )
    return alike / pairs
