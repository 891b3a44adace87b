"""How a file's text is written, and its lines with what could not be read marked as such.

An encoding is never guessed from a sample: every line of the file has a say, and a reading that gives
unlikely characters is refused rather than taken. Read wrongly, CP932 gives half-width katakana and rare
kanji, EUC-JP likewise, and CP1252 gives symbols between letters: that is what `_Reading.likely` counts.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from connectors.errors import UnknownEncoding, Unreadable

AUTO = "auto"
HEAD = 1 << 16
"""Bytes looked at where a question concerns the form and not the words (UTF-16 without a mark)."""
LEAST_LIKELY = 0.85
"""Share of a reading's non-ASCII characters that must be usual ones."""
LEAST_KANA = 0.1

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks; the longer first, since UTF-16's is the beginning of UTF-32's."""
_SAME = {"shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "utf_8": "utf-8", "utf-8-sig": "utf-8"}
"""What is written by other names: Shift_JIS as found in the wild is CP932 (①, ㈱)."""
_JIS_ESCAPES = (b"\x1b$B", b"\x1b$@")
_AFTER_LONE_RETURN = re.compile(r"(?<=\r)(?!\n)")
"""Where old Macintosh files end a line."""
_KANA = re.compile("[ぁ-ゖァ-ヺー]")
_USUAL = re.compile("[　-〿！-～￠-￥‐-⟿①-⓿㈠-㋿㌀-㏿ΑΒΓ-Ωα-ωА-я°±×÷´¨¶§]")
_KANJI = re.compile("[一-鿿]")
_ACCENTED = "àâäáãåçèéêëìíîïñòóôöõøùúûüýßœæšžÀÂÄÁÃÅÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØÙÚÛÜÝŒÆŠŽ"
_WESTERN = re.compile(
    rf"(?<=[A-Za-z])[{_ACCENTED}]|[{_ACCENTED}](?=[A-Za-z])|(?<!\S)[àèéìòùáóíúöåøÀÈÉÁÓÖÅØ](?!\S)|"
    "[“”‘’–—…€£°«»¿¡´·§©®™ºª²³½\u00a0]"
)
"""Letters with accents inside words or alone, and signs: alone they prove nothing, together they do."""


class Line(NamedTuple):
    """One physical line with its end."""

    text: str
    broken: bool
    """True where it holds bytes that the encoding does not know; they are U+FFFD in `text`."""


def clean(text: str) -> str:
    """Return `text` with NUL and lone surrogates, which no database takes, as U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def named(encoding: str) -> str:
    """Return an encoding's usual name. Raises Unreadable for a name that means none."""
    name = encoding.strip().lower()
    if name in _SAME:
        return _SAME[name]
    try:
        found = codecs.lookup(name)
        "".encode(name)
    except LookupError as error:
        raise Unreadable(
            f"There is no encoding named “{encoding}”; use auto, utf-8, utf-16, cp932, euc-jp or iso-2022-jp."
        ) from error
    usual = {"shift_jis": "cp932", "euc_jp": "euc-jp", "iso2022_jp": "iso-2022-jp", "utf-8-sig": "utf-8"}
    return usual.get(found.name, found.name)


def lines(path: Path, encoding: str) -> Iterator[Line]:
    """Yield a file's lines, each with its line end; NUL and lone surrogates are U+FFFD.

    Raises Unreadable for a file without the byte order mark that its encoding needs.
    """
    if encoding.startswith(("utf-16", "utf-32")):
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            try:
                for text in file:
                    yield Line(clean(text), broken=False)
            except UnicodeError as error:
                raise Unreadable(f"{path.name} is not written in {encoding}: {error}.") from error
        return
    with path.open("rb") as binary:
        for number, raw in enumerate(binary):
            stripped = raw.removeprefix(codecs.BOM_UTF8) if number == 0 and encoding == "utf-8" else raw
            line = decoded(stripped, encoding)
            if "\r" in line.text[:-2]:
                yield from (Line(part, line.broken) for part in _AFTER_LONE_RETURN.split(line.text))
            else:
                yield line


def decoded(raw: bytes, encoding: str) -> Line:
    """Return what bytes say in an encoding (by its usual name); NUL and lone surrogates are U+FFFD."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return _decoded_otherwise(raw, encoding)
    return Line(text.replace("\0", "\ufffd") if "\0" in text else text, broken=False)


def _decoded_otherwise(raw: bytes, encoding: str) -> Line:
    """Decode what the strict codec refuses: surrogates written as UTF-8, and vendors' rows of JIS."""
    try:
        if encoding == "utf-8":
            return Line(clean(raw.decode("utf-8", "surrogatepass")), broken=False)
        if encoding == "iso-2022-jp":
            return Line(clean(_iso_2022_jp(raw)), broken=False)
        if encoding == "euc-jp":
            return Line(clean(raw.decode("euc_jis_2004")), broken=False)
    except UnicodeDecodeError:
        pass
    if encoding == "iso-2022-jp":
        return Line(clean(_iso_2022_jp(raw, errors="replace")), broken=True)
    return Line(clean(raw.decode(encoding, "replace")), broken=True)


def _iso_2022_jp(raw: bytes, *, errors: str = "strict") -> str:
    """Decode ISO-2022-JP with the rows that Windows adds (①, ㈱) and half-width katakana, via CP932."""
    pieces = re.split(rb"(\x1b\$[@B]|\x1b\([BJI])", raw)
    mode = b"\x1b(B"
    out = []
    for piece in pieces:
        if piece.startswith(b"\x1b"):
            mode = piece
        elif mode == b"\x1b(I":
            out.append(bytes(byte | 0x80 for byte in piece).decode("cp932", errors))
        elif mode in (b"\x1b$B", b"\x1b$@"):
            out.append(b"".join(map(_shifted, piece[0::2], piece[1::2])).decode("cp932", errors))
        else:
            out.append(piece.decode("ascii", errors))
    return "".join(out)


