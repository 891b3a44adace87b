"""An article as a draft about it would have it."""

from nlp.headings import headings_for
from nlp.revision import revised, sections

JA, EN = headings_for("ja"), headings_for("en")


class TestRevised:
    def test_what_support_adds_stands_behind_the_article(self) -> None:
        draft = f"## {JA.article_says}\n\n- 古い文。\n\n## {JA.agents_add}\n\n- 新しい文。\n- もう一つ。\n"
        assert (
            revised("古い文。\n次の文。\n", draft, lang="ja")
            == "古い文。\n次の文。\n\n新しい文。\n\nもう一つ。\n"
        )

    def test_words_to_search_by_are_listed_once_and_voices_are_no_part_of_it(self) -> None:
        draft = (
            f"## {EN.customers_say}\n\n- I cannot find it!\n\n## {EN.sought}\n- refund\n\n"
            f"## {EN.find_by}\n- refund\n- money back\n"
        )
        assert revised("How to pay.", draft, lang="en") == (
            f"How to pay.\n\n## {EN.find_by}\n\n- refund\n- money back\n"
        )

    def test_a_draft_that_adds_nothing_leaves_the_article_as_it_is(self) -> None:
        assert revised("As it is.\n", f"## {EN.customers_say}\n- Why?\n", lang="en") == "As it is.\n"

    def test_lines_before_any_heading_belong_to_none(self) -> None:
        assert sections("free\n## A\n\n- one\n") == {"A": ["- one"]}
