"""Where live spans go: the items that wait for a place, the middles of themes, and the places taken."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import text
from sqlmodel import Session

from nlp.ports import Vectors
from service.repositories import locks

WAITING = """
    SELECT id, version FROM item
    WHERE organisation_id = :organisation_id AND unplaced
    ORDER BY id LIMIT :most
"""
SPANS = """
    SELECT span.id, span.content_hash, span.text, span.lang
    FROM span JOIN item ON item.id = span.item_id AND item.set_aside IS NULL
    WHERE span.organisation_id = :organisation_id AND span.item_id = ANY(:items)
    ORDER BY span.id
"""
EQUAL = """
    SELECT DISTINCT ON (span.content_hash)
        span.content_hash, assignment.theme_id, assignment.subtheme_id, assignment.confidence
    FROM span JOIN assignment ON assignment.span_id = span.id AND assignment.run_id = :run_id
    WHERE span.organisation_id = :organisation_id AND span.content_hash = ANY(:hashes)
        AND assignment.theme_id IS NOT NULL
    ORDER BY span.content_hash, assignment.confidence DESC NULLS LAST, span.id
"""
MIDDLES = """
    SELECT theme.id, theme.parent_id, CAST(centroid.vector AS real[])
    FROM centroid JOIN theme ON theme.id = centroid.theme_id AND NOT theme.retired
    WHERE centroid.organisation_id = :organisation_id AND centroid.embedder = :embedder
    ORDER BY theme.id
"""
HOMES = """
    SELECT assignment.span_id, assignment.theme_id FROM assignment
    JOIN run ON run.id = assignment.run_id AND run.state = 'live' AND run.organisation_id = :organisation_id
    WHERE assignment.span_id = ANY(:spans) AND assignment.theme_id IS NOT NULL AND NOT assignment.ignored
"""
TAKE = """
    INSERT INTO assignment
        (run_id, span_id, organisation_id, theme_id, subtheme_id, confidence, origin, late)
    SELECT :run_id, span.id, span.organisation_id, new.theme_id, new.subtheme_id, new.confidence, 'model',
        true
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS new (span_id text, theme_id text, subtheme_id text, confidence float)
    JOIN span ON span.id = new.span_id
    ON CONFLICT (run_id, span_id) DO NOTHING
"""
HEARD = """
    UPDATE theme SET heard_at = clock_timestamp()
    WHERE organisation_id = :organisation_id AND id = ANY(:themes)
"""
SETTLE = """
    UPDATE item SET unplaced = false
    FROM unnest(CAST(:ids AS text[]), CAST(:versions AS text[])) AS read (id, version)
    WHERE item.id = read.id AND item.version = read.version AND item.text IS NOT NULL
"""
REVIEW = """
    UPDATE item SET unplaced = missing.unplaced
    FROM (
        SELECT item.id, EXISTS (
            SELECT FROM span WHERE span.item_id = item.id AND NOT EXISTS (
                SELECT FROM assignment
                WHERE assignment.run_id = :run_id AND assignment.span_id = span.id
            )
        ) AS unplaced
        FROM item WHERE organisation_id = :organisation_id AND set_aside IS NULL AND text IS NOT NULL
    ) AS missing
    WHERE item.id = missing.id AND item.unplaced IS DISTINCT FROM missing.unplaced
"""


class WaitingItem(NamedTuple):
    """An item of which no span has a place yet, and the version that was looked at."""

    id: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSpan:
    """A span of an item that waits."""

    id: str
    content_hash: str
    text: str
    lang: str | None


class Taken(NamedTuple):
    """The place of a span."""

    theme_id: str
    subtheme_id: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Middles:
    """The mean vectors of themes and sub-themes in one embedder's space, one row each."""

    theme_ids: tuple[str, ...]
    parent_ids: tuple[str | None, ...]
    vectors: Vectors


def lock_places(session: Session, organisation_id: str) -> None:
    """Keep all others, until this transaction ends, from changing spans or where they are put.

    Spans go when an item changes, and are put into themes by runs and one by one: without an order among
    these, two could wait for each other for ever.
    """
    locks.hold(session, "places", organisation_id)


def waiting_items(session: Session, organisation_id: str, *, most: int) -> list[WaitingItem]:
    """Return the next items that wait for a place, by id."""
    given = {"organisation_id": organisation_id, "most": most}
    return [WaitingItem(*row) for row in session.execute(text(WAITING), given)]


def spans_of(session: Session, organisation_id: str, item_ids: Sequence[str]) -> list[WaitingSpan]:
    """Return the spans of these items, but not of those that are set aside."""
    names = ("id", "content_hash", "text", "lang")
    rows = session.execute(text(SPANS), {"organisation_id": organisation_id, "items": list(item_ids)})
    return [WaitingSpan(**dict(zip(names, row, strict=True))) for row in rows]


def places_of_equals(
    session: Session, organisation_id: str, run_id: str, hashes: Sequence[str]
) -> dict[str, Taken]:
    """Return the place of each of these texts that the run has in a theme already."""
    given = {"organisation_id": organisation_id, "run_id": run_id, "hashes": list(hashes)}
    return {row[0]: Taken(*row[1:]) for row in session.execute(text(EQUAL), given)}


def themes_of(session: Session, organisation_id: str, span_ids: Sequence[str]) -> dict[str, str]:
    """Return the upper theme of each of these spans that the live run has in one."""
    given = {"organisation_id": organisation_id, "spans": list(span_ids)}
    return {row[0]: row[1] for row in session.execute(text(HOMES), given)}


def middles(session: Session, organisation_id: str, embedder: str) -> Middles:
    """Return the middles of all living themes and sub-themes that the embedder's space has."""
    rows = session.execute(text(MIDDLES), {"organisation_id": organisation_id, "embedder": embedder}).all()
    vectors = np.array([row[2] for row in rows], np.float32) if rows else np.empty((0, 0), np.float32)
    return Middles(
        theme_ids=tuple(row[0] for row in rows),
        parent_ids=tuple(row[1] for row in rows),
        vectors=vectors,
    )


def take(session: Session, organisation_id: str, run_id: str, places: Mapping[str, Taken | None]) -> None:
    """Write the place of each span, None for un-themed; one that is gone, or has a place, is passed over."""
    rows: list[dict[str, Any]] = [
        {"span_id": span_id, **(taken._asdict() if taken else {})} for span_id, taken in places.items()
    ]
    session.execute(text(TAKE), {"run_id": run_id, "rows": json.dumps(rows)})
    themes = {name for taken in places.values() if taken for name in (taken.theme_id, taken.subtheme_id)}
    session.execute(
        text(HEARD),
        {"organisation_id": organisation_id, "themes": sorted(name for name in themes if name)},
    )


def settle(session: Session, items: Sequence[WaitingItem]) -> None:
    """Say that these items have their places, unless they have become others in the meantime."""
    given = {"ids": [item.id for item in items], "versions": [item.version for item in items]}
    session.execute(text(SETTLE), given)


def review(session: Session, organisation_id: str, run_id: str) -> None:
    """Let every item wait of which the run has not read all spans, and no other."""
    session.execute(text(REVIEW), {"organisation_id": organisation_id, "run_id": run_id})
