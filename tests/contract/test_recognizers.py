"""Every recogniser takes this exam: one over a small pipeline of our own, and those that are installed."""

import re
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from nlp.ports import Recognizer
from nlp.recognizers import SpacyRecognizer, installed
from nlp.redact import redact

NAMED = {
    "en": ("Our clerk Michael Johnson and our guest Sarah Miller called from London.", "Michael Johnson"),
    "ja": ("昨日、木村拓也が新宿の店に来ました。", "木村拓也"),
}


@dataclass(frozen=True)
class Entity:
    start_char: int
    end_char: int
    label_: str


def pipeline(text: str) -> SimpleNamespace:
    """See two capitalised words in a row, or 木村拓也, as a person, as spaCy would say it."""
    people = re.finditer(r"[A-Z][a-z]+ [A-Z][a-z]+|木村拓也", text)
    return SimpleNamespace(ents=[Entity(*match.span(), "PERSON") for match in people])


def ours(lang: str) -> Recognizer:
    return SpacyRecognizer(f"{lang}_ours", pipeline)


RECOGNIZERS = [ours("en"), ours("ja"), *installed().values()]


@pytest.fixture(params=RECOGNIZERS, ids=[each.name for each in RECOGNIZERS])
def recognizer(request: pytest.FixtureRequest) -> Recognizer:
    found: Recognizer = request.param
    if found.lang not in NAMED:
        pytest.skip(f"no sentence in {found.lang} here")
    return found


def test_a_person_is_found_and_a_place_is_not(recognizer: Recognizer) -> None:
    text, name = NAMED[recognizer.lang]
    found = [text[start:end] for start, end in recognizer.people(text)]
    assert any(name in each for each in found)
    assert not any("London" in each or "新宿" in each for each in found)


def test_a_long_text_is_read_to_its_end(recognizer: Recognizer) -> None:
    text, name = NAMED[recognizer.lang]
    long = "\n".join([text] * 200)
    found = recognizer.people(long)
    assert found == sorted(found)
    assert sum(name in long[start:end] for start, end in found) >= 190


def test_what_holds_nothing_and_what_is_strange_is_read_too(recognizer: Recognizer) -> None:
    for text in ("", " ", "😀", "a" * 20_000, "\ue000\ud800"):
        for start, end in recognizer.people(text):
            assert 0 <= start < end <= len(text)


def test_what_a_recognizer_sees_is_redacted_in_its_language_alone() -> None:
    text = "Our clerk Michael Johnson called, write to michael@example.com please."
    assert redact(text, recognizers={"en": ours("en")}).text == (
        "Our clerk [name] called, write to [email] please."
    )
    assert redact(text, recognizers={"ja": ours("en")}).text == redact(text, recognizers={}).text


def test_a_greeting_is_no_name_though_a_model_says_so() -> None:
    text = "Thanks Team, it works with Kind Regards again and the invoices are right."
    assert redact(text, recognizers={"en": ours("en")}).found == ()
