"""How well retrieval tells which article answers, on hint3 and on the Thunderbird forum."""

import csv
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from nlp.embedders import open_embedders
from nlp.html import plain
from nlp.passages import passages
from nlp.ports import Embedder
from nlp.retrieval import ArticleIndex, Hit, IndexedArticle

pytestmark = pytest.mark.data
BINS = 10


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedders().for_language("en")


def rows(path: str) -> list[dict[str, str]]:
    csv.field_size_limit(10**9)
    with (Path(os.environ["KOE_TEST_DATA"]) / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ask(
    articles: Mapping[str, Sequence[str]], questions: Sequence[str], embedder: Embedder
) -> list[tuple[Hit, ...]]:
    indexed = [
        IndexedArticle(id=name, passages=texts, space=embedder.name, vectors=embedder.embed(texts))
        for name, texts in articles.items()
    ]
    return list(ArticleIndex(indexed).search(questions, embedder.name, embedder.embed(questions)))


def calibration_error(probabilities: Sequence[float], truths: Sequence[bool]) -> float:
    """Return the expected calibration error over ten bins of equal width."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for probability, truth in zip(probabilities, truths, strict=True):
        bins[min(int(probability * BINS), BINS - 1)].append((probability, truth))
    return sum(abs(sum(p - t for p, t in part)) for part in bins.values()) / len(truths)


@pytest.mark.parametrize("cut", ["a sentence a passage", "as Koe cuts them"])
def test_hint3_tells_answered_from_unanswered(cut: str, embedder: Embedder) -> None:
    said: dict[str, list[str]] = defaultdict(list)
    for row in rows("hint3/sofmattress_train.csv"):
        said[row["label"]].append(row["sentence"])
    articles = {
        label: texts
        if cut.startswith("a ")
        else [one.text for one in passages(texts[0], "\n".join(texts[1:]))]
        for label, texts in said.items()
    }
    asked = rows("hint3/sofmattress_test.csv")
    found = ask(articles, [row["sentence"] for row in asked], embedder)
    answerable = [row["label"] in articles for row in asked]
    probabilities = [hits[0].score if hits else 0.0 for hits in found]
    right = [
        bool(hits) and hits[0].article_id == row["label"]
        for hits, row, there in zip(found, asked, answerable, strict=True)
        if there
    ]
    assert roc_auc_score(answerable, probabilities) >= 0.87
    assert calibration_error(probabilities, answerable) <= 0.08
    assert np.mean(right) >= 0.72


def test_thunderbird_finds_linked_articles_by_their_titles(embedder: Embedder) -> None:
    linked: dict[str, set[str]] = defaultdict(set)
    for row in rows("thunderbird_support/kb_links.csv"):
        linked[row["question_id"]].add(row["kb_slug"])
    articles = {
        row["kb_slug"]: [row["kb_slug"].replace("-", " ")]
        for row in rows("thunderbird_support/kb_articles_seen.csv")
    }
    asked = [row for row in rows("thunderbird_support/questions.csv") if row["id"] in linked][::3]
    found = ask(articles, [f"{row['title']}\n\n{plain(row['content'])}"[:600] for row in asked], embedder)
    hits = [
        bool({hit.article_id for hit in ten} & linked[row["id"]])
        for ten, row in zip(found, asked, strict=True)
    ]
    assert np.mean(hits) >= 0.33
