"""What a person changes about themes: done in the live run at once, and obeyed by every later run.

Each is an event in the table `correction`, made in the caller's transaction; `undo.py` takes one back.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlmodel import Session

from nlp.labelers import FirstTextLabeler
from service.db import Database
from service.errors import KoeError, NotFound
from service.models import Correction, Theme, ThemePair
from service.models.columns import digest
from service.pipeline import naming, news, updates
from service.pipeline.change import Change
from service.pipeline.identity import born
from service.repositories import alarms, corrections, members, moving, organisations, pairs, places
from service.repositories import themes as theme_repository
from service.rules import corrections as rules
from service.rules.corrections import Wanted
from service.rules.links import Links
from service.rules.refusals import conflict, wrong

LEAD = 0.02
"""A voice joins a theme that is made by hand only if it is nearer to it, by so much, than to its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A correction that was made, and which themes it was not about any more."""

    correction: Correction
    followed: tuple[tuple[Theme, Theme], ...] = ()
    """Themes that had become part of another, each with the one that was corrected in its place."""


def make(
    session: Session,
    organisation_id: str,
    wanted: Wanted,
    *,
    by: str,
    at: datetime | None = None,
    seen: Mapping[str, int] | None = None,
) -> Done:
    """Change themes as somebody wants it, in the live run and in every later one.

    `seen` are the versions of themes that the person looked at. Raises WrongUse for what makes no sense,
    NotFound for what is not there, and Conflict where somebody else was quicker, or where it contradicts
    another correction.
    """
    wanted = rules.checked(wanted)
    places.lock_places(session, organisation_id)
    asked = frozenset(wanted.theme_ids)
    wanted, followed = _led(session, organisation_id, wanted)
    _check_seen(session, organisation_id, seen or {}, followed)
    if wanted.op == "merge" and (known := _merged_already(session, organisation_id, wanted, asked)):
        return Done(correction=known, followed=followed)
    if wanted.op == "cannot_link" and len(asked) > len(wanted.theme_ids):
        raise conflict("one_already")
    now = datetime.now(UTC)
    correction = Correction(
        id=digest(organisation_id, wanted.op, *wanted.theme_ids, *wanted.span_ids, now.isoformat()),
        organisation_id=organisation_id,
        op=wanted.op,
        theme_ids=list(wanted.theme_ids),
        title=wanted.title,
        chosen=list(wanted.span_ids),
        by=by,
        at=at or now,
        reason=wanted.reason,
    )
    carry_out(session, correction)
    session.add(correction)
    session.flush()
    return Done(correction=correction, followed=followed)


def merge(session: Session, organisation_id: str, *theme_ids: str, by: str) -> Correction:
    """Make upper themes one for good. Raises as `make` does."""
    return make(session, organisation_id, Wanted(op="merge", theme_ids=theme_ids), by=by).correction


def carry_out(session: Session, correction: Correction) -> None:
    """Do in the live run what a correction says, and tell of it. Raises WrongUse, NotFound and Conflict."""
    organisation_id = correction.organisation_id
    before = updates.remember(session, organisation_id)
    themes = corrections.lock_themes(session, organisation_id, correction.theme_ids)
    found = corrections.contents_of(session, organisation_id, correction.chosen)
    for span_id in correction.chosen:
        if span_id not in found:
            raise NotFound(f"There is no voice {span_id}.")
    if correction.op not in ("split", "rename"):
        for theme in themes.values():
            _check_whole(theme)
    change = Change(session, correction)
    now = datetime.now(UTC)
    {
        "create": _create,
        "rename": _rename,
        "merge": _merge,
        "split": _split,
        "move": _move,
        "must_link": _must_link,
        "cannot_link": _cannot_link,
        "ignore": _ignore,
        "pin": _pin,
    }[correction.op](session, correction, change, themes)
    named = {span for side in correction.spans.values() for span in side}
    correction.contents = found | corrections.contents_of(session, organisation_id, named - set(found))
    correction.carried_out_at = now
    change.settle(at=now)
    updates.tell(session, organisation_id, before, origin="person")


def carry_out_waiting(db: Database, organisation_id: str) -> int:
    """Carry out what came in a file, each in its own transaction; return how many there were.

    What cannot be done is kept, with the reason in words.
    """
    with db.begin() as session:
        waiting = [each.id for each in corrections.waiting(session, organisation_id)]
    for correction_id in waiting:
        try:
            with db.begin() as session:
                _carry_out_one(session, organisation_id, correction_id)
        except KoeError as error:
            refused = rules.Conflict(
                reason="refused", words=str(error), name=error.name, about=dict(error.words)
            )
            with db.begin() as session:
                correction = corrections.lock_correction(session, organisation_id, correction_id)
                if _waits(correction):
                    correction.conflict = refused.as_json()
    return len(waiting)


def _waits(correction: Correction) -> bool:
    """Say whether nobody has carried a correction out, refused it, or taken it back meanwhile."""
    return correction.carried_out_at is None and correction.undone_at is None and not correction.conflict


def _carry_out_one(session: Session, organisation_id: str, correction_id: str) -> None:
    places.lock_places(session, organisation_id)
    correction = corrections.lock_correction(session, organisation_id, correction_id)
    if not _waits(correction):
        return
    wanted = Wanted(
        op=correction.op,
        theme_ids=tuple(correction.theme_ids),
        span_ids=tuple(correction.chosen),
        title=correction.title,
    )
    wanted, _ = _led(session, organisation_id, wanted)
    if wanted.op in ("merge", "cannot_link") and len(wanted.theme_ids) == 1:
        raise conflict("one_already")
    correction.theme_ids = list(wanted.theme_ids)
    carry_out(session, correction)


def _led(
    session: Session, organisation_id: str, wanted: Wanted
) -> tuple[Wanted, tuple[tuple[Theme, Theme], ...]]:
    """Return the correction for the themes that are meant today, and which those were.

    Raises NotFound, and Conflict for a theme that ended without leading on.
    """
    followed = []
    ids = []
    for theme_id in wanted.theme_ids:
        theme = theme_repository.get_theme(session, organisation_id, theme_id)
        session.refresh(theme)
        current = theme_repository.current_theme(session, organisation_id, theme_id)
        if current.retired:
            raise conflict("ended", title=theme.title)
        if current is not theme:
            followed.append((theme, current))
        ids.append(current.id)
    return replace(wanted, theme_ids=tuple(dict.fromkeys(ids))), tuple(followed)


def _check_seen(
    session: Session,
    organisation_id: str,
    seen: Mapping[str, int],
    followed: Sequence[tuple[Theme, Theme]],
) -> None:
    """Raise Conflict where a theme is no longer what the person looked at, unless it leads on."""
    gone = {theme.id for theme, _ in followed}
    for theme_id, version in seen.items():
        theme = theme_repository.get_theme(session, organisation_id, theme_id)
        session.refresh(theme)
        if theme.version != version and theme_id not in gone:
            raise conflict("overtaken", title=theme.title)


def _check_whole(theme: Theme) -> None:
    if theme.parent_id is not None:
        raise wrong("part", title=theme.title)


def _merged_already(
    session: Session, organisation_id: str, wanted: Wanted, asked: AbstractSet[str]
) -> Correction | None:
    """Return the correction that made the themes that were `asked` for one. Raises Conflict for any other."""
    if len(wanted.theme_ids) > 1:
        return None
    for made in corrections.corrections_of_theme(session, organisation_id, wanted.theme_ids[0]):
        if made.op == "merge" and asked <= set(made.theme_ids):
            return made
    raise conflict("one_already")


# One function a sort of correction.


def _create(session: Session, correction: Correction, change: Change, _: Mapping[str, Theme]) -> None:
    chosen = correction.chosen
    theme = _born(session, correction, chosen)
    like = moving.voices_like(session, correction.organisation_id, chosen, lead=LEAD)
    correction.theme_ids, correction.spans = [theme.id], {theme.id: sorted({*chosen, *like})}
    change.put([*chosen, *like], theme.id, like=like)
    change.tell("birth", [], [theme.id], overlap=0.0)
    news.tell(session, correction.organisation_id, news.of_theme(theme, origin="person"))


def _born(session: Session, correction: Correction, founders: Sequence[str]) -> Theme:
    """Return a theme that begins with these spans; one that ended and had the very same comes back."""
    organisation_id = correction.organisation_id
    known = theme_repository.themes_by_id(session, organisation_id)
    taken = {theme.id for theme in known.values() if not theme.retired}
    theme_id = born(organisation_id, "", sorted(founders), taken)
    spans = members.members_named(session, organisation_id, founders)
    lang = naming.language(spans)
    label = FirstTextLabeler().label([[span.text for span in spans]], lang=lang)[0]
    theme = known.get(theme_id) or Theme(id=theme_id, organisation_id=organisation_id, title="", lang=lang)
    theme.title, theme.keywords = correction.title or label.title, list(label.keywords)
    theme.lang, theme.kind = lang, naming.kind(spans)
    theme.titles = {each: theme.title if each == lang else None for each in naming.TITLED}
    theme.parent_id, theme.retired, theme.successor_id = None, False, None
    session.add(theme)
    session.flush()
    return theme


def _rename(_: Session, correction: Correction, __: Change, themes: Mapping[str, Theme]) -> None:
    theme = themes[correction.theme_ids[0]]
    correction.before = {"title": theme.title, "titles": theme.titles}
    naming.call(theme, correction.title or theme.title)


def _merge(session: Session, correction: Correction, change: Change, themes: Mapping[str, Theme]) -> None:
    """The pinned one, else the one that more was said about, keeps its id."""
    organisation_id = correction.organisation_id
    if sum(theme.pinned for theme in themes.values()) > 1:
        raise conflict("both_pinned")
    spans = {name: corrections.spans_of_theme(session, organisation_id, name) for name in themes}
    order = sorted(themes.values(), key=lambda theme: (not theme.pinned, -len(spans[theme.id]), theme.id))
    kept, *gone = order
    correction.theme_ids, correction.spans = [theme.id for theme in order], spans
    for theme in gone:
        change.put(spans[theme.id], kept.id, keep_parts=True)
        change.lead(theme.id, kept.id)
        kept.titles = {lang: kept.titles.get(lang) or theme.titles.get(lang) for lang in naming.TITLED}
        _decide_pair(session, organisation_id, kept.id, theme.id, "merged", by=correction.by)
    total = sum(map(len, spans.values()))
    change.tell("merge", list(themes), [kept.id], overlap=len(spans[kept.id]) / max(1, total))


def _split(session: Session, correction: Correction, change: Change, themes: Mapping[str, Theme]) -> None:
    organisation_id = correction.organisation_id
    theme = themes[correction.theme_ids[0]]
    if theme.parent_id is not None:
        if correction.chosen:
            raise wrong("part_voices", title=theme.title)
        source_id = theme.parent_id
        chosen = corrections.spans_of_theme(session, organisation_id, theme.id)
    else:
        source_id, chosen = theme.id, correction.chosen
    held = set(corrections.spans_of_theme(session, organisation_id, source_id))
    if not chosen:
        raise wrong("which_voices")
    if strangers := set(chosen) - held:
        raise wrong("strangers", count=len(strangers), title=theme.title)
    if len(chosen) == len(held):
        raise wrong("all_of_it")
    if theme.parent_id is not None:
        correction.before = {"parent": theme.parent_id, "title": theme.title, "titles": theme.titles}
        part = theme
        part.parent_id = None
        if correction.title:
            naming.call(part, correction.title)
    else:
        part = _born(session, correction, chosen)
    correction.theme_ids, correction.chosen = [source_id, part.id], sorted(chosen)
    correction.spans = {source_id: sorted(held - set(chosen)), part.id: sorted(chosen)}
    change.put(chosen, part.id)
    change.tell("split", [source_id], [source_id, part.id], overlap=1.0)
    alarms.mute_parts(session, organisation_id, source_id, [part.id])
    news.tell(session, organisation_id, news.of_theme(part, origin="person"))


def _move(session: Session, correction: Correction, change: Change, themes: Mapping[str, Theme]) -> None:
    target = next(iter(themes), None)
    if target is not None:
        held = corrections.spans_of_theme(session, correction.organisation_id, target)
        correction.spans = {target: sorted(set(held) - set(correction.chosen))}
    change.put(correction.chosen, target)


def _must_link(session: Session, correction: Correction, change: Change, _: Mapping[str, Theme]) -> None:
    _check_links(session, correction)
    put = moving.places_of(session, correction.organisation_id, correction.chosen)
    homes = [place.theme_id for place in put.values() if place.theme_id is not None]
    target = min(homes, key=lambda theme: (-homes.count(theme), theme)) if homes else None
    change.put(correction.chosen, target)


def _cannot_link(
    session: Session, correction: Correction, change: Change, themes: Mapping[str, Theme]
) -> None:
    organisation_id = correction.organisation_id
    for theme_id in themes:
        correction.spans[theme_id] = corrections.spans_of_theme(session, organisation_id, theme_id)
        for other_id in themes:
            if theme_id < other_id:
                _decide_pair(session, organisation_id, theme_id, other_id, "apart", by=correction.by)
    if themes:
        return
    _check_links(session, correction)
    put = moving.places_of(session, organisation_id, correction.chosen)
    taken: set[str] = set()
    leaving = []
    for place in sorted(put.values(), key=lambda place: (-(place.confidence or 0.0), place.span_id)):
        if place.theme_id in taken:
            leaving.append(place.span_id)
        elif place.theme_id is not None:
            taken.add(place.theme_id)
    change.put(leaving, None)


def _check_links(session: Session, correction: Correction) -> None:
    """Raise Conflict where another link says the opposite."""
    links = Links()
    for each in corrections.list_corrections(session, correction.organisation_id):
        if each.op in ("must_link", "cannot_link") and each.id != correction.id:
            links.add(each.id, each.op, each.chosen)
    other_id = links.against(correction.op, correction.chosen)
    if other_id is not None:
        other = corrections.get_correction(session, correction.organisation_id, other_id)
        zone = organisations.zone_of(session, correction.organisation_id)
        day = other.at.astimezone(zone).date().isoformat()
        raise conflict("opposite", by=other.by, day=day, op=other.op, correction=other.id)


def _ignore(session: Session, correction: Correction, change: Change, themes: Mapping[str, Theme]) -> None:
    for theme in themes.values():
        theme.ignored = True
        correction.spans = {
            theme.id: corrections.spans_of_theme(session, correction.organisation_id, theme.id)
        }
    change.put(correction.chosen, None, ignored=True)


def _pin(session: Session, correction: Correction, _: Change, themes: Mapping[str, Theme]) -> None:
    for theme in themes.values():
        theme.pinned = True
        correction.spans = {
            theme.id: corrections.spans_of_theme(session, correction.organisation_id, theme.id)
        }


def _decide_pair(
    session: Session, organisation_id: str, theme_id: str, other_id: str, status: str, *, by: str
) -> None:
    pair = session.get(ThemePair, pairs.pair_id(organisation_id, theme_id, other_id))
    if pair is not None:
        pairs.decide(pair, status, by=by, at=datetime.now(UTC))
