"""The map of voices: which spans are on it, where they lie, and what is said at a place."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from service.models import Theme

CHOOSE = """
    SELECT DISTINCT ON (chosen.turn, span.id) span.id, span.content_hash, embedding.embedder,
        chosen.theme_id, chosen.subtheme_id, map_point.x, map_point.y
    FROM (
        SELECT span_id, theme_id, subtheme_id, md5(span_id) AS turn FROM (
            SELECT span_id, theme_id, subtheme_id, md5(span_id) AS turn,
                row_number() OVER (PARTITION BY theme_id ORDER BY md5(span_id)) AS place
            FROM assignment WHERE run_id = :run_id AND NOT ignored
        ) AS put
        ORDER BY theme_id IS NULL OR place > :each, turn LIMIT :most
    ) AS chosen
    JOIN span ON span.id = chosen.span_id AND span.organisation_id = :organisation_id
    JOIN item ON item.id = span.item_id AND item.set_aside IS NULL
    JOIN embedding ON embedding.organisation_id = span.organisation_id
        AND embedding.content_hash = span.content_hash AND embedding.embedder = ANY(:embedders)
    LEFT JOIN map_point ON map_point.span_id = span.id
    ORDER BY chosen.turn, span.id, embedding.embedder
"""
"""By a digest of their ids: chance, and the same for ever, so that another run chooses mostly the same."""
FORGET = """
    WITH middles AS (DELETE FROM map_middle WHERE organisation_id = :organisation_id)
    DELETE FROM map_point WHERE organisation_id = :organisation_id
"""
KEEP = """
    INSERT INTO map_point (span_id, organisation_id, x, y, kind, lang)
    SELECT span.id, span.organisation_id, new.x, new.y, span.kind, coalesce(span.lang, '')
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (span_id text, x integer, y integer)
    JOIN span ON span.id = new.span_id AND span.organisation_id = :organisation_id
"""
SHOWN = """
    FROM map_point
    CROSS JOIN LATERAL (
        SELECT theme_id, subtheme_id FROM assignment
        WHERE run_id = (SELECT id FROM run WHERE organisation_id = :organisation_id AND state = 'live')
            AND span_id = map_point.span_id AND NOT ignored
        LIMIT 1
    ) AS put
    LEFT JOIN theme ON theme.id = put.theme_id
    LEFT JOIN theme AS part ON part.id = put.subtheme_id
    WHERE map_point.organisation_id = :organisation_id
        AND theme.ignored IS NOT TRUE AND part.ignored IS NOT TRUE
"""
"""LIMIT lets each dot be looked up by itself: all voices would else be read for the few on the map."""
POINTS = f"""
    SELECT map_point.x, map_point.y, map_point.kind, map_point.lang, put.theme_id, put.subtheme_id
    {SHOWN}
    ORDER BY map_point.span_id
"""
KEEP_MIDDLES = f"""
    INSERT INTO map_middle (theme_id, organisation_id, x, y)
    SELECT put.theme_id, CAST(:organisation_id AS text),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY map_point.x),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY map_point.y) {SHOWN}
        AND put.theme_id IS NOT NULL
    GROUP BY put.theme_id
"""
MIDDLES = """
    SELECT theme.id, map_middle.x, map_middle.y
    FROM map_middle JOIN theme ON theme.id = map_middle.theme_id AND NOT theme.retired AND NOT theme.ignored
    WHERE map_middle.organisation_id = :organisation_id ORDER BY theme.id
"""
AT = f"""
    SELECT span.text, span.lang, span.item_id, at.theme_id, at.subtheme_id
    FROM (
        SELECT map_point.span_id, put.theme_id, put.subtheme_id {SHOWN}
            AND map_point.x = :x AND map_point.y = :y
    ) AS at JOIN span ON span.id = at.span_id
    ORDER BY span.id LIMIT 1
