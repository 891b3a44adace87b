"""How a correction is taken back: what it moved and is still there returns, and no later run obeys it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations

from sqlmodel import Session

from service.models import Correction, Theme, ThemePair
from service.pipeline import naming, updates
from service.pipeline.change import settle, untell
from service.repositories import corrections, moving, pairs, places
from service.repositories import themes as theme_repository
from service.repositories.moving import Put
from service.rules.refusals import conflict

FOUNDING = ("create", "split")
"""Corrections that made a theme."""
DECIDING = {"merge": "merged", "cannot_link": "apart"}
"""Corrections that decide about a pair of themes, and what the pair is by them."""


def undo(session: Session, organisation_id: str, correction_id: str, *, by: str) -> Correction:
    """Take a correction back. Taking it back twice changes nothing.

    Raises NotFound, and Conflict where later corrections build on it.
    """
    places.lock_places(session, organisation_id)
    correction = corrections.lock_correction(session, organisation_id, correction_id)
    if correction.undone_at is not None:
        return correction
    later = _later(session, correction)
    _check_nothing_rests_on_it(session, correction, later)
    now, before = datetime.now(UTC), updates.remember(session, organisation_id)
    correction.undone_by, correction.undone_at, correction.conflict = by, now, None
    session.flush()
    if correction.carried_out_at is not None:
        went = _return_places(session, correction, later)
        touched = {*correction.theme_ids, *(name for pair in went for name in pair if name)}
        themes = corrections.lock_themes(session, organisation_id, touched)
        _return_words(correction, themes, later)
        _return_marks(session, [themes[name] for name in correction.theme_ids])
        settle(session, organisation_id, touched, at=now, went=went)
        _hand_on(correction, later)
        _open_pairs(session, correction)
        untell(session, correction)
    updates.tell(session, organisation_id, before, origin="person")
    session.flush()
    return correction


def _later(session: Session, correction: Correction) -> list[Correction]:
    """Return the corrections that were carried out after this one and hold, as they were made."""
    since = correction.carried_out_at
    return [
        each
        for each in corrections.list_corrections(session, correction.organisation_id)
        if since is not None and each.carried_out_at is not None and each.carried_out_at > since
    ]


def _check_nothing_rests_on_it(session: Session, correction: Correction, later: Sequence[Correction]) -> None:
    if correction.carried_out_at is None:
        return
    if correction.op == "merge":
        kept = theme_repository.get_theme(session, correction.organisation_id, correction.theme_ids[0])
        for each in later:
            if each.op == "merge" and kept.id in each.theme_ids[1:]:
                raise conflict("swallowed", by=each.by, title=kept.title, op=each.op, correction=each.id)
    if correction.op in FOUNDING:
        made = theme_repository.get_theme(session, correction.organisation_id, correction.theme_ids[-1])
        for each in later:
            if made.id in each.theme_ids:
                raise conflict("built_upon", by=each.by, title=made.title, op=each.op, correction=each.id)


def _return_places(
    session: Session, correction: Correction, later: Sequence[Correction]
) -> Counter[tuple[str, str]]:
    """Put every span back that is still where the correction put it; return how many went where.

    What a later correction put there as well stays, unless the theme itself goes. The keys are the
    themes before and after, `""` for none.
    """
    organisation_id = correction.organisation_id
    moved = correction.before.get("places", {})
    now = moving.places_of(session, organisation_id, moved)
    living = theme_repository.themes_by_id(session, organisation_id)
    revived = set(correction.before.get("retired", ()))
    holding = () if correction.op in FOUNDING else later
    held = {span for each in holding for span in each.before.get("places", {})}
    back = []
    for span_id, (theme_id, part_id, origin, confidence, ignored, went_to) in sorted(moved.items()):
        if span_id in now and span_id not in held and now[span_id].theme_id == went_to:
            home = _home(living, theme_id, revived)
            place = Put(
                span_id=span_id,
                theme_id=home,
                subtheme_id=part_id if home == theme_id and _is_there(living, part_id, revived) else None,
                origin=origin,
                confidence=confidence,
                ignored=ignored,
            )
            back.append(place)
    if correction.op in FOUNDING:
        back += _left_behind(session, correction, back)
    moving.put(session, organisation_id, back)
    if "parent" in correction.before:
        living[correction.theme_ids[-1]].parent_id = correction.before["parent"]
    went: Counter[tuple[str, str]] = Counter()
    for place in back:
        before = now[place.span_id].theme_id if place.span_id in now else correction.theme_ids[-1]
        for after in (place.theme_id, place.subtheme_id):
            went[before or "", after or ""] += 1
    return went


def _left_behind(session: Session, correction: Correction, back: Sequence[Put]) -> list[Put]:
    """Return the places of what came to a theme after it was made: where most of the others came from."""
    homes = Counter(place.theme_id for place in back)
    home = min(homes, key=lambda theme: (-homes[theme], theme or "")) if homes else None
    returned = {place.span_id for place in back}
    spans = corrections.spans_of_theme(session, correction.organisation_id, correction.theme_ids[-1])
    return [Put(span_id=span, theme_id=home, origin="model") for span in spans if span not in returned]


def _home(living: dict[str, Theme], theme_id: str | None, revived: set[str]) -> str | None:
    """Return where a theme's spans go back to: the theme itself, or what it became part of in a run."""
    passed: set[str] = set()
    while theme_id is not None and not _is_there(living, theme_id, revived) and theme_id not in passed:
        passed.add(theme_id)
        theme_id = living[theme_id].successor_id if theme_id in living else None
    return theme_id if theme_id not in passed else None


