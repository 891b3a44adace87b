"""HTML as readable text: what a mail or a help desk sends, without its markup.

Reads by one pass of a pattern instead of `html.parser`: it stays linear on hostile input, and what only
looks a bit like a tag (`a < b`, `<user@example.com>`) stays as it is.
"""

import re
from collections.abc import Iterator
from html import unescape


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


MOST_QUOTES = 5
"""Quotations in quotations that are marked; ten thousand of them would make a text of its square."""
_PARAGRAPHS = _names("""
address article aside blockquote dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol
p pre section table ul
""")
_LINES = _names("""
body br caption center dd div dt figcaption html legend li option tbody tfoot thead tr
""")
_DROPPED = _names("""
head iframe noembed noframes object script select style svg template title
""")
_INLINE = _names("""
a abbr b bdi bdo big button cite code col colgroup data del dfn em font i img input ins kbd label link
mark meta o:p q s samp small source span strike strong sub sup td textarea th time tt u var wbr
""")
_KNOWN = _PARAGRAPHS | _LINES | _DROPPED | _INLINE
_TELLING = _names("""
body br div h1 h2 h3 h4 html img li ol p span strong table td tr ul
""")
"""Tags that nobody writes by chance: one of them makes a text HTML, others only as a pair."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,11})(?:[\s/](?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)?>")
_LINK = re.compile(
    r"<a\s(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*?\bhref=([\"'])(?P<address>https?://[^\s<>\"'()]{1,500})\1[^<>]*>"
    r"(?P<words>(?:(?!</?a[\s>]).){0,300}?)</a\s*>",
    re.IGNORECASE | re.DOTALL,
)
"""A link to a page, with its words."""
_DECLARATION = re.compile(r"<[!?][a-zA-Z\[][^<>]*>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_LINE_END = re.compile(r"\r\n?")
_SPACE = re.compile(r"[ \t\n\f\v\u00a0]+")
_SPACE_IN_LINE = re.compile(r"[ \t\f\v\u00a0]+")


def plain(text: str, *, links: bool = False) -> str:
    """Return HTML as readable text, and anything else unchanged but for its line ends (`\\n`).

    Blocks give lines, list items start with "- ", quoted blocks with "> "; scripts and styles are dropped.
    With `links` a page that words link to stands behind them in brackets, if they do not name it themselves.
    """
    text = _LINE_END.sub("\n", text)
    if "<" not in text:
        return _unescaped(text)
    tags = {(match[2].lower(), bool(match[1])) for match in _TAG.finditer(text)}
    if not _is_html(tags):
        return _unescaped(text)
    page = _Page(keeps_lines=not any(name in _PARAGRAPHS | _LINES for name, _ in tags))
    if links:
        text = _LINK.sub(_named, text)
    for kind, value in _pieces(_DECLARATION.sub("", _without_comments(text))):
        if kind == "text":
            page.write(_unescaped(value))
        elif kind == "open":
            page.open(value)
        else:
            page.close(value)
    return page.text()


def _named(link: re.Match[str]) -> str:
    """Return a link with its address behind its words."""
    address, words = _unescaped(link["address"]), link["words"]
    return link[0] if address in _unescaped(words) else f"{link[0]} ({link['address']})"


def _is_html(tags: set[tuple[str, bool]]) -> bool:
    if any(name in _TELLING for name, _ in tags):
        return True
    return any(name in _KNOWN and (name, True) in tags for name, closing in tags if not closing)


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda match: unescape(match.group()), text) if "&" in text else text


def _without_comments(text: str) -> str:
    kept = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[position:start])
        position = end + 3
    return "".join([*kept, text[position:]])


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield ("text", words), ("open", tag) and ("close", tag) in their order, without dropped elements."""
    tags = [match for match in _TAG.finditer(text) if match[2].lower() in _KNOWN]
    last_close = {match[2].lower(): match.start() for match in tags if match[1]}
    position = 0
    dropping: str | None = None
    for match in tags:
        name, closing = match[2].lower(), bool(match[1])
        if dropping is None:
            yield "text", text[position : match.start()]
            yield ("close" if closing else "open"), name
            if name in _DROPPED and not closing and last_close.get(name, -1) > match.start():
                dropping = name
        elif closing and name == dropping:
            dropping = None
        position = match.end()
    yield "text", text[position:]


class _Page:
    """Lines in the making."""

    def __init__(self, *, keeps_lines: bool) -> None:
        self._keeps_lines = keeps_lines
        """True for text with a few inline tags in it: its own line breaks are meant."""
        self._lines: list[str] = []
        self._current: list[str] = []
        self._gap = False
        self._quotes = 0
        self._lists = 0
        self._preformatted = 0
        self._marker = ""

    def write(self, words: str) -> None:
        if self._keeps_lines or self._preformatted:
            first, *others = words.split("\n")
            self._append(_SPACE_IN_LINE.sub(" ", first) if self._keeps_lines else first)
            for line in others:
                self._end_line()
                self._append(line)
        else:
            self._append(_SPACE.sub(" ", words))

    def open(self, tag: str) -> None:
        if tag == "br":
            self._end_line()
            return
        self._step(tag)
        self._quotes += tag == "blockquote"
        self._preformatted += tag == "pre"
        self._lists += tag in ("ul", "ol")
        if tag == "li":
            self._marker = "  " * max(self._lists - 1, 0) + "- "

    def close(self, tag: str) -> None:
        self._step(tag)
        self._quotes -= tag == "blockquote" and self._quotes > 0
        self._preformatted -= tag == "pre" and self._preformatted > 0
        self._lists -= tag in ("ul", "ol") and self._lists > 0
        if tag == "li":
            self._marker = ""

    def text(self) -> str:
        self._break()
        return "\n".join(self._lines)

    def _append(self, words: str) -> None:
        if not self._preformatted and (not self._current or self._current[-1].endswith(" ")):
            words = words.lstrip(" ")
        if words:
            self._current.append(words)

    def _step(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._append(" ")
        elif tag in _PARAGRAPHS:
            self._break()
            # A list inside a list or a paragraph inside a list item stands close.
            self._gap |= self._lists == 0
        elif tag in _LINES:
            self._break()

    def _end_line(self) -> None:
        """End the line; where there was nothing on it, a blank line is meant."""
        if not self._break():
            self._gap = True

    def _break(self) -> bool:
        """End the line; return whether there was anything on it."""
        line = "".join(self._current).rstrip()
        self._current = []
        if not line:
            return False
        if self._gap and self._lines:
            self._lines.append("")
        self._lines.append("> " * min(self._quotes, MOST_QUOTES) + self._marker + line)
        self._gap = False
        self._marker = ""
        return True
