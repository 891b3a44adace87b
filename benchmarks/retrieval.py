"""How well it is told which article answers, beside plain BM25 and plain cosine, as a Markdown table.

    python -m benchmarks.retrieval DATA [CACHE]

Of sets that have no knowledge base, some sentences of a label are its article and others are the questions;
half of the labels have no article, so that their questions are unanswered.
"""

import csv
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from sklearn.metrics import roc_auc_score

from benchmarks.sets import LabelledSet, banking, dstc11, xsid
from nlp.embedders import open_embedders
from nlp.html import plain
from nlp.passages import passages
from nlp.ports import Embedder, Vectors
from nlp.retrieval import ArticleIndex, IndexedArticle
from nlp.tokens import normal_forms

csv.field_size_limit(2**31 - 1)
SEED = 0
QUESTIONS = 600
LEAD = 300
"""Characters of a ticket that are asked with: its title and how it begins."""
FIRST = 10
BINS = 10
SATURATION, LENGTH_WEIGHT = 1.2, 0.75
"""The constants of published BM25."""

Scores = npt.NDArray[np.float64]
"""Shape (questions, articles)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Articles, questions, and which articles answer each; none where nothing does."""

    name: str
    lang: str
    articles: Mapping[str, Sequence[str]]
    """The passages of each article."""
    questions: Sequence[str]
    answers: Sequence[frozenset[str]]
    first: int = 1
    """Among how many hits a right article must be."""


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cut(said: Sequence[str]) -> list[str]:
    """Return sentences as the passages that an article of them is cut into: the first is its title."""
    return [one.text for one in passages(said[0], "\n".join(said[1:]))]


def hint3(data: Path, *, whole: bool) -> Asked:
    """A live bot's FAQ, and what people typed. Cut as Koe cuts articles, or a sentence a passage."""
    said: dict[str, list[str]] = defaultdict(list)
    for row in _rows(data / "hint3/sofmattress_train.csv"):
        said[row["label"]].append(row["sentence"])
    asked = _rows(data / "hint3/sofmattress_test.csv")
    return Asked(
        name=f"HINT3, {'as Koe cuts' if whole else 'a sentence a passage'}",
        lang="en",
        articles={label: cut(texts) if whole else texts for label, texts in said.items()},
        questions=[row["sentence"] for row in asked],
        answers=[frozenset({row["label"]} & set(said)) for row in asked],
    )


