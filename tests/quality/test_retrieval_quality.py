"""How well retrieval tells which article answers: on hint3, the Thunderbird forum and Japanese pairs.

The sets, the questions and the plain methods are those of `benchmarks/retrieval.py`.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.retrieval import Asked, Scores, calibration_error, hint3, jsts, right, scored, thunderbird
from nlp.embedders import open_embedders

pytestmark = pytest.mark.data


def measured(read: Callable[[Path], Asked]) -> tuple[Asked, dict[str, Scores]]:
    """Return a set, and what each method thinks of each of its articles."""
    asked = read(Path(os.environ["KOE_TEST_DATA"]))
    return asked, scored(asked, open_embedders().for_language(asked.lang))


@pytest.mark.parametrize(("cut", "least"), [("as Koe cuts", 0.76), ("a sentence a passage", 0.80)])
def test_hint3_tells_answered_from_unanswered_and_names_the_article(cut: str, least: float) -> None:
    asked, found = measured(partial(hint3, whole=cut == "as Koe cuts"))
    answered = [bool(answers) for answers in asked.answers]
    areas = {method: roc_auc_score(answered, scores.max(axis=1)) for method, scores in found.items()}
    shares = {method: right(asked, scores) for method, scores in found.items()}
    assert max(areas, key=areas.__getitem__) == max(shares, key=shares.__getitem__) == "Koe"
    assert areas["Koe"] >= 0.89
    assert calibration_error(found["Koe"].max(axis=1).tolist(), answered) <= 0.08
    assert shares["Koe"] >= least


def test_thunderbird_finds_linked_articles_by_their_titles_better_than_either_view_alone() -> None:
    def every_third(data: Path) -> Asked:
        asked = thunderbird(data, lead=600)
        return replace(asked, questions=asked.questions[::3], answers=asked.answers[::3])

    asked, found = measured(every_third)
    shares = {method: right(asked, scores) for method, scores in found.items()}
    assert max(shares, key=shares.__getitem__) == "Koe", shares
    assert shares["Koe"] >= 0.33


def test_japanese_goes_the_same_way() -> None:
    asked, found = measured(jsts)
    assert right(asked, found["Koe"]) >= 0.80
    assert right(asked, found["Koe"]) > right(asked, found["BM25, best passage"])
