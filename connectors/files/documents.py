"""Word documents and PDF files as lines: what their form tells, and nothing that was struck out."""

import logging
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from connectors.errors import Unreadable
from connectors.files.archives import refuse_bomb
from connectors.files.encodings import clean
from connectors.files.markdown import row_text
from connectors.files.transcripts import Line, joined

# pypdf warns of every flaw that it mends, also of those in files that it reads well.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

MOST_PAGES = 2_000
MOST_XML_BYTES = 64 << 20
"""What the text of a Word document may take unpacked, without pictures."""

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRUCK = (
    f"{_WORD}del",
    f"{_WORD}moveFrom",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)
"""What was struck out or moved away while changes were tracked, and what stands there a second time."""
_SIGNS = {f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}tab": "\t"}
_HEADING = re.compile(r"(?:heading|見出し) ?([1-6])", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"[.!?。！？」』:：)）]\s*$")
_BEGINS = re.compile(r"\s*(?:[-*•・●■◆○―—【（(\[]|\d{1,2}[.)]|[QA][.:]|\S{1,20}[:：])")
_PAGE = re.compile(
    r"\s*(?:(?:page|p\.) ?)?[-–— ]*\d{1,4}[-–— ]*(?:(?:/|of) ?\d{1,4})?(?: ?ページ)?\s*", re.IGNORECASE
)


def read_docx(path: Path) -> list[Line]:
    """Return a Word document's paragraphs and the rows of its tables. Raises Unreadable, saying why."""
    refuse_bomb(
        path,
        called="Word document",
        instead="plain text (.txt)",
        read_whole="word/",
        most_whole=MOST_XML_BYTES,
    )
    try:
        with zipfile.ZipFile(path) as archive:
            levels = _levels(archive)
            document = fromstring(archive.read("word/document.xml"))
            paragraphs = list(_paragraphs(document, levels))
    except Exception as error:
        raise Unreadable(
            f"{path.name} is no Word document that can be read; save it anew as .docx."
        ) from error
    return [
        Line(number=number, text=part, level=level if part else 0)
        for number, (text, level) in enumerate(paragraphs, start=1)
        for part in (clean(part).strip() for part in text.split("\n"))
    ]


def _levels(archive: zipfile.ZipFile) -> dict[str, int]:
    """Return which styles are headings: their names are the same in every language, their ids are not."""
    if "word/styles.xml" not in archive.namelist():
        return {}
    styles = fromstring(archive.read("word/styles.xml")).iter(f"{_WORD}style")
    return {_value(style, "styleId"): _level(_value(style.find(f"{_WORD}name"))) for style in styles}


def _value(element: Element | None, name: str = "val") -> str:
    return "" if element is None else element.get(f"{_WORD}{name}", "")


def _level(style: str) -> int:
    """Return the level that a style's name tells, 0 for what is no heading."""
    found = _HEADING.fullmatch(style)
    return int(found[1]) if found else int(style.casefold() == "title")


def _paragraphs(parent: Element, levels: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Yield each paragraph outside of tables, and each row of one, with the level of its heading."""
    for element in parent:
        if element.tag == f"{_WORD}p":
            style = _value(element.find(f"{_WORD}pPr/{_WORD}pStyle"))
            level = levels.get(style) or _level(style)
            is_listed = level == 0 and element.find(f"{_WORD}pPr/{_WORD}numPr") is not None
            text = "".join(_words(element))
            yield f"- {text}" if is_listed and text.strip() else text, level
            if level == 0 and not is_listed:
                yield "", 0
        elif element.tag == f"{_WORD}tbl":
            for row in element.iter(f"{_WORD}tr"):
                yield row_text(["".join(_words(cell)) for cell in row.iter(f"{_WORD}tc")]), 0
        elif element.tag not in _STRUCK:
            yield from _paragraphs(element, levels)


def _words(element: Element) -> Iterator[str]:
    """Yield what an element says, without what was struck out."""
    for child in element:
        if child.tag == f"{_WORD}t":
            yield child.text or ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag not in _STRUCK:
            yield from _words(child)
            if child.tag == f"{_WORD}p":
                yield "\n"


def read_pdf(path: Path) -> list[Line]:
    """Return the lines of a PDF, put together where the page's width broke them.

    Raises Unreadable for one that is locked or damaged, and for one that holds only pictures of text.
    """
    try:
        from pypdf import PdfReader  # slow to load, and few files are PDFs

        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(f"{path.name} is locked with a password; save it without one.")
        if len(reader.pages) > MOST_PAGES:
            raise Unreadable(f"{path.name} has {len(reader.pages):,} pages; {MOST_PAGES:,} are the most.")
        pages = [clean(page.extract_text()).split("\n") for page in reader.pages]
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"{path.name} is no PDF that can be read; export it anew, or as text.") from error
    if not any(line.strip() for page in pages for line in page):
        raise Unreadable(
            f"{path.name} holds pictures and no text, as scans do; have its text recognised (OCR), "
            "or export the notes as text."
        )
    return _unwrapped(_without_margins(pages))


def _without_margins(pages: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines without page numbers and what stands at the top or the foot of most pages."""
    edges = Counter(line.strip() for page in pages for line in {*page[:1], *page[-1:]} if line.strip())
    repeated = {line for line, times in edges.items() if times > 2 and times * 2 > len(pages)}
    return [
        line for page in pages for line in page if line.strip() not in repeated and not _PAGE.fullmatch(line)
    ]


def _unwrapped(lines: Sequence[str]) -> list[Line]:
    """Join a line to the one before where that is about as wide as the page and ends no sentence."""
    width = max(map(len, lines), default=0)
    texts: list[tuple[int, str]] = []
    last = ""
    for number, line in enumerate(lines, start=1):
        is_full = len(last.rstrip()) >= 0.7 * width and not _SENTENCE_ENDS.search(last)
        if texts and line.strip() and is_full and not _BEGINS.match(line):
            texts[-1] = texts[-1][0], joined([texts[-1][1], line])
        else:
            texts.append((number, line.strip()))
        last = line
    return [Line(number=number, text=text) for number, text in texts]
