"""How time and memory of grouping grow, up to 200,000 spans that people really wrote.

    python -m benchmarks.scale DATA CACHE [SIZE …]

Each size is grouped in a process of its own, whose peak memory is all that grouping needs: vectors, texts and
libraries. The seconds of the processor hardly depend on what else runs. CACHE keeps the vectors. They are
those of the embedded default with `--embedder default`; computing 200,000 takes long, so the default here are
means of its word pieces' vectors (`words`): as wide, as crowded, and there in seconds.
"""

import json
import math
import multiprocessing
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from threadpoolctl import threadpool_limits

from benchmarks.spans import spans
from benchmarks.words import WordsEmbedder
from nlp.embedders import open_embedders
from nlp.ports import Embedder, Vectors

SIZES = (10_000, 30_000, 100_000, 200_000)
SEED = 0
CHUNK = 5_000
"""Texts embedded before they are kept, so that a second start goes on."""
NEIGHBOURS = 10
SAMPLE = 500
"""Rows whose true neighbours are looked up."""
KINDS = ("real", "equal", "nearly equal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What grouping took."""

    rows: int
    wall: float
    cpu: float
    memory: float
    """Peak of the whole process, GiB."""
    themes: int
    themed: float
    recall: float
    """Share of the true ten nearest rows that the graph was made of."""


def texts_of(data: Path, cache: Path, most: int) -> list[str]:
    """Return the spans, read from DATA once."""
    kept = cache / f"spans-{most}.json"
    if not kept.exists():
        kept.write_text(json.dumps(spans(data, most)), encoding="utf-8")
    texts: list[str] = json.loads(kept.read_text(encoding="utf-8"))
    return texts


def vectors_of(texts: Sequence[str], embedder: Embedder, cache: Path) -> Path:
    """Return the file with a vector a text; what is in CACHE is not computed again."""
    folder = cache / f"spans-{embedder.name}"
    folder.mkdir(exist_ok=True)
    whole = folder / f"{len(texts)}.npy"
    if whole.exists():
        return whole
    parts = []
    for start in range(0, len(texts), CHUNK):
        part = folder / f"part-{start}-{min(start + CHUNK, len(texts))}.npy"
        if not part.exists():
            np.save(part, embedder.embed(texts[start : start + CHUNK]))
        parts.append(np.load(part))
    np.save(whole, np.vstack(parts))
    return whole


def chosen(kind: str, texts: list[str], vectors: Vectors) -> tuple[list[str], Vectors]:
    """Return the rows as they are, or as many that are all equal, or all nearly equal."""
    if kind == "real":
        return texts, vectors
    if kind == "equal":
        return texts[:1] * len(texts), np.repeat(vectors[:1], len(texts), axis=0)
    noise = np.random.default_rng(SEED).normal(scale=1e-3, size=vectors.shape).astype(np.float32)
    near = vectors[:1] + noise
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    return [f"{texts[0]} {number}" for number in range(len(texts))], near


def grouped(kind: str, texts_file: str, vectors_file: str, rows: int, *, look_up: bool) -> Cost:
    """Group so many rows; to be called in a process of its own."""
    from nlp.clusterers import open_clusterer

    texts: list[str] = json.loads(Path(texts_file).read_text(encoding="utf-8"))[:rows]
    texts, vectors = chosen(kind, texts, np.array(np.load(vectors_file, mmap_mode="r")[:rows]))
    clusterer = open_clusterer()
    wall, cpu = time.perf_counter(), time.process_time()
    found = clusterer.cluster(vectors, texts, langs=["en"] * len(texts), seed=SEED)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    groups = [group for group in found.groups if group is not None]
    return Cost(
        rows=rows,
        wall=wall,
        cpu=cpu,
        memory=memory,
        themes=len(set(groups)),
        themed=len(groups) / rows,
        recall=recall(vectors) if look_up and kind == "real" else math.nan,
    )


def recall(vectors: Vectors) -> float:
    """Return which share of the true nearest rows is found, over a sample of rows."""
    from nlp.clusterers import neighbours, spaces
    from nlp.clusterers.peers import peers_of

    with threadpool_limits(1):
        space = spaces.centred(vectors, peers_of(None, len(vectors)))
        found = neighbours.nearest(space, NEIGHBOURS)
        rows = np.sort(np.random.default_rng(SEED).choice(len(space), SAMPLE, replace=False))
        table = space[rows] @ space.T
        table[np.arange(SAMPLE), rows] = -np.inf
        least = np.partition(table, len(space) - NEIGHBOURS, axis=1)[:, len(space) - NEIGHBOURS, None]
    return float((found.similarity[rows] >= least - 1e-6).mean())


def line(kind: str, cost: Cost, first: Cost) -> str:
    """Return one row of the table."""
    growth = "-"
    if cost.rows != first.rows:
        growth = f"{math.log(cost.cpu / first.cpu) / math.log(cost.rows / first.rows):.2f}"
    return (
        f"| {kind} | {cost.rows:,} | {cost.wall:.1f} | {cost.cpu:.1f} | {growth} | {cost.memory:.2f} "
        f"| {cost.recall:.3f} | {cost.themes} | {cost.themed:.3f} |"
    )


def main(
    data: Path,
    cache: Path,
    sizes: Annotated[list[int] | None, typer.Argument(help="Numbers of spans, ascending.")] = None,
    embedder: Annotated[str, typer.Option(help="words, or what KOE_EMBEDDER may be.")] = "words",
    kinds: Annotated[str, typer.Option(help=f"Of: {', '.join(KINDS)}.")] = ",".join(KINDS),
    *,
    look_up: Annotated[bool, typer.Option("--recall/--no-recall", help="Count missed neighbours.")] = True,
) -> None:
    """Group each size, and print how the cost grew from the first."""
    cache.mkdir(parents=True, exist_ok=True)
    texts = texts_of(data, cache, SIZES[-1])
    texts_file = cache / f"spans-{SIZES[-1]}.json"
    reader = WordsEmbedder() if embedder == "words" else open_embedders(embedder).for_language("en")
    vectors = vectors_of(texts[: max(sizes or SIZES)], reader, cache)
    context = multiprocessing.get_context("spawn")
    typer.echo("| rows are | rows | seconds | processor s | n^ | GiB | recall@10 | themes | themed |")
    typer.echo("|---|---|---|---|---|---|---|---|---|")
    for kind in kinds.split(","):
        first: Cost | None = None
        for rows in sizes or SIZES:
            with context.Pool(1) as alone:
                cost = alone.apply(grouped, (kind, str(texts_file), str(vectors), rows), {"look_up": look_up})
            first = first or cost
            typer.echo(line(kind, cost, first))


if __name__ == "__main__":
    typer.run(main)
