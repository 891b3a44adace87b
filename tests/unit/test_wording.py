"""What targets write: templates filled in, and nothing of a customer's that acts."""

import re
from dataclasses import replace

import pytest

from connectors.errors import Refused
from connectors.outgoing import Outgoing
from connectors.wording import (
    as_html,
    as_markdown,
    as_plain,
    blocks,
    check_template,
    harmless,
    inert,
    shortened,
    text_of,
    title_of,
)

DRAFT = "## 困りごと\n\n- 写真が消えます。\n- It fails.\n\n## Steps\n\n1. Open it.\n2. Save.\n\nThat is it.\n"


def outgoing(body: str = DRAFT, *, title: str = "写真が消える") -> Outgoing:
    return Outgoing(
        suggestion_id="0123456789abcdef0123",
        theme_id="t1",
        action="fix_product",
        audience="public",
        lang="ja",
        title=title,
        body=body,
        theme_title="写真",
        contacts=1200,
        customers=10,
        accounts=4,
        revenue=1_200_000.0,
        currency="JPY",
        keywords=("写真", "消える"),
        link="https://koe.example.com/themes/t1",
    )


class TestBlocks:
    def test_are_headings_lists_and_paragraphs(self) -> None:
        assert [(block.form, *block.lines) for block in blocks(DRAFT)] == [
            ("heading", "困りごと"),
            ("bullet", "写真が消えます。", "It fails."),
            ("heading", "Steps"),
            ("step", "Open it.", "Save."),
            ("text", "That is it."),
        ]

    def test_come_back_as_the_markdown_that_they_were(self) -> None:
        assert as_markdown(blocks(DRAFT)) == DRAFT

    def test_are_html_in_which_nothing_acts(self) -> None:
        written = blocks('- <script>alert(1)</script> & "x"\n\n<b>y</b>')
        assert as_html(written) == (
            "<ul><li>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot;</li></ul>"
            "<p>&lt;b&gt;y&lt;/b&gt;</p>"
        )
        assert as_html(blocks("## A\n\n### B\n\n1. c")) == "<h2>A</h2><h3>B</h3><ol><li>c</li></ol>"

    def test_are_plain_text_too(self) -> None:
        assert as_plain(blocks("## A\n\n- *b*\n\nc")) == "## A\n\n- *b*\n\nc\n"

    def test_hold_no_character_that_controls_something(self) -> None:
        assert as_plain(blocks("- a\0b\x1b[31m\u2028## c")) == "- ab[31m ## c\n"


class TestShortened:
    def test_keeps_as_many_of_the_first_lines_as_fit_and_shows_that_there_were_more(self) -> None:
        written = blocks("## A\n\n- b\n- c\n- d\n\ne")
        kept = shortened(written, lambda some: len(as_plain(some)) <= 17)
        assert as_plain(kept) == "## A\n\n- b\n- c\n\n…\n"

    def test_leaves_alone_what_fits(self) -> None:
        assert shortened(blocks("a\nb"), lambda _: True) == blocks("a\nb")

    def test_keeps_a_part_of_one_line_that_is_too_long(self) -> None:
        kept = as_plain(shortened(blocks("x" * 90_000), lambda some: len(as_plain(some)) < 60_000))
        assert kept.startswith("xxx")
        assert kept.endswith("\n\n…\n")

    def test_ends_where_nothing_fits(self) -> None:
        assert as_plain(shortened(blocks("a\nb"), lambda _: False)) == "…\n"


class TestWordsOfCustomers:
    @pytest.mark.parametrize(
        ("said", "written"),
        [
            ("- [click](https://evil.example/a)", "- \\[click\\](<https://evil.example/a>)"),
            ("- ![x](y)", "- !\\[x\\](y)"),
            ("- ping @admin now", "- ping @\u200badmin now"),
            ("- see #12 and koe/app#12", "- see #\u200b12 and koe/app#\u200b12"),
            ("- <!-- koe:abc -->", "- \\<!-- koe:abc --\\>"),
            ("- # title", "- \\# title"),
            ("-- x", "\\-- x"),
            ("- 1. one", "- 1\\. one"),
            ("- `rm -rf` *now*", "- \\`rm -rf\\` \\*now\\*"),
            ("see https://koe.example.com/a_b#2.", "see <https://koe.example.com/a_b#2>."),
        ],
    )
    def test_are_no_marks_in_markdown(self, said: str, written: str) -> None:
        assert as_markdown(blocks(said)) == written + "\n"

    def test_call_nobody(self) -> None:
        assert harmless("me@example @team ＠全員 #1") == "me@example @\u200bteam ＠\u200b全員 #\u200b1"


class TestTemplates:
    def test_are_filled_in(self) -> None:
        template = "### {theme}: {contacts} ({revenue})\n\n{body}\n\n{keywords} {link}"
        written = as_plain(text_of(outgoing("It fails."), template))
        assert written == (
            "### 写真: 1,200 (1,200,000 JPY)\n\nIt fails.\n\n写真, 消える https://koe.example.com/themes/t1\n"
        )

    def test_of_none_is_the_article_the_draft_and_the_link(self) -> None:
        assert check_template(" ") == "{article}\n\n{body}\n\n{link}"
        about = replace(outgoing("x"), article_title="Export", article_url="https://help.example.com/1")
        assert as_plain(text_of(about)) == (
            "Export https://help.example.com/1\n\nx\n\nhttps://koe.example.com/themes/t1\n"
        )
        assert as_plain(text_of(outgoing("x"))).startswith("x\n")

    def test_put_nothing_in_twice(self) -> None:
        written = as_plain(text_of(outgoing("x", title="{body}{link}"), "{title} {body}"))
        assert written == "{body}{link} x\n"

    @pytest.mark.parametrize(("template", "told"), [("{bodyy}", "{bodyy}"), ("{title}", "lacks {body}")])
    def test_that_cannot_be_filled_in_are_refused(self, template: str, told: str) -> None:
        with pytest.raises(Refused, match=told.replace("{", r"\{")):
            check_template(template)


class TestTitles:
    def test_are_one_line_of_bounded_length(self) -> None:
        assert title_of(outgoing(title="a\nb\u2028c"), most=255) == "a b c"
        assert title_of(outgoing(title="長" * 300), most=255) == "長" * 254 + "…"
        assert title_of(outgoing(title="🦊" * 300), most=255) == "🦊" * 127 + "…"
        assert title_of(outgoing(title="🦊" * 300), most=256) == "🦊" * 127 + "…"

    def test_are_the_themes_where_the_draft_has_none(self) -> None:
        assert title_of(outgoing(title=" \n"), most=255) == "写真"


class TestInertMarkdown:
    def test_shows_addresses_of_a_system_as_code_and_all_others_as_they_are(self) -> None:
        written = "<https://git.example/a/1> <https://git.example.com/~b> <https://git.example/x`y`>"
        told = inert(written, host="git.example", signs=re.compile("~"))
        assert told == "`https://git.example/a/1` <https://git.example.com/~b> `https://git.example/x%60y%60`"

    def test_parts_signs_from_what_follows_them(self) -> None:
        assert inert("~bug <https://other.example/~b>", host="x", signs=re.compile("~")) == (
            "~\u200bbug <https://other.example/~b>"
        )

    def test_takes_what_is_no_address_for_one_that_acts(self) -> None:
        assert inert("<https://[x>", host="git.example") == "`https://[x`"
