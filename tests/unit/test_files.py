"""Files of records are read row by row, and what is broken is listed."""

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from connectors.errors import Unreadable
from connectors.files.opening import files_in, open_file
from connectors.files.tables import sniff
from connectors.ports import BadRow, Row
from tests.documents import write_bomb


def read(path: Path, text: str | bytes) -> tuple[list[Row], list[BadRow]]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    rows = list(open_file(path))
    return [row for row in rows if isinstance(row, Row)], [row for row in rows if isinstance(row, BadRow)]


class TestTables:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_told_by_the_header(self, tmp_path: Path, delimiter: str) -> None:
        text = delimiter.join(("id", "text")) + "\n" + delimiter.join(("1", '"a, b; c\td | e"')) + "\n"
        good, bad = read(tmp_path / "a.csv", text)
        assert [dict(row.values) for row in good] == [{"id": "1", "text": "a, b; c\td | e"}]
        assert bad == []

    def test_one_column_needs_no_delimiter(self, tmp_path: Path) -> None:
        good, _ = read(tmp_path / "a.csv", "text\nwell, that is; it\n")
        assert good[0].values == {"text": "well, that is; it"}

    def test_excel_says_its_delimiter_in_a_line_of_its_own(self, tmp_path: Path) -> None:
        good, _ = read(tmp_path / "a.csv", "sep=;\nid;text\n1;a,b\n")
        assert [(row.line, dict(row.values)) for row in good] == [(3, {"id": "1", "text": "a,b"})]

    def test_cells_may_hold_line_ends(self, tmp_path: Path) -> None:
        good, _ = read(tmp_path / "a.csv", 'id,text\n1,"one\ntwo, ""three"""\n2,four\n')
        assert [(row.line, row.values["text"]) for row in good] == [(2, 'one\ntwo, "three"'), (4, "four")]

    def test_old_line_ends_are_line_ends(self, tmp_path: Path) -> None:
        good, bad = read(tmp_path / "a.csv", "id,text\r1,a\r2,b\r")
        assert [row.values["text"] for row in good] == ["a", "b"]
        assert bad == []

    def test_rows_of_another_width_are_listed(self, tmp_path: Path) -> None:
        good, bad = read(tmp_path / "a.csv", "id,text,day\n1,a,x\n2,b\n3,c,x,y\n4,d,x,,\n5,e,x\n")
        assert [row.values["id"] for row in good] == ["1", "4", "5"]
        assert [(row.line, row.reason) for row in bad] == [
            (3, "2 cells where the header has 3"),
            (4, "4 cells where the header has 3"),
        ]

    @pytest.mark.parametrize(
        "after",
        [
            "4,fine,z\n5,fine,z\n",
            '4,"fine",z\n5,"fi""ne",z\n',
            '4,"fine\nover two lines",z\n5,fine,z\n',
            '4,"",z\n5,"a, b",z\n',
        ],
    )
    def test_a_quotation_mark_that_is_never_closed_costs_one_row(self, tmp_path: Path, after: str) -> None:
        good, bad = read(tmp_path / "a.csv", f'id,text,day\n2,fine,z\n3,"broken,z\n{after}')
        assert [row.values["id"] for row in good] == ["2", "4", "5"]
        assert [(row.line, row.reason) for row in bad] == [
            (3, "a quotation mark is opened and not closed as it should be")
        ]

    def test_what_is_left_of_a_torn_row_is_listed_with_it(self, tmp_path: Path) -> None:
        good, bad = read(tmp_path / "a.csv", 'id,text,day\n1,"x" y\nz\nmore,z\n2,fine,z\n')
        assert [row.values["id"] for row in good] == ["2"]
        assert [row.line for row in bad] == [2]
        assert "lines 2 to 4 were left out" in bad[0].reason

    def test_stray_quotation_marks_cost_nothing_where_all_cells_are_there(self, tmp_path: Path) -> None:
        good, bad = read(tmp_path / "a.csv", 'id,text,day\n1,"he said "no" to me",z\n2,a 5" screen,z\n')
        assert [row.values["id"] for row in good] == ["1", "2"]
        assert bad == []

    def test_invalid_bytes_cost_one_row(self, tmp_path: Path) -> None:
        good, bad = read(tmp_path / "a.csv", "id,text\n1,あ\n".encode() + b"2,\xff\xfe\n" + "3,う\n".encode())
        assert [row.values["id"] for row in good] == ["1", "3"]
        assert [(row.line, row.reason) for row in bad] == [(3, "bytes that are no utf-8")]

    def test_a_cell_of_ten_megabytes_is_read(self, tmp_path: Path) -> None:
        cell = "0123456789\n" * 1_000_000
        good, bad = read(tmp_path / "a.csv", f'id,text\n1,"{cell}"\n2,b\n')
        assert [len(str(row.values["text"])) for row in good] == [11_000_000, 1]
        assert bad == []

    def test_columns_get_different_names(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("id,text,text,\n1,a,b,c\n")
        assert open_file(tmp_path / "a.csv").columns == ["id", "text", "text (2)", "column 4"]

    def test_the_header_decides_where_rows_hold_other_delimiters(self) -> None:
        assert sniff(["id;text\n", "1;a, b, c\n", "2;d, e, f\n"]) == ";"


class TestRecords:
    def test_one_object_a_line(self, tmp_path: Path) -> None:
        good, bad = read(tmp_path / "a.jsonl", '{"id": 1, "ticket": {"text": "a"}}\n\n{"x": [1]}\n')
        assert [dict(row.values) for row in good] == [{"id": 1, "ticket.text": "a"}, {"x": [1]}]
        assert bad == []
        assert open_file(tmp_path / "a.jsonl").columns == ["id", "ticket.text", "x"]

    def test_broken_lines_are_listed(self, tmp_path: Path) -> None:
        lines = [
            '{"id": 1}',
            '{"id": 2',
            "[3]",
            '"x"',
            "[" * 100_000,
            '{"id": 1' + "0" * 5_000 + "}",
            '{"id": 7}',
        ]
        good, bad = read(tmp_path / "a.jsonl", "\n".join(lines).replace("[3]", "3") + "\n")
        assert [row.values["id"] for row in good] == [1, 7]
        assert [row.line for row in bad] == [2, 3, 4, 5, 6]

    def test_a_list_is_read_element_by_element(self, tmp_path: Path) -> None:
        text = json.dumps([{"id": number, "text": "x" * 5_000} for number in range(200)], indent=1)
        good, bad = read(tmp_path / "a.json", text)
        assert [row.values["id"] for row in good] == list(range(200))
        assert bad == []

    def test_a_broken_element_of_a_list_costs_one_row(self, tmp_path: Path) -> None:
        good, bad = read(tmp_path / "a.json", '[\n{"id": 1},\n{"id": oops},\n{"id": 3}\n]\n')
        assert [row.values["id"] for row in good] == [1, 3]
        assert [row.line for row in bad] == [3]

    def test_nul_and_lone_surrogates_are_replaced(self, tmp_path: Path) -> None:
        good, _ = read(tmp_path / "a.jsonl", '{"a": "x\\u0000y\\ud800z", "b": ["\\udfff"]}\n')
        assert good[0].values == {"a": "x\ufffdy\ufffdz", "b": ["\ufffd"]}


class TestSheets:
    def test_a_workbook_is_read_from_its_first_sheet_with_rows(self, tmp_path: Path) -> None:
        book = Workbook()
        sheet = book.create_sheet("Tickets")
        sheet.append([])
        sheet.append(["件名", "本文", 3])
        sheet.append(["a", None, 1.5])
        sheet.append([])
        sheet.append(["b", "c", 2, "too", "many"])
        book.save(tmp_path / "a.xlsx")
        rows = list(open_file(tmp_path / "a.xlsx"))
        assert rows == [
            Row(line=3, values={"件名": "a", "本文": None, "3": 1.5}),
            BadRow(line=5, reason="5 cells where the header has 3"),
        ]

    def test_what_is_no_workbook_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.xlsx").write_text("id,text\n")
        with pytest.raises(Unreadable, match="no Excel workbook"):
            open_file(tmp_path / "a.xlsx")

    @pytest.mark.parametrize("bomb", ["big", "many", "entities"])
    def test_a_bomb_is_refused_before_it_is_unpacked(self, tmp_path: Path, bomb: str) -> None:
        path = write_bomb(tmp_path / "a.xlsx", bomb, "xl/worksheets/sheet1.xml")
        with pytest.raises(Unreadable, match="no ordinary workbook"):
            open_file(path)


class TestWhatCannotBeRead:
    @pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf", b"\xff\xfe"])
    def test_an_empty_file(self, tmp_path: Path, data: bytes) -> None:
        with pytest.raises(Unreadable, match="empty"):
            read(tmp_path / "a.csv", data)

    def test_a_missing_file_a_folder_and_an_unknown_ending(self, tmp_path: Path) -> None:
        with pytest.raises(Unreadable, match="There is no file"):
            open_file(tmp_path / "a.csv")
        with pytest.raises(Unreadable, match="is a folder"):
            open_file(tmp_path)
        (tmp_path / "a.odt").write_text("x")
        with pytest.raises(Unreadable, match=r"does not end in one of \.csv"):
            open_file(tmp_path / "a.odt")

    def test_another_format_under_a_wrong_name(self, tmp_path: Path) -> None:
        with pytest.raises(Unreadable, match=r"give it its ending"):
            read(tmp_path / "a.csv", b"PK\x03\x04....")

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        (tmp_path / ".hidden").write_text("x")
        with pytest.raises(Unreadable, match="holds no files"):
            files_in(tmp_path)

    def test_a_folder_lists_its_files_by_name(self, tmp_path: Path) -> None:
        (tmp_path / "b").mkdir()
        for name in ("c.csv", "b/a.csv", "a.csv", ".hidden.csv"):
            (tmp_path / name).write_text("x")
        assert [path.relative_to(tmp_path).as_posix() for path in files_in(tmp_path)] == [
            "a.csv",
            "b/a.csv",
            "c.csv",
        ]
