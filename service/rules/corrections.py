"""What corrections make of a grouping: groups that a person made one theme are one group, in every run."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

Sides = Sequence[Sequence[str]]
"""The spans of each theme that a person made one, as they were on that day."""


def united(groups: Mapping[str, int], merges: Iterable[Sides]) -> dict[int, int]:
    """Return what each group becomes part of, the lowest number of those that are one.

    `groups` says which group each span is in. A side is the group that holds most of its spans; a side of
    which no group holds any has no say. A group that is in no merge is left out.
    """
    part_of: dict[int, int] = {}

    def whole(group: int) -> int:
        while (larger := part_of.get(group, group)) != group:
            group = larger
        return group

    for sides in merges:
        homes = sorted({whole(home) for home in (_home(groups, side) for side in sides) if home is not None})
        for home in homes[1:]:
            part_of[home] = homes[0]
    return {group: whole(group) for group in part_of}


def _home(groups: Mapping[str, int], side: Iterable[str]) -> int | None:
    counts = Counter(groups[span] for span in side if span in groups)
    return min(counts, key=lambda group: (-counts[group], group)) if counts else None