def _is_there(living: dict[str, Theme], theme_id: str | None, revived: set[str]) -> bool:
    return (
        theme_id is not None and theme_id in living and (not living[theme_id].retired or theme_id in revived)
    )


def _return_words(correction: Correction, themes: Mapping[str, Theme], later: Sequence[Correction]) -> None:
    """Give a theme the titles back that it had, unless somebody called it something else since."""
    if correction.op == "merge":
        kept = themes[correction.theme_ids[0]]
        kept.titles = {lang: kept.title if lang == kept.lang else None for lang in naming.TITLED}
    elif "title" in correction.before:
        theme = themes[correction.theme_ids[-1]]
        if not any(each.op == "rename" and theme.id in each.theme_ids for each in later):
            theme.title, theme.titles = correction.before["title"], correction.before["titles"]


def _return_marks(session: Session, themes: Sequence[Theme]) -> None:
    """Let each theme be pinned and ignored where another correction still says so."""
    for theme in themes:
        made = corrections.corrections_of_theme(session, theme.organisation_id, theme.id)
        ops = {each.op for each in made if each.carried_out_at is not None}
        theme.pinned, theme.ignored = "pin" in ops, "ignore" in ops


def _hand_on(correction: Correction, later: Sequence[Correction]) -> None:
    """Let the next correction of each span remember what was there before this one: it will not come back."""
    moved = dict(correction.before.get("places", {}))
    for each in later:
        known = each.before.get("places", {})
        first = {span: moved.pop(span) for span in known if span in moved}
        after = {span: [*was[:5], known[span][5]] for span, was in first.items() if known[span][0] == was[5]}
        if after:
            each.before = {**each.before, "places": {**known, **after}}
    if correction.op == "rename":
        following = [each for each in later if each.op == "rename" and each.theme_ids == correction.theme_ids]
        for each in following[:1]:
            words = {name: correction.before[name] for name in ("title", "titles")}
            each.before = {**each.before, **words}


def _open_pairs(session: Session, correction: Correction) -> None:
    """Let pairs that a correction decided be proposed again, but not what another one decides still."""
    if correction.op not in DECIDING:
        return
    organisation_id = correction.organisation_id
    for one, other in combinations(correction.theme_ids, 2):
        pair = session.get(ThemePair, pairs.pair_id(organisation_id, one, other))
        if pair is not None:
            made = corrections.corrections_of_theme(session, organisation_id, one)
            deciding = (each for each in made if each.op in DECIDING and other in each.theme_ids)
            held = next((each for each in deciding if each.carried_out_at is not None), None)
            if held is None:
                pairs.decide(pair, "open", by=None, at=None)
            else:
                pairs.decide(pair, DECIDING[held.op], by=held.by, at=held.at)
