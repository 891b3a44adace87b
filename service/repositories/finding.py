"""Voices and articles by their words, ranked by BM25.

Rows that hold every word of a search are counted, up to a bound, and come before those that hold some; among
them the shortest say it best. Only where they are few is it looked how common each word is: among a million
voices the rarest words decide which are looked at, and a word that thousands hold costs no more than one that
hundreds hold. Robertson & Zaragoza, The Probabilistic Relevance Framework, 2009.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from nlp.asked import Part
from service.repositories.lexemes import quoted

MOST_COUNTED = 10_000
"""Rows that are counted; of more nothing but that is said."""
SAMPLE = 2_000
"""The newest rows, from which it is told how common a word is."""
COMMON = 0.002
"""Share of the sample from which on a word is not counted, but estimated from it."""
NEWEST = 3_000
"""Rows looked at, the newest, where the rarest word of a search is a common one."""
SATURATION = 1.2
LENGTH_WEIGHT = 0.75
"""As of articles (`nlp.retrieval`); a row holds each word once."""

VOICES = "span_words"
ARTICLES = """
    (
        SELECT passage_words.id, passage_words.organisation_id, article.source_id,
            coalesce(article.updated_at, '-infinity') AS said_at, article.lang, NULL AS kind,
            passage_words.words
        FROM passage_words
        JOIN passage ON passage.id = passage_words.id
        JOIN article ON article.id = passage.article_id
    )
"""
SAMPLED = """
    SELECT count(*), coalesce(avg(length(words)), 1) {shares}
    FROM (
        SELECT words FROM {table} AS row WHERE organisation_id = :organisation_id
        ORDER BY said_at DESC LIMIT :sample
    ) AS newest
"""
ROWS = """
    SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = CAST(:table AS regclass)
"""
COUNTED = """
    (SELECT count(*) FROM (
        SELECT FROM {table} AS row WHERE organisation_id = :organisation_id
            AND words @@ CAST(:{name} AS tsquery) LIMIT :most
    ) AS held)
"""
ALL = """
    WITH held AS MATERIALIZED (
        SELECT id, said_at, words FROM {table} AS row
        WHERE organisation_id = :organisation_id AND words @@ CAST(:all AS tsquery) {narrowed}
        LIMIT :most + 1
    )
    SELECT id, count(*) OVER () FROM held
    ORDER BY length(words), said_at DESC, id LIMIT :limit
"""
NEWEST_OF_ALL = """
    SELECT id FROM {table} AS row
    WHERE organisation_id = :organisation_id AND words @@ CAST(:all AS tsquery) {narrowed}
    ORDER BY said_at DESC, id LIMIT :limit
"""
SOME = """
    WITH held AS MATERIALIZED (
        SELECT id, said_at, words FROM {table} AS row
        WHERE organisation_id = :organisation_id AND words @@ CAST(:rarest AS tsquery)
            AND NOT words @@ CAST(:all AS tsquery) {narrowed}
        {newest}
    )
    SELECT id FROM held
    ORDER BY ({score}) / (1 + {length}) DESC, said_at DESC, id LIMIT :limit
"""
LENGTH = """
    CAST(:saturation AS float)
        * (1 - :length_weight + :length_weight * length(words) / CAST(:mean AS float))
"""
NARROWINGS = {
    "kind": "row.kind = :kind",
    "source": (
        "row.source_id = (SELECT id FROM source WHERE organisation_id = :organisation_id AND name = :source)"
    ),
    "since": "row.said_at >= :since",
    "until": "row.said_at < :until",
}
OTHER = "other"
"""In the place of a language: none of those that the pages are in, or none that is known."""
PAGE_LANGUAGES = ("en", "ja")


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What a search is narrowed to; what is empty narrows nothing."""

    lang: str = ""
    """ISO 639-1, or `other`."""
    kind: str = ""
    source: str = ""
    """The source's name."""
    since: datetime | None = None
    until: datetime | None = None
    """From `since` on and before `until`."""


class Ranked(NamedTuple):
    """What a search by words finds."""

    ids: list[str]
    """The best first: those that hold all words, then those that hold some."""
    total: int
    """How many hold all words; `MOST_COUNTED + 1` where there are more than are counted."""


class _Rarity(NamedTuple):
    """How much each part tells, and by which the rows are looked for."""

    weights: list[float]
    counts: list[float]
    mean: float
    """Words of a row."""


def voices(
    session: Session, organisation_id: str, parts: Sequence[Part], narrowed: Narrowed, *, limit: int
) -> Ranked:
    """Return ids of spans."""
    return _found(session, organisation_id, VOICES, parts, narrowed, limit)


def passages(
    session: Session, organisation_id: str, parts: Sequence[Part], narrowed: Narrowed, *, limit: int
) -> Ranked:
    """Return ids of passages of articles; what their kind is, nobody knows."""
    return _found(session, organisation_id, ARTICLES, parts, narrowed, limit)


