"""How well groups agree with labels that people gave."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, v_measure_score
from sklearn.metrics.cluster import contingency_matrix

from nlp.embedders import Embedders
from nlp.language import detect
from nlp.ports import Clusterer, Embedder, Vectors

Found = Sequence[int | None]
"""A group a row; None where the row is in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Figures of one answer. The rows of no group count as one more group, so that leaving out costs."""

    rows: int
    labels: int
    """How many different labels people gave."""
    themes: int
    v_measure: float
    ari: float
    """Adjusted Rand index."""
    nmi: float
    """Normalised mutual information, arithmetic mean; it equals the V-measure with equal weights."""
    accuracy: float
    """One-to-one: the share of rows that are right when each group stands for at most one label."""
    coverage: float
    """The share of rows that are in a theme."""
    largest: float
    """The share of rows that are in the largest theme."""


def compare(labels: Sequence[str], groups: Found) -> Evaluation:
    """Return the figures of `groups` against the `labels` of the same rows.

    Raises ValueError where the two differ in length or are empty.
    """
    if len(labels) != len(groups) or not labels:
        raise ValueError(f"{len(labels)} labels and {len(groups)} groups; both must be there, one a row")
    truth = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)[1]
    found = np.array([-1 if group is None else group for group in groups], np.int64)
    sizes = np.unique(found[found >= 0], return_counts=True)[1]
    return Evaluation(
        rows=len(labels),
        labels=int(truth.max()) + 1,
        themes=len(sizes),
        v_measure=float(v_measure_score(truth, found)),
        ari=float(adjusted_rand_score(truth, found)),
        nmi=float(normalized_mutual_info_score(truth, found)),
        accuracy=_one_to_one(truth, found),
        coverage=float((found >= 0).mean()),
        largest=float(sizes.max(initial=0) / len(labels)),
    )


def _one_to_one(truth: npt.NDArray[np.intp], found: npt.NDArray[np.int64]) -> float:
    """Return the accuracy under the best matching of groups and labels (Hungarian method)."""
    counts = contingency_matrix(truth, found)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return float(counts[rows, columns].sum() / len(truth))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """What was found in texts."""

    groups: tuple[int | None, ...]
    """A number a text, over all spaces; None where the text is in no theme."""
    langs: tuple[str | None, ...]
    """The language that each text was read as (ISO 639-1)."""


def group(
    texts: Sequence[str], embedders: Embedders | Embedder, clusterer: Clusterer, *, seed: int = 0
) -> Grouped:
    """Embed and group texts as a run would.

    With `Embedders`, each text goes to the embedder of its language, and each space is grouped by itself.
    """
    groups: list[int | None] = [None] * len(texts)
    taken = 0
    langs = [detect(text) for text in texts]
    for embedder, rows in _spaces(langs, embedders):
        mine = [texts[row] for row in rows]
        theirs = [langs[row] for row in rows]
        found = clusterer.cluster(_vectors(mine, embedder), mine, langs=theirs, seed=seed).groups
        for row, number in zip(rows, found, strict=True):
            groups[row] = None if number is None else taken + number
        taken += max((number + 1 for number in found if number is not None), default=0)
    return Grouped(groups=tuple(groups), langs=tuple(langs))


def evaluate(
    texts: Sequence[str],
    labels: Sequence[str],
    embedders: Embedders | Embedder,
    clusterer: Clusterer,
    *,
    seed: int = 0,
) -> Evaluation:
    """Group labelled texts, and compare the groups with the labels.

    Raises ValueError where texts and labels differ in length or are empty.
    """
    if len(texts) != len(labels):
        raise ValueError(f"{len(texts)} texts and {len(labels)} labels; both must be there, one a row")
    return compare(labels, group(texts, embedders, clusterer, seed=seed).groups)


def _spaces(langs: Sequence[str | None], embedders: Embedders | Embedder) -> list[tuple[Embedder, list[int]]]:
    """Return each embedder with the rows that it reads."""
    if isinstance(embedders, Embedder):
        return [(embedders, list(range(len(langs))))]
    spaces: dict[str, tuple[Embedder, list[int]]] = {}
    for row, lang in enumerate(langs):
        embedder = embedders.for_language(lang)
        spaces.setdefault(embedder.name, (embedder, []))[1].append(row)
    return [spaces[name] for name in sorted(spaces)]


def _vectors(texts: Sequence[str], embedder: Embedder) -> Vectors:
    """Return a vector a text, embedding equal texts once."""
    distinct = list(dict.fromkeys(texts))
    place = {text: row for row, text in enumerate(distinct)}
    vectors = embedder.embed(distinct)
    return vectors[[place[text] for text in texts]]
