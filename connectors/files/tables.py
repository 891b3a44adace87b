"""Tables as text: CSV, TSV and their kin, read record by record.

A record that cannot be read is reported and the next one is found again: a quotation mark that is never
closed would otherwise swallow the rest of the file.
"""

import csv
import re
import sys
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from connectors.errors import Unreadable
from connectors.files.encodings import Line, lines
from connectors.files.formulas import original
from connectors.ports import BadRow, Row, Rows

DELIMITERS = (",", ";", "\t", "|")
NO_DELIMITER = "\x1f"
"""Of a file with one column, whose words may hold any of the others."""
NAMED = dict(zip(("comma", "semicolon", "tab", "bar", "none"), (*DELIMITERS, NO_DELIMITER), strict=True))
"""Delimiters by what people call them."""
SNIFFED = 30
"""Lines that the delimiter is told by …"""
MOST_SNIFFED = 1 << 20
"""… and characters of each."""
MOST_COLUMNS = 16_384
"""As many as Excel has."""
LOOKAHEAD = 64 << 20
"""Characters that one record may have; a quotation mark open for longer was never closed."""

_SEPARATOR_LINE = re.compile(r"sep=(.)\s*$")
"""What Excel writes first to say which delimiter follows."""


class TableRows(Rows):
    """A text table whose first line names the columns; without a `delimiter` (by name) it is recognised."""

    def __init__(self, path: Path, encoding: str, delimiter: str | None = None) -> None:
        self.encoding = encoding
        self._path = path
        csv.field_size_limit(sys.maxsize)  # of the whole process; else the first file's long cells fail
        head = [line.text[:MOST_SNIFFED] for line in islice(lines(path, encoding), SNIFFED)]
        told = _SEPARATOR_LINE.match(head[0]) if head else None
        self._skipped = 1 if told else 0
        self._delimiter = NAMED[delimiter] if delimiter else told[1] if told else sniff(head)
        header = next(self._records(None), None)
        if header is None:
            raise Unreadable(f"{path.name} is empty: there is not even a line of column names.")
        if header.cells is None:
            raise Unreadable(f"{path.name} has no readable line of column names: {header.reason}.")
        try:
            self.columns = column_names(header.cells)
        except ValueError as error:
            raise Unreadable(f"{path.name} has {error}.") from error

    @property
    def delimiter(self) -> str | None:
        """The name of what parts the cells; None for one that has none."""
        return next((name for name, sign in NAMED.items() if sign == self._delimiter), None)

    def __iter__(self) -> Iterator[Row | BadRow]:
        broken: _Record | None = None
        for record in islice(self._records(len(self.columns)), 1, None):
            cells = self._fitting(record)
            if cells is None and (record.torn or (broken is not None and record.cells is not None)):
                # After a quotation mark gone wrong, lines of another width are what is left of that record.
                broken = record if broken is None else broken.until(record.last)
                continue
            if broken is not None:
                yield broken.as_bad_row()
                broken = None
            if cells is not None:
                values = dict(zip(self.columns, map(original, cells), strict=True))
                yield Row(line=record.first, values=values)
            else:
                yield BadRow(line=record.first, reason=record.reason or self._misfit(record))
        if broken is not None:
            yield broken.as_bad_row()

    def _fitting(self, record: "_Record") -> Sequence[str] | None:
        """Return the record's cells if they are as many as the columns; empty ones beyond do not count."""
        width = len(self.columns)
        if record.cells is None or len(record.cells) < width or any(record.cells[width:]):
            return None
        return record.cells[:width]

    def _misfit(self, record: "_Record") -> str:
        return f"{len(record.cells or ())} cells where the header has {len(self.columns)}"

    def _records(self, width: int | None) -> Iterator["_Record"]:
        """Yield all records, the header among them; `width` is how many cells they have, if that is known."""
        feed = _Feed(lines(self._path, self.encoding))
        feed.skip(self._skipped)
        reader = csv.reader(feed, delimiter=self._delimiter, strict=True)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield self._torn(feed, width)
                continue
            if self._swallowed(feed.taken, cells, width):
                yield self._torn(feed, width)
                continue
            broken = any(line.broken for line in feed.taken)
            first, last = feed.keep()
            if broken:
                yield _Record(first, last, reason=f"bytes that are no {self.encoding}")
            elif cells:
                yield _Record(first, last, cells=cells)

    def _swallowed(self, taken: Sequence[Line], cells: Sequence[str], width: int | None) -> bool:
        """Return whether these lines are one record only because a quotation mark was not closed."""
        if len(taken) == 1 or width is None or len(cells) == width:
            return False
        return any(len(self._cells(line.text) or ()) == width for line in taken[1:])

    def _torn(self, feed: "_Feed", width: int | None) -> "_Record":
        """Return the record whose quotation marks do not match; reading goes on at its second line."""
        opening = feed.taken[0]
        line = feed.keep_first()
        cells = None if opening.broken else self._cells(opening.text, strict=False)
        if cells is not None and len(cells) == width:
            return _Record(line, line, cells=cells)
        reason = "a quotation mark is opened and not closed as it should be"
        return _Record(line, line, reason=reason, torn=True)

    def _cells(self, text: str, *, strict: bool = True) -> Sequence[str] | None:
        """Return the cells of one line; None if it is not whole, or (`strict`) has stray quotation marks."""
        try:
            return next(csv.reader([text], delimiter=self._delimiter, strict=True))
        except csv.Error as error:
            if strict or "end of data" in str(error):
                return None
        return next(csv.reader([text], delimiter=self._delimiter))


