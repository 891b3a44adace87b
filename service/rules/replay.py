"""What corrections make of a grouping that knows nothing of them.

They are obeyed one after the other, as they were made, so where two differ the later one counts. In the
end each is looked at: whatever does not hold, or not for all of its voices, is told with the reason. Which
group is meant by a theme is told by the spans that it holds now, else by those of the day of the correction.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from service.rules.corrections import Conflict
from service.rules.links import Links


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A correction that nobody has taken back, and what is still there of what it is about."""

    id: str
    op: str
    themes: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    """Spans that were picked and are there, perhaps under another id."""
    picked: int = 0
    """How many were picked."""
    sides: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    """The spans of each theme on that day, as far as they are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A grouping as people corrected it."""

    groups: Mapping[str, int | None]
    loose: AbstractSet[str]
    """Spans that left their group, and so their sub-group."""
    decided: AbstractSet[str]
    """Spans about which a person decided."""
    ignored: AbstractSet[str]
    themes: Mapping[int, str]
    """Groups that a correction says are a certain theme."""
    homes: Mapping[str, int]
    """Themes that corrections are about, and their groups."""
    conflicts: Mapping[str, Conflict]
    """By correction; those that hold are left out."""


def replay(
    events: Sequence[Event],
    groups: Mapping[str, int | None],
    *,
    held: Mapping[str, AbstractSet[str]],
) -> Replayed:
    """Obey `events` in their order; `held` are the spans of each theme now.

    `groups` names the spans that surely belong to their groups first: of two that must not be together, the
    first stays.
    """
    done = _Replay(events, groups, held)
    for event in events:
        done.obey(event)
    for event in events:
        if event.op in ("pin", "ignore") and event.themes:
            done.keep(event)
    conflicts = {event.id: conflict for event in events if (conflict := done.conflict_of(event))}
    return Replayed(
        groups=done.where,
        loose=done.loose,
        decided=set(done.decided),
        ignored=done.ignored,
        themes=done.themes,
        homes=done.homes,
        conflicts=conflicts,
    )


