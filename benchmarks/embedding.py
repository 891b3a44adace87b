"""How fast texts become vectors, against sentence-transformers' own encoding, in one run on the same rows.

    python -m benchmarks.embedding DATA [CACHE]

DATA is the folder of the real sets, of which the support tickets are read; nothing is kept in CACHE.
"""

import csv
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sentence_transformers import SentenceTransformer

from nlp.embedders.minilm import model_folder, open_minilm
from nlp.html import plain
from nlp.ports import Vectors

TICKETS = 512
ROUNDS = 3
SEED = 20_260_504


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One way of encoding, the best of its rounds."""

    name: str
    wall: float
    cpu: float
    """Seconds; those of the processor, of all cores together, hardly depend on what else runs."""
    vectors: Vectors


def tickets(folder: Path, count: int) -> list[str]:
    """Return that many different tickets, title and body, chosen by a fixed seed."""
    csv.field_size_limit(sys.maxsize)
    with (folder / "thunderbird_support" / "questions.csv").open(encoding="utf-8", newline="") as stream:
        rows = [f"{row['title']}\n{plain(row['content'])}" for row in csv.DictReader(stream)]
    different = list(dict.fromkeys(rows))
    return random.Random(SEED).sample(different, min(count, len(different)))


def compare(texts: list[str]) -> list[Timing]:
    """Time both ways in turn, after a first round that nobody counts."""
    peer = SentenceTransformer(str(model_folder()), device="cpu", local_files_only=True)
    ours = open_minilm()
    ways: dict[str, Callable[[list[str]], Vectors]] = {
        "sentence-transformers, default": lambda given: np.asarray(
            peer.encode(given, show_progress_bar=False), np.float32
        ),
        f"Koe, {ours.name}": ours.embed,
    }
    for way in ways.values():
        way(texts[:64])
    rounds = [{name: _timed(name, way, texts) for name, way in ways.items()} for _ in range(ROUNDS)]
    return [min((each[name] for each in rounds), key=lambda timing: timing.wall) for name in ways]


def _timed(name: str, way: Callable[[list[str]], Vectors], texts: list[str]) -> Timing:
    wall, cpu = time.perf_counter(), time.process_time()
    vectors = way(texts)
    return Timing(name=name, wall=time.perf_counter() - wall, cpu=time.process_time() - cpu, vectors=vectors)


def main(
    data: Path,
    cache: Annotated[Path | None, typer.Argument()] = None,
    count: Annotated[int, typer.Option(min=1, help="Tickets to encode.")] = TICKETS,
) -> None:
    """Print the table."""
    del cache  # every measurement of docs/quality.md is given one
    texts = tickets(data, count)
    timings = compare(texts)
    peer = timings[0]
    typer.echo(f"| {len(texts)} whole tickets, encoded by | texts/s | CPU s | times as fast | least cosine |")
    typer.echo("|---|---|---|---|---|")
    for timing in timings:
        cosine = float(np.sum(timing.vectors * peer.vectors, axis=1).min())
        typer.echo(
            f"| {timing.name} | {len(texts) / timing.wall:.1f} | {timing.cpu:.1f} "
            f"| {peer.wall / timing.wall:.2f} | {cosine:.5f} |"
        )


if __name__ == "__main__":
    typer.run(main)
