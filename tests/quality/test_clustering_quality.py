"""The clusterer that Koe uses is worth more than the baseline, on real sets and with one setting."""

import csv
import json
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.evaluation import Evaluation, evaluate

pytestmark = pytest.mark.data

SEED = 0
Rows = list[tuple[str, str]]


def dstc11(path: Path) -> Rows:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [(row["utterance"], row["intent"]) for row in rows]


def skewed_banking(path: Path) -> Rows:
    """A sample in which few intents are frequent and many are rare, as in support."""
    by_label: dict[str, list[str]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            by_label[row["label"]].append(row["text"])
    print(f"sample of seed {SEED}")  # noqa: T201  shown when the test fails
    chance = random.Random(SEED)
    labels = sorted(by_label)
    chance.shuffle(labels)
    drawn = [
        (text, label)
        for place, label in enumerate(labels)
        for text in chance.sample(by_label[label], min(len(by_label[label]), 4 + 150 // (place + 1)))
    ]
    return sorted(drawn)


@pytest.mark.parametrize(
    ("path", "read", "least_v", "least_ari"),
    [
        ("dstc11_intents/development.jsonl", dstc11, 0.89, 0.78),
        ("banking77/queries.csv", skewed_banking, 0.77, 0.57),
    ],
)
def test_themes_agree_with_people_better_than_the_baseline_does(
    real: Callable[[str], Path],
    path: str,
    read: Callable[[Path], Rows],
    least_v: float,
    least_ari: float,
) -> None:
    texts, labels = zip(*read(real(path)), strict=True)
    embedder = open_embedders().for_language("en")
    found: dict[str, Evaluation] = {
        name: evaluate(texts, labels, embedder, open_clusterer(name), seed=SEED)
        for name in ("default", "hdbscan")
    }
    best, baseline = found["default"], found["hdbscan"]
    assert best.v_measure > baseline.v_measure + 0.05
    assert best.ari > baseline.ari + 0.15
    assert best.v_measure >= least_v
    assert best.ari >= least_ari
    assert best.coverage >= 0.9
