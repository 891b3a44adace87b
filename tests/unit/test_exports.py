"""Exports as files: the three forms say the same, and a spreadsheet runs nothing."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.formulas import STARTS, harmless, original
from service.exports.columns import Type
from service.exports.writers import WRITERS, write_csv

COLUMNS: dict[str, Type] = {"name": "text", "count": "integer", "share": "number", "more": "nested"}
ROWS: list[Mapping[str, object]] = [
    {"name": "ログインできない", "count": 3, "share": 0.5, "more": {"ja": "声", "en": None}},
    {"name": None, "count": None, "share": None, "more": None},
    {"name": 'a "quoted", line\nbreak', "count": 0, "share": 1.0, "more": [["2026-W21", 4]]},
]


def read(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if path.suffix == ".parquet":
        rows: list[dict[str, object]] = pq.read_table(path).to_pylist()
        return [{**row, "more": json.loads(str(row["more"])) if row["more"] else None} for row in rows]
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [
        {
            "name": row["name"] or None,
            "count": int(row["count"]) if row["count"] else None,
            "share": float(row["share"]) if row["share"] else None,
            "more": json.loads(row["more"]) if row["more"] else None,
        }
        for row in found
    ]


@pytest.mark.parametrize("form", WRITERS)
def test_every_form_gives_back_the_rows_that_were_written(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows.{form}"
    assert WRITERS[form](path, COLUMNS, iter(ROWS)) == 3
    assert read(path) == ROWS


@pytest.mark.parametrize("form", WRITERS)
def test_an_export_without_rows_is_a_valid_file(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows.{form}"
    assert WRITERS[form](path, COLUMNS, iter(())) == 0
    assert read(path) == []


@given(st.sampled_from(STARTS), st.sampled_from(["", " ", "\u3000 ", "'"]), st.text(max_size=20))
def test_no_cell_of_a_csv_begins_like_a_formula_and_an_import_reads_what_was_there(
    tmp_path_factory: pytest.TempPathFactory, start: str, space: str, rest: str
) -> None:
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    text = space + start + rest.encode("utf-8", "ignore").decode()
    write_csv(path, {"name": "text"}, [{"name": text}])
    with path.open(encoding="utf-8", newline="") as file:
        cell = list(csv.reader(file))[1][0]
    assert cell == f"'{text}"
    assert original(cell) == text


@given(st.text("'=-a ", max_size=5))
def test_what_is_no_formula_is_left_and_every_cell_comes_back(text: str) -> None:
    assert original(harmless(text)) == text
    assert original(text) == text or harmless(text[1:]) == text
