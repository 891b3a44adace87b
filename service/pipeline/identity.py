"""Gives every group of a run the id of the theme that it is, on both levels, and tells what happened."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

from sqlmodel import Session

from service.models import Lineage, Run, Theme
from service.models.columns import digest
from service.repositories import members as members_of
from service.repositories.members import Member
from service.repositories.runs import live_run
from service.rules.lineage import Matching, match
from service.rules.matching import Grouping

UPPER = "group_number"
LOWER = "subgroup_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The groups of one level, and who they are."""

    groups: Mapping[int, Sequence[Member]]
    """Group to its members, those that surely belong to it first."""
    ids: Mapping[int, str]
    """Group to the theme that it is."""
    parents: Mapping[int, str]
    """Group to the upper theme that it is part of; empty on the upper level."""
    matching: Matching

    @property
    def born(self) -> int:
        """How many groups continue no theme."""
        return len(self.groups) - len(self.matching.theme_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """Both levels of a run, and where the themes that ended lead to."""

    upper: Level
    lower: Level
    successors: Mapping[str, str]

    def lineage(self, run: Run) -> list[Lineage]:
        """Return the events as rows of `run`."""
        return [row for level in (self.upper, self.lower) for row in _lineage(run, level)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """The last run, and what is remembered of the one before it, as sets of spans by theme."""

    before: frozenset[str]
    upper: Mapping[str, set[str]]
    lower: Mapping[str, set[str]]
    retired_upper: Mapping[str, set[str]]
    retired_lower: Mapping[str, set[str]]


def identify(
    session: Session,
    run: Run,
    members: Sequence[Member],
    existing: Mapping[str, Theme],
    *,
    given: Mapping[int, str] | None = None,
) -> Identities:
    """Match the groups of a run with the themes that exist; one that continues none gets an id of its own.

    `given` are upper groups of which a person said which theme they are. A new id comes from the spans that
    the theme is born with, so two homes that were fed alike have the same ids.
    """
    past = _past(session, run.organisation_id, existing)
    now = frozenset(member.span_id for member in members)
    matched = partial(_match, session, run, past.before, now)
    upper_groups = _by(members, UPPER)
    upper = matched(UPPER, upper_groups, past.upper, past.retired_upper, given=given or {})
    upper_ids = _ids(run.organisation_id, upper_groups, upper, {}, existing, used=())
    lower_groups = _by(members, LOWER)
    lower = matched(LOWER, lower_groups, past.lower, past.retired_lower)
    parents = {
        number: upper_ids[Counter(_numbers(group)).most_common(1)[0][0]]
        for number, group in lower_groups.items()
    }
    lower_ids = _ids(run.organisation_id, lower_groups, lower, parents, existing, used=upper_ids.values())
    successors = _upper_homes(past.lower, members, upper_ids)
    successors |= {theme: lower_ids[group] for theme, group in lower.successor.items()}
    successors |= {theme: upper_ids[group] for theme, group in upper.successor.items()}
    return Identities(
        upper=Level(groups=upper_groups, ids=upper_ids, parents={}, matching=upper),
        lower=Level(groups=lower_groups, ids=lower_ids, parents=parents, matching=lower),
        successors=successors,
    )


def _past(session: Session, organisation_id: str, existing: Mapping[str, Theme]) -> _Past:
    live = live_run(session, organisation_id)
    rows = members_of.themes_of_spans(session, organisation_id, live.id) if live else []
    older = members_of.newest_superseded(session, organisation_id)
    older_rows = members_of.themes_of_spans(session, organisation_id, older.id) if older else []
    held = [pair for span, upper, lower in rows for pair in ((upper, span), (lower, span))]
    held_once = [pair for span, upper, lower in older_rows for pair in ((upper, span), (lower, span))]
    return _Past(
        before=frozenset(span for span, _, _ in rows),
        upper=_sets(held, existing, lower=False, retired=False),
        lower=_sets(held, existing, lower=True, retired=False),
        retired_upper=_sets(held_once, existing, lower=False, retired=True),
        retired_lower=_sets(held_once, existing, lower=True, retired=True),
    )


def _sets(
    pairs: Iterable[tuple[str | None, str]], existing: Mapping[str, Theme], *, lower: bool, retired: bool
) -> dict[str, set[str]]:
    """Return the spans of each theme of a level; one whose spans are all gone is there too, with none."""
    found: dict[str, set[str]] = {
        theme.id: set()
        for theme in existing.values()
        if theme.retired == retired and (theme.parent_id is not None) == lower
    }
    for theme_id, span in pairs:
        if theme_id in found:
            found[theme_id].add(span)
    return found


def _by(members: Iterable[Member], level: str) -> dict[int, list[Member]]:
    groups: dict[int, list[Member]] = defaultdict(list)
    for member in members:
        number = member.group_number if level == UPPER else member.subgroup_number
        if number is not None:
            groups[number].append(member)
    return dict(sorted(groups.items()))


def _numbers(group: Iterable[Member]) -> Iterable[int]:
    return (member.group_number for member in group if member.group_number is not None)


def _match(
    session: Session,
    run: Run,
    before: frozenset[str],
    now: frozenset[str],
    level: str,
    groups: Mapping[int, Sequence[Member]],
    themes: Mapping[str, set[str]],
    retired: Mapping[str, set[str]],
    *,
    given: Mapping[int, str] | None = None,
) -> Matching:
    grouping = Grouping(
        themes=themes,
        groups={number: {member.span_id for member in group} for number, group in groups.items()},
        before=before,
        now=now,
        retired=retired,
        given=given or {},
    )
    embedders = run.embedder.split()
    nearness = partial(members_of.cosines, session, run.organisation_id, run.id, embedders, level=level)
    return match(grouping, nearness=nearness)


def _ids(
    organisation_id: str,
    groups: Mapping[int, Sequence[Member]],
    matching: Matching,
    parents: Mapping[int, str],
    existing: Mapping[str, Theme],
    *,
    used: Iterable[str],
) -> dict[int, str]:
    taken = {*used, *matching.theme_of.values()}
    taken |= {theme.id for theme in existing.values() if not theme.retired}
    ids = dict(matching.theme_of)
    for number, group in groups.items():
        if number not in ids:
            founders = sorted(member.span_id for member in group)
            ids[number] = born(organisation_id, parents.get(number, ""), founders, taken)
            taken.add(ids[number])
    return ids


def born(organisation_id: str, parent: str, founders: Sequence[str], taken: Collection[str]) -> str:
    """Return the id of a theme with these first spans; a retired theme of the very same spans comes back."""
    counted = (() if number == 0 else (str(number),) for number in count())
    names = (digest(organisation_id, "theme", parent, *founders, *number) for number in counted)
    return next(name for name in names if name not in taken)


def _upper_homes(
    themes: Mapping[str, set[str]], members: Sequence[Member], ids: Mapping[int, str]
) -> dict[str, str]:
    """Return for each theme the upper theme that holds most of its spans now."""
    home = {member.span_id: ids[member.group_number] for member in members if member.group_number is not None}
    found = {}
    for theme, spans in themes.items():
        counts = Counter(home[span] for span in spans if span in home)
        if counts:
            found[theme] = min(counts, key=lambda name: (-counts[name], name))
    return found


def _lineage(run: Run, level: Level) -> Iterable[Lineage]:
    for event in level.matching.events:
        themes = list(event.themes)
        became = [level.ids[group] for group in event.groups]
        yield Lineage(
            id=digest(run.id, event.name, *themes, "to", *became),
            organisation_id=run.organisation_id,
            run_id=run.id,
            event=event.name,
            from_ids=themes,
            to_ids=became,
            overlap=event.overlap,
        )