def halved(given: LabelledSet, *, each: int) -> Asked:
    """A labelled set: `each` sentences of half of the labels are articles, the others are questions."""
    chance = random.Random(SEED)
    by_label: dict[str, list[str]] = defaultdict(list)
    for text, label in zip(given.texts, given.labels, strict=True):
        by_label[label].append(text)
    labels = sorted(label for label, texts in by_label.items() if len(texts) >= each + 4)
    chance.shuffle(labels)
    known = labels[: len(labels) // 2]
    articles: dict[str, list[str]] = {}
    questions: list[tuple[str, str]] = []
    for label in labels:
        texts = chance.sample(by_label[label], len(by_label[label]))
        if label in known:
            articles[label] = cut(texts[:each])
        questions += [(text, label) for text in texts[each:]]
    drawn = chance.sample(questions, min(QUESTIONS, len(questions)))
    return Asked(
        name=f"{given.name}, half of the labels",
        lang=given.lang or "en",
        articles=articles,
        questions=[text for text, _ in drawn],
        answers=[frozenset({label} & set(articles)) for _, label in drawn],
    )


def jsts(data: Path) -> Asked:
    """Japanese pairs: where people said 4 or more, one sentence answers the other; at 2 or less, nothing."""
    lines = (data / "jsts_ja/valid-v1.3.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [pair for pair in map(json.loads, lines) if not 2 < pair["label"] < 4]
    alike = {str(number): pair for number, pair in enumerate(pairs) if pair["label"] >= 4}
    return Asked(
        name="JSTS, pairs",
        lang="ja",
        articles={number: [pair["sentence2"]] for number, pair in alike.items()},
        questions=[pair["sentence1"] for pair in pairs],
        answers=[frozenset({str(number)} & set(alike)) for number in range(len(pairs))],
    )


def thunderbird(data: Path, *, lead: int = LEAD) -> Asked:
    """Support questions, and the articles, known by name only, that people linked in answers.

    A question is asked with its first `lead` characters.
    """
    folder = data / "thunderbird_support"
    linked: dict[str, set[str]] = defaultdict(set)
    for row in _rows(folder / "kb_links.csv"):
        linked[row["question_id"]].add(row["kb_slug"])
    asked = [row for row in _rows(folder / "questions.csv") if row["id"] in linked]
    return Asked(
        name="Thunderbird, linked article among ten",
        lang="en",
        articles={
            row["kb_slug"]: [row["kb_slug"].replace("-", " ")]
            for row in _rows(folder / "kb_articles_seen.csv")
        },
        questions=[f"{row['title']}\n\n{plain(row['content'])}"[:lead] for row in asked],
        answers=[frozenset(linked[row["id"]]) for row in asked],
        first=FIRST,
    )


SETS: Sequence[Callable[[Path], Asked]] = (
    lambda data: hint3(data, whole=True),
    lambda data: hint3(data, whole=False),
    lambda data: halved(banking(data), each=8),
    lambda data: halved(dstc11(data), each=8),
    lambda data: halved(xsid(data, "en"), each=5),
    lambda data: halved(xsid(data, "ja"), each=5),
    jsts,
    thunderbird,
)


def bm25(texts: Sequence[str], questions: Sequence[str]) -> Scores:
    """Return published BM25 scores, shape (questions, texts)."""
    counts = [Counter(normal_forms(text)) for text in texts]
    lengths = np.array([count.total() for count in counts], np.float64)
    found = Counter(word for count in counts for word in count)
    damping = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * lengths / max(1.0, lengths.mean()))
    columns: dict[str, Scores] = {}
    for word, n in found.items():
        held = np.array([count[word] for count in counts], np.float64)
        weight = math.log1p((len(texts) - n + 0.5) / (n + 0.5))
        columns[word] = weight * held * (SATURATION + 1) / (held + damping)
    nothing = np.zeros(len(texts))
    return np.array(
        [sum((columns[w] for w in normal_forms(question) if w in columns), nothing) for question in questions]
    )


def scored(asked: Asked, embedder: Embedder) -> dict[str, Scores]:
    """Return what each method thinks of each article, shape (questions, articles)."""
    names = list(asked.articles)
    texts = [text for name in names for text in asked.articles[name]]
    firsts = np.cumsum([0, *(len(asked.articles[name]) for name in names[:-1])])
    wholes = ["\n".join(asked.articles[name]) for name in names]
    vectors, said = embedder.embed(texts), embedder.embed(asked.questions)
    of_wholes = vectors if wholes == texts else embedder.embed(wholes)
    return {
        "Koe": _by_koe(asked, embedder.name, vectors, said),
        "BM25, best passage": np.maximum.reduceat(bm25(texts, asked.questions), firsts, axis=1),
        "BM25, whole article": bm25(wholes, asked.questions),
        "cosine, best passage": np.maximum.reduceat(said @ vectors.T, firsts, axis=1).astype(np.float64),
        "cosine, whole article": (said @ of_wholes.T).astype(np.float64),
    }


def _by_koe(asked: Asked, space: str, vectors: Vectors, said: Vectors) -> Scores:
    start, indexed = 0, []
    for name, texts in asked.articles.items():
        own = vectors[start : start + len(texts)]
        indexed.append(IndexedArticle(id=name, passages=texts, space=space, vectors=own))
        start += len(texts)
    place = {name: column for column, name in enumerate(asked.articles)}
    scores = np.zeros((len(asked.questions), len(place)))
    found = ArticleIndex(indexed).search(asked.questions, space, said, limit=len(place))
    for row, hits in enumerate(found):
        for hit in hits:
            scores[row, place[hit.article_id]] = hit.score
    return scores


def right(asked: Asked, scores: Scores) -> float:
    """Return the share of answered questions with a right article among the first."""
    names = list(asked.articles)
    order = np.argsort(-scores, axis=1, kind="stable")[:, : asked.first]
    return float(
        np.mean(
            [
                any(names[place] in answers and scores[row, place] > 0 for place in order[row])
                for row, answers in enumerate(asked.answers)
                if answers
            ]
        )
    )


def calibration_error(probabilities: Sequence[float], truths: Sequence[bool]) -> float:
    """Return the expected calibration error over ten bins of equal width."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for probability, truth in zip(probabilities, truths, strict=True):
        bins[min(int(probability * BINS), BINS - 1)].append((probability, truth))
    return sum(abs(sum(p - t for p, t in part)) for part in bins.values()) / len(truths)


def told_apart(asked: Asked, scores: Scores) -> str:
    """Return the area under the curve of “answered” by the best article's score."""
    answered = [bool(answers) for answers in asked.answers]
    if all(answered):
        return "-"
    return f"{roc_auc_score(answered, scores.max(axis=1)):.3f}"


def main(data: Path, cache: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Measure every method on every set."""
    del cache  # every measurement of docs/quality.md is given one
    embedders = open_embedders()
    typer.echo("| set | articles | questions | method | right article | AUROC of “answered” |")
    typer.echo("|---|---|---|---|---|---|")
    for read in SETS:
        asked = read(data)
        for method, scores in scored(asked, embedders.for_language(asked.lang)).items():
            typer.echo(
                f"| {asked.name} | {len(asked.articles)} | {len(asked.questions):,} | {method} "
                f"| {right(asked, scores):.3f} | {told_apart(asked, scores)} |"
            )


if __name__ == "__main__":
    typer.run(main)
