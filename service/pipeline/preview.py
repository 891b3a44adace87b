"""A run beside the live one: made to be looked at, then taken or thrown away.

Nothing that is shown, exported or delivered knows of it until somebody takes it. There is one at a time.
Runs go on beside it; whoever takes it later has its groups matched with the themes of that day.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlmodel import Session

from nlp.embedders import Embedders
from nlp.ports import Clusterer, Label, Labeler
from service.db import Database
from service.models import PreviewTheme, Run
from service.pipeline import cluster, retitle, themes
from service.pipeline.cluster import Known
from service.pipeline.identity import Identities, identify
from service.pipeline.naming import Naming, name_themes
from service.pipeline.obey import Obeyed, obey
from service.pipeline.report import Progress, Report, silent
from service.repositories import corrections, places, previews, runs
from service.repositories import members as members_of
from service.repositories.glossary import glossary
from service.repositories.themes import themes_by_id
from service.rules.corrections import Conflict as ConflictOf
from service.rules.refusals import conflict

STAGE = "preview"
UPPER, LOWER = "upper", "lower"
"""The levels of a preview's themes."""

WORDS = {
    "continue": ("would go on", "went on"),
    "split": ("would split", "split"),
    "merge": ("would be made of several", "were made of several"),
    "birth": ("would be new", "are new"),
    "death": ("would end", "ended"),
}
"""Each event as what would happen, and as what has happened."""

BESIDE = "beside"
"""The figure of a preview that says which run was live when it was made."""
CORRECTED = "corrected"
"""The figure of a preview that says which corrections it obeys."""
CONFLICTS = "conflicts"
"""The figure of a preview that says which of these do not hold in it, and why."""
OF_PREVIEWS = (BESIDE, CORRECTED, CONFLICTS)
TAKEN = "taken"
"""The figure of a run that was taken from a preview, and that nothing has followed yet."""


def run(
    db: Database,
    organisation_id: str,
    embedders: Embedders,
    clusterer: Clusterer,
    labeler: Labeler,
    *,
    seed: int | None = None,
    as_of: datetime | None = None,
    progress: Progress = silent,
) -> Report:
    """Make a preview in place of the one that waits. Nothing is done where it would be the same.

    Its groups are stored first, as a draft, and then named in a transaction of its own: live voices need not
    wait for that. One that was cut off leaves the preview that was there before.
    """
    found = cluster.group(
        db,
        organisation_id,
        embedders,
        clusterer,
        known=_known,
        state="draft",
        seed=seed,
        as_of=as_of,
        progress=progress,
    )
    if isinstance(found, str):
        return Report(stage=STAGE, done=0, notes=(found,))
    with db.begin() as session:
        places.lock_places(session, organisation_id)
        runs.forget_drafts(session, organisation_id, found.run.id)
        runs.store(session, found.run, found.placements)
    with db.begin() as session:
        draft = runs.get_run(session, organisation_id, found.run.id)
        events = _match(session, draft, labeler, progress)
        replaced = _show(session, draft)
    notes = [
        found.note,
        f"Of the themes {told(events)}.",
        f"Nothing is changed yet. Look at it on the page /runs/{found.run.id}.",
        f"Take it with: koe runs accept {found.run.id}; throw it away with: koe runs discard {found.run.id}",
    ]
    if replaced:
        notes.append("It takes the place of the preview that waited.")
    return Report(stage=STAGE, done=len(found.placements), notes=tuple(notes))


def told(events: Mapping[str, int], *, done: bool = False) -> str:
    """Return in words how many themes would go on, split, merge, be new and end; or did, where it is done."""
    return ", ".join(f"{events[name]:,} {words[done]}" for name, words in WORDS.items())


def _known(session: Session, organisation_id: str) -> Known:
    """Return what need not be previewed: the live run, and the preview that waits and is not behind."""
    live, waiting = runs.live_run(session, organisation_id), runs.preview_run(session, organisation_id)
    known = {}
    if live is not None:
        known[live.input_digest] = "Nothing would change: the live run has read the very same."
    if waiting is not None and not is_behind(session, waiting):
        known[waiting.input_digest] = "The preview that waits has read the very same."
    return known


def _show(session: Session, draft: Run) -> bool:
    """Let a draft be the preview, in place of the one that waits; say whether there was one."""
    live = runs.live_run(session, draft.organisation_id)
    waiting = runs.preview_run(session, draft.organisation_id)
    if waiting is not None:
        _put_aside(session, waiting, by=None)
    draft.figures = {**draft.figures, BESIDE: live.id if live else None}
    draft.state = "preview"
    return waiting is not None


def _match(session: Session, preview: Run, labeler: Labeler, progress: Progress) -> Mapping[str, int]:
    """Write down which themes the groups would be, and what they would be called; return the events."""
    organisation_id = preview.organisation_id
    existing = themes_by_id(session, organisation_id)
    obeyed = obey(session, preview)
    identities = identify(session, preview, obeyed.members, existing, given=obeyed.themes)
    total = len(identities.upper.groups) + len(identities.lower.groups)
    wordings = glossary(session, organisation_id)
    names = name_themes(
        themes.by_theme(identities), labeler, wordings, told=themes.counter(progress, STAGE, total)
    )
    session.add_all(_rows(preview, identities, names, obeyed))
    session.add_all(themes.told(identities.lineage(preview), existing))
    retitle.note(preview, wordings)
    _note_obeyed(preview, obeyed)
    return previews.count_events(event.name for event in identities.upper.matching.events)


