"""What targets have in common that make drafts in a knowledge base."""

from collections.abc import Iterable, Sequence

from connectors.loose import Loose, is_number
from connectors.outgoing import Note
from connectors.ports import Words
from connectors.wording import Block, as_html, blocks, one_line, shortened

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
    return as_html(shortened(written, lambda some: len(as_html(some)) + len(last) <= LONGEST_TEXT))


def oldest(articles: Iterable[Loose]) -> Loose | None:
    """Return the article with the lowest number: of several always the same."""
    numbered = ((named, article) for article in articles if is_number(named := article["id"].id or ""))
    return min(numbered, key=lambda one: int(one[0]), default=("", None))[1]


def title_beside(title: str) -> str:
    """Return what a note under an article is called, which is a draft of its own."""
    return f"Koe: {one_line(title)}"[:LONGEST_TITLE]


def text_beside(note: Note, address: str | None) -> Sequence[Block]:
    """Return what a note says, and where the article is that it is about."""
    return blocks("\n\n".join(filter(None, (note.text, note.link, address))))
