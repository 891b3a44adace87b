"""The writing of corrections: where the live run has spans, before and after, and whose theme it is."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

PUT = """
    INSERT INTO assignment
        (run_id, span_id, organisation_id, theme_id, subtheme_id, origin, confidence, ignored)
    SELECT run.id, span.id, span.organisation_id, new.theme_id, new.subtheme_id, new.origin, new.confidence,
        new.ignored
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new
        (span_id text, theme_id text, subtheme_id text, origin text, confidence float, ignored boolean)
    JOIN span ON span.id = new.span_id AND span.organisation_id = :organisation_id
    JOIN run ON run.organisation_id = :organisation_id AND run.state = 'live'
    ON CONFLICT (run_id, span_id) DO UPDATE SET theme_id = excluded.theme_id,
        subtheme_id = excluded.subtheme_id, origin = excluded.origin, confidence = excluded.confidence,
        ignored = excluded.ignored
"""
PLACES = """
    SELECT assignment.span_id, assignment.theme_id, assignment.subtheme_id, assignment.origin,
        assignment.confidence, assignment.ignored
    FROM assignment
    JOIN run ON run.id = assignment.run_id AND run.state = 'live' AND run.organisation_id = :organisation_id
    WHERE assignment.span_id = ANY(:spans)
    ORDER BY assignment.span_id
"""
HELD = """
    SELECT held.theme_id, count(*)
    FROM assignment
    JOIN run ON run.id = assignment.run_id AND run.state = 'live' AND run.organisation_id = :organisation_id
    CROSS JOIN LATERAL (VALUES (assignment.theme_id), (assignment.subtheme_id)) AS held (theme_id)
    WHERE held.theme_id = ANY(:themes)
    GROUP BY held.theme_id
"""
PARTS = """
    UPDATE theme SET parent_id = part.theme_id
    FROM (
        SELECT DISTINCT ON (assignment.subtheme_id) assignment.subtheme_id, assignment.theme_id
        FROM assignment
        JOIN run ON run.id = assignment.run_id AND run.state = 'live'
            AND run.organisation_id = :organisation_id
        WHERE assignment.subtheme_id IS NOT NULL AND assignment.theme_id = ANY(:themes)
        GROUP BY assignment.subtheme_id, assignment.theme_id
        ORDER BY assignment.subtheme_id, count(*) DESC, assignment.theme_id
    ) AS part
    WHERE theme.id = part.subtheme_id AND theme.organisation_id = :organisation_id
        AND theme.parent_id IS DISTINCT FROM part.theme_id
"""
MIDDLES = """
    INSERT INTO centroid (organisation_id, theme_id, embedder, vector)
    SELECT :organisation_id, assignment.theme_id, embedding.embedder, avg(embedding.vector)
    FROM assignment
    JOIN run ON run.id = assignment.run_id AND run.state = 'live' AND run.organisation_id = :organisation_id
    JOIN span ON span.id = assignment.span_id
    JOIN embedding ON embedding.organisation_id = assignment.organisation_id
        AND embedding.content_hash = span.content_hash
        AND embedding.embedder = ANY(string_to_array(run.embedder, ' '))
    WHERE assignment.theme_id = ANY(:themes)
    GROUP BY assignment.theme_id, embedding.embedder
    ON CONFLICT (theme_id, embedder) DO UPDATE SET vector = excluded.vector
"""
LIKE = """
    WITH middle AS (
        SELECT embedding.embedder, avg(embedding.vector) AS vector
        FROM span
        JOIN run ON run.organisation_id = :organisation_id AND run.state = 'live'
        JOIN embedding ON embedding.organisation_id = :organisation_id
            AND embedding.content_hash = span.content_hash
            AND embedding.embedder = ANY(string_to_array(run.embedder, ' '))
        WHERE span.organisation_id = :organisation_id AND span.id = ANY(:spans)
        GROUP BY embedding.embedder
    ), near AS (
        SELECT assignment.span_id, assignment.theme_id, assignment.subtheme_id, embedding.embedder,
            embedding.vector, 1 - (embedding.vector <=> middle.vector) AS cosine,
            CAST(run.figures -> 'reach' ->> embedding.embedder AS float) AS reach
        FROM assignment
        JOIN run ON run.id = assignment.run_id AND run.state = 'live'
            AND run.organisation_id = :organisation_id
        JOIN span ON span.id = assignment.span_id
        JOIN embedding ON embedding.organisation_id = :organisation_id
            AND embedding.content_hash = span.content_hash
        JOIN middle ON middle.embedder = embedding.embedder
        WHERE assignment.origin = 'model' AND NOT assignment.span_id = ANY(:spans)
    )
    SELECT near.span_id, near.cosine
    FROM near
    WHERE near.cosine >= near.reach AND near.cosine >= :lead + coalesce((
        SELECT max(1 - (centroid.vector <=> near.vector)) FROM centroid
        WHERE centroid.theme_id IN (near.theme_id, near.subtheme_id) AND centroid.embedder = near.embedder
    ), -1)
    ORDER BY near.cosine DESC, near.span_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Where a span is in the live run."""

    span_id: str
    theme_id: str | None
    subtheme_id: str | None = None
    origin: str = "person"
    confidence: float | None = None
    ignored: bool = False

    def as_row(self) -> dict[str, Any]:
        """Return it as a row."""
        return {name: getattr(self, name) for name in self.__slots__}


def places_of(session: Session, organisation_id: str, span_ids: Collection[str]) -> dict[str, Put]:
    """Return where the live run has these spans; one that it has not read is left out."""
    given = {"organisation_id": organisation_id, "spans": list(span_ids)}
    names = ("span_id", "theme_id", "subtheme_id", "origin", "confidence", "ignored")
    rows = session.execute(text(PLACES), given)
    return {row[0]: Put(**dict(zip(names, row, strict=True))) for row in rows}


def put(session: Session, organisation_id: str, places: Sequence[Put]) -> None:
    """Write where the live run has these spans."""
    rows = json.dumps([place.as_row() for place in places])
    session.execute(text(PUT), {"organisation_id": organisation_id, "rows": rows})


def held(session: Session, organisation_id: str, theme_ids: Collection[str]) -> dict[str, int]:
    """Return how many spans the live run has in each of these themes or sub-themes; 0 is left out."""
    given = {"organisation_id": organisation_id, "themes": list(theme_ids)}
    return dict(session.execute(text(HELD), given).all())


def settle_parts(session: Session, organisation_id: str, theme_ids: Collection[str]) -> None:
    """Let each sub-theme be part of the theme that holds most of its spans."""
    session.execute(text(PARTS), {"organisation_id": organisation_id, "themes": list(theme_ids)})


def keep_middles(session: Session, organisation_id: str, theme_ids: Collection[str]) -> None:
    """Store the mean vectors of these themes as they are now: live voices find them by these."""
    session.execute(text(MIDDLES), {"organisation_id": organisation_id, "themes": list(theme_ids)})


def voices_like(
    session: Session, organisation_id: str, span_ids: Collection[str], *, lead: float
) -> Mapping[str, float]:
    """Return the live run's spans that are like these, with the cosine to their middle.

    They are within the run's reach of it, and nearer to it by `lead` than to the middles of the theme and
    the sub-theme that they are in. What a person put somewhere stays there.
    """
    given = {"organisation_id": organisation_id, "spans": list(span_ids), "lead": lead}
    return dict(session.execute(text(LIKE), given).all())
