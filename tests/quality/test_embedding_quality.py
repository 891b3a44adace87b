"""What the embedders are worth on sentences that people judged, and what bfloat16 costs on real tickets."""

import csv
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr
from sentence_transformers import SentenceTransformer

from nlp.embedders import open_embedders
from nlp.embedders.minilm import model_folder, open_minilm
from nlp.html import plain

pytestmark = pytest.mark.data


@pytest.mark.parametrize(("part", "least"), [("valid", 0.75), ("test", 0.76)])
def test_japanese_pairs_are_ranked_as_people_rank_them(
    real: Callable[[str], Path], part: str, least: float
) -> None:
    lines = real(f"jsts_ja/{part}-v1.3.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [json.loads(line) for line in lines]
    embedder = open_embedders().for_language("ja")
    first, second = (embedder.embed([pair[side] for pair in pairs]) for side in ("sentence1", "sentence2"))
    found = spearmanr(np.sum(first * second, axis=1), [pair["label"] for pair in pairs])
    assert found.statistic >= least


def test_tickets_have_the_vectors_that_sentence_transformers_gives_them(real: Callable[[str], Path]) -> None:
    with real("thunderbird_support/questions.csv").open(encoding="utf-8", newline="") as stream:
        rows = itertools.islice(csv.DictReader(stream), 0, 4800, 100)
        tickets = [f"{row['title']}\n{plain(row['content'])}" for row in rows]
    peer = SentenceTransformer(str(model_folder()), device="cpu", local_files_only=True)
    expected = peer.encode(tickets, show_progress_bar=False)
    assert np.sum(expected * open_minilm().embed(tickets), axis=1).min() >= 0.999
