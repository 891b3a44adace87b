"""How long the page of searching takes among a million voices, as a Markdown table.

    python -m benchmarks.searching DATA [CACHE] [--voices 1000000]

Seconds of the server, from the request to the whole answer, over a local connection, one after another. The
searches are words of the texts themselves: rare, common, several, and whole sentences.
"""

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import httpx
import numpy as np
import typer

from benchmarks.home import empty_home
from benchmarks.many_voices import fill, texts_of
from benchmarks.words import WordsEmbedder
from nlp.embedders import Embedders
from nlp.tokens import words
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.search.meaning import Reader
from tests.live import serving

SEED = 1
EACH = 40
"""Searches of each sort."""
COMMON = tuple("thunderbird email account card password message problem good 駅 観光 駐車場 バス".split())  # noqa: SIM905
ROWS = (
    ("one word", "voices", "words"),
    ("one common word", "voices", "words"),
    ("two words", "voices", "words"),
    ("a sentence", "voices", "words"),
    ("two words", "", "words"),
    ("two words", "themes", "words"),
    ("two words", "voices", "meaning"),
    ("two words", "", ""),
)
"""What is searched for, where (everywhere: ""), and how (words and meaning: "")."""


def searches(texts: Sequence[str]) -> dict[str, list[str]]:
    """Return searches of each sort, made of what is said."""
    chance = random.Random(SEED)
    told = [[one.surface for one in words(text) if one.content] for text in chance.sample(texts, 20 * EACH)]
    long = [one for one in told if len(one) >= 4]
    return {
        "one word": [chance.choice(one) for one in long[:EACH]],
        "one common word": [chance.choice(COMMON) for _ in range(EACH)],
        "two words": [" ".join(chance.sample(one, 2)) for one in long[:EACH]],
        "a sentence": [" ".join(one[:12]) for one in long[EACH : 2 * EACH]],
    }


def measured(db: Database, texts: Sequence[str]) -> list[str]:
    """Return a row of the table for each sort of search."""
    app = create_app(db, Settings(embedder="hashing"), demo=True)
    app.state.reader = Reader(lambda: Embedders(default=WordsEmbedder()))
    app.state.reader.wait(60)
    asked = searches(texts)
    rows = []
    with serving(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        client.get("/search", params={"q": "mail"})
        for what, where, by in ROWS:
            took = []
            for query in asked[what]:
                began = time.perf_counter()
                client.get("/search", params={"q": query, "in": where, "by": by}).raise_for_status()
                took.append(1000 * (time.perf_counter() - began))
            figures = " | ".join(f"{np.percentile(took, share):.0f}" for share in (50, 95, 100))
            rows.append(f"| {what} | {where or 'everywhere'} | {by or 'words and meaning'} | {figures} |")
    return rows


def main(
    data: Path,
    cache: Path = Path("build/quality"),  # noqa: ARG001  as every table is called
    voices: Annotated[int, typer.Option(help="How many.")] = 1_000_000,
) -> None:
    """Fill a database, measure, and print the table."""
    texts = [text for text, _ in texts_of(data, voices)]
    with empty_home() as home:
        fill(home.db, data, voices)
        typer.echo("| searched for | in | by | median ms | p95 ms | slowest ms |")
        typer.echo("|---|---|---|---|---|---|")
        for row in measured(home.db, texts):
            typer.echo(row)


if __name__ == "__main__":
    typer.run(main)