"""
SET_ASIDE = """
    DELETE FROM map_point USING span, item
    WHERE map_point.organisation_id = :organisation_id AND span.id = map_point.span_id
        AND item.id = span.item_id AND item.id = ANY(:items) AND item.set_aside IS NOT NULL
"""
SAY_ANEW = """
    UPDATE map_point SET kind = span.kind, lang = coalesce(span.lang, '') FROM span
    WHERE map_point.organisation_id = :organisation_id AND span.id = map_point.span_id
        AND span.item_id = ANY(:items)
"""
ANY = "SELECT EXISTS (SELECT FROM map_point WHERE organisation_id = :organisation_id)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A span that is on the map, or will be."""

    span_id: str
    content_hash: str
    embedder: str
    theme_id: str | None
    subtheme_id: str | None
    x: int | None
    y: int | None
    """Where it lies; None for one that is new."""


class Point(NamedTuple):
    """A dot of the map."""

    x: int
    y: int
    kind: str
    lang: str
    """Empty for none that is known."""
    theme_id: str | None
    subtheme_id: str | None


class Spoken(NamedTuple):
    """What is said at a place."""

    text: str
    lang: str | None
    item_id: str
    theme: Theme | None
    subtheme: Theme | None


def choose(
    session: Session, organisation_id: str, run_id: str, embedders: Sequence[str], *, most: int, each: int
) -> list[Chosen]:
    """Return at most so many spans of a run that have vectors, by chance that is the same in every run.

    So many of `each` theme come first, so that no theme is missing.
    """
    given = {
        "organisation_id": organisation_id,
        "run_id": run_id,
        "embedders": list(embedders),
        "most": most,
        "each": each,
    }
    names = ("span_id", "content_hash", "embedder", "theme_id", "subtheme_id", "x", "y")
    return [Chosen(**dict(zip(names, row, strict=True))) for row in session.execute(text(CHOOSE), given)]


def replace_all(session: Session, organisation_id: str, points: Sequence[tuple[str, int, int]]) -> None:
    """Let just these spans be on the map, each with its x and y; one that is gone is passed over."""
    rows = [{"span_id": span_id, "x": x, "y": y} for span_id, x, y in points]
    given = {"organisation_id": organisation_id}
    session.execute(text(FORGET), given)
    session.execute(text(KEEP), given | {"rows": json.dumps(rows)})
    session.execute(text(KEEP_MIDDLES), given)


def any_points(session: Session, organisation_id: str) -> bool:
    """Say whether there is a map."""
    return bool(session.execute(text(ANY), {"organisation_id": organisation_id}).scalar_one())


def points(session: Session, organisation_id: str) -> list[Point]:
    """Return every dot, with the theme that its span is in now, in an order that stays."""
    return [Point(*row) for row in session.execute(text(POINTS), {"organisation_id": organisation_id})]


def middles(session: Session, organisation_id: str) -> dict[str, tuple[float, float]]:
    """Return where each theme lay when the map was drawn: the middle of its dots."""
    rows = session.execute(text(MIDDLES), {"organisation_id": organisation_id})
    return {theme_id: (x, y) for theme_id, x, y in rows}


def say_anew(session: Session, organisation_id: str, item_ids: Sequence[str]) -> None:
    """Bring the dots of items that were read anew up to date; those of items that are set aside go."""
    given = {"organisation_id": organisation_id, "items": list(item_ids)}
    session.execute(text(SET_ASIDE), given)
    session.execute(text(SAY_ANEW), given)


def spoken_at(session: Session, organisation_id: str, x: int, y: int) -> Spoken | None:
    """Return what is said at a place, the first by its id; None where nothing is."""
    row = session.execute(text(AT), {"organisation_id": organisation_id, "x": x, "y": y}).first()
    if row is None:
        return None
    theme, subtheme = (session.get(Theme, theme_id) if theme_id else None for theme_id in row[3:])
    return Spoken(row[0], row[1], row[2], theme, subtheme)
