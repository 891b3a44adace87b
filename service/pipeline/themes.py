"""Turn the newest grouping into themes: who each group is, what it is called, and what became of the others.

All of it happens in one transaction, so readers see the last run whole or the new one whole.
"""

from collections.abc import Callable, Mapping, Sequence

from sqlmodel import Session

from nlp.ports import Labeler
from service.db import Database
from service.models import Lineage, Run, Theme
from service.pipeline import loop, news, retitle, tally, updates
from service.pipeline.identity import LOWER, UPPER, Identities, identify
from service.pipeline.naming import Grouped, Naming, name_themes
from service.pipeline.obey import Obeyed, obey
from service.pipeline.report import Progress, Report, silent
from service.repositories import alarms, places
from service.repositories import members as members_of
from service.repositories.glossary import glossary
from service.repositories.runs import grouped_run, live_run
from service.repositories.themes import themes_by_id

STAGE = "themes"


def run(db: Database, organisation_id: str, labeler: Labeler, *, progress: Progress = silent) -> Report:
    """Make the grouped run the live one. Without one, only the themes' stages are brought up to date."""
    while True:
        try:
            return _take_up(db, organisation_id, labeler, progress=progress)
        except _Overtaken:
            continue


class _Overtaken(Exception):
    """Somebody corrected a theme, or a new one was found, while a run was giving names."""


def _take_up(db: Database, organisation_id: str, labeler: Labeler, *, progress: Progress) -> Report:
    with db.begin() as session:
        grouped = grouped_run(session, organisation_id)
        if grouped is None:
            live = live_run(session, organisation_id)
            before = updates.remember(session, organisation_id)
            renewed = retitle.renew(session, live, labeler, told=counter(progress, STAGE, 0)) if live else 0
            updates.tell(session, organisation_id, before, origin="model")
            loop.refresh(session, organisation_id)
            tally.refresh(session, organisation_id)
            stay = "There is no new grouping; the themes stay."
            told = f"{stay} {renewed} have new names, as the glossary wants." if renewed else stay
            return Report(stage=STAGE, done=renewed, notes=(told,))
        existing = themes_by_id(session, organisation_id)
        obeyed = obey(session, grouped)
        identities = identify(session, grouped, obeyed.members, existing, given=obeyed.themes)
        total = len(identities.upper.groups) + len(identities.lower.groups)
        wordings = glossary(session, organisation_id)
        count = counter(progress, STAGE, total)
        names = name_themes(by_theme(identities), labeler, wordings, told=count)
        places.lock_places(session, organisation_id)
        if obeyed.overtaken(session, organisation_id) or _grown(session, organisation_id, existing):
            raise _Overtaken
        retitle.note(grouped, wordings)
        publish(session, grouped, obeyed, identities, names, existing)
        notes = [_note(identities, existing)]
        if obeyed.conflicts:
            notes.append(
                f"Corrections that do not hold, or not for all their voices: {len(obeyed.conflicts)};"
                " koe corrections list --state conflicts says why."
            )
    return Report(stage=STAGE, done=len(identities.upper.groups), notes=tuple(notes))


def _grown(session: Session, organisation_id: str, existing: Mapping[str, Theme]) -> bool:
    """Say whether there are themes that the run does not know of."""
    return themes_by_id(session, organisation_id).keys() != existing.keys()