def _note_obeyed(preview: Run, obeyed: Obeyed) -> None:
    """Write down with a preview which corrections it obeys, and which of them do not hold in it."""
    preview.figures = {
        **preview.figures,
        CORRECTED: obeyed.in_force,
        CONFLICTS: {name: conflict.as_json() for name, conflict in obeyed.conflicts.items()},
    }


def _as_obeyed(session: Session, preview: Run, kept: Iterable[PreviewTheme]) -> Obeyed:
    """Return what the corrections made of a preview, as it was written down with it."""
    return Obeyed(
        members=members_of.members(session, preview.organisation_id, preview.id),
        themes={each.number: each.theme_id for each in kept if each.level == UPPER and each.given},
        corrections=corrections.list_corrections(session, preview.organisation_id),
        conflicts={name: ConflictOf(**said) for name, said in preview.figures[CONFLICTS].items()},
    )


def _rows(
    preview: Run, identities: Identities, names: Mapping[str, Naming], obeyed: Obeyed
) -> Iterable[PreviewTheme]:
    for name, level in ((UPPER, identities.upper), (LOWER, identities.lower)):
        for number, theme_id in level.ids.items():
            naming = names[theme_id]
            yield PreviewTheme(
                run_id=preview.id,
                level=name,
                number=number,
                organisation_id=preview.organisation_id,
                theme_id=theme_id,
                title=naming.label.title,
                titles=dict(naming.titles),
                keywords=list(naming.label.keywords),
                lang=naming.lang,
                kind=naming.kind,
                given=name == UPPER and number in obeyed.themes,
            )


def accept(session: Session, organisation_id: str, run_id: str, *, by: str) -> Run:
    """Make a preview the live run, its groups matched with the themes of today. Twice changes nothing.

    The caller keeps other runs out. Raises NotFound, and Conflict for a run that is no preview any more and
    where people have changed themes since it was made.
    """
    preview = runs.get_run(session, organisation_id, run_id, lock=True)
    if preview.state == "live":
        return preview
    _require_preview(preview)
    places.lock_places(session, organisation_id)
    if preview.figures[CORRECTED] != corrections.in_force(session, organisation_id):
        raise conflict("preview_outdated")
    existing = themes_by_id(session, organisation_id)
    kept = previews.list_themes(session, organisation_id, run_id)
    obeyed = _as_obeyed(session, preview, kept)
    identities = identify(session, preview, obeyed.members, existing, given=obeyed.themes)
    names = _names(identities, kept)
    preview.ordinal = runs.accepted_runs(session, organisation_id) + 1
    runs.forget_forecast(session, preview)
    themes.publish(session, preview, obeyed, identities, names, existing)
    figures = {name: value for name, value in preview.figures.items() if name not in OF_PREVIEWS}
    preview.figures = {**figures, TAKEN: True}
    _decide(preview, by)
    return preview


def _names(identities: Identities, kept: Iterable[PreviewTheme]) -> dict[str, Naming]:
    """Return what each theme is called: as it was written down, whatever theme its group is by now."""
    naming_of = {
        (each.level, each.number): Naming(
            label=Label(title=each.title, keywords=tuple(each.keywords)),
            titles=each.titles,
            lang=each.lang,
            kind=each.kind,
        )
        for each in kept
    }
    levels = ((UPPER, identities.upper), (LOWER, identities.lower))
    return {theme: naming_of[name, number] for name, level in levels for number, theme in level.ids.items()}


def note_followed(session: Session, organisation_id: str) -> None:
    """Note that every stage has been through the live run since it was taken from a preview."""
    live = runs.live_run(session, organisation_id)
    if live is not None and TAKEN in live.figures:
        live.figures = {name: value for name, value in live.figures.items() if name != TAKEN}


def accept_at_once(session: Session, organisation_id: str, run_id: str, *, by: str) -> Run:
    """Accept a preview unless a run is at work, which nobody who waits for an answer can wait for.

    Raises NotFound and Conflict.
    """
    runs.get_run(session, organisation_id, run_id)
    if not runs.lock_runs(session, organisation_id, wait=False):
        raise conflict("run_at_work")
    return accept(session, organisation_id, run_id, by=by)


def discard(session: Session, organisation_id: str, run_id: str, *, by: str) -> Run:
    """Throw a preview away. Twice changes nothing. Raises NotFound, and Conflict for a run that is none."""
    preview = runs.get_run(session, organisation_id, run_id, lock=True)
    if preview.state != "discarded":
        _require_preview(preview)
        _put_aside(session, preview, by=by)
    return preview


def _put_aside(session: Session, preview: Run, *, by: str | None) -> None:
    """Leave of a preview only that it was there; by nobody where another takes its place."""
    runs.forget_placements(session, preview)
    runs.forget_forecast(session, preview)
    preview.state = "discarded"
    _decide(preview, by)
    session.flush()


def _decide(preview: Run, by: str | None) -> None:
    preview.decided_by, preview.decided_at = by, datetime.now(UTC)


def _require_preview(found: Run) -> None:
    if found.state == "discarded":
        raise conflict("preview_gone")
    if found.state == "superseded":
        raise conflict("run_superseded")
    if found.state == "draft":
        raise conflict("preview_cut")
    if found.state != "preview":
        raise conflict("no_preview")


def is_behind(session: Session, preview: Run) -> bool:
    """Say whether other themes are live, or people have changed some, since a preview was made.

    Voices that came since do not count: they are placed one by one when it is taken.
    """
    live = runs.live_run(session, preview.organisation_id)
    was = preview.figures.get(BESIDE)
    corrected = preview.figures.get(CORRECTED)
    return was != (live.id if live else None) or corrected != corrections.in_force(
        session, preview.organisation_id
    )
