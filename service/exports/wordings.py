"""The entries of a glossary as a file that can be taken in again."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from service.exports.columns import Type
from service.exports.writers import WRITERS
from service.models import GlossaryEntry

FORMATS = ("csv", "jsonl")
COLUMNS: Mapping[str, Type] = {
    "term": "text",
    "lang": "text",
    "kind": "text",
    "stands_for": "text",
    "note": "text",
    "customer_visible": "text",
}


def row_of(entry: GlossaryEntry) -> dict[str, str | None]:
    """Return an entry as its columns."""
    return {
        "term": entry.term,
        "lang": entry.lang,
        "kind": entry.kind,
        "stands_for": entry.stands_for,
        "note": entry.note,
        "customer_visible": "true" if entry.customer_visible else "false",
    }


def as_bytes(entries: Sequence[GlossaryEntry], form: str) -> bytes:
    """Return the entries as the bytes of a file; `form` is `csv` or `jsonl`."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"glossary.{form}"
        WRITERS[form](path, COLUMNS, map(row_of, entries))
        return path.read_bytes()
