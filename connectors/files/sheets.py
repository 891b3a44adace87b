"""Excel workbooks (.xlsx): the sheet that was named, else the first that holds anything."""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.errors import Unreadable
from connectors.files.archives import refuse_bomb
from connectors.files.encodings import clean
from connectors.files.tables import column_names
from connectors.ports import BadRow, Row, Rows

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_ROWS = 1_048_576
"""As many as Excel has."""


class SheetRows(Rows):
    """A sheet whose first row that is not empty names the columns."""

    encoding = "binary"

    def __init__(self, path: Path, sheet: str | None = None) -> None:
        self._path = path
        self.sheet = sheet
        """Which sheet is read."""
        refuse_bomb(path, called="Excel workbook", instead="CSV", read_whole="sharedStrings")
        with self._book() as book:
            self.sheets: Sequence[str] = [each.title for each in book.worksheets]
            """The names of all sheets."""
        if sheet is not None and sheet not in self.sheets:
            raise Unreadable(f"{path.name} has no sheet “{sheet}”; it has {', '.join(self.sheets)}.")
        header = next(self._cells(), None)
        if header is None:
            raise Unreadable(f"{path.name} is empty: no sheet has a row of column names.")
        names = list(header[1])
        while names and names[-1] is None:
            names.pop()
        try:
            self.columns = column_names(names)
        except ValueError as error:
            raise Unreadable(f"{path.name} has {error}.") from error

    def __iter__(self) -> Iterator[Row | BadRow]:
        width = len(self.columns)
        rows = self._cells()
        next(rows, None)
        for number, cells in rows:
            if any(cell not in (None, "") for cell in cells[width:]):
                filled = max(at for at, cell in enumerate(cells, start=1) if cell not in (None, ""))
                yield BadRow(line=number, reason=f"{filled} cells where the header has {width}")
                continue
            filled_up = [*cells[:width], *[None] * (width - len(cells))]
            yield Row(line=number, values=dict(zip(self.columns, filled_up, strict=True)))

    def _cells(self) -> Iterator[tuple[int, Sequence[object]]]:
        """Yield the number and the cells of each row of the sheet that is not empty."""
        with self._book() as book:
            for sheet in book.worksheets:
                if self.sheet not in (None, sheet.title):
                    continue
                # Some programs write a wrong extent into the sheet; without it the rows themselves tell.
                sheet.reset_dimensions()
                rows = self._filled(sheet.iter_rows(values_only=True))
                first = next(rows, None)
                if first is not None:
                    self.sheet = sheet.title
                    yield first
                    yield from rows
                    return

    def _filled(self, rows: Iterable[Sequence[object]]) -> Iterator[tuple[int, Sequence[object]]]:
        # A row may be numbered as one likes, and those before it are given as empty ones.
        for number, cells in enumerate(rows, start=1):
            if number > MOST_ROWS:
                raise Unreadable(f"{self._path.name} numbers its rows beyond {MOST_ROWS:,}; save it as CSV.")
            if any(cell not in (None, "") for cell in cells):
                yield number, [clean(cell) if isinstance(cell, str) else cell for cell in cells]

    @contextmanager
    def _book(self) -> Iterator["Workbook"]:
        # Slow to load, and few files are workbooks.
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            book = load_workbook(self._path, read_only=True, data_only=True)
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
            raise Unreadable(f"{self._path.name} is no Excel workbook that can be read: {error}.") from error
        try:
            yield book
        finally:
            book.close()
