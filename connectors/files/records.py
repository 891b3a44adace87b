"""Records as JSON: one object a line (JSONL), or one list of objects."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.errors import Unreadable
from connectors.files.encodings import Line, clean, lines
from connectors.files.tables import MOST_COLUMNS
from connectors.ports import BadRow, Row, Rows

DEEPEST = 64
"""Levels of nesting beyond which a record is refused."""
LOOKAHEAD = 64 << 20
"""Characters that one record of a list may have."""

_NEXT_RECORD = re.compile(r"\n\s*(?=\{)")
_BETWEEN = re.compile(r"[\s,]*")


class RecordRows(Rows):
    """A file of JSON objects. Fields of inner objects are named by dotted paths (`ticket.subject`)."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.encoding = encoding
        self._path = path
        start = next((line.text.lstrip() for line in lines(path, encoding) if line.text.strip()), "")
        if not start:
            raise Unreadable(f"{path.name} is empty.")
        self._is_list = start.startswith("[")
        names: dict[str, None] = {}
        unread = 0
        for record in self:
            if isinstance(record, Row):
                # Ids as names give each record fields of its own: what has one must have come by then.
                if len(names) < MOST_COLUMNS:
                    names.update(dict.fromkeys(islice(record.values, MOST_COLUMNS)))
            else:
                unread += 1
        if not names:
            raise Unreadable(
                f"{path.name} holds no JSON objects"
                + (f" ({unread} lines could not be read)" if unread else "")
                + "; write one object a line, or a list of objects."
            )
        self.columns = list(names)

    def __iter__(self) -> Iterator[Row | BadRow]:
        return self._list() if self._is_list else self._lines()

    def _lines(self) -> Iterator[Row | BadRow]:
        for number, line in enumerate(lines(self._path, self.encoding), start=1):
            if line.broken:
                yield BadRow(line=number, reason=f"bytes that are no {self.encoding}")
            elif line.text.strip():
                yield _read(line.text, number)

    def _list(self) -> Iterator[Row | BadRow]:
        """Read a list element by element, so that no more than one has to be in memory."""
        source = _Text(lines(self._path, self.encoding))
        source.skip(re.compile(r"\s*\["))
        while True:
            source.skip(_BETWEEN)
            if source.at_end("]"):
                return
            number = source.line
            try:
                value = source.value()
            except (ValueError, RecursionError) as error:
                yield BadRow(line=number, reason=_why(error))
                if not source.resume():
                    return
                continue
            yield _row(value, number)


def parsed(text: str) -> object:
    """Return the JSON value that a text writes, with NUL and lone surrogates as U+FFFD.

    Raises ValueError for what is no JSON, or nested too deep: what stands in a cell must be as clean as what
    stands in a file.
    """
    try:
        return _cleaned(json.loads(text), 0)
    except (ValueError, RecursionError) as error:
        raise ValueError(_why(error)) from error


def _read(text: str, number: int) -> Row | BadRow:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return BadRow(line=number, reason=_why(error))
    return _row(value, number)


def _row(value: object, number: int) -> Row | BadRow:
    if not isinstance(value, dict):
        return BadRow(line=number, reason="this is no JSON object")
    try:
        return Row(line=number, values=flat(value))
    except RecursionError:
        return BadRow(line=number, reason=f"nested deeper than {DEEPEST} levels")


def _why(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return f"nested deeper than {DEEPEST} levels"
    if isinstance(error, json.JSONDecodeError):
        return f"this is no JSON: {error.msg} at character {error.colno}"
    return "a number too long to read"


def flat(record: Mapping[str, Any], path: str = "", depth: int = 0) -> dict[str, object]:
    """Return a record with the fields of inner objects under dotted paths, and all of its text clean.

    Raises RecursionError for one that is nested too deep.
    """
    if depth > DEEPEST:
        raise RecursionError
    found: dict[str, object] = {}
    for name, value in record.items():
        if isinstance(value, dict) and value:
            found.update(flat(value, f"{path}{clean(name)}.", depth + 1))
        else:
            found[path + clean(name)] = _cleaned(value, depth + 1)
    return found


def _cleaned(value: Any, depth: int) -> object:
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {clean(name): _cleaned(one, depth + 1) for name, one in value.items()}
    return value


class _Text:
    """A file's text, of which only what is being read is in memory."""

    def __init__(self, source: Iterator[Line]) -> None:
        self.line = 1
        self._source = source
        self._held = ""
        self._ended = False
        self._decoder = json.JSONDecoder()

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Go past what the pattern matches here, reading on while it matches all there is."""
        while True:
            match = pattern.match(self._held)
            if match is not None and (match.end() < len(self._held) or self._ended):
                self._go(match.end())
                return
            if not self._read_more():
                if match is not None:
                    self._go(match.end())
                return

    def at_end(self, bracket: str) -> bool:
        return not self._held or self._held.startswith(bracket)

    def value(self) -> object:
        """Return the JSON value that stands here and go past it. Raises ValueError if none does."""
        while True:
            try:
                value, end = self._decoder.raw_decode(self._held)
            except json.JSONDecodeError:
                if len(self._held) > LOOKAHEAD or not self._read_more(at_least=len(self._held)):
                    raise
                continue
            self._go(end)
            return value

    def resume(self) -> bool:
        """Go to the next line that begins an object; return whether there is one."""
        match = _NEXT_RECORD.search(self._held)
        while match is None and self._read_more():
            match = _NEXT_RECORD.search(self._held)
        self._go(match.end() if match is not None else len(self._held))
        return match is not None

    def _go(self, end: int) -> None:
        self.line += self._held.count("\n", 0, end)
        self._held = self._held[end:]

    def _read_more(self, at_least: int = 1) -> bool:
        """Read as many characters more, to the end of a line; return whether there were any."""
        more: list[str] = []
        size = 0
        for line in self._source:
            more.append(line.text)
            size += len(line.text)
            if size >= at_least:
                break
        else:
            self._ended = True
        self._held += "".join(more)
        return bool(more)
