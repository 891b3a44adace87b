"""The entries of a glossary out of a file, or out of what was pasted."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.errors import Unreadable
from connectors.files.opening import open_file
from connectors.ports import BadRow
from service.errors import WrongUse
from service.rules.glossary import Wording, checked

NO = frozenset(("0", "false", "no", "n", "off", "いいえ", "✗", "×"))
MOST = 5_000
"""Entries of one file."""


def read_file(path: Path) -> list[Wording]:
    """Return the entries of a CSV, JSON Lines or Excel file. Raises WrongUse, naming the line."""
    try:
        return list(_read(path))
    except Unreadable as error:
        raise WrongUse(str(error)) from error


def read_text(text: str) -> list[Wording]:
    """Return the entries of a table that was pasted, its first line the column names. Raises WrongUse."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pasted.csv"
        path.write_text(text, encoding="utf-8")
        return read_file(path)


def _read(path: Path) -> Iterator[Wording]:
    rows = open_file(path)
    if "term" not in {column.strip().lower() for column in rows.columns}:
        raise WrongUse("The first line names the columns; one of them has to be “term”.")
    for count, row in enumerate(rows, start=1):
        if count > MOST:
            raise WrongUse(f"A glossary file has at most {MOST:,} entries.")
        if isinstance(row, BadRow):
            raise WrongUse(f"Line {row.line}: {row.reason}.")
        try:
            yield checked(_wording(row.values))
        except WrongUse as error:
            raise WrongUse(f"Line {row.line}: {error}") from error


def _wording(values: Mapping[str, object]) -> Wording:
    cells = {name.strip().lower(): _text(value) for name, value in values.items()}
    return Wording(
        term=cells.get("term", ""),
        lang=cells.get("lang") or None,
        kind=cells.get("kind", "").lower() or "term",
        stands_for=cells.get("stands_for") or None,
        note=cells.get("note", ""),
        customer_visible=cells.get("customer_visible", "").lower() not in NO,
    )


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
