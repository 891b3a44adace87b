"""How fast texts become vectors, against sentence-transformers' own encoding, in one run on the same rows.

`KOE_TEST_DATA=DIR python -m benchmarks.embedding [tickets]` reads the support tickets of DIR.
"""

import csv
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
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


def main() -> None:
    """Print the table."""
    texts = tickets(Path(os.environ["KOE_TEST_DATA"]), int(sys.argv[1]) if len(sys.argv) > 1 else TICKETS)
    timings = compare(texts)
    peer = timings[0]
    table = Table("encoding", "texts/s", "CPU s", "faster", "least cosine", title=f"{len(texts)} tickets")
    for timing in timings:
        cosine = float(np.sum(timing.vectors * peer.vectors, axis=1).min())
        table.add_row(
            timing.name,
            f"{len(texts) / timing.wall:.1f}",
            f"{timing.cpu:.1f}",
            f"{peer.wall / timing.wall:.2f}x",
            f"{cosine:.5f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
