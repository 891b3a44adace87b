"""How often a search finds what it should, by words, by meaning and by both, as a Markdown table.

    python -m benchmarks.found DATA [CACHE]

Everything takes the way of the product: the database, its indexes, and the page's own order. Texts of a set
are voices; each question is a search, and right is what people gave the same label. `first` is how often the
first hit is right, `in ten` the share of searches with a right one among ten, `of ten` how many of the ten
are right.
"""

import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from benchmarks.home import empty_home
from benchmarks.sets import SETS
from nlp.embedders import Embedders, open_embedders
from nlp.tokens import normal_forms
from service.db import Database
from service.models import MAIN, Item, Organisation, Source, Span
from service.models.columns import digest
from service.repositories import embeddings
from service.repositories.finding import Narrowed
from service.repositories.spans import keep_words
from service.search.looking import Slice, found_voices, search_for
from service.search.meaning import Reader

SEED = 0
MOST = 2_000
"""Voices of a set."""
QUESTIONS = 150
FIRST = 10
LABELLED = ("banking77", "dstc11", "xsid-en", "xsid-ja")
WAYS: Mapping[str, tuple[bool, bool]] = {
    "words": (True, False),
    "meaning": (False, True),
    "both": (True, True),
}
"""Whether words are looked for, and whether their meaning is."""
NOW = datetime(2026, 5, 4, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Voices with labels, and searches with theirs."""

    name: str
    lang: str
    voices: Sequence[tuple[str, str]]
    searches: Sequence[tuple[str, str]]


def hint3(data: Path) -> Wanted:
    """A live bot's questions and answers, and what people typed that it can answer."""
    folder = data / "hint3"
    known = [(row["sentence"], row["label"]) for row in _rows(folder / "sofmattress_train.csv")]
    labels = {label for _, label in known}
    typed = [(row["sentence"], row["label"]) for row in _rows(folder / "sofmattress_test.csv")]
    return Wanted(
        name="HINT3", lang="en", voices=known, searches=[each for each in typed if each[1] in labels]
    )


def labelled(name: str, data: Path) -> Wanted:
    """A labelled set, of which some rows search for the others."""
    given = SETS[name](data)
    rows = list(zip(given.texts, given.labels, strict=True))
    random.Random(SEED).shuffle(rows)
    voices = rows[QUESTIONS : QUESTIONS + MOST]
    known = {label for _, label in voices}
    searches = [each for each in rows[:QUESTIONS] if each[1] in known]
    return Wanted(name=given.name, lang=given.lang or "en", voices=voices, searches=searches)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keep(db: Database, wanted: Wanted, embedders: Embedders) -> dict[str, str]:
    """Keep a set's voices, with words and vectors, in an empty database; return their labels."""
    labels = {}
    with db.begin() as session:
        if session.get(Organisation, MAIN) is None:
            session.add(Organisation(id=MAIN, name="Main"))
        session.add(Source(id="set", organisation_id=MAIN, name="set", kind="file", created_at=NOW))
        session.flush()
        for number, (text, label) in enumerate(wanted.voices):
            name = f"{number:06}"
            labels[name] = label
            at = NOW - timedelta(minutes=number)
            session.add(
                Item(
                    id=name,
                    organisation_id=MAIN,
                    source_id="set",
                    external_id=name,
                    channel="ticket",
                    created_at=at,
                    version="1",
                    text=text,
                )
            )
            session.add(
                Span(
                    id=name,
                    organisation_id=MAIN,
                    item_id=name,
                    start=0,
                    end=len(text),
                    text=text,
                    lang=wanted.lang,
                    content_hash=digest(text, length=32),
                )
            )
    embedder = embedders.for_language(wanted.lang)
    texts = list(dict.fromkeys(text for text, _ in wanted.voices))
    vectors = embedder.embed(texts)
    with db.begin() as session:
        words = {f"{number:06}": normal_forms(text) for number, (text, _) in enumerate(wanted.voices)}
        keep_words(session, MAIN, words)
        embeddings.store(session, MAIN, embedder.name, [digest(one, length=32) for one in texts], vectors)
    return labels


def measured(db: Database, wanted: Wanted, labels: Mapping[str, str], reader: Reader) -> list[str]:
    """Return a row of the table for each way to search."""
    rows = []
    for way, (by_words, by_meaning) in WAYS.items():
        first = among = share = 0.0
        for query, label in wanted.searches:
            with db.begin() as session:
                search = search_for(
                    session,
                    MAIN,
                    f"{query} ",
                    Narrowed(),
                    reader=reader if by_meaning else None,
                    by_words=by_words,
                )
                hits = found_voices(search, Slice(size=FIRST)).hits
            right = [labels[hit.row.span.id] == label for hit in hits]
            first += bool(right[:1] and right[0])
            among += any(right)
            share += sum(right) / FIRST
        count = len(wanted.searches)
        figures = " | ".join(f"{figure / count:.3f}" for figure in (first, among, share))
        rows.append(f"| {wanted.name} | {len(wanted.voices):,} | {count} | {way} | {figures} |")
    return rows


def main(data: Path, cache: Path = Path("build/quality")) -> None:  # noqa: ARG001  as every table is called
    """Measure every set, and print the table."""
    embedders = open_embedders()
    reader = Reader(lambda: embedders)
    reader.wait(120)
    typer.echo("| set | voices | searches | by | first | in ten | of ten |")
    typer.echo("|---|---|---|---|---|---|---|")
    for wanted in (hint3(data), *(labelled(name, data) for name in LABELLED)):
        with empty_home() as home:
            labels = keep(home.db, wanted, embedders)
            for row in measured(home.db, wanted, labels, reader):
                typer.echo(row)


if __name__ == "__main__":
    typer.run(main)
