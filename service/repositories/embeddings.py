"""The vectors of texts, by embedder and by the digest of the text."""

from collections.abc import Sequence

import numpy as np
import psycopg
from psycopg.rows import TupleRow
from sqlmodel import Session

from nlp.ports import Vectors
from service.errors import Conflict, NotFound

HEADER = 4
"""pgvector's binary form: two 16-bit numbers (dimensions, unused), then big-endian 32-bit floats."""

READABLE = """
    SELECT coalesce(span.lang, '') AS lang, span.content_hash, span.text
    FROM span JOIN item ON item.id = span.item_id AND item.set_aside IS NULL
    WHERE span.organisation_id = %(organisation_id)s
    UNION ALL
    SELECT coalesce(article.lang, ''), passage.content_hash, passage.text
    FROM passage JOIN article ON article.id = passage.article_id
    WHERE passage.organisation_id = %(organisation_id)s
"""
"""What is compared with anything: spans of items that are not set aside, and passages."""

LANGS = f"SELECT DISTINCT lang FROM ({READABLE}) AS readable"
WAITING = f"""
    SELECT DISTINCT content_hash FROM ({READABLE}) AS readable
    WHERE lang = ANY(%(langs)s) AND text ~ '\\S' AND NOT EXISTS (
        SELECT FROM embedding WHERE embedding.organisation_id = %(organisation_id)s
        AND embedding.embedder = %(embedder)s AND embedding.content_hash = readable.content_hash
    )
"""
TEXTS = (
    f"SELECT DISTINCT content_hash, text FROM ({READABLE}) AS readable WHERE content_hash = ANY(%(hashes)s)"
)
KNOWN = """
    SELECT content_hash FROM embedding
    WHERE organisation_id = %s AND embedder = %s AND content_hash = ANY(%s)
"""
DIMENSIONS = """
    SELECT vector_dims(vector) FROM embedding WHERE organisation_id = %s AND embedder = %s LIMIT 1
"""
STAGE = "CREATE TEMP TABLE incoming_vector (content_hash text, vector vector)"
COPY = "COPY incoming_vector FROM STDIN (FORMAT BINARY)"
KEEP = """
    INSERT INTO embedding (organisation_id, embedder, content_hash, vector)
    SELECT %s, %s, content_hash, vector FROM incoming_vector
    ORDER BY content_hash
    ON CONFLICT DO NOTHING
"""
KEEP_SIGNS = """
    INSERT INTO vector_signs (organisation_id, embedder, content_hash, signs)
    SELECT %s, %s, content_hash, binary_quantize(vector) FROM incoming_vector
    ORDER BY content_hash
    ON CONFLICT DO NOTHING
"""
READ = """
    SELECT content_hash, vector_send(vector) FROM embedding
    WHERE organisation_id = %s AND embedder = %s AND content_hash = ANY(%s)
"""


def langs(session: Session, organisation_id: str) -> list[str | None]:
    """Return the languages of all that can be compared; None stands for texts of no known language."""
    with _connection(session).cursor() as cursor:
        cursor.execute(LANGS, {"organisation_id": organisation_id})
        return [lang or None for lang in sorted(lang for (lang,) in cursor)]


def waiting(session: Session, organisation_id: str, embedder: str, langs: Sequence[str | None]) -> list[str]:
    """Return the hashes, ascending, of the texts in these languages that `embedder` has not read yet.

    Texts are those of passages and of spans whose items are not set aside; blank ones are never read.
    """
    given = {
        "organisation_id": organisation_id,
        "embedder": embedder,
        "langs": [each or "" for each in langs],
    }
    with _connection(session).cursor() as cursor:
        cursor.execute(WAITING, given)
        return sorted(content_hash for (content_hash,) in cursor)


