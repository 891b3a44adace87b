"""What HTML reads like as text, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.html import plain


class TestHtmlBecomesReadableText:
    def test_paragraphs_stand_apart_by_a_blank_line(self) -> None:
        assert plain("<p>First.</p>\n<p>Second\nline.</p>") == "First.\n\nSecond line."

    def test_line_breaks_and_blocks_give_lines(self) -> None:
        assert plain("<div>一行目<br>二行目</div><div>三行目</div>") == "一行目\n二行目\n三行目"

    def test_two_line_breaks_give_a_blank_line(self) -> None:
        assert plain("a<br><br />b") == "a\n\nb"

    def test_list_items_start_with_a_dash(self) -> None:
        assert plain("<p>Steps</p><ul><li>open</li><li>close<ul><li>why</li></ul></li></ul>") == (
            "Steps\n\n- open\n- close\n  - why"
        )

    def test_quoted_blocks_can_be_told_from_the_rest(self) -> None:
        assert plain("<p>Yes</p><blockquote><p>Did it work?</p></blockquote>") == "Yes\n\n> Did it work?"

    def test_the_page_that_words_link_to_stands_behind_them_where_it_is_asked_for(self) -> None:
        page = '<p>See <a href="https://help.example/a?b=1&amp;c=2">this <b>page</b></a>, please.</p>'
        assert plain(page) == "See this page, please."
        assert plain(page, links=True) == "See this page (https://help.example/a?b=1&c=2), please."

    @pytest.mark.parametrize(
        "link",
        [
            '<a href="https://help.example/a">https://help.example/a</a>',
            '<a href="javascript:alert(1)">https://help.example/a</a>',
            '<a name="x">https://help.example/a</a>',
        ],
    )
    def test_a_link_that_names_its_page_or_none_adds_nothing(self, link: str) -> None:
        assert plain(f"<p>{link}</p>", links=True) == "https://help.example/a"

    def test_entities_are_characters(self) -> None:
        assert plain("<p>Tom &amp; Jerry&nbsp;&lt;3 &#12354;</p>") == "Tom & Jerry <3 あ"

    def test_entities_count_without_any_tag(self) -> None:
        assert plain("I can&#39;t log in") == "I can't log in"

    def test_scripts_styles_and_comments_are_gone(self) -> None:
        page = "<style>p{}</style><!-- <b>x</b> --><script>if (a<b) {}</script><p>text</p>"
        assert plain(page) == "text"

    def test_a_script_that_never_ends_takes_nothing_with_it(self) -> None:
        assert "still here" in plain("<p>the <script> tag</p><p>still here</p>")

    def test_preformatted_lines_keep_their_breaks(self) -> None:
        assert plain("<pre>a\n  b</pre>") == "a\n  b"

    def test_cells_of_a_row_share_a_line(self) -> None:
        assert plain("<table><tr><td>OS</td><td>Windows</td></tr><tr><td>App</td></tr></table>") == (
            "OS Windows\nApp"
        )

    def test_inline_tags_in_plain_text_keep_its_lines(self) -> None:
        assert plain("one <b>two</b>\nthree\n\nfour") == "one two\nthree\n\nfour"

    def test_attributes_with_signs_in_them_are_part_of_the_tag(self) -> None:
        assert plain('<p title="a > b">x</p>') == "x"

    def test_an_inlined_picture_is_dropped_however_long(self) -> None:
        assert plain(f'<p>see <img src="data:image/png;base64,{"A" * 50_000}"> here</p>') == "see here"


class TestOtherTextIsLeftAlone:
    @pytest.mark.parametrize(
        "text",
        [
            "a < b and c > d",
            "write to <user@example.com> please",
            "List<String> values",
            "if x<b then y>c",
            "the <address> field",
            "  two  spaces\n\n\n and lines ",
            "5 <3 & 7",
            "？＜これは＞？",
            "",
        ],
    )
    def test_text_that_only_looks_like_html_comes_back_as_it_is(self, text: str) -> None:
        assert plain(text) == text

    def test_an_address_in_angle_brackets_survives_in_html_too(self) -> None:
        assert plain("<p>From <me@example.com> and <unknown></p>") == "From <me@example.com> and <unknown>"

    def test_only_line_ends_change(self) -> None:
        assert plain("a\r\nb\rc\n") == "a\nb\nc\n"

    @given(st.text(alphabet="<>/!-& ;#abpdiv\"'\n", max_size=60))
    def test_anything_gives_text(self, text: str) -> None:
        assert isinstance(plain(text), str)


@pytest.mark.parametrize(
    "unit", ["<!--", "<a ", '<p "', "<div", "</", "<p a='", "&#", "<![", "<script>", "<blockquote>x", "<"]
)
@pytest.mark.timeout(120)  # squares and worse of this length would take hours
def test_hostile_markup_takes_linear_time(unit: str) -> None:
    text = "<p>" + unit * (100_000 // len(unit))
    assert len(plain(text)) <= 3 * len(text)
