"""How the clusterers compare on the real sets, as a Markdown table.

    python -m benchmarks.clustering DATA CACHE [SET …]

DATA is the folder of the real sets, CACHE a folder that keeps the vectors, so that a second time is quick.
"""

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from benchmarks.sets import SETS, LabelledSet
from nlp.clusterers import open_clusterer
from nlp.embedders import Embedders, open_embedders
from nlp.evaluation import Found, compare
from nlp.language import detect
from nlp.ports import Clusterer, Clustering, Embedder, Past, Vectors
from service.models.columns import digest

SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The rows of a set that one embedder reads."""

    rows: tuple[int, ...]
    texts: tuple[str, ...]
    langs: tuple[str | None, ...]
    vectors: Vectors


class KMeansTold(Clusterer):
    """k-means that is told the true number of labels: no real clusterer knows it."""

    def __init__(self, count: int) -> None:
        self.name = "k-means told k"
        self.count = count

    def cluster(
        self,
        vectors: Vectors,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,  # noqa: ARG002  the port asks for it
        seed: int = 0,
        past: Past | None = None,  # noqa: ARG002
    ) -> Clustering:
        """Group all rows into as many groups as there are labels."""
        labels = KMeans(self.count, n_init=5, random_state=seed).fit_predict(vectors)
        return _all_themed(labels.tolist(), len(texts))


class PlainLeiden(Clusterer):
    """Leiden communities at a fixed resolution on a k-NN graph of the centred vectors, k = 15."""

    def __init__(self, resolution: float) -> None:
        self.name = f"Leiden r{resolution:g}"
        self.resolution = resolution

    def cluster(
        self,
        vectors: Vectors,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,  # noqa: ARG002  the port asks for it
        seed: int = 0,
        past: Past | None = None,  # noqa: ARG002
    ) -> Clustering:
        """Group all rows into communities."""
        from nlp.clusterers import graph, neighbours, spaces
        from nlp.clusterers.peers import peers_of

        if len(texts) < 2:
            return _all_themed([0] * len(texts), len(texts))
        with threadpool_limits(1):
            space = spaces.centred(vectors, peers_of(None, len(texts)))
            edges = graph.affinity(neighbours.nearest(space, min(15, len(space) - 1)))
            labels = graph.communities(edges, resolution=self.resolution, seed=seed)
        return _all_themed(labels.tolist(), len(texts))


def _all_themed(labels: list[int], rows: int) -> Clustering:
    return Clustering(groups=tuple(labels), subgroups=(None,) * rows, confidence=(1.0,) * rows)


def spaces_of(given: LabelledSet, embedders: Embedders, cache: Path) -> list[Space]:
    """Embed a set: every row by the embedder of its language, or all by that of the set's."""
    langs = [given.lang or detect(text) for text in given.texts]
    by_name: dict[str, tuple[Embedder, list[int]]] = {}
    for row, lang in enumerate(langs):
        embedder = embedders.for_language(lang)
        by_name.setdefault(embedder.name, (embedder, []))[1].append(row)
    found = []
    for _, (embedder, rows) in sorted(by_name.items()):
        texts = tuple(given.texts[row] for row in rows)
        found.append(
            Space(
                rows=tuple(rows),
                texts=texts,
                langs=tuple(langs[row] for row in rows),
                vectors=_cached(texts, embedder, cache),
            )
        )
    return found


def _cached(texts: Sequence[str], embedder: Embedder, cache: Path) -> Vectors:
    path = cache / f"{digest(embedder.name, *texts)}.npy"
    if not path.exists():
        distinct = list(dict.fromkeys(texts))
        place = {text: row for row, text in enumerate(distinct)}
        vectors = embedder.embed(distinct)
        np.save(path, vectors[[place[text] for text in texts]])
    kept: Vectors = np.load(path)
    return kept


def grouped(clusterer: Clusterer, spaces: Sequence[Space], rows: int) -> tuple[Found, int, float]:
    """Return the groups over all spaces, the number of sub-groups, and the seconds that it took."""
    groups: list[int | None] = [None] * rows
    taken, divided = 0, 0
    start = time.perf_counter()
    for space in spaces:
        found = clusterer.cluster(space.vectors, space.texts, langs=space.langs, seed=SEED)
        for row, group in zip(space.rows, found.groups, strict=True):
            groups[row] = None if group is None else taken + group
        taken += max((group + 1 for group in found.groups if group is not None), default=0)
        divided += max((part + 1 for part in found.subgroups if part is not None), default=0)
    return groups, divided, time.perf_counter() - start


def line(given: LabelledSet, clusterer: Clusterer, spaces: Sequence[Space]) -> str:
    """Return one row of the table."""
    groups, divided, seconds = grouped(clusterer, spaces, len(given.texts))
    found = compare(given.labels or [""] * len(groups), groups)
    quality = "- | - | -"
    if given.labels:
        quality = f"{found.v_measure:.3f} | {found.ari:.3f} | {found.accuracy:.3f}"
    return (
        f"| {given.name} | {clusterer.name} | {quality} | {found.themes} | {divided} "
        f"| {found.coverage:.3f} | {found.largest:.3f} | {seconds:.1f} |"
    )


def main(
    data: Path,
    cache: Path,
    names: Annotated[list[str] | None, typer.Argument(help="Sets to measure; all if none is named.")] = None,
) -> None:
    """Measure every clusterer on every set."""
    cache.mkdir(parents=True, exist_ok=True)
    embedders = open_embedders()
    typer.echo("| set | method | V | ARI | accuracy | themes | sub-themes | themed | largest | seconds |")
    typer.echo("|---|---|---|---|---|---|---|---|---|---|")
    for name in names or SETS:
        given = SETS[name](data)
        spaces = spaces_of(given, embedders, cache)
        others: list[Clusterer] = [open_clusterer("hdbscan"), PlainLeiden(1), PlainLeiden(3)]
        if given.labels:
            others.append(KMeansTold(len(set(given.labels))))
        for clusterer in [open_clusterer("communities"), *others]:
            typer.echo(line(given, clusterer, spaces))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    typer.echo(f"\nPeak memory, embedders included: {peak:.1f} GiB")


if __name__ == "__main__":
    typer.run(main)
