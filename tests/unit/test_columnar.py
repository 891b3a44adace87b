"""Parquet files are read with their types, a few rows at a time, and what is broken in them costs itself."""

import random
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import Unreadable
from connectors.files.opening import open_file
from connectors.ports import BadRow, Row

TOKYO = timezone(timedelta(hours=9))


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    return tmp_path / "a.parquet"


def only(path: Path, **columns: Any) -> dict[str, Any]:
    """Write one row and return the values that are read."""
    pq.write_table(pa.table(columns), path)
    rows = open_file(path)
    (row,) = rows
    assert isinstance(row, Row)
    assert set(row.values) <= set(rows.columns)
    return dict(row.values)


def test_rows_come_with_their_names_numbers_and_types(parquet: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2], "本文": ["遅い", None], "score": [4.5, float("nan")]}), parquet)
    rows = open_file(parquet)
    assert (rows.columns, rows.encoding) == (["id", "本文", "score"], "binary")
    first, second = rows
    assert first == Row(line=1, values={"id": 1, "本文": "遅い", "score": 4.5})
    assert isinstance(second, Row)
    assert (second.line, second.values["本文"]) == (2, None)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_keep_their_zone_and_have_none_where_they_have_none(parquet: Path, unit: str) -> None:
    at, local = datetime(2026, 5, 4, 10, tzinfo=TOKYO), datetime(2026, 5, 4, 10)  # noqa: DTZ001
    read = only(
        parquet,
        named=pa.array([at], pa.timestamp(unit, "Asia/Tokyo")),
        offset=pa.array([at], pa.timestamp(unit, "+09:00")),
        local=pa.array([local], pa.timestamp(unit)),
    )
    expected = "2026-05-04T10:00:00"
    assert read == {"named": f"{expected}+09:00", "offset": f"{expected}+09:00", "local": expected}


def test_a_time_finer_than_a_microsecond_is_read(parquet: Path) -> None:
    nanoseconds = 1_777_856_400_000_000_001
    read = only(parquet, at=pa.array([nanoseconds], pa.timestamp("ns", "UTC")))
    assert read == {"at": "2026-05-04T01:00:00+00:00"}


def test_amounts_days_labels_and_bytes_are_read(parquet: Path) -> None:
    assert only(
        parquet,
        amount=pa.array([Decimal("12.50")], pa.decimal128(10, 2)),
        day=[date(2026, 5, 4)],
        label=pa.array(["bug"]).dictionary_encode(),
        raw=pa.array(["遅い".encode()], pa.binary()),
        spent=pa.array([90], pa.duration("s")),
    ) == {"amount": "12.50", "day": "2026-05-04", "label": "bug", "raw": "遅い", "spent": "90"}


def test_structures_are_named_by_dotted_paths_and_lists_stay_lists(parquet: Path) -> None:
    at = datetime(2026, 5, 4, 10, tzinfo=TOKYO)
    messages = [{"text": "It is\0slow", "created_at": at, "cost": Decimal("1.5")}]
    ticket = {"subject": "Export", "by": {"id": "c1"}}
    read = only(parquet, messages=[messages], tags=[["a", "b"]], ticket=[ticket])
    assert read == {
        "messages": [{"text": "It is\ufffdslow", "created_at": "2026-05-04T10:00:00+09:00", "cost": "1.5"}],
        "tags": ["a", "b"],
        "ticket.subject": "Export",
        "ticket.by.id": "c1",
    }


def test_a_row_that_means_nothing_costs_itself_only(parquet: Path) -> None:
    at = pa.array([0, 2**40, 1], pa.timestamp("s", "UTC"))
    pq.write_table(
        pa.table({"raw": pa.array([b"good", b"fine", b"\xff\xfe"], pa.binary()), "at": at}), parquet
    )
    rows = list(open_file(parquet))
    assert [isinstance(row, Row) for row in rows] == [True, False, False]
    assert [(row.line, row.reason) for row in rows if isinstance(row, BadRow)] == [
        (2, "a time that no calendar has, or in a zone that nobody knows"),
        (3, "text that is no UTF-8"),
    ]


def test_a_broken_page_costs_its_group_only(parquet: Path) -> None:
    dice = random.Random(1)
    words = ["".join(dice.choices("abcdefgh ", k=200)) for _ in range(300)]
    pq.write_table(pa.table({"text": words}), parquet, row_group_size=100, use_dictionary=False)
    place = pq.ParquetFile(parquet).metadata.row_group(1).column(0).data_page_offset
    data = bytearray(parquet.read_bytes())
    data[place : place + 64] = b"\xff" * 64
    parquet.write_bytes(data)
    rows = list(open_file(parquet))
    assert [row.line for row in rows] == [*range(1, 102), *range(201, 301)]
    assert rows[100] == BadRow(line=101, reason="a broken part (rows 101 to 200 were left out)")


def test_what_is_no_parquet_file_is_refused(parquet: Path) -> None:
    pq.write_table(pa.table({"text": ["a" * 1_000]}), parquet)
    whole = parquet.read_bytes()
    for data in (b"id,text\n1,a\n", b"PAR1", whole[:-20]):
        parquet.write_bytes(data)
        with pytest.raises(Unreadable, match="no Parquet file that can be read"):
            list(open_file(parquet))


def test_a_parquet_file_by_another_name_is_told_its_ending(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "a.csv")
    with pytest.raises(Unreadable, match=r"give it its ending, \.parquet"):
        open_file(tmp_path / "a.csv")


def test_what_fills_the_memory_unpacked_costs_itself_only(
    parquet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.files.columnar.MEMORY", 400 << 20)
    nothing = pa.array([["a"], [None] * 5_000_000], pa.list_(pa.string()))
    pq.write_table(pa.table({"list": nothing}), parquet, row_group_size=1)
    assert parquet.stat().st_size < 5_000
    first, second = open_file(parquet)
    assert first == Row(line=1, values={"list": ["a"]})
    assert second == BadRow(line=2, reason="more than the memory holds (rows 2 to 2 were left out)")


def test_a_reader_that_dies_ends_the_file_and_nothing_else(
    parquet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(pa.table({"text": ["a"]}), parquet)
    monkeypatch.setattr("connectors.files.columnar.MEMORY", "no number")  # so it ends before it reads
    with pytest.raises(Unreadable, match="is damaged, or takes more memory than it may"):
        open_file(parquet)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32), cuts=st.integers(1, 30))
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cuts: int
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "a.parquet"
    messages = [[{"text": "x", "at": datetime(2026, 5, 4, tzinfo=UTC)}], [], None] * 20
    pq.write_table(
        pa.table({"id": list(range(60)), "text": ["ab"] * 60, "m": messages}), path, row_group_size=20
    )
    data, dice = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(cuts):
        data[dice.randrange(len(data))] = dice.randrange(256)
    path.write_bytes(data)
    try:
        assert all(row.line >= 1 for row in open_file(path))
    except Unreadable:
        return
