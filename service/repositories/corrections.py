"""Corrections: what people changed about themes, and the writing of it into the live run."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import Correction, Theme

MOVE = """
    UPDATE assignment SET theme_id = :to_theme
    FROM run
    WHERE run.id = assignment.run_id AND run.state = 'live' AND run.organisation_id = :organisation_id
        AND assignment.theme_id = :from_theme AND assignment.span_id = ANY(:spans)
"""
SPANS = """
    SELECT assignment.span_id FROM assignment
    JOIN run ON run.id = assignment.run_id AND run.state = 'live' AND run.organisation_id = :organisation_id
    WHERE assignment.theme_id = :theme_id ORDER BY assignment.span_id
"""
FOLLOW = """
    UPDATE theme SET parent_id = :theme_id
    WHERE organisation_id = :organisation_id AND id IN (
        SELECT assignment.subtheme_id FROM assignment
        JOIN run ON run.id = assignment.run_id AND run.state = 'live'
        WHERE run.organisation_id = :organisation_id AND assignment.theme_id = :theme_id
    )
"""
LEND_CENTROIDS = """
    INSERT INTO centroid (organisation_id, theme_id, embedder, vector)
    SELECT organisation_id, :to_theme, embedder, vector FROM centroid
    WHERE organisation_id = :organisation_id AND theme_id = :from_theme
    ON CONFLICT (theme_id, embedder) DO NOTHING
"""
RETURN_CENTROIDS = """
    DELETE FROM centroid AS lent USING centroid AS own
    WHERE lent.organisation_id = :organisation_id AND lent.theme_id = :to_theme
        AND own.theme_id = :from_theme AND own.embedder = lent.embedder AND own.vector = lent.vector
"""


def list_corrections(session: Session, organisation_id: str, *, op: str) -> list[Correction]:
    """Return the corrections of one sort that hold, in the order in which they were made."""
    query = select(Correction).where(
        Correction.organisation_id == organisation_id,
        Correction.op == op,
        col(Correction.undone_at).is_(None),
    )
    return list(session.exec(query.order_by(col(Correction.at), col(Correction.id).collate("C"))))


def corrections_of_theme(session: Session, organisation_id: str, theme_id: str) -> list[Correction]:
    """Return the corrections that hold and name this theme, the newest first."""
    query = select(Correction).where(
        Correction.organisation_id == organisation_id,
        col(Correction.undone_at).is_(None),
        col(Correction.theme_ids).contains([theme_id]),
    )
    return list(session.exec(query.order_by(col(Correction.at).desc(), col(Correction.id).collate("C"))))


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


def lock_themes(session: Session, organisation_id: str, theme_ids: Sequence[str]) -> dict[str, Theme]:
    """Return themes that nobody else changes until this transaction ends. Raises NotFound for any missing."""
    query = select(Theme).where(Theme.organisation_id == organisation_id, col(Theme.id).in_(theme_ids))
    found = {theme.id: theme for theme in session.exec(query.order_by(col(Theme.id)).with_for_update())}
    for theme_id in theme_ids:
        if theme_id not in found:
            raise NotFound(f"There is no theme {theme_id}.")
    return found


def spans_of_theme(session: Session, organisation_id: str, theme_id: str) -> list[str]:
    """Return the spans that the live run has in an upper theme."""
    given = {"organisation_id": organisation_id, "theme_id": theme_id}
    return list(session.execute(text(SPANS), given).scalars())


def move(
    session: Session, organisation_id: str, spans: Sequence[str], *, from_theme: str, to_theme: str
) -> None:
    """Put spans of one upper theme into another in the live run; their sub-themes come along."""
    given = {"organisation_id": organisation_id, "from_theme": from_theme, "to_theme": to_theme}
    session.execute(text(MOVE), {**given, "spans": list(spans)})
    session.execute(text(FOLLOW), {"organisation_id": organisation_id, "theme_id": to_theme})


def lend_centroids(session: Session, organisation_id: str, *, from_theme: str, to_theme: str) -> None:
    """Let a theme be found, too, where another was: live voices that were near the one go to the other."""
    given = {"organisation_id": organisation_id, "from_theme": from_theme, "to_theme": to_theme}
    session.execute(text(LEND_CENTROIDS), given)


def return_centroids(session: Session, organisation_id: str, *, from_theme: str, to_theme: str) -> None:
    """Take back what was lent, unless a run has written another since."""
    given = {"organisation_id": organisation_id, "from_theme": from_theme, "to_theme": to_theme}
    session.execute(text(RETURN_CENTROIDS), given)