def _found(
    session: Session,
    organisation_id: str,
    table: str,
    parts: Sequence[Part],
    narrowed: Narrowed,
    limit: int,
) -> Ranked:
    if not parts:
        return Ranked([], 0)
    queries = [_query(part) for part in parts]
    given = {
        "organisation_id": organisation_id,
        "all": " & ".join(queries),
        "most": MOST_COUNTED,
        "limit": limit,
    }
    condition, values = narrowing(narrowed)
    words = {"table": table, "narrowed": condition}
    given |= values
    rows = session.execute(text(ALL.format(**words)), given).all()
    total = rows[0][1] if rows else 0
    ids = [row[0] for row in rows]
    if total > MOST_COUNTED:
        ids = list(session.execute(text(NEWEST_OF_ALL.format(**words)), given).scalars())
    if len(ids) < limit and len(parts) > 1:
        rarity = _rarity(session, organisation_id, table, queries)
        ids += _some(session, words, given | {"limit": limit - len(ids)}, queries, rarity)
    return Ranked(ids, total)


def _some(
    session: Session,
    words: dict[str, str],
    given: dict[str, Any],
    queries: Sequence[str],
    rarity: _Rarity,
) -> list[str]:
    """Return rows that hold some of the parts, among them one of the rarest."""
    by_rarity = sorted(
        (place for place, count in enumerate(rarity.counts) if count),
        key=lambda place: rarity.counts[place],
    )
    if not by_rarity:
        return []
    rarest = by_rarity[:1]
    held = rarity.counts[by_rarity[0]]
    for place in by_rarity[1:]:
        held += rarity.counts[place]
        if held > MOST_COUNTED:
            break
        rarest.append(place)
    is_common = rarity.counts[by_rarity[0]] > MOST_COUNTED
    score = " + ".join(
        f"CASE WHEN words @@ CAST(:part{place} AS tsquery) THEN :weight{place} ELSE 0 END"
        for place in range(len(queries))
    )
    for place, query in enumerate(queries):
        given |= {f"part{place}": query, f"weight{place}": rarity.weights[place]}
    given |= {"rarest": " | ".join(queries[place] for place in rarest), "newest": NEWEST}
    given |= {"mean": rarity.mean, "saturation": SATURATION, "length_weight": LENGTH_WEIGHT}
    newest = "ORDER BY said_at DESC LIMIT :newest" if is_common else "LIMIT :most"
    statement = SOME.format(**words, length=LENGTH, newest=newest, score=score)
    return list(session.execute(text(statement), given).scalars())


def _rarity(session: Session, organisation_id: str, table: str, queries: Sequence[str]) -> _Rarity:
    """Look how many rows hold each part: at the newest, then at all for what is rare among these."""
    given = {"organisation_id": organisation_id, "sample": SAMPLE, "most": MOST_COUNTED}
    given |= {f"part{place}": query for place, query in enumerate(queries)}
    shares = "".join(
        f", count(*) FILTER (WHERE words @@ CAST(:part{place} AS tsquery))" for place in range(len(queries))
    )
    sampled = session.execute(text(SAMPLED.format(table=table, shares=shares)), given).one()
    looked_at, mean, *held = (float(figure) for figure in sampled)
    if looked_at < SAMPLE:
        return _Rarity([_weight(looked_at, count) for count in held], held, mean)
    total = max(looked_at, float(session.execute(text(ROWS), {"table": _stored(table)}).scalar_one()))
    rare = [place for place, count in enumerate(held) if count < COMMON * looked_at]
    counts = [count / looked_at * total for count in held]
    if rare:
        columns = ", ".join(COUNTED.format(table=table, name=f"part{place}") for place in rare)
        exact = session.execute(text(f"SELECT {columns}"), given).one()
        for place, count in zip(rare, exact, strict=True):
            counts[place] = count
    return _Rarity([_weight(total, count) for count in counts], counts, mean)


def _stored(table: str) -> str:
    return VOICES if table == VOICES else "passage_words"


def _weight(total: float, held: float) -> float:
    """Return how much a part tells that so many of all rows hold (inverse document frequency)."""
    return math.log1p((max(total - held, 0) + 0.5) / (held + 0.5))


def _query(part: Part) -> str:
    """Return a part as PostgreSQL's text search takes it."""
    ending = ":*" if part.begins else ""
    alternatives = (" & ".join(quoted(word) + ending for word in words) for words in part.alternatives)
    return "(" + " | ".join(f"({words})" for words in alternatives) + ")"


def narrowing(narrowed: Narrowed) -> tuple[str, dict[str, Any]]:
    """Return the condition, which begins with AND, and its values."""
    values = {name: value for name in NARROWINGS if (value := getattr(narrowed, name))}
    conditions = [NARROWINGS[name] for name in values]
    if narrowed.lang == OTHER:
        conditions.append("(row.lang IS NULL OR NOT row.lang = ANY(:pages))")
        values["pages"] = list(PAGE_LANGUAGES)
    elif narrowed.lang:
        conditions.append("row.lang = :lang")
        values["lang"] = narrowed.lang
    return "".join(f" AND {condition}" for condition in conditions), values
