"""What came since the live run grouped everything, and may be about something new."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import text
from sqlmodel import Session

from nlp.ports import Vectors

LATE = """
    SELECT count(*) FROM assignment WHERE run_id = :run_id AND late
"""
VOICES = """
    SELECT span.id, coalesce(item.customer_id, item.id), assignment.theme_id,
        CAST(embedding.vector AS real[]),
        (
            SELECT max(1 - (centroid.vector <=> embedding.vector)) FROM centroid
            JOIN theme ON theme.id = centroid.theme_id AND NOT theme.retired
            WHERE centroid.organisation_id = :organisation_id AND centroid.embedder = :embedder
                AND (assignment.theme_id IS NULL
                    OR centroid.theme_id IN (assignment.theme_id, assignment.subtheme_id))
        )
    FROM (
        SELECT assignment.* FROM assignment
        JOIN span ON span.id = assignment.span_id
        JOIN item ON item.id = span.item_id
        WHERE assignment.run_id = :run_id AND assignment.late AND assignment.origin = 'model'
            AND NOT assignment.ignored
        ORDER BY item.created_at DESC, assignment.span_id LIMIT :most
    ) AS assignment
    JOIN span ON span.id = assignment.span_id
    JOIN item ON item.id = span.item_id AND item.set_aside IS NULL
    JOIN embedding ON embedding.organisation_id = :organisation_id AND embedding.embedder = :embedder
        AND embedding.content_hash = span.content_hash
    ORDER BY span.id
"""
ELDERS = """
    SELECT mine.span_id, max(1 - (theirs.vector <=> own.vector))
    FROM assignment AS mine
    JOIN span ON span.id = mine.span_id
    JOIN embedding AS own ON own.organisation_id = :organisation_id AND own.embedder = :embedder
        AND own.content_hash = span.content_hash
    JOIN assignment AS old ON old.run_id = mine.run_id AND old.theme_id = mine.theme_id AND NOT old.late
    JOIN span AS said ON said.id = old.span_id
    JOIN embedding AS theirs ON theirs.organisation_id = :organisation_id AND theirs.embedder = :embedder
        AND theirs.content_hash = said.content_hash
    WHERE mine.run_id = :run_id AND mine.span_id = ANY(:spans)
    GROUP BY mine.span_id
"""
OTHERS = """
    SELECT span_id FROM assignment
    WHERE run_id = :run_id AND theme_id IS NOT NULL AND NOT late
    ORDER BY span_id LIMIT :most
"""
STILL = """
    SELECT assignment.span_id FROM assignment
    JOIN jsonb_to_recordset(CAST(:rows AS jsonb)) AS seen (span_id text, theme_id text)
        ON seen.span_id = assignment.span_id
    WHERE assignment.run_id = :run_id AND assignment.origin = 'model' AND NOT assignment.ignored
        AND assignment.theme_id IS NOT DISTINCT FROM seen.theme_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """The newest voices of one space that came since the run, in the order of their ids."""

    span_ids: tuple[str, ...]
    speakers: tuple[str, ...]
    """Who said it: the customer, or the item where nobody knows."""
    theme_ids: tuple[str | None, ...]
    vectors: Vectors
    homes: npt.NDArray[np.float64]
    """The cosine of each with the middle of its theme or sub-theme; of an un-themed one, with the nearest."""


def count_late(session: Session, run_id: str) -> int:
    """Return how many spans were put into themes, or into none, since the run had grouped."""
    return int(session.execute(text(LATE), {"run_id": run_id}).scalar_one())


def late_voices(session: Session, organisation_id: str, run_id: str, embedder: str, *, most: int) -> Late:
    """Return the late voices of a space that the model put where they are, at most so many."""
    given = {"organisation_id": organisation_id, "run_id": run_id, "embedder": embedder, "most": most}
    rows = session.execute(text(VOICES), given).all()
    return Late(
        span_ids=tuple(row[0] for row in rows),
        speakers=tuple(row[1] for row in rows),
        theme_ids=tuple(row[2] for row in rows),
        vectors=np.array([row[3] for row in rows], np.float32),
        homes=np.array([-1.0 if row[4] is None else row[4] for row in rows], np.float64),
    )


def elders(
    session: Session, organisation_id: str, run_id: str, embedder: str, span_ids: Sequence[str]
) -> npt.NDArray[np.float64]:
    """Return the cosine of each span with the nearest that its theme had before; -1 where there is none."""
    given = {
        "organisation_id": organisation_id,
        "run_id": run_id,
        "embedder": embedder,
        "spans": list(span_ids),
    }
    found = dict(session.execute(text(ELDERS), given).all())
    return np.array([found.get(span_id, -1.0) for span_id in span_ids])


def some_others(session: Session, run_id: str, *, most: int) -> list[str]:
    """Return spans of the run's themes: what the company's customers say otherwise."""
    return list(session.execute(text(OTHERS), {"run_id": run_id, "most": most}).scalars())


def still_there(session: Session, run_id: str, seen: Sequence[tuple[str, str | None]]) -> list[str]:
    """Return those of the spans that are where they were seen, by the model's word; in order of their ids."""
    rows = json.dumps([{"span_id": span_id, "theme_id": theme_id} for span_id, theme_id in seen])
    return sorted(session.execute(text(STILL), {"run_id": run_id, "rows": rows}).scalars())
