"""Atlassian's document format: what Koe writes as its nodes, and the words of one.

A node of text is text alone: a mention, a card or a macro would be a node of another kind, and none is made
here but the link to Koe's own page.

Source: developer.atlassian.com, "Atlassian Document Format".
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from connectors.loose import Loose
from connectors.wording import Block

Node = Mapping[str, object]
LINES = frozenset({"paragraph", "heading", "hardBreak", "listItem"})
"""Nodes after which a new line begins."""


def document(written: Sequence[Block], *, link: str | None = None) -> Node:
    """Return blocks as a document, in which only the address `link` can be followed."""
    return {
        "type": "doc",
        "version": 1,
        "content": [node for block in written for node in _nodes(block, link)],
    }


def words_of(document: Loose) -> str:
    """Return what a document says, line by line; a text is what it is."""
    if document.text:
        return document.text
    return "".join(_words(document)).strip()


def _nodes(block: Block, link: str | None) -> Iterator[Node]:
    if block.form == "heading":
        for line in block.lines:
            level = {"level": min(6, max(1, block.level))}
            yield {"type": "heading", "attrs": level, "content": _texts(line, link)}
    elif block.form == "text":
        yield _paragraph(block.lines, link)
    else:
        kind: Node = (
            {"type": "orderedList", "attrs": {"order": 1}} if block.form == "step" else {"type": "bulletList"}
        )
        items = [{"type": "listItem", "content": [_paragraph([line], link)]} for line in block.lines]
        yield {**kind, "content": items}


def _paragraph(lines: Sequence[str], link: str | None) -> Node:
    content: list[Node] = []
    for line in lines:
        content += [{"type": "hardBreak"}] if content else []
        content += _texts(line, link)
    return {"type": "paragraph", "content": content}


def _texts(line: str, link: str | None) -> list[Node]:
    """Return a line as nodes of text; none is empty, which is refused there."""
    parts = re.split(f"({re.escape(link)})", line) if link else [line]
    marks = [{"type": "link", "attrs": {"href": link}}]
    return [
        {"type": "text", "text": part, **({"marks": marks} if part == link else {})} for part in parts if part
    ]


def _words(document: Loose) -> Iterator[str]:
    """Yield the words of a document, however deep they lie."""
    waiting: list[Loose | str] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
            continue
        yield node["text"].text or ""
        waiting += ["\n"] if node["type"].text in LINES else []
        waiting += reversed([*node["content"]])
