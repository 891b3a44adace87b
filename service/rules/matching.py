"""Which group of a new run continues which theme.

A theme is continued by its members: the spans that it holds in the last run and that the new run read too.
Spans that were not there in the last run say nothing about identity, so they do not count against it.
Only where the members cannot say (most of them are gone, most of the group's are new) do centroids decide.
Pairs are chosen over all themes at once (optimal assignment): as many spans as can keep their theme's id.
Nothing depends on how the groups are numbered.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy  # each of its parts is loaded when it is first asked for

LARGE_PART = 1 / 3
SMALL_PART = 1 / 10
"""A group can continue a theme if they share a third of the one and a tenth of the other: the largest piece
of a theme that broke into ten, or a theme that others joined; with less, a name would sit on other voices."""
MOST = 1 / 2
"""Members cannot say where most of the theme's spans are gone, and most of the group's are new."""
NEAR = 0.9
"""Cosine of two centroids from which on they are taken for one theme when members cannot say."""

Nearness = Callable[[Sequence[str], Sequence[int]], npt.NDArray[np.float64]]
"""Cosines of the centroids of themes (rows) and groups (columns); NaN where they cannot be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """One level of two runs: who was where, and who was read at all."""

    themes: Mapping[str, AbstractSet[str]]
    """The last run's themes and their spans."""
    groups: Mapping[int, AbstractSet[str]]
    """The new run's groups and their spans; none is empty, no span is in two."""
    before: AbstractSet[str]
    """Every span that the last run read, also those of no theme."""
    now: AbstractSet[str]
    """Every span that the new run read, also those of no group."""
    retired: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    """Themes that ended earlier, and the spans that they held then: one that comes apart again comes back."""
    given: Mapping[int, str] = field(default_factory=dict)
    """Groups that are a certain theme because a person said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """How many spans each theme and each group have in common, among the spans that both runs read."""

    pairs: Mapping[tuple[str, int], int]
    of_theme: Mapping[str, int]
    of_group: Mapping[int, int]
    order: Mapping[int, str]
    """Group to its smallest span: the order of groups that no renumbering changes."""

    @classmethod
    def of(cls, themes: Mapping[str, AbstractSet[str]], grouping: Grouping) -> "Shared":
        theme_by_span = {span: theme for theme in sorted(themes) for span in themes[theme]}
        pairs = Counter(
            (theme_by_span[span], group)
            for group, spans in grouping.groups.items()
            for span in spans
            if span in theme_by_span
        )
        return cls(
            pairs=pairs,
            of_theme={theme: len(spans & grouping.now) for theme, spans in themes.items()},
            of_group={group: len(spans & grouping.before) for group, spans in grouping.groups.items()},
            order={group: min(spans) for group, spans in grouping.groups.items()},
        )

    def parts(self, theme: str, group: int) -> tuple[float, float]:
        """Return which part of the theme, and which part of the group, they have in common."""
        common = self.pairs.get((theme, group), 0)
        return common / max(self.of_theme[theme], 1), common / max(self.of_group[group], common, 1)

    def overlap(self, themes: Iterable[str], groups: Iterable[int]) -> float:
        """Return common ÷ all spans of several themes on one side and several groups on the other."""
        themes, groups = tuple(themes), tuple(groups)
        common = sum(self.pairs.get((theme, group), 0) for theme in themes for group in groups)
        either = sum(self.of_theme.get(theme, 0) for theme in themes) + sum(
            map(self.of_group.__getitem__, groups)
        )
        return round(common / (either - common), 4) if either > common else float(common > 0)

    def home(self, theme: str, groups: Iterable[int]) -> int | None:
        """Return the one of `groups` that holds most of the theme; None where no span went to any."""
        counts = [(-self.pairs.get((theme, group), 0), self.order[group], group) for group in groups]
        best = min(counts, default=None)
        return best[2] if best is not None and best[0] < 0 else None


def continued(grouping: Grouping, shared: Shared, *, nearness: Nearness | None) -> dict[int, str]:
    """Return group to the theme that it continues; `shared` is that of the last run's themes."""
    theme_of = dict(grouping.given)
    theme_of |= _by_members(shared, without=theme_of)
    theme_of |= _by_members(Shared.of(grouping.retired, grouping), without=theme_of)
    if nearness is not None:
        theme_of |= _by_centroids(grouping, shared, theme_of, nearness)
    return theme_of


def _by_members(shared: Shared, *, without: Mapping[int, str]) -> dict[int, str]:
    named = set(without.values())
    weights: dict[tuple[str, int], float] = {}
    for (theme, group), common in shared.pairs.items():
        small, large = sorted(shared.parts(theme, group))
        if group not in without and theme not in named and small >= SMALL_PART and large >= LARGE_PART:
            # The overlap only settles ties: where two choices keep as many spans, the more alike pairs win.
            weights[theme, group] = common + shared.overlap([theme], [group]) / 10_000
    return _assign(weights, shared.order)


def _by_centroids(
    grouping: Grouping, shared: Shared, theme_of: Mapping[int, str], nearness: Nearness
) -> dict[int, str]:
    continued = set(theme_of.values())
    themes = sorted(
        theme
        for theme, spans in {**grouping.retired, **grouping.themes}.items()
        if theme not in continued and shared.of_theme.get(theme, 0) <= MOST * len(spans)
    )
    groups = sorted(
        (
            group
            for group, spans in grouping.groups.items()
            if group not in theme_of and shared.of_group[group] <= MOST * len(spans)
        ),
        key=shared.order.__getitem__,
    )
    if not themes or not groups:
        return {}
    cosines = np.nan_to_num(nearness(themes, groups), nan=-1.0)
    rows, columns = np.nonzero(cosines >= NEAR)
    weights = {
        (themes[row], groups[column]): float(cosines[row, column])
        for row, column in zip(rows, columns, strict=True)
    }
    return _assign(weights, shared.order)


def _assign(weights: Mapping[tuple[str, int], float], order: Mapping[int, str]) -> dict[int, str]:
    """Return group to theme, so that the weights of the chosen pairs add up to the most.

    Themes and groups that no chain of pairs joins are solved apart, each problem in an order of its content.
    """
    themes = sorted({theme for theme, _ in weights})
    groups = sorted({group for _, group in weights}, key=order.__getitem__)
    if not weights:
        return {}
    row = {theme: index for index, theme in enumerate(themes)}
    column = {group: len(themes) + index for index, group in enumerate(groups)}
    edges = [(row[theme], column[group]) for theme, group in weights]
    size = len(themes) + len(groups)
    graph = scipy.sparse.coo_array((np.ones(len(edges)), tuple(zip(*edges, strict=True))), shape=(size, size))
    count, part = scipy.sparse.csgraph.connected_components(graph, directed=False)
    members: list[tuple[list[str], list[int]]] = [([], []) for _ in range(count)]
    for theme in themes:
        members[part[row[theme]]][0].append(theme)
    for group in groups:
        members[part[column[group]]][1].append(group)
    chosen: dict[int, str] = {}
    for some_themes, some_groups in members:
        gain = np.array(
            [[weights.get((theme, group), 0.0) for group in some_groups] for theme in some_themes]
        )
        for theme_index, group_index in zip(
            *scipy.optimize.linear_sum_assignment(gain, maximize=True), strict=True
        ):
            if gain[theme_index, group_index] > 0:
                chosen[some_groups[group_index]] = some_themes[theme_index]
    return chosen
