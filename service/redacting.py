"""Redaction as a filter: JSON Lines in, JSON Lines (or one JSON array) out, in UTF-8 whatever the locale."""

from collections.abc import Callable, Iterable
from typing import BinaryIO

from nlp.errors import BadLine
from nlp.redact import redact_line


def redact_bytes(
    lines: Iterable[bytes], out: BinaryIO, *, as_array: bool, tell: Callable[[str], None]
) -> int:
    """Write what `redact_line` makes of each line that is not blank; return how many lines were left out.

    `tell` gets the number and the reason of each of these.
    """
    broken = written = 0
    if as_array:
        out.write(b"[")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            redacted = redact_line(_text(line, number), number)
        except BadLine as error:
            broken += 1
            tell(f"  {error}")
            continue
        separator = b",\n" if as_array and written else b""
        out.write(separator + redacted.encode() + (b"" if as_array else b"\n"))
        written += 1
    if as_array:
        out.write(b"]\n")
    out.flush()
    return broken


def _text(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise BadLine(f"line {number} is not UTF-8") from error
