"""Corrections: what people changed about themes, and the voices and themes that they are about."""

from collections.abc import Collection
from itertools import combinations

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import Assignment, Correction, Span, Theme
from service.repositories.among import among
from service.repositories.assignments import in_theme
from service.repositories.runs import live_run


def list_corrections(session: Session, organisation_id: str, *, op: str | None = None) -> list[Correction]:
    """Return the corrections that nobody took back, of one sort or of all, as they were made."""
    query = select(Correction).where(
        Correction.organisation_id == organisation_id, col(Correction.undone_at).is_(None)
    )
    if op is not None:
        query = query.where(Correction.op == op)
    return list(session.exec(query.order_by(col(Correction.at), col(Correction.id).collate("C"))))


def in_force(session: Session, organisation_id: str) -> list[str]:
    """Return the ids of the corrections that were carried out and not taken back, as they were made."""
    query = select(Correction.id).where(
        Correction.organisation_id == organisation_id,
        col(Correction.carried_out_at).is_not(None),
        col(Correction.undone_at).is_(None),
    )
    return list(session.exec(query.order_by(col(Correction.at), col(Correction.id).collate("C"))))


def known(session: Session, organisation_id: str, correction_ids: Collection[str]) -> list[str]:
    """Return those of these ids that there is a correction of, taken back or not."""
    query = select(Correction.id).where(Correction.organisation_id == organisation_id)
    return list(session.exec(query.where(among(col(Correction.id), list(correction_ids)))))


def waiting(session: Session, organisation_id: str) -> list[Correction]:
    """Return the corrections that came in a file and were not carried out yet, as they were made."""
    query = select(Correction).where(
        Correction.organisation_id == organisation_id,
        col(Correction.carried_out_at).is_(None),
        col(Correction.undone_at).is_(None),
        col(Correction.conflict).is_(None),
    )
    return list(session.exec(query.order_by(col(Correction.at), col(Correction.id).collate("C"))))


def history(
    session: Session, organisation_id: str, *, only: str = "", limit: int, offset: int = 0
) -> tuple[list[Correction], int]:
    """Return corrections, the newest first, and how many there are: all, or `held`, `conflicts`, `undone`."""
    ours = [col(Correction.organisation_id) == organisation_id, *_only(only)]
    query = select(Correction).where(*ours)
    found = session.exec(
        query.order_by(col(Correction.at).desc(), col(Correction.id).collate("C")).limit(limit).offset(offset)
    )
    total = session.exec(select(func.count()).select_from(Correction).where(*ours)).one()
    return list(found), total


def _only(only: str) -> list[ColumnElement[bool]]:
    undone, conflict = col(Correction.undone_at), col(Correction.conflict)
    conditions: dict[str, list[ColumnElement[bool]]] = {
        "held": [undone.is_(None), conflict.is_(None)],
        "conflicts": [undone.is_(None), conflict.is_not(None)],
        "undone": [undone.is_not(None)],
    }
    return conditions.get(only, [])


def corrections_of_theme(session: Session, organisation_id: str, theme_id: str) -> list[Correction]:
    """Return the corrections that nobody took back and that name this theme, the newest first."""
    query = select(Correction).where(
        Correction.organisation_id == organisation_id,
        col(Correction.undone_at).is_(None),
        col(Correction.theme_ids).contains([theme_id]),
    )
    return list(session.exec(query.order_by(col(Correction.at).desc(), col(Correction.id).collate("C"))))


def kept_apart(session: Session, organisation_id: str) -> set[frozenset[str]]:
    """Return the themes that people keep apart, two and two."""
    made = list_corrections(session, organisation_id, op="cannot_link")
    done = [each for each in made if each.carried_out_at is not None]
    return {frozenset(two) for each in done for two in combinations(each.theme_ids, 2)}


def get_correction(session: Session, organisation_id: str, correction_id: str) -> Correction:
    """Return one correction, taken back or not. Raises NotFound."""
    query = select(Correction).where(
        Correction.organisation_id == organisation_id, Correction.id == correction_id
    )
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no correction {correction_id}.")
    return found


def lock_correction(session: Session, organisation_id: str, correction_id: str) -> Correction:
    """Return a correction that nobody else changes until this transaction ends. Raises NotFound."""
    found = get_correction(session, organisation_id, correction_id)
    session.refresh(found, with_for_update=True)
    return found


def lock_themes(session: Session, organisation_id: str, theme_ids: Collection[str]) -> dict[str, Theme]:
    """Return themes that nobody else changes until this transaction ends. Raises NotFound for any missing."""
    query = select(Theme).where(Theme.organisation_id == organisation_id, col(Theme.id).in_(theme_ids))
    ordered = query.order_by(col(Theme.id)).with_for_update().execution_options(populate_existing=True)
    found = {theme.id: theme for theme in session.exec(ordered)}
    for theme_id in theme_ids:
        if theme_id not in found:
            raise NotFound(f"There is no theme {theme_id}.")
    return found


def spans_of_theme(session: Session, organisation_id: str, theme_id: str) -> list[str]:
    """Return the spans that the live run has in a theme or a sub-theme."""
    run = live_run(session, organisation_id)
    query = select(Assignment.span_id).where(in_theme(theme_id, run_id=run.id if run else ""))
    return list(session.exec(query.order_by(col(Assignment.span_id).collate("C"))))


def contents_of(session: Session, organisation_id: str, span_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the item and the digest of the text of each of these spans that is there."""
    query = select(Span.id, Span.item_id, Span.content_hash).where(Span.organisation_id == organisation_id)
    rows = session.exec(query.where(among(col(Span.id), list(span_ids))))
    return {span_id: [item_id, content_hash] for span_id, item_id, content_hash in rows}


def spans_with(session: Session, organisation_id: str, hashes: Collection[str]) -> list[tuple[str, str, str]]:
    """Return (span, item, digest) of the spans that say one of these texts, by their ids."""
    query = select(Span.id, Span.item_id, Span.content_hash).where(Span.organisation_id == organisation_id)
    query = query.where(among(col(Span.content_hash), list(hashes))).order_by(col(Span.id).collate("C"))
    return [(span_id, item_id, content_hash) for span_id, item_id, content_hash in session.exec(query)]


def given_titles(session: Session, organisation_id: str) -> dict[str, str]:
    """Return the titles that people gave to themes, by theme; the newest counts."""
    return {
        each.theme_ids[-1]: each.title
        for each in list_corrections(session, organisation_id)
        if each.title is not None and each.theme_ids and each.carried_out_at is not None
    }
