"""What the bytes of a mail say: the charset that it names is a claim, and is believed as far as it can be.

Japanese mail says ISO-2022-JP and holds ①, ㈱ and half-width katakana, which that has not; it says US-ASCII,
nothing, or the wrong thing, and puts raw bytes into headers. So a charset is first known by what is meant by
its name, then tried, and where it does not fit the bytes are recognised as those of a file are.
"""

import binascii
import codecs
import re
from collections.abc import Iterator

from connectors.files.encodings import Line, clean, decoded, is_western, recognised

_MEANT = {
    name: encoding
    for encoding, names in {
        "ascii": "us-ascii ascii ansi-x3.4-1968 iso646-us",
        "utf-8": "utf-8 utf8 utf8mb4 unicode-1-1-utf-8",
        "cp932": "shift-jis shiftjis sjis x-sjis x-ms-cp932 ms932 ms-kanji windows-31j cswindows31j cp932",
        "euc-jp": "euc-jp eucjp x-euc-jp eucjp-ms eucjp-win cp51932",
        "iso-2022-jp": "iso-2022-jp csiso2022jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-2004 "
        "iso-2022-jp-ext iso-2022-jp-ms cp50220 cp50221 cp50222",
        "cp1252": "iso-8859-1 iso8859-1 latin1 latin-1 l1 windows-1252 cp1252 iso-8859-15",
        "gb18030": "gb2312 gb-2312-80 gbk x-gbk cp936 gb18030",
        "cp949": "ks-c-5601-1987 euc-kr cp949",
    }.items()
    for name in names.split()
}
_OF_TEXT = re.compile(r"utf|iso8859|iso2022|cp\d|koi8|mac|gb|big5|euc|hz|tis|johab|hp-roman8|kz1048")
"""Codecs by name; Python has others (base64, punycode, …) that are no charset of a mail."""
_FURTHER_JIS = ("iso2022_jp_ext", "iso2022_jp_3", "iso2022_jp_2004")
"""For what switches to JIS X 0212 or 0213."""
_THREE_BYTES = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")
_ENCODED_WORD = re.compile(rb"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*)\?=")
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


def read(data: bytes, charset: str | None, usual: str | None = None) -> Line:
    """Return what bytes say; `broken` where some of them fit no charset, and are U+FFFD.

    `charset` is what the mail names. `usual` is the encoding of what names none that means anything.
    """
    named = _meant(charset)
    if named in (None, "ascii"):
        named = usual or named
    if named is not None and not _is_contradicted(data, named):
        line = _whole(data, named)
        if not line.broken:
            return line
    found = recognised(data)
    if found is not None and not (line := _whole(data, found)).broken:
        return line
    encoding = found if named in (None, "ascii") else named
    parts = [decoded(part, encoding or "utf-8") for part in data.splitlines(keepends=True)]
    return Line("".join(part.text for part in parts), broken=any(part.broken for part in parts))


def header(raw: bytes, usual: str | None = None) -> Line:
    """Return what a header's value says, in one line.

    Encoded words that follow each other in one charset are put together before they are read: some programs
    cut a character in two.
    """
    parts = [read(data, charset, usual) for charset, data in _stretches(raw) if data]
    return Line(" ".join("".join(part.text for part in parts).split()), any(part.broken for part in parts))


def unbased(data: bytes) -> bytes:
    """Return what base64 stands for, without what is none."""
    return b"".join(_unbased(part) for part in data.split(b"="))


def _unbased(part: bytes) -> bytes:
    kept = _NO_BASE64.sub(b"", part)
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def _stretches(raw: bytes) -> Iterator[tuple[str | None, bytes]]:
    """Yield what a header is made of: bytes, with the charset that they are said to be in."""
    charset: str | None = None
    held = b""
    behind = 0
    for word in _ENCODED_WORD.finditer(raw):
        between = raw[behind : word.start()]
        named = word[1].split(b"*")[0].decode("ascii", "replace").lower()
        follows = charset is not None and not between.strip()
        if not (follows and named == charset):
            yield charset, held
            held = b""
            if not follows:
                yield None, between
        charset = named
        held += unbased(word[3]) if word[2] in b"bB" else binascii.a2b_qp(word[3], header=True)
        behind = word.end()
    yield charset, held
    yield None, raw[behind:]


def _meant(charset: str | None) -> str | None:
    """Return the encoding that a charset's name means; None for no name, and for one that means none."""
    name = (charset or "").strip().strip("\"'").lower().replace("_", "-")
    if name in _MEANT:
        return _MEANT[name]
    try:
        found = codecs.lookup(name).name if name.isascii() else ""
    except (LookupError, ValueError):
        return None
    return found if _OF_TEXT.match(found) else None


def _is_contradicted(data: bytes, named: str) -> bool:
    """Say whether the bytes themselves show that the named encoding is not theirs."""
    if data.isascii():
        return b"\x1b$" in data and not named.startswith(("iso", "utf-16", "utf-32", "utf-7", "hz"))
    if named not in ("cp1252", "cp932", "euc-jp"):
        return False
    if _is_utf8(data) and (named == "cp1252" or _THREE_BYTES.search(data)):
        return True
    return named == "cp1252" and not is_western(decoded(data, named).text)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _whole(data: bytes, encoding: str) -> Line:
    if encoding == "iso-2022-jp" and b"\x1b$(" in data:
        for further in _FURTHER_JIS:
            try:
                return Line(clean(data.decode(further)), broken=False)
            except UnicodeDecodeError:
                continue
    return decoded(data, encoding)
