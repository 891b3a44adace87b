"""Redaction, languages, spans and kinds on real and published sets; the thresholds are what was "
"measured."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import f1_score, roc_auc_score

from benchmarks.reading import SATISFACTION, by_keyword, by_spans
from nlp.html import plain
from nlp.language import detect
from nlp.redact import redact
from nlp.segment import Turn, segment
from nlp.sentiment import sentiment_of

pytestmark = pytest.mark.data

Real = Callable[[str], Path]

PRESIDIO = {
    "EMAIL_ADDRESS": "email",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
    "PHONE_NUMBER": "phone",
    "STREET_ADDRESS": "address",
    "ADDRESS": "address",
    "ZIP_CODE": "postal_code",
    "PERSON": "name",
}
WORD = re.compile(r"[^\W\d_]{3}")
PUBLISHED = ("synth_dataset_v2.jsonl", "generated_small.jsonl")
LEAST = {
    "email": 0.99,
    "card": 0.99,
    "iban": 0.99,
    "ip": 0.99,
    "phone": 0.98,
    "postal_code": 0.98,
    "address": 0.95,
    "name": 0.30,
}
"""Phones of every country, many without a cue, invented by a generator that does not know which are valid;
names without any word around that says so."""


def records(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    if text.lstrip().startswith("["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.splitlines()]


def rows(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(1 << 30)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_published_synthetic_values_are_found_and_nothing_else(real: Real) -> None:
    there: Counter[str] = Counter()
    found: Counter[str] = Counter()
    elsewhere: Counter[str] = Counter()
    for name in PUBLISHED:
        for record in records(real(f"presidio_pii_synth/{name}")):
            findings = redact(record["full_text"]).found
            named = [
                (span["start_position"], span["end_position"], span["entity_type"])
                for span in record["spans"]
            ]
            for start, end, entity in named:
                if kind := PRESIDIO.get(entity):
                    there[kind] += 1
                    # Of an address the set marks each part, so that some parts are a postal code and no more.
                    is_code = kind == "address" and not WORD.search(record["full_text"][start:end])
                    types = (kind, "postal_code") if is_code else (kind,)
                    found[kind] += any(f.type in types and f.start < end and f.end > start for f in findings)
            for finding in findings:
                elsewhere[finding.type] += not any(
                    finding.start < end and finding.end > start for start, end, _ in named
                )
    recall = {kind: found[kind] / there[kind] for kind in LEAST}
    assert all(recall[kind] >= least for kind, least in LEAST.items()), recall
    assert sum(elsewhere.values()) <= 5, elsewhere


def test_japanese_prose_keeps_its_words(real: Real) -> None:
    """Full names are taken out, also where no word announces them; so a few names of works and companies are
    taken that are, or look like, a person's. Of all other values hardly anything may be found in prose.
    """
    taken: Counter[str | None] = Counter()
    people = total = characters = values = 0
    for record in records(real("ner_wikipedia_ja/ner.json")):
        total += len(record["text"])
        people += sum(entity["type"] == "人名" for entity in record["entities"])
        for finding in redact(record["text"]).found:
            hit = (
                e["type"]
                for e in record["entities"]
                if e["span"][0] < finding.end and e["span"][1] > finding.start
            )
            entity = next(hit, None)
            taken[entity] += 1
            if entity != "人名":
                characters += finding.end - finding.start
                values += finding.type != "name"
    assert taken["人名"] / people >= 0.23, (taken, people)
    assert characters / total <= 0.0015, (characters, total)
    assert values <= 15, values
    assert sum(taken.values()) - taken["人名"] - taken["地名"] <= 35, taken


def test_hardly_an_answer_of_a_survey_loses_a_word(real: Real) -> None:
    answers = rows(real("fukui_tourism_survey_ja/comments.csv"))
    touched = sum(bool(redact(answer["text"]).found) for answer in answers)
    assert touched / len(answers) <= 0.01


def test_answers_are_japanese_and_few_are_empty(real: Real) -> None:
    answers = rows(real("fukui_tourism_survey_ja/comments.csv"))[:6_000]
    aside: Counter[str | None] = Counter()
    for answer in answers:
        text = answer["text"].strip()
        found = segment(text, [Turn(0, len(text), "customer")], title_end=0, channel="survey", lang="ja")
        aside[found.set_aside] += 1
    assert sum(detect(answer["text"]) == "ja" for answer in answers) / len(answers) >= 0.999
    assert 0.002 <= aside["empty"] / len(answers) <= 0.05
    assert aside["spam"] <= 2


def test_languages_of_tickets_are_those_of_their_forums(real: Real) -> None:
    tickets = rows(real("thunderbird_support/questions.csv"))[::4]
    right = sum(
        detect(plain(f"{ticket['title']}\n{ticket['content']}")) == ticket["locale"][:2] for ticket in tickets
    )
    assert right / len(tickets) >= 0.96


def test_kinds_of_reviews_beat_a_plain_baseline(real: Real) -> None:
    reviews = rows(real("maalej_app_reviews/reviews.csv"))[1::2]
    truth = [{"Bug": "bug", "Feature": "feature"}.get(review["label"], "rest") for review in reviews]
    texts = [f"{review['title']}. {review['comment']}" for review in reviews]
    ours = f1_score(truth, [by_spans(review) for review in reviews], average="macro")
    assert ours >= f1_score(truth, [by_keyword(text.lower()) for text in texts], average="macro") + 0.03
    assert ours >= 0.6


def test_sentiment_agrees_with_ratings(real: Real) -> None:
    reviews = rows(real("maalej_app_reviews/reviews.csv"))[1::2]
    rated = [(f"{review['title']}. {review['comment']}", float(review["rating"])) for review in reviews]
    assert agreement(rated, "en") >= 0.92
    answers = rows(real("fukui_tourism_survey_ja/comments.csv"))
    of_reason = [row for row in answers if row["field"] == "満足度の理由" and row["満足度"] in SATISFACTION]
    assert agreement([(row["text"], SATISFACTION[row["満足度"]]) for row in of_reason[1::2]], "ja") >= 0.87


def agreement(rated: Sequence[tuple[str, float]], lang: str) -> float:
    """Return how well sentiment tells ratings of 1 and 2 from those of 4 and 5."""
    clear = [(text, rating) for text, rating in rated if rating != 3]
    scores = [sentiment_of(text, rating=None, lang=lang).score or 0.0 for text, _ in clear]
    return float(roc_auc_score([rating > 3 for _, rating in clear], scores))