def _shifted(row: int, cell: int) -> bytes:
    """Return the CP932 bytes of a JIS X 0208 position."""
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
    return bytes((lead & 0xFF, trail & 0xFF))


_Source = Callable[[], Iterable[bytes]]
"""Gives the lines of what is to be recognised, as often as it is read."""


def recognise(path: Path) -> str:
    """Return the encoding that a file is written in.

    A mark at the beginning decides; else UTF-8, UTF-16, ISO-2022-JP, CP932, EUC-JP and CP1252 are tried on
    every line. Single lines that do not fit are left to the reader, who reports them. Raises Unreadable
    where nothing fits or where what fits looks wrong.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    found = _recognised(head, lambda: _lines_of(path))
    if found is None:
        raise UnknownEncoding(
            f"{path.name} is written in an encoding that could not be recognised for sure; "
            "name it: --encoding cp932 (or euc-jp, utf-16, cp1252, …)."
        )
    return found


def recognised(data: bytes) -> str | None:
    """Return the encoding that bytes are written in, told as in a file; None where nothing fits for sure."""
    return _recognised(data[:HEAD], lambda: data.splitlines(keepends=True))


def _lines_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _recognised(head: bytes, source: _Source) -> str | None:
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    wide = _wide(head)
    if wide is not None:
        return wide
    utf8 = _read_as(source, "utf-8")
    if utf8.escaped and utf8.good + utf8.bad == 0:
        return "iso-2022-jp"
    if utf8.bad == 0:
        return "utf-8"
    return _best(source, utf8)


def _wide(head: bytes) -> str | None:
    """Return which UTF-16 without a mark this is; None if it is none.

    Only in UTF-16 is a line feed a pair with a zero byte; a stray NUL in other text does not stand there.
    """
    pairs = head[: len(head) // 2 * 2]
    feeds = head.count(b"\n")
    for encoding in ("utf-16-le", "utf-16-be"):
        if feeds and pairs.decode(encoding, "replace").count("\n") * 2 >= feeds:
            return encoding
    return None


@dataclass(slots=True)
class _Reading:
    """What reading the whole file as one encoding gives."""

    encoding: str
    lines: int = 0
    good: int = 0
    """Lines with other characters than ASCII that decode."""
    bad: int = 0
    escaped: int = 0
    """ASCII lines that switch to JIS."""
    likely: float = 0.0
    """Share of usual ones among the characters that are not ASCII."""
    kana: float = 0.0
    """Share of kana among them."""


def _read_as(source: _Source, encoding: str) -> _Reading:
    reading = _Reading(encoding)
    weighed = usual = kana = 0.0
    for raw in source():
        reading.lines += 1
        if raw.isascii():
            reading.escaped += any(escape in raw for escape in _JIS_ESCAPES)
            continue
        line = decoded(raw, encoding)
        reading.bad += line.broken
        reading.good += not line.broken
        if encoding != "utf-8" and not line.broken:
            strange = sum(not character.isascii() for character in line.text)
            weighed += strange
            usual += strange * (_likely_western if encoding == "cp1252" else _likely_japanese)(line.text)
            kana += len(_KANA.findall(line.text))
    if weighed:
        reading.likely, reading.kana = usual / weighed, kana / weighed
    return reading


def _best(source: _Source, utf8: _Reading) -> str | None:
    others = [_read_as(source, encoding) for encoding in ("cp932", "euc-jp", "cp1252")]
    fitting = [
        reading
        for reading in others
        if reading.likely >= LEAST_LIKELY
        and reading.bad * 4 <= reading.good
        and reading.good > utf8.good
        # Chinese and Korean read as EUC-JP give kanji of level 1, but no kana.
        and (reading.encoding != "euc-jp" or reading.kana >= LEAST_KANA)
    ]
    if any(reading.encoding == "cp1252" for reading in fitting):
        # “don’t” reads as a kanji in CP932, too; Japanese without any kana is rarer than an apostrophe.
        fitting = [reading for reading in fitting if reading.encoding == "cp1252" or reading.kana]
    if fitting:
        # The first of equals: a file that two readings fit alike is Japanese sooner than Western.
        return max(fitting, key=lambda reading: (reading.good, round(reading.likely, 2))).encoding
    if utf8.good >= utf8.bad or utf8.bad * 2 < utf8.lines:
        return "utf-8"
    return None


def is_western(text: str) -> bool:
    """Say whether what is not ASCII in a text is what Western languages have: accents, quotation marks."""
    return text.isascii() or _likely_western(text) >= LEAST_LIKELY


def _likely_japanese(text: str) -> float:
    strange = sum(not character.isascii() for character in text)
    if strange == 0:
        return 1.0
    kana = len(_KANA.findall(text))
    common = _common_kanji()
    kanji = sum(character in common for character in _KANJI.findall(text))
    return (kana + kanji + len(_USUAL.findall(text))) / strange


def _likely_western(text: str) -> float:
    return len(_WESTERN.findall(text)) / sum(not character.isascii() for character in text)


@cache
def _common_kanji() -> frozenset[str]:
    """Return the kanji of JIS level 1: what Japanese is written with. Wrong readings give others too."""
    pairs = (bytes((lead, trail)) for lead in range(0x88, 0x99) for trail in range(0x40, 0xFD))
    decoded = (pair.decode("cp932", "ignore") for pair in pairs if b"\x88\x9f" <= pair <= b"\x98\x72")
    return frozenset(character for character in decoded if _KANJI.fullmatch(character))
