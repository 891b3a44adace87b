"""What a person changes about themes: two that are one, two that are not, and taking either back.

Each is done in the live run at once, in the caller's transaction, and obeyed by every later run.
"""

from datetime import UTC, datetime

from sqlmodel import Session

from service.errors import Conflict, WrongUse
from service.models import Correction, Lineage, Theme, ThemePair
from service.models.columns import digest
from service.pipeline import loop
from service.repositories import corrections, pairs, places
from service.repositories.runs import live_run

MERGE = "merge"


def merge(session: Session, organisation_id: str, theme_id: str, other_id: str, *, by: str) -> Correction:
    """Make two upper themes one for good; the one that more was said about keeps its id.

    Doing it twice changes nothing. Raises NotFound, WrongUse for a theme with itself or a sub-theme, and
    Conflict where one of them is no more.
    """
    if theme_id == other_id:
        raise WrongUse("a theme cannot be merged with itself")
    places.lock_places(session, organisation_id)
    themes = corrections.lock_themes(session, organisation_id, (theme_id, other_id))
    for made in corrections.corrections_of_theme(session, organisation_id, theme_id):
        if made.op == MERGE and other_id in made.theme_ids:
            return made
    for theme in themes.values():
        _check(theme)
    spans = {name: corrections.spans_of_theme(session, organisation_id, name) for name in themes}
    kept, gone = sorted(themes.values(), key=lambda theme: (-len(spans[theme.id]), theme.id))
    now = datetime.now(UTC)
    correction = Correction(
        id=digest(organisation_id, MERGE, kept.id, gone.id, now.isoformat()),
        organisation_id=organisation_id,
        op=MERGE,
        theme_ids=[kept.id, gone.id],
        spans=spans,
        by=by,
        at=now,
    )
    session.add(correction)
    corrections.move(session, organisation_id, spans[gone.id], from_theme=gone.id, to_theme=kept.id)
    corrections.lend_centroids(session, organisation_id, from_theme=gone.id, to_theme=kept.id)
    _join(session, kept, gone, spans={name: len(held) for name, held in spans.items()}, at=now)
    _decide_pair(session, organisation_id, kept.id, gone.id, "merged", by=by)
    session.flush()
    loop.refresh(session, organisation_id)
    return correction


def _check(theme: Theme) -> None:
    if theme.parent_id is not None:
        raise WrongUse(f"“{theme.title}” is part of a theme; only whole themes are merged")
    if theme.retired:
        raise Conflict(f"“{theme.title}” is no theme of its own any more; look at what it became")


def _join(session: Session, kept: Theme, gone: Theme, *, spans: dict[str, int], at: datetime) -> None:
    kept.titles = {lang: kept.titles.get(lang) or gone.titles.get(lang) for lang in ("en", "ja")}
    kept.heard_at = at
    gone.retired, gone.successor_id = True, kept.id
    run = live_run(session, kept.organisation_id)
    if run is not None:
        session.add(
            Lineage(
                id=digest(run.id, MERGE, kept.id, gone.id, at.isoformat()),
                organisation_id=kept.organisation_id,
                run_id=run.id,
                event=MERGE,
                from_ids=sorted((kept.id, gone.id)),
                to_ids=[kept.id],
                overlap=round(spans[kept.id] / max(1, sum(spans.values())), 4),
            )
        )


def undo(session: Session, organisation_id: str, correction_id: str, *, by: str) -> Correction:
    """Take a merge back: what went over and is still there returns. Taking it back twice changes nothing.

    Raises NotFound, and Conflict where the theme that took the other in has gone itself.
    """
    places.lock_places(session, organisation_id)
    correction = corrections.lock_correction(session, organisation_id, correction_id)
    if correction.undone_at is not None:
        return correction
    if correction.op != MERGE:
        raise WrongUse("only merges are taken back here")
    kept_id, gone_id = correction.theme_ids
    themes = corrections.lock_themes(session, organisation_id, (kept_id, gone_id))
    kept, gone = themes[kept_id], themes[gone_id]
    if kept.retired:
        raise Conflict(f"“{kept.title}” has become part of another theme since; take that back first")
    correction.undone_by, correction.undone_at = by, datetime.now(UTC)
    gone.retired, gone.successor_id = False, None
    kept.heard_at = correction.undone_at
    session.flush()
    corrections.move(
        session, organisation_id, correction.spans[gone_id], from_theme=kept_id, to_theme=gone_id
    )
    corrections.return_centroids(session, organisation_id, from_theme=gone_id, to_theme=kept_id)
    kept.titles = {lang: kept.title if lang == kept.lang else None for lang in ("en", "ja")}
    _decide_pair(session, organisation_id, kept_id, gone_id, "open", by=None)
    loop.refresh(session, organisation_id)
    return correction


def keep_apart(session: Session, organisation_id: str, pair_id: str, *, by: str) -> ThemePair:
    """Say that two themes are not the same; they are not proposed again. Raises NotFound, and Conflict."""
    pair = pairs.get_pair(session, organisation_id, pair_id, lock=True)
    if pair.status == "merged":
        raise Conflict("these two were merged already; take that back first")
    pairs.decide(pair, "apart", by=by, at=datetime.now(UTC))
    return pair


def reopen(session: Session, organisation_id: str, pair_id: str) -> ThemePair:
    """Take back that two themes are not the same. Raises NotFound, and Conflict."""
    pair = pairs.get_pair(session, organisation_id, pair_id, lock=True)
    if pair.status == "merged":
        raise Conflict("these two were merged already; take that back first")
    pairs.decide(pair, "open", by=None, at=None)
    return pair


def _decide_pair(
    session: Session, organisation_id: str, theme_id: str, other_id: str, status: str, *, by: str | None
) -> None:
    pair = session.get(ThemePair, pairs.pair_id(organisation_id, theme_id, other_id))
    if pair is not None:
        pairs.decide(pair, status, by=by, at=datetime.now(UTC) if by else None)