class _Replay:
    """The grouping on its way, and what was said about which part of it."""

    def __init__(
        self,
        events: Sequence[Event],
        groups: Mapping[str, int | None],
        held: Mapping[str, AbstractSet[str]],
    ) -> None:
        self.where = dict(groups)
        self.order = {span: place for place, span in enumerate(groups)}
        self.inside: dict[int, set[str]] = defaultdict(set)
        for span, group in groups.items():
            if group is not None:
                self.inside[group].add(span)
        self.held = held
        # What a person put somewhere, or merged into a theme, says nothing about which group the theme is.
        self.brought = {span for event in events for span in event.chosen}
        self.joined: dict[str, set[str]] = defaultdict(set)
        for event in events:
            for gone in event.themes[1:] if event.op == "merge" else ():
                self.joined[event.themes[0]] |= event.sides.get(gone, set())
        self.next = max(self.inside, default=-1) + 1
        self.themes: dict[int, str] = {}
        self.homes: dict[str, int] = {}
        self.loose: set[str] = set()
        self.decided: dict[str, str] = {}
        self.ignored: set[str] = set()
        self.merged: dict[str, Event] = {}
        """Theme to the correction that merged it into another."""
        self.refused: dict[str, Conflict] = {}
        self.links = Links()

    def obey(self, event: Event) -> None:
        """Do what one correction says, whole or not at all."""
        do = {
            "create": self._create,
            "merge": self._merge,
            "split": self._split,
            "move": self._move,
            "must_link": self._must_link,
            "cannot_link": self._cannot_link,
            "ignore": self._ignore,
        }.get(event.op)
        if do is not None:
            do(event)

    # What each correction does.

    def _create(self, event: Event) -> None:
        if event.chosen:
            self._found(event.themes[0], event)

    def _split(self, event: Event) -> None:
        if event.chosen:
            source, part = event.themes
            self._found(part, event, apart=self._home(source, event))

    def _merge(self, event: Event) -> None:
        homes = {theme: self._home(theme, event) for theme in event.themes}
        there = [group for group in homes.values() if group is not None]
        if None in homes.values():
            self.refused[event.id] = Conflict(reason="target_gone")
        if len(there) < 2:
            return
        kept = there[0]
        # A theme that grew since may lie elsewhere than what was merged; that is meant, too.
        of_that_day = [self._most(event.sides.get(theme, ())) for theme in event.themes]
        for group in dict.fromkeys([*there, *of_that_day]):
            if group is not None and group != kept and (group in there or group not in self.themes):
                self._unite(kept, group)
        for theme, group in homes.items():
            if group is not None:
                self.homes[theme] = kept
        if self.themes.get(kept) in event.themes[1:]:
            del self.themes[kept]
        for theme in event.themes[1:]:
            self.merged[theme] = event
        self.merged.pop(event.themes[0], None)

    def _move(self, event: Event) -> None:
        if not event.themes:
            self._put(event.chosen, None, by=event)
            return
        home = self._home(event.themes[0], event)
        if home is None:
            self.refused[event.id] = Conflict(reason="target_gone")
            return
        self.homes[event.themes[0]] = home
        self._put(event.chosen, home, by=event)

    def _must_link(self, event: Event) -> None:
        if not self._link(event):
            return
        self._put(event.chosen, self._most(event.chosen), by=event)

    def _cannot_link(self, event: Event) -> None:
        if event.themes:
            self._keep_apart(event)
            return
        if not self._link(event):
            return
        taken: set[int] = set()
        leaving = []
        for span in sorted(event.chosen, key=self.order.__getitem__):
            group = self.where[span]
            if group is not None and group in taken:
                leaving.append(span)
            elif group is not None:
                taken.add(group)
        staying = set(event.chosen) - set(leaving)
        self.decided |= dict.fromkeys(staying, event.id)
        self._put(leaving, None, by=event)

    def _keep_apart(self, event: Event) -> None:
        """Let a theme that shares its group with a larger one of the event leave it."""
        first: dict[int, str] = {}
        sizes = {theme: len(self._members(theme, event)) for theme in event.themes}
        for theme in sorted(event.themes, key=lambda theme: (-sizes[theme], theme)):
            home = self._home(theme, event)
            if home is not None and home in first:
                self._found(theme, event, apart=home, chosen=())
            elif home is not None:
                first[home] = theme
                self.homes[theme] = home

    def _ignore(self, event: Event) -> None:
        if not event.themes:
            self._put(event.chosen, None, by=event)
            self.ignored |= set(event.chosen)

    def keep(self, event: Event) -> None:
        """Give a theme that no run may end the group that is mostly its own, or one of its own."""
        theme = event.themes[0]
        if theme not in self.merged and self.themes.get(self.homes.get(theme, -1)) != theme:
            self._found(theme, event, chosen=())

    # How it is done.

    def _link(self, event: Event) -> bool:
        """Say whether a link can be obeyed, together with the earlier ones."""
        other = self.links.against(event.op, event.chosen)
        if other is None:
            self.links.add(event.id, event.op, event.chosen)
        else:
            self.refused[event.id] = Conflict(reason="contradicts", other=other)
        return other is None

    def _members(self, theme: str, event: Event) -> AbstractSet[str]:
        """Return the spans that tell which group a theme is."""
        now, then = self.held.get(theme, frozenset()), event.sides.get(theme, frozenset())
        others = self.brought | self.joined.get(theme, set())
        return (now - others) or (then - others) or now or then

    def _home(self, theme: str, event: Event) -> int | None:
        """Return the group that a theme is; None where no group holds any of it."""
        return self.homes.get(theme, self._most(self._members(theme, event)))

    def _most(self, spans: Iterable[str]) -> int | None:
        """Return the group that holds most of these spans; None where none holds any."""
        counts = Counter(group for span in spans if (group := self.where.get(span)) is not None)
        return min(counts, key=lambda group: (-counts[group], group)) if counts else None

    def _found(
        self, theme: str, event: Event, *, apart: int | None = None, chosen: Iterable[str] | None = None
    ) -> None:
        """Let a theme have a group: the one that is mostly made of its spans, else one of its own.

        It is never the group `apart`, nor one that is another theme by a correction.
        """
        core = tuple(event.chosen if chosen is None else chosen)
        members = {span for span in self._members(theme, event) if span in self.where} | set(core)
        taken_in = self._taken_in(theme)
        home = self._home(theme, event) if taken_in else self._most(members)
        if taken_in:
            members = members.union(self.held.get(theme, ()), *taken_in.values())
        part = self.inside[home] & members if home is not None else members
        taken = home is None or home == apart or home in self.themes
        if not part:
            return
        if home is None or taken or 2 * len(part) <= len(self.inside[home]):
            home = self.next
            self.next += 1
            self._put((span for span in part if span not in self.decided), home)
        self._put(core, home, by=event)
        self.themes[home], self.homes[theme] = theme, home
        self.homes |= dict.fromkeys(taken_in, home)

    def _taken_in(self, theme: str) -> dict[str, AbstractSet[str]]:
        """Return the themes that were merged into this one and still are, with their spans of that day."""
        found = {
            gone: by.sides.get(gone, frozenset())
            for gone, by in self.merged.items()
            if by.themes[0] == theme and self.homes.get(gone, -1) == self.homes.get(theme)
        }
        for gone in tuple(found):
            found |= self._taken_in(gone)
        return found

    def _put(self, spans: Iterable[str], group: int | None, *, by: Event | None = None) -> None:
        """Put spans into a group; `by` the correction that names them, else as those that come along."""
        for span in list(spans):
            before = self.where[span]
            if by is not None:
                self.decided[span] = by.id
                self.ignored.discard(span)
            if before == group:
                continue
            self.loose.add(span)
            self.where[span] = group
            if before is not None:
                self.inside[before].discard(span)
            if group is not None:
                self.inside[group].add(span)

    def _unite(self, kept: int, gone: int) -> None:
        for span in self.inside.pop(gone, set()):
            self.where[span] = kept
            self.inside[kept].add(span)
        if (theme := self.themes.pop(gone, None)) is not None and kept not in self.themes:
            self.themes[kept] = theme
        for theme, group in self.homes.items():
            if group == gone:
                self.homes[theme] = kept

    # What became of it.

    def conflict_of(self, event: Event) -> Conflict | None:
        """Return why a correction does not hold; None where it does."""
        if event.id in self.refused:
            return self.refused[event.id]
        if event.picked and not event.chosen:
            return Conflict(reason="gone", count=event.picked, of=event.picked)
        if event.op == "merge":
            return self._apart_again(event)
        if event.themes and (by := self.merged.get(event.themes[-1])) and event.op != "move":
            return Conflict(reason="merged", other=by.id)
        if event.op == "cannot_link" and event.themes:
            return self._one_again(event)
        if event.op == "split" and self.homes.get(event.themes[0]) == self.homes[event.themes[1]]:
            by = self.merged.get(event.themes[0])
            return Conflict(reason="merged", other=by.id if by else None)
        return self._astray(event)

    def _apart_again(self, event: Event) -> Conflict | None:
        homes = {self.homes[theme] for theme in event.themes}
        if len(homes) == 1:
            return None
        other = next((by.id for theme, by in self.merged.items() if theme in event.themes), None)
        return Conflict(reason="overruled", count=event.picked, of=event.picked, other=other)

    def _one_again(self, event: Event) -> Conflict | None:
        homes = [self.homes[theme] for theme in event.themes if theme in self.homes]
        if len(homes) < 2:
            return Conflict(reason="target_gone")
        if len(set(homes)) == len(homes):
            return None
        by = next((self.merged[theme].id for theme in event.themes if theme in self.merged), None)
        return Conflict(reason="merged", other=by)

    def _astray(self, event: Event) -> Conflict | None:
        """Return which of the chosen spans are not where the correction wants them."""
        if event.op in ("must_link", "cannot_link") and len(event.chosen) < 2:
            lost = event.picked - len(event.chosen)
            return Conflict(reason="gone", count=lost, of=event.picked)
        stray = self._stray(event)
        if not stray:
            return None
        by = next((by for span in stray if (by := self.decided.get(span)) not in (None, event.id)), None)
        return Conflict(reason="overruled", count=len(stray), of=event.picked, other=by)

    def _stray(self, event: Event) -> list[str]:
        if event.op in ("create", "split", "move"):
            home = self.homes[event.themes[-1]] if event.themes else None
            return [span for span in event.chosen if self.where[span] != home]
        if event.op == "must_link":
            homes = Counter(self.where[span] for span in event.chosen)
            home = min(homes, key=lambda group: (-homes[group], -1 if group is None else group))
            return [span for span in event.chosen if self.where[span] != home]
        if event.op == "cannot_link":
            seen = Counter(group for span in event.chosen if (group := self.where[span]) is not None)
            return [span for span in event.chosen if (at := self.where[span]) is not None and seen[at] > 1]
        if event.op == "ignore" and not event.themes:
            return [span for span in event.chosen if span not in self.ignored]
        return []