def texts(session: Session, organisation_id: str, hashes: Sequence[str]) -> dict[str, str]:
    """Return the text of each hash; one that nothing says any more is left out."""
    with _connection(session).cursor() as cursor:
        cursor.execute(TEXTS, {"organisation_id": organisation_id, "hashes": list(hashes)})
        return dict(cursor.fetchall())


def missing(session: Session, organisation_id: str, embedder: str, hashes: Sequence[str]) -> list[str]:
    """Return those of `hashes` that have no vector of `embedder` yet, each once, in the order given."""
    with _connection(session).cursor() as cursor:
        cursor.execute(KNOWN, (organisation_id, embedder, list(hashes)))
        known = {content_hash for (content_hash,) in cursor}
    return [each for each in dict.fromkeys(hashes) if each not in known]


def store(
    session: Session, organisation_id: str, embedder: str, hashes: Sequence[str], vectors: Vectors
) -> None:
    """Keep a vector a hash, in one bulk copy; a vector that is there already stays as it is.

    Raises Conflict where those that are there have other dimensions: then it is another model.
    """
    if len(hashes) != len(vectors):
        raise ValueError(f"{len(hashes)} hashes, but {len(vectors)} vectors")
    if not len(hashes):
        return
    with _connection(session).cursor() as cursor:
        known = cursor.execute(DIMENSIONS, (organisation_id, embedder)).fetchone()
        if known is not None and known[0] != vectors.shape[1]:
            raise Conflict(
                f"{embedder} gives vectors of {vectors.shape[1]} numbers, and those in the database have "
                f"{known[0]}: another model came under the same name. Choose it by another name, such as "
                "owner/model@revision or a folder, and everything is read anew; nothing is mixed."
            )
        cursor.execute(STAGE)
        with cursor.copy(COPY) as copy:
            copy.write(_binary_rows(hashes, vectors))
        cursor.execute(KEEP, (organisation_id, embedder))
        cursor.execute(KEEP_SIGNS, (organisation_id, embedder))
        cursor.execute("DROP TABLE incoming_vector")


def load(session: Session, organisation_id: str, embedder: str, hashes: Sequence[str]) -> Vectors:
    """Return the vectors of `hashes`, one row each in the order asked, shape (len(hashes), dimensions).

    Raises NotFound if one of them has no vector of `embedder`: the embed stage has not seen it yet.
    """
    with _connection(session).cursor(binary=True) as cursor:
        cursor.execute(READ, (organisation_id, embedder, list(set(hashes))))
        stored = cursor.fetchall()
    place = {content_hash: row for row, (content_hash, _) in enumerate(stored)}
    without = [each for each in hashes if each not in place]
    if without:
        raise NotFound(f"{len(without)} texts have no vector of {embedder} yet; run the stage embed first.")
    if not stored:
        return np.empty((0, 0), np.float32)
    packed = np.frombuffer(b"".join(vector[HEADER:] for _, vector in stored), dtype=">f4")
    matrix = packed.reshape(len(stored), -1)
    return matrix[[place[each] for each in hashes]].astype(np.float32)


def _connection(session: Session) -> psycopg.Connection[TupleRow]:
    """Return the driver's connection under the session, inside the session's transaction."""
    connection = session.connection().connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("vectors are read and written through psycopg")
    return connection


def _binary_rows(hashes: Sequence[str], vectors: Vectors) -> bytes:
    """Return the rows in PostgreSQL's binary COPY format: a signature, two fields a row, a trailer."""
    floats = np.ascontiguousarray(vectors, dtype=">f4")
    dimensions = floats.shape[1]
    size = HEADER + 4 * dimensions
    head = size.to_bytes(4, "big") + dimensions.to_bytes(2, "big") + b"\0\0"
    parts = [b"PGCOPY\n\xff\r\n\0" + bytes(8)]
    for content_hash, row in zip(hashes, floats, strict=True):
        key = content_hash.encode()
        parts += [b"\0\2", len(key).to_bytes(4, "big"), key, head, row.tobytes()]
    return b"".join([*parts, b"\xff\xff"])
