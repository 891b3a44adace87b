"""What the page of a theme says of an intervention's effect, in both languages."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from service.models import Effect, Intervention, Theme
from service.web.language import LANGUAGES, Language
from service.web.verdicts import effect_reasons, told_effect

DOCS = Path(__file__).parents[2] / "docs"
UNSEEN = {"neither_days_nor_weeks", "period_twice", "negative_contacts", "fractional_contacts", "no_exposure"}
"""Of files alone: what Koe counts by itself has none of these."""
WORDS = {
    "period": "2026-05-04",
    "periods": 3,
    "needed": 8,
    "periods_before": 52,
    "periods_after": 12,
    "themes": 7,
    "left_out": 1,
    "moved_as_much": 2,
    "theme": "THM_1",
    "more": 40,
    "effect": 0.2,
    "expected": 1.5,
    "at_least": 20,
    "at_most": 60,
    "times": 2,
    "days": 3,
    "claimed": 1,
}


def codes(document: str) -> list[str]:
    """Return the codes of reasons that the document on the method explains."""
    section = re.split(r"^## ", (DOCS / document).read_text("utf-8"), flags=re.MULTILINE)[4]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [code for cell in cells for code in re.findall(r"`(\w+)`", cell)]


def effect(*reasons: dict[str, Any], low: float | None = None, weeks_needed: int | None = None) -> Effect:
    return Effect(
        intervention_id="i",
        organisation_id="o",
        theme_id="t",
        verdict="cannot_tell",
        relative_effect=None if low is None else 0.1,
        low=low,
        high=None if low is None else 0.9,
        weeks_needed=weeks_needed,
        reasons=list(reasons),
    )


def told(language: Language, found: Effect | None) -> str:
    done = Intervention(
        id="i",
        organisation_id="o",
        intervention_id="i",
        kind="article",
        theme="t",
        occurred_at=datetime(2026, 5, 4, tzinfo=UTC),
    )
    return str(
        told_effect(language, Theme(id="t", organisation_id="o", title="Login", lang="en"), done, found)
    )


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return Language(request.param, ZoneInfo("Asia/Tokyo"))


def test_both_documents_explain_the_same_reasons() -> None:
    assert len(codes("method.md")) > 20
    assert codes("method.md") == codes("method.ja.md")


def test_every_reason_has_a_sentence_but_those_of_files_alone(language: Language) -> None:
    for code in codes("method.md"):
        found = effect_reasons(language, effect({"code": code, **WORDS}, weeks_needed=5))
        assert len(found) == (code not in UNSEEN), code
        assert not any("{" in sentence for sentence in found)


def test_one_week_is_not_one_weeks() -> None:
    english = Language("en", ZoneInfo("UTC"))
    one = {**WORDS, "periods": 1, "themes": 1}
    for code in ("too_uncertain", "short_before", "short_after", "controls"):
        (sentence,) = effect_reasons(english, effect({"code": code, **one}, weeks_needed=1))
        assert "one" in sentence.lower(), sentence
        assert "1 w" not in sentence
    (sentence,) = effect_reasons(english, effect({"code": "short_after", "periods": 0, "needed": 2}))
    assert sentence == "Only 0 weeks count since; 2 are needed."


def test_missing_weeks_are_waited_for_and_silence_before_is_told(language: Language) -> None:
    waits = told(language, None)
    assert told(language, effect({"code": "short_after", "periods": 1, "needed": 2})) == waits
    silent = told(language, effect({"code": "no_contact_before"}))
    assert silent != waits
    assert told(language, effect({"code": "forecast"}, low=-0.5)).startswith(f"{silent} ")
