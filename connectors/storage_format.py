"""Confluence's storage format as HTML: what a page's author wrote, without what only commands a macro.

XHTML with elements of other namespaces. What they show to readers is kept: the words in their bodies, what a
link or an expandable part is called, code, tasks. What other pages or systems would fill in is not there.
Reads by one pass of a pattern, so that it stays linear whatever comes.

Source: confluence.atlassian.com, "Confluence Storage Format".
"""

import re
from collections.abc import Iterator
from html import escape

BEGIN, END = "<![CDATA[", "]]>"
TAG = re.compile(r"<(/?)((?:ac|ri|at):[\w-]{1,40})((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>|<time\b([^<>]*)>")
ATTRIBUTE = re.compile(r"\b(?:ac:name|ri:content-title|ri:filename|datetime)=\"([^\"<]{0,500})\"")
HIDDEN = frozenset(
    {
        "ac:parameter",
        "ac:placeholder",
        "ac:task-id",
        "ac:task-uuid",
        "ac:task-status",
        "ac:adf-attribute",
        "ac:adf-fallback",
    }
)
"""Elements whose words readers do not see, or see a second time."""
WORDS_OF_LINKS = frozenset({"ac:link-body", "ac:plain-text-link-body"})
NAMED = frozenset({"ri:page", "ri:blog-post", "ri:attachment"})
"""What a link without words of its own is called by."""
INSTEAD = {
    "ac:task": "li",
    "ac:task-list": "ul",
    "ac:plain-text-body": "pre",
    "ac:rich-text-body": "div",
    "ac:layout-cell": "div",
    "ac:caption": "p",
}
INLINE = frozenset({"status"})
"""Macros whose title stands in a line."""


def html_of(storage: str) -> str:
    """Return the storage format of a page as HTML."""
    reading = _Reading()
    position = 0
    for match in TAG.finditer(plain := "".join(_without_sections(storage))):
        reading.write(plain[position : match.start()])
        position = match.end()
        if match[2] is None:
            reading.write(_attribute(match[4]))
        elif match[1]:
            reading.close(match[2])
        else:
            reading.open(match[2], match[3])
    reading.write(plain[position:])
    return "".join(reading.pieces)


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._hidden: str | None = None
        """The element whose words are left out, until it ends."""
        self._macros: list[str] = []
        self._title: str | None = None
        """How the title of a macro ends, while one is read."""
        self._link: str | None = None
        """What the link that is read is called, as long as it has no words of its own."""

    def write(self, words: str) -> None:
        if self._hidden is None:
            self.pieces.append(words)

    def open(self, name: str, told: str) -> None:
        is_empty = told.rstrip().endswith("/")
        if self._hidden is not None:
            return
        if name == "ac:structured-macro" and not is_empty:
            self._macros.append(_attribute(told))
        elif name == "ac:parameter" and _attribute(told) == "title" and not is_empty:
            is_inline = bool(self._macros) and self._macros[-1] in INLINE
            self.pieces.append("" if is_inline else "<p>")
            self._title = "" if is_inline else "</p>"
        elif name in HIDDEN:
            self._hidden = None if is_empty else name
        elif name == "ac:link":
            self._link = ""
        elif name in WORDS_OF_LINKS:
            self._link = None
        elif name in NAMED and self._link == "":
            self._link = _attribute(told)
        elif name in INSTEAD and not is_empty:
            self.pieces.append(f"<{INSTEAD[name]}>")

    def close(self, name: str) -> None:
        if self._hidden is not None:
            if name == self._hidden:
                self._hidden = None
        elif name == "ac:structured-macro" and self._macros:
            self._macros.pop()
        elif name == "ac:parameter" and self._title is not None:
            self.pieces.append(self._title)
            self._title = None
        elif name == "ac:link":
            self.pieces.append(self._link or "")
            self._link = None
        elif name in INSTEAD:
            self.pieces.append(f"</{INSTEAD[name]}>")


def _without_sections(storage: str) -> Iterator[str]:
    """Yield a text in which what stands between the marks of a section is escaped, as all else is."""
    position = 0
    while (start := storage.find(BEGIN, position)) >= 0 and (end := storage.find(END, start)) >= 0:
        yield storage[position:start]
        yield escape(storage[start + len(BEGIN) : end], quote=False)
        position = end + len(END)
    yield storage[position:]


def _attribute(told: str) -> str:
    """Return what an element is called, escaped as it stands there."""
    found = ATTRIBUTE.search(told)
    return found[1] if found else ""
