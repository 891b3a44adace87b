"""How well the map of voices keeps what is alike together, and how still it stands, as a Markdown table.

    python -m benchmarks.mapped DATA CACHE [SET …]

Each set is grouped into themes and laid out three ways: by its two main directions, by t-SNE over all its
texts, and as the map does it. Then a tenth of the texts is held back and comes later.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from benchmarks.clustering import Space
from benchmarks.placing import HELD_BACK, SEED, numbered, spaces_to_measure
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.grounds import Places
from nlp.layout import BASIS_FROM, Said, basis_of, lay_out, reduced
from nlp.ports import Vectors

NEAREST = 10
LOOKED_AT = 3_000
"""Texts of a set whose surroundings are compared."""
SMALL_STEP = 1e-9
Groups = npt.NDArray[np.int64]


def said_of(space: Space) -> Said:
    """Group a space into themes; return its rows without places."""
    found = open_clusterer().cluster(space.vectors, space.texts, langs=space.langs, seed=SEED)
    basis = basis_of(space.vectors[:BASIS_FROM])
    return Said(
        vectors=reduced(space.vectors, basis),
        homes=numbered(found.groups),
        parts=numbered(found.subgroups),
        kept=np.full((len(space.rows), 2), np.nan),
    )


def some(said: Said, rows: Groups, kept: Places) -> Said:
    """Return some of the rows, with the places that they had."""
    return Said(vectors=said.vectors[rows], homes=said.homes[rows], parts=said.parts[rows], kept=kept)


def trusted(vectors: Vectors, places: Places) -> float:
    """Return the trustworthiness: 1 where none is near on the map that is not near by meaning."""
    from sklearn.manifold import trustworthiness

    rows = np.random.default_rng(SEED).permutation(len(places))[:LOOKED_AT]
    return float(trustworthiness(vectors[rows], places[rows], n_neighbors=NEAREST, metric="cosine"))


def same_theme(places: Places, homes: Groups) -> float:
    """Return the share of a themed text's ten nearest on the map that are in its theme."""
    from scipy.spatial import cKDTree

    themed = np.flatnonzero(homes >= 0)
    near = np.asarray(cKDTree(places).query(places[themed], k=NEAREST + 1)[1])
    return float(np.mean(homes[near[:, 1:]] == homes[themed][:, None]))


def by_main_directions(vectors: Vectors) -> Places:
    """Return the places by the two directions in which the texts differ most."""
    from sklearn.decomposition import PCA

    return np.asarray(PCA(2, svd_solver="full").fit_transform(vectors), np.float64)


def by_tsne(vectors: Vectors) -> Places:
    """Return the places that t-SNE finds for all texts at once."""
    from sklearn.manifold import TSNE

    return np.asarray(TSNE(init="pca", random_state=SEED, n_jobs=2).fit_transform(vectors), np.float64)


def later(said: Said) -> tuple[float, float, float]:
    """Let a tenth come later; return how far what was there moves, and how well what came is placed.

    The first is in shares of the map's width, the others are trustworthiness, and the share of the nearest in
    the same theme, of all rows.
    """
    order = np.random.default_rng(SEED).permutation(len(said.homes))
    cut = len(order) // HELD_BACK
    first = np.sort(order[cut:])
    before = lay_out([some(said, first, said.kept[first])])[0]
    kept = said.kept.copy()
    kept[first] = before
    after = lay_out([some(said, np.arange(len(order)), kept)])[0]
    moved = np.linalg.norm(after[first] - before, axis=1).max() / np.ptp(before, axis=0).max()
    return float(moved), trusted(said.vectors, after), same_theme(after, said.homes)


def lines(name: str, space: Space) -> Iterator[str]:
    """Give the rows of the table for a space."""
    said = said_of(space)
    themes = len(np.unique(said.homes[said.homes >= 0]))
    ways: dict[str, Callable[[], Places]] = {
        "two main directions": lambda: by_main_directions(space.vectors),
        "t-SNE of all texts": lambda: by_tsne(space.vectors),
        "the map": lambda: lay_out([said])[0],
    }
    for way, lay in ways.items():
        began = time.perf_counter()
        places = lay()
        seconds = time.perf_counter() - began
        figures = f"{trusted(space.vectors, places):.3f} | {same_theme(places, said.homes):.3f}"
        yield f"| {name} | {way} | {len(places):,} | {themes} | {figures} | - | {seconds:.1f} |"
    moved, trust, same = later(said)
    told = f"{trust:.3f} | {same:.3f} | {0.0 if moved < SMALL_STEP else moved:.3f}"
    yield f"| {name} | the map, a tenth later | {len(said.homes):,} | {themes} | {told} | - |"


def main(
    data: Path,
    cache: Path,
    names: Annotated[list[str] | None, typer.Argument(help="Sets to measure.")] = None,
) -> None:
    """Measure the map on each set."""
    cache.mkdir(parents=True, exist_ok=True)
    typer.echo(
        "| set | places by | texts | themes | trustworthiness | nearest in the theme | moved | seconds |"
    )
    typer.echo("|---|---|---|---|---|---|---|---|")
    for given, space in spaces_to_measure(names, open_embedders(), data, cache):
        for line in lines(given.name, space):
            typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
