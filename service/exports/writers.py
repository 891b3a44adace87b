"""The forms an export can take: JSON Lines, CSV, Parquet."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from connectors.files.formulas import harmless
from service.exports.columns import Type

Row = Mapping[str, object]


def _nested(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def write_jsonl(path: Path, columns: Mapping[str, Type], rows: Iterable[Row]) -> int:
    """Write one JSON object a line; return how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps({name: row[name] for name in columns}, ensure_ascii=False) + "\n")
            count += 1
    return count


def write_csv(path: Path, columns: Mapping[str, Type], rows: Iterable[Row]) -> int:
    """Write a header and one line a row (RFC 4180); nested values are JSON text. Return the rows."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(row[name], kind) for name, kind in columns.items()])
            count += 1
    return count


def _cell(value: object, kind: Type) -> object:
    if kind == "nested":
        return _nested(value)
    return harmless(value) if isinstance(value, str) else value


def write_parquet(path: Path, columns: Mapping[str, Type], rows: Iterable[Row]) -> int:
    """Write typed columns; nested values are JSON text. Return the rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq  # slow to import, and only one of three forms needs it

    types: dict[Type, pa.DataType] = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "nested": pa.string(),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    count = 0
    with pq.ParquetWriter(path, schema) as writer:
        for batch in _batches(rows, size=5000):
            arrays = [
                pa.array(
                    [_nested(row[name]) if kind == "nested" else row[name] for row in batch], types[kind]
                )
                for name, kind in columns.items()
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(batch)
    return count


def _batches(rows: Iterable[Row], *, size: int) -> Iterable[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


WRITERS: Mapping[str, Callable[[Path, Mapping[str, Type], Iterable[Row]], int]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "parquet": write_parquet,
}
