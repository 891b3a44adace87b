"""Where groups and labels disagree: labels that one theme mixes, labels that are scattered over themes."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Part = TypeVar("Part", bound=Hashable)

EXAMPLES = 3
"""Rows that are named of what a theme mixes in, or of what lies apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """A theme that holds rows of several labels."""

    theme: int
    rows: int
    labels: tuple[tuple[str, int], ...]
    """Each label with its rows in the theme, the commonest first."""
    examples: tuple[int, ...]
    """Rows of the second label, the first ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scattered:
    """A label whose rows are in several themes."""

    label: str
    rows: int
    themes: tuple[tuple[int | None, int], ...]
    """Each theme (None: no theme) with the label's rows in it, the largest share first."""
    examples: tuple[int, ...]
    """Rows that are in the second theme, the first ones."""


def mixed(labels: Sequence[str], groups: Sequence[int | None], *, most: int) -> list[Mixed]:
    """Return the themes that mix labels, the one that joins most pairs of different labels first.

    What is in no theme mixes nothing.
    """
    found = []
    for theme, (counts, rows) in _parts(groups, labels).items():
        if theme is not None and len(counts) > 1:
            shares = _ordered(counts)
            others = [row for row in rows if labels[row] == shares[1][0]]
            found.append(Mixed(theme=theme, rows=len(rows), labels=shares, examples=tuple(others[:EXAMPLES])))
    return sorted(found, key=lambda one: (-_split_pairs(one.labels), one.theme))[:most]


def scattered(labels: Sequence[str], groups: Sequence[int | None], *, most: int) -> list[Scattered]:
    """Return the labels that are in several themes, the one with most pairs of rows kept apart first."""
    found = []
    for label, (counts, rows) in _parts(labels, groups).items():
        if len(counts) > 1:
            shares = _ordered(counts)
            others = [row for row in rows if groups[row] == shares[1][0]]
            found.append(
                Scattered(label=label, rows=len(rows), themes=shares, examples=tuple(others[:EXAMPLES]))
            )
    return sorted(found, key=lambda one: (-_split_pairs(one.themes), one.label))[:most]


def _parts(keys: Sequence[Key], parts: Sequence[Part]) -> Mapping[Key, tuple[Counter[Part], list[int]]]:
    """Return for each key how often each part stands with it, and in which rows."""
    found: dict[Key, tuple[Counter[Part], list[int]]] = defaultdict(lambda: (Counter(), []))
    for row, (key, part) in enumerate(zip(keys, parts, strict=True)):
        counts, rows = found[key]
        counts[part] += 1
        rows.append(row)
    return found


def _ordered(counts: Counter[Part]) -> tuple[tuple[Part, int], ...]:
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], str(one[0]))))


def _split_pairs(shares: Sequence[tuple[object, int]]) -> int:
    """Return how many pairs of rows have two different parts."""
    sizes = [size for _, size in shares]
    return (sum(sizes) ** 2 - sum(size**2 for size in sizes)) // 2
