"""Titles of real questions, judged by what the questions were labelled as and by how many bear them out."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from nlp.labelers import open_labeler
from nlp.labelers.spelling import one_word
from nlp.labelers.support import Support
from nlp.ports import Label
from nlp.stopwords import STOP_WORDS
from nlp.tokens import normal_forms

Groups = Mapping[str, list[str]]


def labelled(groups: Groups) -> dict[str, Label]:
    found = open_labeler().label(list(groups.values()), lang="en")
    return dict(zip(groups, found, strict=True))


def borne_out(groups: Groups, labels: Mapping[str, Label]) -> float:
    """Return the mean share of a title's content words that a text of its group has."""
    shares = []
    for name, texts in groups.items():
        support, words = Support(texts), sorted(set(normal_forms(labels[name].title)))
        shares.append(sum(map(support.share, words)) / max(1, len(words)))
    return sum(shares) / len(shares)


def has_no_doubles(label: Label) -> bool:
    words = label.keywords
    twice = any(one_word(one, other) for place, one in enumerate(words) for other in words[:place])
    forms = [form for word in words for form in normal_forms(word)]
    return not twice and not {word.lower() for word in words} & STOP_WORDS and len(set(forms)) == len(forms)


@pytest.mark.data
def test_titles_of_bank_questions_name_what_they_are_about(real: Callable[[str], Path]) -> None:
    groups: dict[str, list[str]] = defaultdict(list)
    with real("banking77/queries.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            groups[row["label"].replace("_", " ")].append(row["text"])
    labels = labelled(groups)
    told = [bool(set(normal_forms(name)) & set(normal_forms(label.title))) for name, label in labels.items()]
    assert sum(told) / len(told) >= 0.95
    assert len({label.title for label in labels.values()}) == len(labels)
    assert all(len(label.title) <= 60 for label in labels.values())
    assert all(len(label.keywords) >= 5 for label in labels.values())
    assert sum(map(has_no_doubles, labels.values())) / len(labels) >= 0.95
    assert borne_out(groups, labels) >= 0.6


@pytest.mark.data
def test_titles_of_insurance_questions_are_borne_out_by_most(real: Callable[[str], Path]) -> None:
    groups: dict[str, list[str]] = defaultdict(list)
    for line in real("dstc11_intents/development.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        groups[row["intent"]].append(row["utterance"])
    labels = labelled(groups)
    assert borne_out(groups, labels) >= 0.6
    assert all(map(has_no_doubles, labels.values()))


@pytest.mark.data
def test_japanese_titles_have_a_predicate_or_say_which_kinds_there_are(real: Callable[[str], Path]) -> None:
    groups: dict[str, list[str]] = defaultdict(list)
    subjects = ("駐車場", "トイレ", "バス", "コンビニ", "食事", "カニ", "恐竜", "お土産", "海鮮", "蕎麦")
    with real("fukui_tourism_survey_ja/comments.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for subject in subjects:
                if subject in row["text"] and len(row["text"]) < 80:
                    groups[subject].append(row["text"])
    labels = labelled(groups)
    whole = [label for label in labels.values() if label.title.endswith(("など", "い", "る", "た", "たい"))]
    assert len(whole) >= 9
    assert sum(subject in label.title for subject, label in labels.items()) >= 9
    assert all(map(has_no_doubles, labels.values()))
