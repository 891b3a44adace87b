"""What targets have in common that make drafts in a knowledge base."""

from collections.abc import Collection, Iterable, Sequence
from itertools import count

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


def title_beside(title: str, *, most: int = LONGEST_TITLE) -> str:
    """Return what a note under an article is called, which is a draft of its own."""
    return f"Koe: {one_line(title)}"[:most]


def free_title(title: str, taken: Collection[str], *, most: int = LONGEST_TITLE) -> str:
    """Return a title that no article of these (in lower case) has, with a number where it needs one."""
    if title.lower() not in taken:
        return title
    numbered = (f"{title[: most - 8]} ({number})" for number in count(2))
    return next(name for name in numbered if name.lower() not in taken)