@dataclass(frozen=True, slots=True)
class _Record:
    first: int
    last: int
    cells: Sequence[str] | None = None
    reason: str | None = None
    torn: bool = False

    def until(self, last: int) -> "_Record":
        return _Record(self.first, last, reason=self.reason, torn=self.torn)

    def as_bad_row(self) -> BadRow:
        extent = f" (lines {self.first} to {self.last} were left out)" if self.last > self.first else ""
        return BadRow(line=self.first, reason=f"{self.reason}{extent}")


class _Feed:
    """Hands lines to the csv reader, and takes back those of a record that turned out to be none."""

    def __init__(self, source: Iterator[Line]) -> None:
        self.taken: list[Line] = []
        """What has been handed out since the last record was kept."""
        self._kept = 0
        self._source = source
        self._returned: deque[Line] = deque()
        self._characters = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._characters > LOOKAHEAD:
            raise StopIteration
        line = self._returned.popleft() if self._returned else next(self._source)
        self.taken.append(line)
        self._characters += len(line.text)
        return line.text

    def skip(self, count: int) -> None:
        """Go past lines that belong to no record."""
        for _ in range(count):
            next(self)
        self.keep()

    def keep(self) -> tuple[int, int]:
        """Say that all lines taken belong to the record; return the numbers of its first and last line."""
        first = self._kept + 1
        self._kept += len(self.taken)
        self.taken.clear()
        self._characters = 0
        return first, self._kept

    def keep_first(self) -> int:
        """Say that only the first line belongs to it: the others are read again. Return its number."""
        self._returned.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
        return self.keep()[0]


def sniff(head: Sequence[str]) -> str:
    """Return the delimiter by which the first line falls into most cells and the next ones into as many."""
    best, most = NO_DELIMITER, 0.0
    for delimiter in DELIMITERS:
        records = [record for record in csv.reader(head, delimiter=delimiter) if record]
        if not records or len(records[0]) < 2:
            continue
        width = len(records[0])
        # The last record may be cut off where the head ends.
        others = records[1:-1] if len(head) == SNIFFED else records[1:]
        fitting = sum(len(record) == width for record in others) / len(others) if others else 1.0
        if (score := width * (0.1 + fitting)) > most:
            best, most = delimiter, score
    return best


def column_names(cells: Sequence[object]) -> list[str]:
    """Return a name for each column: the header's, made different from each other, none of them empty.

    Raises ValueError for more columns than any table has.
    """
    if len(cells) > MOST_COLUMNS:
        raise ValueError(f"{len(cells):,} columns; {MOST_COLUMNS:,} are the most")
    names: dict[str, None] = {}
    same: Counter[str] = Counter()
    for position, cell in enumerate(cells, start=1):
        begun = str(cell).strip() if cell not in (None, "") else f"column {position}"
        name = begun
        while name in names:
            same[begun] += 1
            name = f"{begun} ({same[begun] + 1})"
        names[name] = None
    return list(names)
