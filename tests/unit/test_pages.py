"""What pages say: both languages whole, and the forms that readers expect."""

import re
import string
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from markupsafe import Markup

from service.models.effect import INTERVENTION_KINDS
from service.models.item import AUTHOR_ROLES, CHANNELS
from service.models.span import KINDS
from service.models.suggestion import ACTIONS, STATUSES
from service.models.theme import STAGES
from service.repositories.theme_lists import SORTS
from service.rules.routing import WEIGHTS
from service.web import language
from service.web.language import LANGUAGES, Language, messages, preferred
from service.web.page import is_web_address, link
from service.web.reasons import kind_behind, told

TOKYO = ZoneInfo("Asia/Tokyo")
WEB = Path(language.__file__).parent
FORBIDDEN = ("cluster", "embedding", "vector", "outlier", "payload", "クラスタ", "ベクトル", "埋め込み")
USED = re.compile(r"""\bt(?:\.rich|\.has)?\(\s*f?["']([a-z_]+\.[a-z_0-9%{}. +]*)["']""")
MENTIONED = re.compile(r"""["']([a-z]+\.[a-z_0-9]*)""")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def sources() -> list[str]:
    return [path.read_text("utf-8") for path in WEB.rglob("*") if path.suffix in (".html", ".py")]


def test_both_languages_have_every_message_with_the_same_figures() -> None:
    english, japanese = messages("en"), messages("ja")
    plain = {key for key in english if not key.endswith("_one")}
    assert plain == set(japanese)
    assert [key for key in plain if fields(english[key]) != fields(japanese[key])] == []


def test_a_form_for_one_thing_belongs_to_a_message_that_counts() -> None:
    english = messages("en")
    assert [
        k for k in english if k.endswith("_one") and "n" not in fields(english[k.removesuffix("_one")])
    ] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_message_speaks_of_the_machinery(lang: str) -> None:
    assert [key for key, text in messages(lang).items() for word in FORBIDDEN if word in text.lower()] == []


def test_every_message_that_a_page_asks_for_exists_and_none_is_left_over() -> None:
    asked = {key for text in sources() for key in USED.findall(text)}
    known = {key.removesuffix("_one") for key in messages("en")}
    whole = {key for key in asked if key in known}
    begun = tuple(key.partition("{")[0].partition("%")[0] for key in asked - whole)
    assert [key for key in begun if not any(name.startswith(key) for name in known)] == []
    mentioned = {key for text in sources() for key in MENTIONED.findall(text)}
    prefixes = tuple({key for key in mentioned if key.endswith((".", "_"))} | set(begun))
    assert sorted(key for key in known if key not in mentioned and not key.startswith(prefixes)) == []


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
        "intervention": INTERVENTION_KINDS,
        "common": [f"sort_{name}" for name in SORTS],
        "suggestion": [
            f"state_{name}" for name in ("pending", "sending", "uncertain", "delivered", "paused", "dead")
        ],
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
    assert (english.short_day(moment), japanese.short_day(moment)) == ("3 May", "5月3日")
    assert (english.month(date(2026, 2, 1)), japanese.month(date(2026, 2, 1))) == ("Feb", "2月")
    assert (english.month(date(2026, 1, 1)), japanese.month(date(2026, 1, 1))) == ("Jan 2026", "2026年1月")
    assert japanese.money(12800, "JPY") == "¥12,800"
    assert japanese.money(12800, "CHF") == "12,800 CHF"
    assert english.change(-0.38) == "−38\u202f%"
    assert [english.difference(n) for n in (2, 0, -1200)] == ["+2", "±0", "−1,200"]
    assert [english.number(n) for n in (1234, 1.0, 1.125)] == ["1,234", "1", "1.1"]


def test_one_voice_is_not_one_voices() -> None:
    assert Language("en", TOKYO)("items.headline", n=1) == "One voice."
    assert Language("en", TOKYO)("items.headline", n=1200) == "1,200 voices."


def test_a_sentence_with_links_escapes_all_but_the_links() -> None:
    english = Language("en", TOKYO)
    told = english.rich("suggestion.delivery", target="<b>", state=Markup("<i>sent</i>"))
    assert told == "&lt;b&gt;: <i>sent</i>"


def test_a_reason_becomes_a_sentence_and_an_unknown_one_is_shown_as_it_is() -> None:
    english = Language("en", TOKYO)
    assert told(english, {"code": "problems", "share": 0.82}).startswith("82")
    assert told(english, {"code": "new_reason", "items": 3}) == "new_reason: items 3"
    assert kind_behind({"code": "problems"}) == "pain_point"
    assert kind_behind({"code": "repeats"}) == ""


def test_links_hold_what_they_are_given_and_leave_out_what_is_empty() -> None:
    assert link("/items", theme="a&b", channel="", since=None, page=2) == "/items?theme=a%26b&page=2"
    assert link("/items") == "/items"
    assert link("/themes/あ?<>") == "/themes/%E3%81%82%3F%3C%3E"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", " https://a", "data:text/html,x", "", None, "//a"]
)
def test_only_web_addresses_are_led_to(address: str | None) -> None:
    assert not is_web_address(address)
    assert is_web_address("HTTPS://example.com")
