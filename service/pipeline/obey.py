"""How a run obeys corrections: between grouping and identity, and in the end on the themes themselves."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlmodel import Session

from service.models import Correction, Run, Theme
from service.pipeline import naming
from service.pipeline.follow import followers
from service.repositories import corrections
from service.repositories import members as members_of
from service.repositories.members import Member
from service.repositories.runs import live_run
from service.rules.corrections import Conflict
from service.rules.replay import Event, Replayed, replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeyed:
    """What the corrections made of a grouped run."""

    members: Sequence[Member]
    """Every span that the run read, in the groups that people want."""
    themes: Mapping[int, str] = field(default_factory=dict)
    """Groups that are a certain theme by a correction."""
    corrections: Sequence[Correction] = ()
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)

    @property
    def in_force(self) -> list[str]:
        """The ids of those that were carried out when they were read."""
        return [each.id for each in self.corrections if each.carried_out_at is not None]

    def overtaken(self, session: Session, organisation_id: str) -> bool:
        """Say whether somebody has corrected something since these were read."""
        return corrections.in_force(session, organisation_id) != self.in_force

    def entitle(self, themes: Mapping[str, Theme]) -> None:
        """Call themes what people called them; taken back, they get the run's own title."""
        for each in self.corrections:
            named = each.title and each.theme_ids and each.carried_out_at is not None
            theme = themes.get(each.theme_ids[-1]) if named else None
            if theme is not None and each.title is not None and not theme.retired:
                if "title" in each.before:
                    each.before = {**each.before, "title": theme.title, "titles": theme.titles}
                naming.call(theme, each.title)

    def conclude(self, themes: Mapping[str, Theme]) -> None:
        """Write with each correction why it does not hold, now that it is known what became of its theme."""
        for each in self.corrections:
            conflict = self.conflicts.get(each.id) or _ended(each, themes)
            if conflict is not None or each.carried_out_at is not None:
                each.conflict = conflict.as_json() if conflict else None


def _ended(correction: Correction, themes: Mapping[str, Theme]) -> Conflict | None:
    """Return that the theme of a correction has ended, where the correction is about the theme itself."""
    if correction.op not in ("rename", "ignore", "pin") or not correction.theme_ids:
        return None
    theme = themes.get(correction.theme_ids[0])
    if theme is None or not theme.retired:
        return None
    return Conflict(reason="ended", theme=theme.successor_id)


def obey(session: Session, run: Run) -> Obeyed:
    """Return the groups of a run as people corrected them, and write them down with the run."""
    organisation_id = run.organisation_id
    members = members_of.members(session, organisation_id, run.id)
    made = corrections.list_corrections(session, organisation_id)
    obeyed = [each for each in made if each.carried_out_at is not None]
    if not obeyed:
        return Obeyed(members=members, corrections=made)
    groups = {member.span_id: member.group_number for member in members}
    events = _events(session, organisation_id, obeyed, groups)
    held = _held(session, organisation_id)
    replayed = replay(events, groups, held=held)
    following = followers(session, run, obeyed, events, replayed, held)
    replayed = replace(replayed, groups={**replayed.groups, **following}, loose={*replayed.loose, *following})
    corrected = [_corrected(member, replayed) for member in members]
    members_of.regroup(session, organisation_id, run.id, _changed(members, corrected, replayed))
    there = {member.group_number for member in corrected}
    return Obeyed(
        members=corrected,
        themes={group: theme for group, theme in replayed.themes.items() if group in there},
        corrections=made,
        conflicts=replayed.conflicts,
    )


def _held(session: Session, organisation_id: str) -> dict[str, set[str]]:
    """Return the spans of every theme of the live run."""
    live = live_run(session, organisation_id)
    held: dict[str, set[str]] = defaultdict(set)
    for span, theme, _ in members_of.themes_of_spans(session, organisation_id, live.id) if live else ():
        if theme is not None:
            held[theme].add(span)
    return held


def _events(
    session: Session, organisation_id: str, made: Sequence[Correction], there: Collection[str]
) -> list[Event]:
    """Return corrections with the spans that are still there; one that was cut anew is known by its text."""
    lost = {span: content for each in made for span, content in each.contents.items() if span not in there}
    renewed = _renewed(session, organisation_id, lost, there)

    def found(spans: Collection[str]) -> list[str]:
        return list(
            dict.fromkeys(now for span in spans for now in renewed.get(span, (span,)) if now in there)
        )

    return [
        Event(
            id=each.id,
            op=each.op,
            themes=tuple(each.theme_ids),
            chosen=tuple(found(each.chosen)),
            picked=len(each.chosen),
            sides={theme: frozenset(found(spans)) for theme, spans in each.spans.items()},
        )
        for each in made
    ]


def _renewed(
    session: Session, organisation_id: str, lost: Mapping[str, Sequence[str]], there: Collection[str]
) -> dict[str, list[str]]:
    """Return what says the same now as each span that is gone: in its own item, else in any."""
    if not lost:
        return {}
    by_item: dict[tuple[str, str], list[str]] = defaultdict(list)
    by_text: dict[str, list[str]] = defaultdict(list)
    hashes = {content_hash for _, content_hash in lost.values()}
    for span, item, content_hash in corrections.spans_with(session, organisation_id, hashes):
        if span in there:
            by_item[item, content_hash].append(span)
            by_text[content_hash].append(span)
    return {
        span: by_item.get((item, content_hash)) or by_text.get(content_hash, [])
        for span, (item, content_hash) in lost.items()
    }


def _corrected(member: Member, replayed: Replayed) -> Member:
    group = replayed.groups[member.span_id]
    part = None if member.span_id in replayed.loose else member.subgroup_number
    if group == member.group_number and part == member.subgroup_number:
        return member
    return replace(member, group_number=group, subgroup_number=part)


def _changed(
    members: Sequence[Member], corrected: Sequence[Member], replayed: Replayed
) -> list[members_of.Regrouped]:
    """Return what is to be written: spans that people put somewhere, and those that came along."""
    return [
        members_of.Regrouped(
            span_id=now.span_id,
            group_number=now.group_number,
            subgroup_number=now.subgroup_number,
            decided=now.span_id in replayed.decided,
            ignored=now.span_id in replayed.ignored,
        )
        for was, now in zip(members, corrected, strict=True)
        if was is not now or now.span_id in replayed.decided
    ]
