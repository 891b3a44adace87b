"""Who may be told of what was done, in which way and with which words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.replying import inactive, words_of
from service.rules.notice_templates import DONE, Done, fault_of, usual_templates
from service.rules.notice_texts import filled_in, is_public, is_too_long, plain_title, texts_of
from service.rules.notices import Answer, Raised, askers, language

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def raised(number: int, customer: str | None = "c", **told: Any) -> Raised:
    usual: dict[str, Any] = {
        "item_id": f"i{number}",
        "customer_id": customer,
        "source": "desk",
        "external_id": f"{number}",
        "channel": "ticket",
        "lang": "ja",
        "created_at": MONDAY + timedelta(days=number),
        "reply": "on",
    }
    return Raised(**{**usual, **told})


def way_of(*voices: Raised, consent: Answer = "unknown", strict: bool = False) -> tuple[str, str]:
    (one,) = askers(voices, {"c": consent}, asks_consent=strict, lang="en")
    return one.way, one.reason


class TestWays:
    @pytest.mark.parametrize(
        ("told", "consent", "strict", "way"),
        [
            ({}, "yes", False, ("reply", "")),
            ({}, "unknown", False, ("reply", "")),
            ({}, "unknown", True, ("none", "no_consent")),
            ({}, "yes", True, ("reply", "")),
            ({}, "no", False, ("none", "said_no")),
            ({"reply": "off"}, "unknown", False, ("by_hand", "off")),
            ({"reply": "closed"}, "yes", True, ("by_hand", "closed")),
            ({"channel": "chat", "reply": "never"}, "unknown", False, ("by_hand", "never")),
            ({"channel": "survey", "reply": "never"}, "unknown", False, ("none", "outside")),
            ({"channel": "call", "reply": "never"}, "yes", False, ("by_hand", "no_conversation")),
            ({"channel": "review", "reply": "never"}, "no", True, ("none", "said_no")),
        ],
    )
    def test_follow_what_the_customer_said_and_where(
        self, told: dict[str, Any], consent: Answer, *, strict: bool, way: tuple[str, str]
    ) -> None:
        assert way_of(raised(1, **told), consent=consent, strict=strict) == way

    def test_a_conversation_that_takes_a_reply_comes_before_a_later_voice_that_takes_none(self) -> None:
        voices = [
            raised(1),
            raised(2, reply="closed"),
            raised(3, channel="review", reply="never"),
        ]
        (one,) = askers(voices, {}, asks_consent=False, lang="en")
        assert (one.voice.external_id, one.voices, one.way) == ("1", 3, "reply")

    @given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(0, 9)), max_size=20))
    def test_nobody_is_there_twice(self, told: list[tuple[str | None, int]]) -> None:
        voices = [raised(place, customer) for place, (customer, _) in enumerate(told)]
        found = askers(voices, {}, asks_consent=False, lang="en")
        assert len({one.key for one in found}) == len(found)
        known = {customer for customer, _ in told if customer}
        unknown = sum(customer is None for customer, _ in told)
        assert len(found) == len(known) + unknown
        assert sum(one.voices for one in found) == len(voices)


class TestLanguage:
    def test_is_that_of_most_voices_and_english_for_all_others(self) -> None:
        assert language([raised(1), raised(2), raised(3, lang="en")], usual="en") == "ja"
        assert language([raised(1, lang="fr"), raised(2, lang=None)], usual="ja") == "en"
        assert language([raised(1, lang=None)], usual="ja") == "ja"
        assert language([raised(1, lang="en"), raised(2, lang="ja")], usual="ja") == "ja"


def usual_texts(done: Done, *, titles: Mapping[str, str | None], url: str | None) -> dict[str, str]:
    """Return what notices say where a team has written nothing."""
    return texts_of(usual_templates(done), titles=titles, url=url)


class TestTexts:
    def test_are_there_for_each_language_and_form_and_say_how_to_say_no(self) -> None:
        texts = usual_texts("fix", titles={"en": "Export fails", "ja": None}, url=None)
        assert sorted(texts) == ["en-chat", "en-mail", "ja-chat", "ja-mail"]
        assert all("“Export fails”" in texts[key] for key in ("en-chat", "en-mail"))
        assert all("do not want" in texts[key] for key in ("en-chat", "en-mail"))
        assert all("不要な場合は" in texts[key] for key in ("ja-chat", "ja-mail"))
        assert not any("{" in text for text in texts.values())
        assert not any(is_too_long(key, text) for key, text in texts.items())

    def test_of_a_fix_name_no_address(self) -> None:
        texts = usual_texts("fix", titles={}, url="https://jira.example.com/browse/A-1")
        assert not any("jira" in text for text in texts.values())

    @given(st.text(max_size=200))
    def test_hold_of_a_title_nothing_but_words(self, title: str) -> None:
        known = plain_title(title)
        texts = usual_texts("fix", titles={"en": title, "ja": title}, url=None)
        if known is None:
            assert texts == usual_texts("fix", titles={}, url=None)
        else:
            assert not set("<>{}[]`|\\\\@") & set(known)
            assert "://" not in known
            assert len(known) <= 80

    @pytest.mark.parametrize(
        ("url", "public"),
        [
            ("https://help.example.com/1", True),
            ("http://localhost/1", False),
            ("http://10.0.0.5/1", False),
            ("http://[::1]/", False),
            ("https://wiki.corp/1", False),
            ("https://intranet/1", False),
            ("file:///etc/passwd", False),
            ("javascript:alert(1)", False),
        ],
    )
    def test_name_an_address_that_customers_can_open(self, url: str, *, public: bool) -> None:
        assert is_public(url) is public

    @pytest.mark.parametrize("done", ["article", "answer"])
    def test_of_an_article_name_the_address_where_customers_can_open_it(self, done: Done) -> None:
        told = usual_texts(done, titles={}, url="https://help.example.com/1")
        assert all("https://help.example.com/1" in text for text in told.values())
        for url in (None, "http://10.0.0.5/1"):
            texts = usual_texts(done, titles={}, url=url)
            assert not any("http" in text or "{" in text or "\n\n\n" in text for text in texts.values())


class TestTemplates:
    @pytest.mark.parametrize("done", DONE)
    def test_of_ours_are_taken_and_always_say_something(self, done: Done) -> None:
        for key, template in usual_templates(done).items():
            assert fault_of(key, template) is None
            assert "{thanks}" in template

    def test_leave_out_the_line_that_names_what_is_not_known(self) -> None:
        template = "こんにちは。\n\n「{title}」の件です。\n\n{thanks}\n記事：{url}\n以上です。"
        plain = filled_in(template, lang="ja", title=None, url=None)
        assert plain == "こんにちは。\n\nお問い合わせいただき、ありがとうございました。\n以上です。"
        whole = filled_in(template, lang="ja", title="写真", url="https://help.example.com/1")
        assert "「写真」の件です。" in whole
        assert "記事：https://help.example.com/1" in whole

    def test_take_what_fills_them_for_text(self) -> None:
        for title in ("{url}", "{thanks}", "<b>x</b>", "%s"):
            told = filled_in("A {title}\nB", lang="en", title=title, url="https://help.example.com/1")
            assert told in ("B", "A %s\nB")

    @pytest.mark.parametrize(
        ("template", "fault"),
        [
            ("Dear {name}, it is done.", "unknown"),
            ("{}", "unknown"),
            ("{url}", "wordless"),
            ("{title}\n—", "wordless"),
            ("{thanks}", None),
            ("It is done.", None),
            ("It is {done", None),
            ("x" * 1001, "long"),
        ],
    )
    def test_that_are_not_taken(self, template: str, fault: str | None) -> None:
        assert fault_of("en-chat", template) == fault


class TestWords:
    def test_are_the_same_in_whatever_form_they_come_back(self) -> None:
        said = "修正しました。\n\n<https://help.example/1> をご覧ください & 1 < 2。"
        there = "<p>修正しました。</p>&lt;https://help.example/1&gt; を<b>ご覧</b>ください &amp; 1 &lt; 2。"
        assert words_of(inactive(said)) == words_of(there) == words_of(said.replace("1", "１"))
        assert words_of(said) != words_of(said.replace("修正", "変更"))

    def test_placeholders_of_other_systems_are_not_filled_in(self) -> None:
        assert "{{" not in inactive("{{ticket.id}} {% if %} {{{x}}}")
        assert words_of(inactive("{{ticket.id}}")) == words_of("{{ticket.id}}")