def publish(
    session: Session,
    run: Run,
    obeyed: Obeyed,
    identities: Identities,
    names: Mapping[str, Naming],
    existing: Mapping[str, Theme],
) -> None:
    """Make a run the live one, under these identities and names, in the caller's transaction.

    The caller keeps others from changing where spans are (`lock_places`).
    """
    before = updates.remember(session, run.organisation_id) if run.as_of is None else None
    themes = _write_themes(session, run.organisation_id, identities, names, existing)
    obeyed.entitle(themes)
    if run.as_of is None:
        obeyed.conclude(themes)
        new = [themes[name] for name in identities.upper.ids.values() if name not in existing]
        news.tell(session, run.organisation_id, *(news.of_theme(theme, origin="model") for theme in new))
        updates.tell(session, run.organisation_id, before, origin="model")
    events = told(identities.lineage(run), themes)
    session.add_all(events)
    for event in events:
        if event.event == "split":
            born = [name for name in event.to_ids if name not in existing]
            alarms.mute_parts(session, run.organisation_id, event.from_ids[0], born)
    _go_live(session, run, identities)
    loop.refresh(session, run.organisation_id)
    tally.refresh(session, run.organisation_id)


def counter(progress: Progress, stage: str, total: int) -> Callable[[int], None]:
    """Return what adds up how many themes have their name, and tells it."""
    done = 0

    def told(more: int) -> None:
        nonlocal done
        done += more
        progress(stage, done, total)

    told(0)
    return told


def _write_themes(
    session: Session,
    organisation_id: str,
    identities: Identities,
    names: Mapping[str, Naming],
    existing: Mapping[str, Theme],
) -> dict[str, Theme]:
    """Store the themes of the run, upper ones first, and retire those that it has no span for.

    One that a person pinned stays, with or without spans. Return all themes by id.
    """
    parents = {identities.lower.ids[number]: name for number, name in identities.lower.parents.items()}
    themes = dict(existing)
    for level in (identities.upper, identities.lower):
        for name in level.ids.values():
            theme = themes.setdefault(name, _new_theme(organisation_id, name, names[name]))
            retitle.describe(theme, names[name])
            theme.parent_id = parents.get(name)
            theme.retired, theme.successor_id = False, None
            session.add(theme)
        session.flush()
    for name, theme in existing.items():
        if name not in names and not theme.retired and not theme.pinned:
            theme.retired = True
            theme.successor_id = identities.successors.get(name)
    session.flush()
    return themes


def told(events: Sequence[Lineage], themes: Mapping[str, Theme]) -> list[Lineage]:
    """Return what is told of a run: a pinned theme without voices has not ended."""
    return [each for each in events if each.event != "death" or not themes[each.from_ids[0]].pinned]


def _new_theme(organisation_id: str, name: str, naming: Naming) -> Theme:
    return Theme(id=name, organisation_id=organisation_id, title=naming.label.title, lang=naming.lang)


def by_theme(identities: Identities) -> Grouped:
    """Return the spans of each theme by its id."""
    upper, lower = (
        {level.ids[number]: group for number, group in level.groups.items()}
        for level in (identities.upper, identities.lower)
    )
    parents = {identities.lower.ids[number]: name for number, name in identities.lower.parents.items()}
    return Grouped(upper=upper, lower=lower, parents=parents)


def _go_live(session: Session, grouped: Run, identities: Identities) -> None:
    """Write every span's theme and change over; of older runs only the last keeps its spans."""
    organisation_id = grouped.organisation_id
    put = members_of.put_in_themes
    put(session, organisation_id, grouped.id, identities.upper.ids, level=UPPER)
    put(session, organisation_id, grouped.id, identities.lower.ids, level=LOWER)
    members_of.keep_centroids(session, organisation_id, grouped.id, grouped.embedder.split())
    last = live_run(session, organisation_id)
    if last is not None:
        last.state = "superseded"
        session.flush()
        members_of.forget_assignments(session, organisation_id, keep=[last.id])
    grouped.state = "live"
    session.flush()
    if grouped.as_of is None:
        places.review(session, organisation_id, grouped.id)


def _note(identities: Identities, existing: Mapping[str, Theme]) -> str:
    upper, lower = identities.upper, identities.lower
    ended = sum(theme.retired and theme.parent_id is None for theme in existing.values())
    return (
        f"Themes: {len(upper.groups)}, of which new: {upper.born}; sub-themes: {len(lower.groups)};"
        f" ended so far: {ended}."
    )
