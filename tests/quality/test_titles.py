"""Titles of real questions, judged by what the questions were labelled as."""

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from nlp.labelers import open_labeler
from nlp.tokens import normal_forms


@pytest.mark.data
def test_titles_of_bank_questions_name_what_they_are_about(real: Callable[[str], Path]) -> None:
    groups: dict[str, list[str]] = defaultdict(list)
    with real("banking77/queries.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            groups[row["label"].replace("_", " ")].append(row["text"])
    labels = open_labeler().label(list(groups.values()), lang="en")
    told = [
        bool(set(normal_forms(name)) & set(normal_forms(label.title)))
        for name, label in zip(groups, labels, strict=True)
    ]
    assert sum(told) / len(told) >= 0.95
    assert len({label.title for label in labels}) == len(labels)
    assert all(len(label.title) <= 60 for label in labels)
    assert all(len(label.keywords) >= 5 for label in labels)
