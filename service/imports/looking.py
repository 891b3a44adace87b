"""A look at a file before any of its rows is stored: how it would be read, and what would be refused."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.files.sheets import SheetRows
from connectors.files.tables import TableRows
from connectors.ports import BadRow, Row, Rows
from service.imports import IMPORTERS, Options, checked, day_of, open_one, reading_of
from service.imports.columns import Taken, guess, missing
from service.imports.guessing import USUAL, guess_noun
from service.imports.reading import Importer
from service.imports.scan import Scan, scan
from service.models import Source

MOST_ROWS = 2_000
"""Rows that are looked at …"""
MOST_CHARACTERS = 16 << 20
"""… and what they may hold together, with what a cell takes though it is empty."""
OF_A_CELL = 64
SHOWN = 3
"""Rows of them that are shown."""
MOST_REASONS = 20
"""Refused rows that are told one by one."""
MOST_COUNTED = 50_000
"""Rows that are counted at most …"""
MOST_CELLS = 4_000_000
"""… and how many cells they may have."""
GUESSED_BY = 50
"""Rows by which it is told what the rows are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a file shows of itself."""

    noun: str
    columns: Sequence[str]
    first: Sequence[Row]
    """The first rows that can be read."""
    taken: Taken
    missing: Sequence[Sequence[str]]
    """Of each group one field needs a column; nothing can be stored as long as there are any."""
    encoding: str
    delimiter: str | None
    """The name of what parts the cells; None where nothing does."""
    sheet: str | None
    sheets: Sequence[str]
    """Of a workbook, by name."""
    rows: int
    """How many were looked at."""
    counted: int
    """How many there are in all, as far as they were counted …"""
    whole: bool
    """… and whether that is to the end."""
    fitting: int
    refused: int
    reasons: Sequence[tuple[int, str]]
    """The line and the reason of the first refused rows."""
    left_out: int
    """Rows that are nobody's voice."""
    scanned: Scan


Mapped = Callable[[str, Sequence[str]], Mapping[str, str]]
"""Gives the column by field for a noun and the columns of a file; what it leaves out is told by names."""


def _as_named(noun: str, columns: Sequence[str]) -> Mapping[str, str]:  # noqa: ARG001  as Mapped wants it
    return {}


def look(
    path: Path,
    noun: str | None,
    options: Options,
    *,
    source: str,
    organisation_id: str,
    mapped: Mapped = _as_named,
) -> Look:
    """Return what the rows of a file, or its first ones, would come to under the name of a source.

    Without a noun it is guessed; `mapped` says what is which field, once the columns are known. That a needed
    column is missing is no error. Raises Unreadable for what is no file of records, and WrongUse for options
    that cannot be meant.
    """
    zone = checked(noun or USUAL, source, options)
    opened = open_one(path, options)
    rows = _Beginning(opened)
    readable = [row for row in rows if isinstance(row, Row)]
    chosen = noun or guess_noun(opened.columns, readable[:GUESSED_BY])
    taken = guess(chosen, opened.columns, mapped(chosen, opened.columns))
    scanned, lacks = scan(rows, taken), missing(chosen, taken)
    whose = _source(organisation_id, source)
    importer = IMPORTERS[chosen](reading_of(whose, rows, taken, scanned, options, day_of(path, zone)))
    refused = [] if lacks else list(_refused(rows, importer))
    left_out = sum(isinstance(row, BadRow) and row.left_out for row in rows)
    return Look(
        noun=chosen,
        columns=opened.columns,
        first=readable[:SHOWN],
        taken=taken,
        missing=lacks,
        encoding=opened.encoding,
        delimiter=opened.delimiter if isinstance(opened, TableRows) else None,
        sheet=opened.sheet if isinstance(opened, SheetRows) else None,
        sheets=opened.sheets if isinstance(opened, SheetRows) else (),
        rows=len(rows.held),
        counted=rows.counted,
        whole=rows.whole,
        fitting=0 if lacks else len(rows.held) - len(refused) - left_out,
        refused=len(refused),
        reasons=refused[:MOST_REASONS],
        left_out=left_out,
        scanned=scanned,
    )


class _Beginning(Rows):
    """The first rows of a file, held so that they can be read again and again."""

    def __init__(self, rows: Rows) -> None:
        self.columns, self.encoding, self.channel = rows.columns, rows.encoding, rows.channel
        self.held: list[Row | BadRow] = []
        self.counted = size = cells = 0
        self.whole = True
        for row in rows:
            if self.counted == MOST_COUNTED or cells > MOST_CELLS:
                self.whole = False
                return
            width = len(row.values) if isinstance(row, Row) else 1
            self.counted, cells = self.counted + 1, cells + width
            if self.counted > len(self.held) + 1 or len(self.held) == MOST_ROWS or size > MOST_CHARACTERS:
                continue
            self.held.append(row)
            if isinstance(row, Row):
                size += OF_A_CELL * width
                size += sum(len(value) for value in row.values.values() if isinstance(value, str))

    def __iter__(self) -> Iterator[Row | BadRow]:
        return iter(self.held)


def _refused(rows: Rows, importer: Importer[Any]) -> Iterator[tuple[int, str]]:
    for row in rows:
        if isinstance(row, BadRow):
            if not row.left_out:
                yield row.line, row.reason
            continue
        try:
            importer.read(row)
        except ValueError as error:
            yield row.line, str(error)


def _source(organisation_id: str, name: str) -> Source:
    """Return the source under whose name the rows would be kept; it is in no session."""
    return Source(
        id="", organisation_id=organisation_id, name=name, kind="file", created_at=datetime.now(UTC)
    )
