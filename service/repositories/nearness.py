"""Voices, articles and themes by the meaning of a search: its vector beside theirs, in one embedder's space.

A million vectors are too many to be compared while somebody waits, and their signs are not (a bit a number,
32 times as small): those whose signs differ least are compared by the vectors themselves. No index has to be
built, so a voice is found as soon as it has a vector, and the same search gives the same answer.
"""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from nlp.ports import Vectors
from service.repositories.finding import Narrowed, narrowing

SHORTLIST = 1_000
"""Texts whose signs are nearest, which are compared by their vectors."""
SAME = 3
"""Voices of one text that are shown at most: some thousand people write “none”."""

VOICES = """
    WITH near AS MATERIALIZED (
        SELECT content_hash FROM vector_signs
        WHERE organisation_id = :organisation_id AND embedder = :embedder
        ORDER BY hamming_distance(signs, binary_quantize(CAST(:vector AS vector))) LIMIT :shortlist
    ), compared AS MATERIALIZED (
        SELECT near.content_hash, 1 - (embedding.vector <=> CAST(:vector AS vector)) AS nearness
        FROM near
        JOIN embedding ON embedding.organisation_id = :organisation_id AND embedding.embedder = :embedder
            AND embedding.content_hash = near.content_hash
    )
    SELECT said.id, compared.nearness
    FROM compared
    CROSS JOIN LATERAL (
        SELECT row.id FROM span
        JOIN span_words AS row ON row.id = span.id
        WHERE span.content_hash = compared.content_hash AND row.organisation_id = :organisation_id {narrowed}
        ORDER BY row.said_at DESC, row.id LIMIT :same
    ) AS said
    WHERE compared.nearness >= :least
    ORDER BY compared.nearness DESC, said.id LIMIT :limit
"""
PASSAGES = """
    SELECT row.id, 1 - (embedding.vector <=> CAST(:vector AS vector)) AS nearness
    FROM (
        SELECT passage.id, passage.content_hash, article.source_id, article.lang, NULL AS kind,
            coalesce(article.updated_at, '-infinity') AS said_at
        FROM passage JOIN article ON article.id = passage.article_id
        WHERE passage.organisation_id = :organisation_id
    ) AS row
    JOIN embedding ON embedding.organisation_id = :organisation_id AND embedding.embedder = :embedder
        AND embedding.content_hash = row.content_hash
    WHERE 1 - (embedding.vector <=> CAST(:vector AS vector)) >= :least {narrowed}
    ORDER BY nearness DESC, row.id LIMIT :limit
"""
THEMES = """
    SELECT centroid.theme_id, 1 - (centroid.vector <=> CAST(:vector AS vector)) AS nearness
    FROM centroid JOIN theme ON theme.id = centroid.theme_id AND NOT theme.retired AND NOT theme.ignored
    WHERE centroid.organisation_id = :organisation_id AND centroid.embedder = :embedder
        AND 1 - (centroid.vector <=> CAST(:vector AS vector)) >= :least
    ORDER BY nearness DESC, centroid.theme_id LIMIT :limit
"""


class Meant(NamedTuple):
    """What a search means, in the space of one embedder."""

    embedder: str
    vector: Vectors
    """Shape (dimensions,), of unit length."""


def voices(
    session: Session, organisation_id: str, meant: Meant, narrowed: Narrowed, *, least: float, limit: int
) -> list[str]:
    """Return ids of the spans that are nearest, and at least so near (a cosine)."""
    return _nearest(session, organisation_id, VOICES, meant, narrowed, least, limit)


def passages(
    session: Session, organisation_id: str, meant: Meant, narrowed: Narrowed, *, least: float, limit: int
) -> list[str]:
    """Return ids of the passages of articles that are nearest, and at least so near."""
    return _nearest(session, organisation_id, PASSAGES, meant, narrowed, least, limit)


def themes(session: Session, organisation_id: str, meant: Meant, *, least: float, limit: int) -> list[str]:
    """Return ids of the themes and sub-themes whose middle is nearest, and at least so near."""
    return _nearest(session, organisation_id, THEMES, meant, Narrowed(), least, limit)


def known_spaces(session: Session, organisation_id: str, embedders: Collection[str]) -> list[str]:
    """Return those of these embedders that have read anything of an organisation."""
    given = {"organisation_id": organisation_id, "embedders": list(embedders)}
    query = """
        SELECT name FROM unnest(CAST(:embedders AS text[])) AS name
        WHERE EXISTS (
            SELECT FROM vector_signs WHERE organisation_id = :organisation_id AND embedder = name
        )
    """
    return list(session.execute(text(query), given).scalars())


def _nearest(
    session: Session,
    organisation_id: str,
    query: str,
    meant: Meant,
    narrowed: Narrowed,
    least: float,
    limit: int,
) -> list[str]:
    condition, values = narrowing(narrowed)
    given = {
        **values,
        "organisation_id": organisation_id,
        "embedder": meant.embedder,
        "vector": _written(meant.vector),
        "least": least,
        "limit": limit,
        "shortlist": SHORTLIST,
        "same": SAME,
    }
    rows = session.execute(text(query.format(narrowed=condition)), given)
    return [row[0] for row in rows]


def _written(vector: Vectors) -> str:
    """Return a vector as pgvector reads it."""
    return f"[{','.join(map(str, vector.tolist()))}]"
