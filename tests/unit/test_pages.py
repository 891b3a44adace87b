"""What pages say: both languages whole, and the forms that readers expect."""

import string
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from service.models.item import AUTHOR_ROLES, CHANNELS
from service.models.span import KINDS
from service.models.suggestion import ACTIONS, STATUSES
from service.models.theme import STAGES
from service.rules.routing import WEIGHTS
from service.web.charts import Mark, sparkline, trend
from service.web.language import LANGUAGES, Language, messages, preferred
from service.web.reasons import told

TOKYO = ZoneInfo("Asia/Tokyo")
FORBIDDEN = ("cluster", "embedding", "vector", "outlier", "payload", "クラスタ", "ベクトル", "埋め込み")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_every_message_with_the_same_figures() -> None:
    english, japanese = messages("en"), messages("ja")
    plain = {key for key in english if not key.endswith("_one")}
    assert plain == set(japanese)
    assert [key for key in plain if fields(english[key]) != fields(japanese[key])] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_message_speaks_of_the_machinery(lang: str) -> None:
    assert [key for key, text in messages(lang).items() for word in FORBIDDEN if word in text.lower()] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_that_has_a_name_in_the_code_has_one_on_the_pages(lang: str) -> None:
    named = {
        "kind": KINDS,
        "action": ACTIONS,
        "status": STATUSES,
        "stage": STAGES,
        "channel": CHANNELS,
        "role": AUTHOR_ROLES,
        "reason": (*WEIGHTS, "unsure"),
    }
    known = messages(lang)
    assert [
        f"{table}.{name}"
        for table, names in named.items()
        for name in names
        if f"{table}.{name}" not in known
    ] == []


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("ja,en-US;q=0.9", "ja"),
        ("en-GB,ja;q=0.8", "en"),
        ("de-DE,de;q=0.9,ja;q=0.5,en;q=0.4", "ja"),
        ("fr", "en"),
        ("", "en"),
        ("ja;q=nonsense,en;q=0.1", "en"),
    ],
)
def test_the_browser_chooses_the_language(header: str, lang: str) -> None:
    assert preferred(header) == lang


def test_days_numbers_and_money_take_the_form_of_the_language() -> None:
    moment = datetime(2026, 5, 2, 16, tzinfo=UTC)
    english, japanese = Language("en", TOKYO), Language("ja", TOKYO)
    assert english.day(moment) == "3 May 2026"
    assert japanese.day(moment) == "2026年5月3日（日）"
    assert japanese.money(12800, "JPY") == "¥12,800"
    assert english.change(-0.38) == "−38\u202f%"


def test_one_voice_is_not_one_voices() -> None:
    assert Language("en", TOKYO)("items.headline", n=1) == "One voice."
    assert Language("en", TOKYO)("items.headline", n=1200) == "1,200 voices."


def test_a_reason_becomes_a_sentence_and_an_unknown_one_is_shown_as_it_is() -> None:
    english = Language("en", TOKYO)
    assert told(english, {"code": "problems", "share": 0.82}).startswith("82")
    assert told(english, {"code": "new_reason", "items": 3}) == "new_reason: items 3"


def test_pictures_escape_what_people_wrote_and_bear_being_empty() -> None:
    drawn = trend(
        [("2026-W01", 0), ("2026-W02", 3)], [Mark(week="2026-W02", label="<script>")], title='"><b>'
    )
    assert "<script>" not in drawn
    assert "<b>" not in drawn
    assert trend([], [], title="") == ""
    assert "polyline" in sparkline([])
