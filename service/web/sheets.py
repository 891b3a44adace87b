"""Lists as files for a spreadsheet: CSV and Excel, in which nothing is run as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from fastapi import Response

from connectors.files.formulas import harmless

Form = Literal["csv", "xlsx"]
Cell = str | int | float | date | None
MEDIA_TYPES: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NO_CHARACTERS = dict.fromkeys((0xFFFE, 0xFFFF))
LONGEST_CELL = 32_767
"""Characters that Excel takes in a cell."""


def sheet(name: str, form: Form, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Return a list as a file, called `koe-NAME`; what looks like a formula is shown as it is."""
    written = (_csv if form == "csv" else _xlsx)(columns, rows)
    named = {"Content-Disposition": f'attachment; filename="koe-{name}.{form}"'}
    return Response(written, media_type=MEDIA_TYPES[form], headers=named)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return CSV by RFC 4180; the mark at its beginning tells Excel that it is UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return f"\ufeff{out.getvalue()}".encode()


def _xlsx(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a workbook with one sheet, whose first row stays in sight."""
    from openpyxl import Workbook  # slow to import, and seldom needed
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.freeze_panes = "A2"

    def as_text(written: str) -> object:
        kept = ILLEGAL_CHARACTERS_RE.sub("", written).translate(NO_CHARACTERS)[:LONGEST_CELL]
        cell = WriteOnlyCell(page, value=kept)
        cell.data_type = "s"  # what begins with = is no formula here
        return cell

    head = [WriteOnlyCell(page, value=column) for column in columns]
    for cell in head:
        cell.font = Font(bold=True)
    page.append(head)
    for row in rows:
        page.append([as_text(cell) if isinstance(cell, str) else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
