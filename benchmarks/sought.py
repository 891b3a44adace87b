"""How often what people search a help centre for is put into the right theme, as a Markdown table.

    python -m benchmarks.sought DATA CACHE [SET …]

A tenth of each labelled set is held back, and the rest is grouped. Of each text that was held back the words
that tell most about it are what somebody would have typed into a search box: the three (or fewer) content
words that fewest of the kept texts hold, though two of them at least, in the order of the text. Each search
is put where the service puts it, and beside that to the nearest middle by the plain cosine: always, and as
often as the service dares, the nearest first.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from benchmarks.placing import Groups, Held, hold_back, middles_of, named_groups, numbered, spaces_to_measure
from benchmarks.sets import LabelledSet
from nlp.embedders import open_embedders
from nlp.placing import place, reach
from nlp.ports import Embedder, Vectors
from nlp.tokens import words
from service.pipeline.searching import SURE

CHOSEN = ("banking77", "banking77-zipf", "dstc11", "hint3", "xsid-en", "multidogo")
WORDS = 3
"""Of a search, at most."""
SMALLEST = 300
"""Rows of a space that is measured; of fewer a tenth says nothing."""
HOLD = 2
"""Kept texts that must hold a word, so that it is none that only one person ever wrote."""
Rights = npt.NDArray[np.bool_]


def query_of(text: str, held_by: Mapping[str, int]) -> str:
    """Return what somebody who wrote a text may have searched for; empty where it has no telling word."""
    telling = dict[str, tuple[int, int, str]]()
    for position, token in enumerate(words(text)):
        if token.content and held_by.get(token.normal, 0) >= HOLD:
            telling.setdefault(token.normal, (held_by[token.normal], position, token.surface))
    rarest = sorted(telling.values())[:WORDS]
    return " ".join(surface for _, _, surface in sorted(rarest, key=lambda one: one[1]))


def searches_of(found: Held) -> tuple[list[int], list[str]]:
    """Return the held rows of which there is a search, and the searches."""
    texts = found.space.texts
    held_by = Counter(normal for row in found.kept for normal in {one.normal for one in words(texts[row])})
    queries = {int(row): query_of(texts[row], held_by) for row in found.held}
    rows = [row for row, query in queries.items() if query]
    return rows, [queries[row] for row in rows]


def line(given: LabelledSet, found: Held, embedder: Embedder) -> str:
    """Return one row of the table."""
    rows, queries = searches_of(found)
    labels = np.array([given.labels[row] for row in found.space.rows])
    named = named_groups(labels[found.kept], numbered(found.part.groups))
    middles, owners = middles_of(found)
    vectors = embedder.embed(queries)
    least = reach(found.space.vectors[found.kept], found.part.groups) or 1.0
    places = place(vectors, middles, owners, least=least)
    chosen = np.array(
        [-1 if one is None or one.confidence < SURE else int(owners[one.middle]) for one in places], np.int64
    )
    near, nearest = _nearest(vectors, middles)
    right, plain = (_rights(named, groups, labels[rows]) for groups in (chosen, owners[nearest]))
    taken = chosen >= 0
    first = np.argsort(-near, kind="stable")[: int(taken.sum())]
    cells = [f"{len(rows):,}", _share(taken), _share(right[taken]), _share(plain[first]), _share(plain)]
    return f"| {given.name} | {' | '.join(cells)} |"


def _rights(named: Mapping[int, str], groups: Groups, labels: npt.NDArray[np.str_]) -> Rights:
    """Say of each search whether the label of its group is its own."""
    return np.array([named.get(group) == label for group, label in zip(groups, labels, strict=True)])


def _nearest(vectors: Vectors, middles: Vectors) -> tuple[npt.NDArray[np.float64], Groups]:
    """Return the cosine with the nearest middle, and which that is."""
    lengths = np.linalg.norm(middles, axis=1, keepdims=True)
    cosines = vectors.astype(np.float64) @ (middles / np.maximum(lengths, 1e-12)).T
    return cosines.max(axis=1), cosines.argmax(axis=1)


def _share(rights: Rights) -> str:
    return f"{rights.mean():.3f}" if len(rights) else "-"


def main(
    data: Path,
    cache: Path,
    names: Annotated[list[str] | None, typer.Argument(help="Sets to measure.")] = None,
) -> None:
    """Measure where searches are put on each set."""
    cache.mkdir(parents=True, exist_ok=True)
    embedders = open_embedders()
    typer.echo(
        "| set | searches | put into a theme | right of these | plain cosine, as many | plain cosine, all |"
    )
    typer.echo("|---|---|---|---|---|---|")
    for given, space in spaces_to_measure(names, embedders, data, cache):
        typer.echo(line(given, hold_back(space), embedders.for_language(space.langs[0])))


if __name__ == "__main__":
    typer.run(main)
