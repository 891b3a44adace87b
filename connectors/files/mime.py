"""A mail taken apart: its header, and the words in its body.

Reads bytes by positions and never copies what it does not need: attachments are gone past unread. Python's
own parser takes time in the square of what hostile mail holds, and fails on some of it; this one is linear
and takes whatever comes.
"""

import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from connectors.files.charsets import read, unbased

LONGEST_HEADER = 1 << 20
MOST_TEXT = 16 << 20
"""Bytes of words in one mail."""
MOST_PARTS = 1_000
DEEPEST = 20
"""Levels of parts in parts."""

_TOO_LONG = f"its text has more than {MOST_TEXT >> 20} MiB"
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*([^\n]*(?:\n[ \t]++[^\s][^\n]*)*)\n?")
_FOLD = re.compile(rb"\r?\n[ \t]+|\r")
_BLANK = re.compile(rb"[ \t]*\r?\n")
_PARAMETER = re.compile(r";\s*([\w*-]{1,40})\s*=\s*(\"(?:[^\"\\]|\\.)*+\"|[^;\s]*)")
_SUFFIX = re.compile(r"\*\d*\*?$")
"""What RFC 2231 puts behind a parameter's name."""


class BeyondMeasure(ValueError):
    """A mail that no person wrote: too deep, too long, too many parts. Says which."""


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of a mail or of a part of one, unfolded, as bytes."""

    fields: Sequence[tuple[str, bytes]]
    """Lower-case names with values, in order."""
    end: int
    """Where the body starts."""

    def get(self, name: str) -> bytes | None:
        """Return the first field of a name."""
        return next((value for field, value in self.fields if field == name), None)

    def all(self, name: str) -> list[bytes]:
        """Return all fields of a name."""
        return [value for field, value in self.fields if field == name]

    def plain(self, name: str) -> str:
        """Return the first field of a name as lower-case ASCII; empty if there is none."""
        return (self.get(name) or b"").decode("ascii", "replace").strip().lower()


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail, or a part of it, says."""

    plain: str = ""
    html: str = ""
    broken: bool = False
    """Whether some of its bytes fit no charset."""


def header_of(mail: bytes, start: int = 0, end: int | None = None) -> Header:
    """Return the header that starts here. Raises BeyondMeasure for one without end."""
    stop = len(mail) if end is None else end
    fields: list[tuple[str, bytes]] = []
    position = start
    while position < stop and (field := _FIELD.match(mail, position, stop)) is not None:
        if field.end() - start > LONGEST_HEADER:
            raise BeyondMeasure(f"its header is longer than {LONGEST_HEADER >> 20} MiB")
        fields.append((field[1].decode().lower(), _FOLD.sub(b" ", field[2]).strip()))
        position = field.end()
        # What an mbox puts before a forwarded mail stands between the fields of its header.
        if mail.startswith(b">From ", position, stop):
            position = mail.find(b"\n", position, stop) + 1 or stop
    blank = _BLANK.match(mail, position, stop)
    return Header(fields, blank.end() if blank is not None else position)


def words_of(mail: bytes, header: Header, usual: str | None = None) -> Words:
    """Return what a mail says: of alternatives the plain one, else HTML; nothing of attachments.

    `usual` is the encoding of parts that name none. Raises BeyondMeasure.
    """
    return _Reader(mail, usual).words(header, len(mail), 0)


