"""What targets have in common that make drafts in a knowledge base."""

from collections.abc import Iterable, Sequence

from connectors.loose import Loose, is_number
from connectors.ports import Words
from connectors.wording import Block, as_html, fitted, one_line

LONGEST_TITLE = 255
LONGEST_TEXT = 200_000
"""Characters of HTML."""
UNTOLD: Words = {
    "en": "The day of publication is not told: that of the last change is taken when Koe first sees it "
    "published.",
    "ja": "公開日は API では分からないため、公開を初めて確認したときの最終更新日時を使います。",
}


def html_before(last: str, written: Sequence[Block]) -> str:
    """Return blocks as HTML, as many of them as fit before a last line."""
    return fitted(written, as_html, most=LONGEST_TEXT - len(last))


def oldest(articles: Iterable[Loose]) -> Loose | None:
    """Return the article with the lowest number: of several always the same."""
    numbered = ((named, article) for article in articles if is_number(named := article["id"].id or ""))
    return min(numbered, key=lambda one: int(one[0]), default=("", None))[1]


def title_beside(title: str) -> str:
    """Return what a note under an article is called, which is a draft of its own."""
    return f"Koe: {one_line(title)}"[:LONGEST_TITLE]
