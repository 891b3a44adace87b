"""What stands on a page of Notion: its blocks, read with all that is in them, as HTML.

Blocks hold blocks, which are asked for one by one. Pages and databases in a page are places of their own.
What is not shared with the integration is left out.

Source: developers.notion.com, "Block", "Retrieve block children", "Rich text".
"""

from collections.abc import Iterator, Mapping
from html import escape

from connectors.asking import BY_ITSELF, Api, part
from connectors.errors import Refused
from connectors.loose import Loose
from connectors.notion_database import plain_of

MOST_ASKED = 300
"""Requests for one page; what is in blocks beyond is left out."""
DEEPEST = 8
"""Blocks in blocks."""
TAGS = {
    "paragraph": "p",
    "heading_1": "h2",
    "heading_2": "h3",
    "heading_3": "h4",
    "heading_4": "h4",
    "bulleted_list_item": "li",
    "numbered_list_item": "li",
    "to_do": "li",
    "toggle": "p",
    "quote": "blockquote",
    "callout": "p",
    "code": "pre",
    "table": "table",
    "table_row": "tr",
}
"""How blocks with words, or with rows, are written."""
ELSEWHERE = frozenset({"child_page", "child_database"})


class Blocks:
    """Reads one page."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._left = MOST_ASKED

    def html(self, page: str) -> str:
        """Return what stands on a page. Raises RetryLater, and Refused where the page itself is refused."""
        return "".join(self._within(page, depth=0))

    def _within(self, block: str, *, depth: int) -> Iterator[str]:
        for one in self._children(block):
            kind = one["type"].text or ""
            yield _written(kind, one[kind])
            if one["has_children"].flag and kind not in ELSEWHERE and depth < DEEPEST:
                yield from self._inside(one["id"].id or "", depth=depth + 1)

    def _inside(self, block: str, *, depth: int) -> Iterator[str]:
        """Yield what is in a block; nothing where that is refused, as of a copy whose original is hidden."""
        try:
            inside = [*self._within(block, depth=depth)]
        except Refused as error:
            if error.status not in BY_ITSELF:
                raise
            return
        yield from ("<div>", *inside, "</div>")

    def _children(self, block: str) -> Iterator[Loose]:
        going: Mapping[str, str] = {}
        while self._left > 0:
            self._left -= 1
            place = f"v1/blocks/{part(block)}/children"
            answered = self._api.get(place, {"page_size": 100, **going})
            yield from answered["results"].rows
            further = answered["next_cursor"].text
            if not answered["has_more"].flag or not further:
                return
            going = {"start_cursor": further}


def _written(kind: str, held: Loose) -> str:
    """Return a block without what is in it: its words, or those under a picture or a link."""
    if kind == "table_row":
        return f"<tr>{''.join(f'<td>{_words(cell)}</td>' for cell in held['cells'])}</tr>"
    words = _words(held["rich_text"]) or _words(held["caption"]) or escape(held["expression"].text or "")
    tag = TAGS.get(kind, "p")
    return f"<{tag}>{words}</{tag}>" if words else ""


def _words(pieces: Loose) -> str:
    return escape(plain_of(pieces), quote=False).replace("\n", "<br>")
