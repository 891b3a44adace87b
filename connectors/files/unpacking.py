"""A Parquet file as JSON lines, in a process of its own: `python -m connectors.files.unpacking FILE BYTES`.

A damaged file can end the process that reads it, or fill its memory, whatever the reader checks before. So
this one does nothing else, and may take so many bytes of memory and no more.

The first line is `{"columns": […]}` or `{"refused": "why"}`, each further one `[number, record]` or
`[number, null, reason]`, the last one `null`.
"""

import json
import resource
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.files.encodings import clean
from connectors.files.records import DEEPEST

BATCH = 128
"""Rows unpacked at once: a long text that all rows have takes kilobytes packed."""
MOST_COLUMNS = 2_000
MOST_ROWS = 100_000_000
LARGEST_ROW = 64 << 20
"""Characters of one row as JSON."""

_BROKEN = (pa.ArrowException, OSError, ValueError, MemoryError, RecursionError)


def unpack(path: str) -> Iterator[str]:
    """Yield the lines."""
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            refusal = _refusal(file.metadata)
            columns = [name for field in file.schema_arrow for name in _names(field, "", 0)]
            yield json.dumps({"columns": columns} if refusal is None else {"refused": refusal})
            if refusal is None:
                yield from _rows(file)
    except _BROKEN:
        yield json.dumps({"refused": "is no Parquet file that can be read; it may be cut off or encrypted"})
    yield json.dumps(None)


def _refusal(metadata: Any) -> str | None:
    if metadata.num_columns > MOST_COLUMNS:
        return f"has {metadata.num_columns:,} columns; {MOST_COLUMNS:,} are the most"
    if metadata.num_rows > MOST_ROWS:
        return f"has {metadata.num_rows:,} rows; {MOST_ROWS:,} are the most"
    return None if metadata.num_columns else "has no columns"


def _names(field: Any, path: str, depth: int) -> Iterator[str]:
    """Yield the names of a column's inner fields, or its own."""
    if depth < DEEPEST and pa.types.is_struct(field.type) and field.type.num_fields:
        for inner in field.type:
            yield from _names(inner, f"{path}{clean(field.name)}.", depth + 1)
    else:
        yield path + clean(field.name)


def _rows(file: Any) -> Iterator[str]:
    first = 1
    for group in range(file.num_row_groups):
        behind = first + file.metadata.row_group(group).num_rows
        number = first
        try:
            for batch in file.iter_batches(batch_size=BATCH, row_groups=[group], use_threads=False):
                columns = {field.name: _in_microseconds(batch[at]) for at, field in enumerate(batch.schema)}
                for place in range(batch.num_rows):
                    yield _row(columns, place, number)
                    number += 1
        except _BROKEN as error:
            what = "more than the memory holds" if isinstance(error, MemoryError) else "a broken part"
            yield json.dumps([number, None, f"{what} (rows {number:,} to {behind - 1:,} were left out)"])
        first = behind


def _row(columns: Mapping[str, Any], place: int, number: int) -> str:
    try:
        record = {name: _value(column[place].as_py(), 0) for name, column in columns.items()}
    except RecursionError:
        return json.dumps([number, None, f"nested deeper than {DEEPEST} levels"])
    except UnicodeDecodeError:
        return json.dumps([number, None, "text that is no UTF-8"])
    except (ValueError, OverflowError, LookupError):
        return json.dumps([number, None, "a time that no calendar has, or in a zone that nobody knows"])
    line = json.dumps([number, record])
    if len(line) > LARGEST_ROW:
        return json.dumps([number, None, f"larger than {LARGEST_ROW >> 20} MiB"])
    return line


def _in_microseconds(column: Any) -> Any:
    """Return a column whose times Python can tell."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return column.cast(pa.timestamp("us", kind.tz), safe=False)
    return column.cast(pa.string()) if pa.types.is_duration(kind) or pa.types.is_time(kind) else column


def _value(value: Any, depth: int) -> object:
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        return {str(name): _value(one, depth + 1) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value(one, depth + 1) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode()
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def main() -> None:
    """Write the lines of the file that is named to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in unpack(sys.argv[1]):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