class _Reader:
    """Reads the parts of one mail, and counts them."""

    def __init__(self, mail: bytes, usual: str | None) -> None:
        self._mail = mail
        self._usual = usual
        self._parts = 0
        self._bytes = 0

    def words(self, header: Header, end: int, depth: int) -> Words:
        self._parts += 1
        if depth > DEEPEST:
            raise BeyondMeasure(f"its parts are nested deeper than {DEEPEST} levels")
        if self._parts > MOST_PARTS:
            raise BeyondMeasure(f"it has more than {MOST_PARTS:,} parts")
        kind, parameters = _valued(header.get("content-type"))
        if depth > 0 and _is_attached(header, parameters):
            return Words()
        boundary = parameters.get("boundary", "").rstrip()
        if kind.startswith("multipart/") and boundary:
            inner = [
                self.words(header_of(self._mail, first, last), last, depth + 1)
                for first, last in self._inside(header.end, end, boundary)
            ]
            if inner:
                return _alternative(inner) if kind == "multipart/alternative" else _together(inner)
        if kind in ("text/plain", "text/html", "text", "") or kind.startswith("multipart/"):
            return self._text(header, end, kind, parameters)
        return Words()

    def _inside(self, start: int, end: int, boundary: str) -> Iterator[tuple[int, int]]:
        """Yield where the parts between the boundaries start and end; the last may not be closed."""
        delimiter = b"--" + boundary.encode("ascii", "replace")
        first: int | None = None
        position = start
        while (found := self._mail.find(delimiter, position, end)) >= 0:
            position = behind = found + len(delimiter)
            if found > start and self._mail[found - 1] != 0x0A:
                continue
            line_end = self._mail.find(b"\n", behind, end)
            line_end = end if line_end < 0 else line_end + 1
            rest = self._mail[behind:line_end].strip()
            if rest not in (b"", b"--"):
                continue
            if first is not None:
                yield first, max(first, found - 1)
            if rest:
                return
            first = position = line_end
        if first is not None and first < end:
            yield first, end

    def _text(self, header: Header, end: int, kind: str, parameters: Mapping[str, str]) -> Words:
        if end - header.end > 3 * MOST_TEXT:  # quoted-printable takes three bytes for one
            raise BeyondMeasure(_TOO_LONG)
        body = self._mail[header.end : end]
        transfer = header.plain("content-transfer-encoding")
        if transfer == "base64":
            body = unbased(body)
        elif transfer == "quoted-printable":
            body = binascii.a2b_qp(body)
        self._bytes += len(body)
        if self._bytes > MOST_TEXT:
            raise BeyondMeasure(_TOO_LONG)
        said = read(body, parameters.get("charset"), self._usual)
        text = said.text.replace("\r\n", "\n")
        if kind == "text/html":
            return Words(html=text, broken=said.broken)
        if parameters.get("format", "").lower() == "flowed":
            text = _unflowed(text, closes_up=parameters.get("delsp", "").lower() == "yes")
        return Words(plain=text, broken=said.broken)


def _valued(value: bytes | None) -> tuple[str, dict[str, str]]:
    """Return a field's value and its parameters: `text/plain; charset="utf-8"`."""
    written = (value or b"").decode("ascii", "replace")
    parameters: dict[str, str] = {}
    for name, given in _PARAMETER.findall(written):
        held = given[1:-1].replace('\\"', '"').replace("\\\\", "\\") if given.startswith('"') else given
        if "*" in name:
            held = held.split("''")[-1]
        parameters.setdefault(_SUFFIX.sub("", name).lower(), held)
    return written.partition(";")[0].strip().lower(), parameters


def _is_attached(header: Header, parameters: Mapping[str, str]) -> bool:
    disposition, further = _valued(header.get("content-disposition"))
    return disposition == "attachment" or "filename" in further or "name" in parameters


def _alternative(inner: Sequence[Words]) -> Words:
    """Return what parts say of which each says the same."""
    plain = next((words for words in inner if words.plain.strip()), Words())
    html = next((words for words in inner if words.html.strip()), Words())
    return plain if plain.plain else html


def _together(inner: Sequence[Words]) -> Words:
    """Return what parts say one after the other; plain words among HTML as HTML."""
    said = [words for words in inner if words.plain.strip() or words.html.strip()]
    broken = any(words.broken for words in said)
    if any(not words.plain for words in said):
        html = "\n".join(words.html or _as_html(words.plain) for words in said)
        return Words(html=html, broken=broken)
    return Words(plain="\n".join(words.plain for words in said), broken=broken)


def _as_html(text: str) -> str:
    return f"<div>{'<br>'.join(escape(text, quote=False).split(chr(10)))}</div>"


def _unflowed(text: str, *, closes_up: bool) -> str:
    """Return text of `format=flowed` with its paragraphs in one line each, as they were written."""
    lines: list[list[str]] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        kept = content[:-1] if flows and closes_up else content
        if open_depth == depth and content != "-- ":
            lines[-1].append(kept)
        else:
            lines.append([f"{'>' * depth} " if depth else "", kept])
        open_depth = depth if flows else None
    return "\n".join("".join(parts) for parts in lines)
