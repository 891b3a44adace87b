"""What is wanted (Accept), and drafts as documents that can do nothing but be read."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session
from starlette.exceptions import HTTPException

from service.api.documents import as_html, as_markdown, html_of
from service.api.fields import read_moment, stamp
from service.api.forms import chosen
from service.models import Suggestion

JSON, MARKDOWN, HTML = FORMS = ("application/json", "text/markdown", "text/html")
NOBODY = cast(Session, None)
"""A draft that has a title asks the database nothing."""


class TestAccept:
    @pytest.mark.parametrize(
        ("accept", "form"),
        [
            ("", JSON),
            ("*/*", JSON),
            ("text/markdown", MARKDOWN),
            ("text/html", HTML),
            ("TEXT/HTML", HTML),
            ("text/*", MARKDOWN),
            ("text/html;level=1", HTML),
            ("text/markdown;q=0.5, text/html;q=0.9", HTML),
            ("text/markdown; q=0.5 , */*;q=0.1", MARKDOWN),
            ("application/json;q=0, */*", MARKDOWN),
            ("text/*;q=0.9, text/markdown;q=0.1, application/json;q=0.5", HTML),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
            ("image/png, */*;q=0.001", JSON),
            ("nonsense, text/html", HTML),
            ("text/html;q=2, text/markdown;q=0.3", MARKDOWN),
        ],
    )
    def test_the_form_that_is_wanted_most_is_chosen(self, accept: str, form: str) -> None:
        assert chosen([accept], FORMS) == form

    @pytest.mark.parametrize("accept", ["image/png", "*/*;q=0", "text/html;q=0.000", "nonsense", "a/b;q=x"])
    def test_where_none_is_wanted_all_are_named(self, accept: str) -> None:
        with pytest.raises(HTTPException, match="406") as raised:
            chosen([accept], FORMS)
        assert all(form in raised.value.detail for form in FORMS)

    @given(st.lists(st.text(alphabet=st.characters(max_codepoint=255), max_size=40), max_size=3))
    def test_any_header_gets_a_form_if_it_takes_every_form(self, accept: list[str]) -> None:
        assert chosen([*accept, "*/*", *FORMS], FORMS) in FORMS


class TestMoments:
    @given(st.datetimes(datetime(1971, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    def test_what_is_written_is_read(self, moment: datetime) -> None:
        assert read_moment(stamp(moment)) == moment
        assert "+" not in stamp(moment)


def suggestion(body: str, *, title: str = "CSVの書き出し", lang: str = "ja", **more: Any) -> Suggestion:
    """Return a suggestion with a draft."""
    citation = {"source": "desk", "external_id": "aki@example.com", "start": 3, "end": 9}
    sentences = [{"text": "UTF-8を選んでください。", "citations": [citation]}]
    draft = {"title": title, "body": body, "sentences": sentences, "citations": [citation]}
    return Suggestion(
        id="s-1",
        organisation_id="main",
        theme_id="t-1",
        action="write_article",
        lang=lang,
        confidence=0.9,
        draft=draft,
        **more,
    )


class TestDocuments:
    def test_markdown_is_the_article_and_a_comment_that_no_reader_sees(self) -> None:
        text = as_markdown(NOBODY, suggestion("## 回答\n\n1. UTF-8を選んでください。\n"))
        article, _, comment = text.partition("<!--")
        assert article == "# CSVの書き出し\n\n## 回答\n\n1. UTF-8を選んでください。\n\n"
        assert "下書きの根拠" in comment
        assert "“UTF-8を選んでください。” (desk/[email] [3:9])" in comment
        assert "Koe: s-1" in comment

    def test_nothing_ends_the_comment_early(self) -> None:
        odd = suggestion("")
        assert odd.draft
        odd.draft["sentences"][0]["text"] = "--> <script>alert(1)</script> --!>\n-->"
        assert as_markdown(NOBODY, odd).count("--") == 2

    def test_html_says_its_language_and_needs_nothing_from_anywhere(self) -> None:
        page = as_html(
            NOBODY, suggestion("## Answer\n\n- Choose UTF-8.\n", title="CSV & <export>", lang="en")
        )
        assert page.startswith('<!doctype html>\n<html lang="en">')
        assert "<h1>CSV &amp; &lt;export&gt;</h1>\n<h2>Answer</h2>\n<ul>\n<li>Choose UTF-8.</li>" in page
        assert "Sources of this draft" in page
        assert not any(word in page for word in ("src=", "href=", "<script", "<style", "url("))

    @pytest.mark.parametrize(
        "body",
        [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](data:text/html;base64,PHNjcmlwdD4=)",
            "[a](vbscript:x)",
            "[a](//evil.example)",
            "[a](/local)",
            "![tracker](https://evil.example/pixel.png)",
            "<https://a.example/><b onclick=x>",
            '[a](https://a.example "onmouseover=alert(1)")',
            "[a]: javascript:alert(1)\n\n[a]",
            "<javascript:alert(1)>",
        ],
    )
    def test_html_of_a_draft_does_nothing(self, body: str) -> None:
        html = html_of(suggestion(body))
        assert "<script" not in html
        assert "<img" not in html
        assert "<b " not in html
        assert 'href="' not in html.replace('href="https://', "")

    def test_links_to_the_web_and_to_mail_stay(self) -> None:
        html = html_of(suggestion("[a](https://a.example/?x=1&y=2) [b](mailto:a@example.com)"))
        assert '<a href="https://a.example/?x=1&amp;y=2">a</a>' in html
        assert '<a href="mailto:a@example.com">b</a>' in html
