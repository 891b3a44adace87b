"""What became of the themes in a new run: which went on, split, merged, ended, and which are new."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from service.rules.matching import Grouping, Nearness, Shared, continued

MOST = 1 / 2
"""A group of which most was one theme's split off from it; a theme of which most went to a group merged."""
SMALL_PART = 1 / 10
"""A group is told as split off a theme if it took a tenth of the theme, or is mostly made of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened: `continue`, `split`, `merge`, `birth` or `death`."""

    name: str
    themes: tuple[str, ...]
    """The themes as they were, by id."""
    groups: tuple[int, ...]
    """The groups that they became, by number."""
    overlap: float
    """Spans that both sides hold ÷ spans that either holds, among those that both runs read; 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What became of themes and groups on one level."""

    theme_of: Mapping[int, str]
    """Group to the theme that it continues; a group that is not in it is new."""
    successor: Mapping[str, int]
    """Theme that ended, to the group that most of its spans went to."""
    events: tuple[Event, ...]


Step = tuple[Sequence[str], Sequence[str]]
"""An event as ids: the themes before it and after it."""


def heirs(theme: str, runs: Iterable[Sequence[Step]], *, living: AbstractSet[str]) -> list[str]:
    """Return the themes of `living` that the voices of a theme went to, the oldest way first.

    `runs` are the events of every run in their order. A theme that is in no event of a run stays what it is.
    What people changed after a run is told with it: what ended at once in the same run is followed on.
    """
    held = [theme]
    for steps in runs:
        after: list[str] = []
        for name in held:
            became = _became(name, steps)
            if not became:
                after.append(name)
            for each in became:
                after += [each] if each in living or each == name else _became(each, steps) or [each]
        held = list(dict.fromkeys(after))
    return [name for name in held if name in living]


def _became(theme: str, steps: Iterable[Step]) -> list[str]:
    return [name for was, becomes in steps if theme in was for name in becomes]


def match(grouping: Grouping, *, nearness: Nearness | None = None) -> Matching:
    """Return which group continues which theme, and the events that tell it all.

    Every theme of the last run and every group is in an event. A merge tells the end of the themes that
    joined and a split the birth of the groups that came off, so neither has a `death` or `birth` beside it.
    """
    shared = Shared.of(grouping.themes, grouping)
    theme_of = continued(grouping, shared, nearness=nearness)
    story = _Story(grouping=grouping, shared=shared, theme_of=theme_of)
    merges, splits = story.merges(), story.splits()
    events = [*merges, *splits, *story.rest([*merges, *splits])]
    return Matching(theme_of=theme_of, successor=story.ended(), events=tuple(events))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    grouping: Grouping
    shared: Shared
    theme_of: Mapping[int, str]

    def merges(self) -> list[Event]:
        joined: dict[int, list[str]] = {}
        for theme, group in self.ended().items():
            if self.shared.parts(theme, group)[0] >= MOST:
                joined.setdefault(group, []).append(theme)
        themes = {group: [*self._continuing(group), *sorted(joined[group])] for group in joined}
        return [
            self._event("merge", themes[group], [group])
            for group in self._ordered(themes)
            if len(themes[group]) > 1
        ]

    def splits(self) -> list[Event]:
        homes = self._homes()
        pieces = {theme: [home] for theme, home in homes.items() if home is not None}
        for theme, group in sorted(self.shared.pairs, key=lambda pair: self.shared.order[pair[1]]):
            if group != homes[theme] and self._split_off(theme, group):
                pieces[theme].append(group)
        return [self._event("split", [theme], groups) for theme, groups in pieces.items() if len(groups) > 1]

    def rest(self, told: Sequence[Event]) -> list[Event]:
        """Return an event for each theme and each group that merges and splits have not told of."""
        themes = {theme for event in told for theme in event.themes}
        groups = {group for event in told for group in event.groups}
        ended = self.ended()
        events = []
        for group in self._ordered(self.grouping.groups):
            theme = self.theme_of.get(group)
            if theme is None and group not in groups:
                events.append(self._event("birth", [], [group]))
            if theme is not None and theme not in themes and (group not in groups or self._continuing(group)):
                events.append(self._event("continue", [theme], [group]))
        for theme in sorted(set(self.grouping.themes) - set(self.theme_of.values()) - themes):
            events.append(self._event("death", [theme], [ended[theme]] if theme in ended else []))
        return events

    def ended(self) -> dict[str, int]:
        """Return each theme that no group continues, with the group that holds most of its spans."""
        continuing = set(self.theme_of.values())
        homes = self._homes().items()
        return {theme: home for theme, home in homes if home is not None and theme not in continuing}

    def _homes(self) -> dict[str, int | None]:
        """Return where each theme of the last run lives now, in the order of their ids."""
        group_of = {theme: group for group, theme in self.theme_of.items()}
        held: dict[str, list[int]] = {theme: [] for theme in sorted(self.grouping.themes)}
        for theme, group in self.shared.pairs:
            held[theme].append(group)
        return {
            theme: group_of[theme] if theme in group_of else self.shared.home(theme, groups)
            for theme, groups in held.items()
        }

    def _continuing(self, group: int) -> list[str]:
        """Return the theme of the last run that the group continues, if there is one."""
        theme = self.theme_of.get(group)
        return [theme] if theme is not None and theme in self.grouping.themes else []

    def _split_off(self, theme: str, group: int) -> bool:
        of_theme, of_group = self.shared.parts(theme, group)
        whole = self.shared.pairs[theme, group] / len(self.grouping.groups[group])
        return of_group >= MOST and (of_theme >= SMALL_PART or whole >= MOST)

    def _ordered(self, groups: Mapping[int, object]) -> list[int]:
        return sorted(groups, key=self.shared.order.__getitem__)

    def _event(self, name: str, themes: Sequence[str], groups: Sequence[int]) -> Event:
        overlap = self.shared.overlap(themes, groups)
        return Event(name=name, themes=tuple(themes), groups=tuple(groups), overlap=overlap)
