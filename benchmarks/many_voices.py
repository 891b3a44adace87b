"""A company with a million voices and two thousand themes, made of what people really wrote.

Texts of the sets, and two of them joined, so that words are as common as they are; vectors are means of their
word pieces' (`benchmarks.words`). Everything that a search reads is there: nothing else is.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import text

from benchmarks.sets import fukui
from benchmarks.spans import spans
from benchmarks.words import WordsEmbedder
from nlp.ports import Vectors
from nlp.tokens import normal_forms
from service.db import Database
from service.models import MAIN, Assignment, Item, Run, Source, Span, Theme
from service.models.columns import digest
from service.models.span import KINDS
from service.repositories import embeddings
from service.repositories.bulk import insert_rows
from service.repositories.spans import keep_words

BASIC = 200_000
"""Texts that stand alone; all others are two of these."""
THEMES = 2_000
SOURCES = ("tickets", "chats", "reviews", "survey")
BATCH = 10_000
SEED = 0
NOW = datetime(2026, 5, 4, tzinfo=UTC)
EMBEDDER = WordsEmbedder.name
RUN = "run"


def texts_of(data: Path, most: int) -> list[tuple[str, str]]:
    """Return so many texts with their languages, in an order of no meaning."""
    said = [(each, "en") for each in spans(data, BASIC)]
    said += [(each, "ja") for each in fukui(data, None).texts]
    random.Random(SEED).shuffle(said)
    return said[:most]


def fill(db: Database, data: Path, count: int, *, told: Callable[[int], None] = lambda _: None) -> None:
    """Make a company of so many voices in an empty database."""
    basic = texts_of(data, count)
    words = [normal_forms(each) for each, _ in basic]
    vectors = WordsEmbedder().embed([each for each, _ in basic])
    _frame(db, basic)
    chance = random.Random(SEED)
    for start in range(0, count, BATCH):
        rows = list(_pairs(chance, len(basic), start, min(start + BATCH, count)))
        _keep(db, start, rows, basic, words, vectors)
        told(start + len(rows))


def _pairs(chance: random.Random, basic: int, start: int, end: int) -> Iterator[tuple[int, int | None]]:
    for number in range(start, end):
        yield (number, None) if number < basic else (chance.randrange(basic), chance.randrange(basic))


def _frame(db: Database, basic: Sequence[tuple[str, str]]) -> None:
    with db.begin() as session:
        for name in SOURCES:
            session.add(Source(id=name, organisation_id=MAIN, name=name, kind="file", created_at=NOW))
        session.add(
            Run(
                id=RUN,
                organisation_id=MAIN,
                ordinal=1,
                state="live",
                input_digest="",
                embedder=EMBEDDER,
                clusterer="",
                created_at=NOW,
            )
        )
        titles = basic[:THEMES]
        rows = [
            {
                "id": f"t{place:05}",
                "organisation_id": MAIN,
                "title": title[:60],
                "titles": {lang: title[:60]},
                "keywords": normal_forms(title)[:5],
                "lang": lang,
                "kind": KINDS[place % len(KINDS)],
                "stage": "understood",
                "retired": False,
                "pinned": False,
                "ignored": False,
                "version": 0,
                "changed_at": NOW,
            }
            for place, (title, lang) in enumerate(titles)
        ]
        insert_rows(session, Theme, rows)


def _keep(
    db: Database,
    start: int,
    rows: Sequence[tuple[int, int | None]],
    basic: Sequence[tuple[str, str]],
    words: Sequence[list[str]],
    vectors: Vectors,
) -> None:
    items: list[dict[str, object]] = []
    said: list[dict[str, object]] = []
    put: list[dict[str, object]] = []
    found: dict[str, list[str]] = {}
    hashes = [digest(f"{number:08}", length=32) for number in range(start, start + len(rows))]
    for number, (one, other) in enumerate(rows, start):
        text_of = basic[one][0] if other is None else f"{basic[one][0]} {basic[other][0]}"
        name, lang = f"{number:08}", basic[one][1]
        at = NOW - timedelta(minutes=number)
        items.append(
            {
                "id": f"i{name}",
                "organisation_id": MAIN,
                "source_id": SOURCES[number % len(SOURCES)],
                "external_id": name,
                "channel": "ticket",
                "lang": lang,
                "lang_given": True,
                "created_at": at,
                "tags": [],
                "text": text_of,
                "title_end": 0,
                "unplaced": False,
                "reading": 1_000,
                "version": "1",
                "changed_at": at,
            }
        )
        said.append(
            {
                "id": f"s{name}",
                "organisation_id": MAIN,
                "item_id": f"i{name}",
                "start": 0,
                "end": len(text_of),
                "text": text_of,
                "lang": lang,
                "kind": KINDS[number % len(KINDS)],
                "kind_confidence": 1.0,
                "content_hash": hashes[number - start],
            }
        )
        put.append(
            {
                "run_id": RUN,
                "span_id": f"s{name}",
                "organisation_id": MAIN,
                "theme_id": f"t{one % THEMES:05}",
                "confidence": 0.9,
                "origin": "model",
                "late": False,
                "ignored": False,
            }
        )
        found[f"s{name}"] = words[one] + (words[other] if other is not None else [])
    with db.begin() as session:
        insert_rows(session, Item, items)
        insert_rows(session, Span, said)
        insert_rows(session, Assignment, put)
        keep_words(session, MAIN, found)
        embeddings.store(session, MAIN, EMBEDDER, hashes, _joined(rows, vectors))


def _joined(rows: Sequence[tuple[int, int | None]], vectors: Vectors) -> Vectors:
    both = np.stack([vectors[one] if other is None else vectors[one] + vectors[other] for one, other in rows])
    lengths = np.linalg.norm(both, axis=1, keepdims=True)
    return np.asarray(both / np.where(lengths > 0, lengths, 1), np.float32)


def settled(db: Database) -> None:
    """Let the database look at what it holds, as it does by itself after a while."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
