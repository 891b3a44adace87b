"""A look at a file before it is imported: what its rows are, how it is read, and why rows are refused."""

import csv
import json
import os
import time
import zipfile
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.errors import Unreadable
from connectors.files.tables import NAMED
from service.demo import write_files
from service.errors import WrongUse
from service.imports import NOUNS, Options
from service.imports.looking import MOST_CHARACTERS, MOST_COUNTED, MOST_ROWS, OF_A_CELL, Look, look
from service.imports.names import FIELDS
from service.imports.spooled import PREFIX, as_file, forget_leftovers
from service.web import refused_rows
from service.web.file_form import Choices, shape, suggested_source
from service.web.files import changed_at, safe_name
from service.web.language import LANGUAGES, Language
from tests.uploading import workbook

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


def seen(path: Path, noun: str | None = None, **options: str) -> Look:
    return look(path, noun, Options(**options), source="s", organisation_id="main")  # type: ignore[arg-type]


def numbered(book: bytes, number: int) -> bytes:
    """Return a workbook whose second row is called by another number."""
    changed = BytesIO()
    with zipfile.ZipFile(BytesIO(book)) as archive, zipfile.ZipFile(changed, "w") as other:
        for name in archive.namelist():
            other.writestr(name, archive.read(name).replace(b'<row r="2"', f'<row r="{number}"'.encode()))
    return changed.getvalue()


def written(folder: Path, content: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


class TestWhatTheRowsAre:
    def test_is_told_of_every_file_of_the_demo(self, tmp_path: Path) -> None:
        for file in write_files(tmp_path, date(2026, 5, 4)):
            assert seen(file.path).noun == file.noun, file.path.name

    @pytest.mark.parametrize(
        ("columns", "row", "noun"),
        [
            ("id,subject,body,created_at", "1,a,b,2026-05-03", "feedback"),
            ("date,type,text,customer_id", "2026-05-03,complaint,it fails,c1", "feedback"),
            ("日付,種別,契約ID", "2026-05-03,解約,A1", "events"),
            ("company,plan,arr,id", "Acme,Pro,100,A1", "accounts"),
            ("id,plan,comment", "1,Pro,it fails", "feedback"),
            ("email,opt_in", "aki@example.com,yes", "customers"),
            ("timestamp,query,results", "2026-05-03,slack,0", "searches"),
            ("title,body,views", "Reset,Open it,3", "articles"),
            ("question,answer", "How?,So.", "feedback"),
            ("op,theme_ids", "pin,t1", "corrections"),
            ("theme,date,kind", "Login,2026-05-03,fix", "interventions"),
        ],
    )
    def test_is_told_by_the_columns(self, tmp_path: Path, columns: str, row: str, noun: str) -> None:
        assert seen(written(tmp_path, f"{columns}\n{row}\n")).noun == noun


class TestALook:
    def test_counts_what_fits_and_what_would_be_refused(self, tmp_path: Path) -> None:
        found = seen(written(tmp_path, "text,date\na,2026-05-03\n,2026-05-03\nb,soon\nc,d,e\n"))
        assert (found.rows, found.fitting, found.refused, found.whole) == (4, 1, 3, True)
        assert [line for line, _ in found.reasons] == [3, 4, 5]

    def test_looks_at_the_beginning_of_a_long_file_and_counts_the_rest(self, tmp_path: Path) -> None:
        path = written(tmp_path, "text\n" + "It fails.\n" * (MOST_ROWS + 7))
        found = seen(path)
        assert (found.rows, found.counted, found.whole) == (MOST_ROWS, MOST_ROWS + 7, True)
        longer = seen(written(tmp_path, "text\n" + "It fails.\n" * (MOST_COUNTED + 1)))
        assert (longer.counted, longer.whole) == (MOST_COUNTED, False)

    def test_a_needed_column_that_is_missing_is_no_error(self, tmp_path: Path) -> None:
        found = seen(written(tmp_path, "a,b\n1,2\n"), "searches")
        assert [group[0] for group in found.missing] == ["searched_at", "query", "results"]
        assert found.fitting == 0

    def test_what_cannot_be_meant_is_refused(self, tmp_path: Path) -> None:
        path = written(tmp_path, "text\na\n")
        with pytest.raises(WrongUse):
            seen(path, timezone="Nowhere")
        with pytest.raises(Unreadable, match="utf-16"):
            seen(path, encoding="utf-16")

    @pytest.mark.parametrize("name", NAMED)
    def test_a_delimiter_that_was_named_is_taken(self, tmp_path: Path, name: str) -> None:
        line = NAMED[name].join(("text", "title"))
        found = seen(written(tmp_path, f"{line}\na;b,c|d\te{NAMED[name]}f\n"), delimiter=name)
        assert (found.delimiter, next(iter(found.columns))[:4]) == (name, "text")

    def test_a_sheet_is_read_by_its_name(self, tmp_path: Path) -> None:
        path = tmp_path / "b.xlsx"
        path.write_bytes(workbook({"空": [], "one": [["text"], ["a"]], "two": [["text"], ["b"], ["c"]]}))
        assert (seen(path).sheet, seen(path).rows, seen(path).sheets) == ("one", 1, ["空", "one", "two"])
        assert seen(path, sheet="two").rows == 2
        with pytest.raises(Unreadable, match="no sheet “three”"):
            seen(path, sheet="three")

    def test_a_header_of_thousands_of_columns_is_read_in_seconds_and_of_more_is_refused(
        self, tmp_path: Path
    ) -> None:
        began = time.process_time()
        header = ",".join(["text", "text", *(f"c{number}" for number in range(8_000))])
        assert seen(written(tmp_path, f"{header}\n")).columns[:3] == ["text", "text (2)", "c0"]
        assert time.process_time() - began < 10
        with pytest.raises(Unreadable, match=r"1,000,001 columns; 16,384 are the most"):
            seen(written(tmp_path, "," * 1_000_000 + "\n"))

    def test_a_long_cell_is_read_by_a_process_that_read_nothing_before(self, tmp_path: Path) -> None:
        path = written(tmp_path, f"text\n{'x' * 200_000}\n")
        before = csv.field_size_limit(131_072)
        try:
            assert seen(path).fitting == 1
        finally:
            csv.field_size_limit(before)

    def test_empty_cells_take_room_as_well(self, tmp_path: Path) -> None:
        rows = ("," * 9_999 + "\n") * 600
        found = seen(written(tmp_path, "," * 9_998 + f"text\n{rows}"), noun="feedback")
        assert found.rows * 10_000 * OF_A_CELL < 2 * MOST_CHARACTERS
        assert not found.whole
        assert found.counted < 600

    def test_records_with_ids_as_names_have_no_end_of_columns(self, tmp_path: Path) -> None:
        lines = (json.dumps({"text": "a", **{f"{row}-{at}": "" for at in range(1_000)}}) for row in range(60))
        found = seen(written(tmp_path, "\n".join(lines), "t.jsonl"), noun="feedback")
        assert (found.fitting, found.columns[0]) == (60, "text")
        assert len(found.columns) < 20_000

    def test_a_workbook_that_numbers_a_row_as_it_likes_ends(self, tmp_path: Path) -> None:
        path = tmp_path / "t.xlsx"
        path.write_bytes(numbered(workbook({"one": [["text"], ["a"]]}), 10**15))
        with pytest.raises(Unreadable, match="beyond 1,048,576"):
            seen(path)


class TestTheFile:
    def test_lies_on_the_disk_for_as_long_as_it_is_read(self) -> None:
        with as_file("t.csv", [b"a", b"b"], changed_at=NOW) as path:
            assert (path.name, path.read_bytes()) == ("t.csv", b"ab")
            assert path.stat().st_mtime == NOW.timestamp()
            assert path.parent.stat().st_mode & 0o077 == 0
        assert not path.parent.exists()

    def test_of_a_killed_process_is_removed_by_the_next_whatever_its_number(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        left, new, other = (tmp_path / name for name in (f"{PREFIX}{os.getpid()}", f"{PREFIX}new", "koe"))
        for folder in (left, new, other):
            folder.mkdir()
            (folder / "t.csv").write_text("a")
        with as_file("t.csv", [b"a"], changed_at=NOW) as path:
            for folder in (left, path.parent, other):
                os.utime(folder, (NOW.timestamp(), NOW.timestamp()))
            forget_leftovers()
            assert not left.exists()
            assert all(folder.exists() for folder in (path, new, other))

    @pytest.mark.parametrize(
        ("given", "name"),
        [
            ("a/b\\c.csv", "c.csv"),
            ("..", ""),
            ("", ""),
            ("\0問い合わせ.xlsx", "\ufffd問い合わせ.xlsx"),
            (f"{'x' * 300}.csv", f"{'x' * 96}.csv"),
            (f"{'問' * 99}.csv", f"{'問' * 65}.csv"),
            (f"{'👍🏽' * 60}.csv", f"{'👍🏽' * 24}👍.csv"),
            (f"x.{'y' * 300}", f"x.{'y' * 97}"),
        ],
    )
    def test_has_a_name_that_any_disk_takes(self, given: str, name: str) -> None:
        assert safe_name(given) == name

    def test_was_changed_when_the_browser_says_so(self) -> None:
        ago = NOW - timedelta(days=3)
        assert changed_at(str(int(ago.timestamp() * 1000)), now=NOW) == ago
        for odd in ("", "x", "-5", "9" * 15, "9" * 30, str(int(NOW.timestamp() * 1000) + 5000)):
            assert changed_at(odd, now=NOW) == NOW

    def test_gives_its_source_a_name(self) -> None:
        assert [suggested_source(name) for name in ("tickets.csv", "mbox", "a.b.csv")] == [
            "tickets",
            "mbox",
            "a.b",
        ]


class TestTheForm:
    def test_what_no_list_offers_is_taken_for_nothing(self) -> None:
        typed = {
            "noun": "x",
            "encoding": "x",
            "delimiter": "x",
            "channel": "x",
            "lang": "xx",
            "own": "a, b、c",
        }
        choices = Choices.read({**typed, "other": "y", "c99999": "text"})
        assert choices.noun is None
        assert choices.options(TOKYO) == Options(own=("a", "b", "c"))
        assert "other" not in choices.typed

    def test_a_mapping_holds_for_the_columns_that_it_was_made_for(self) -> None:
        of = shape("feedback", ["a", "b"])
        choices = Choices.read({"of": of, "c0": "", "c1": "text"})
        mapping = choices.mapping("feedback", ["a", "b"])
        assert mapping == {**dict.fromkeys(FIELDS["feedback"], ""), "text": "b"}
        assert choices.mapping("feedback", ["a", "c"]) == choices.mapping("articles", ["a", "b"]) == {}

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_every_field_of_every_noun_has_a_name(self, lang: str) -> None:
        t = Language(lang, TOKYO)
        assert [f for noun in NOUNS for f in FIELDS[noun] if not t.has(f"field.{f}")] == []


class TestRefusedRows:
    REASONS = (
        ("no text", "no Text", "本文がありません"),
        (
            "3 cells where the header has 2",
            "3 cells where the header has 2",
            "見出しの2列に対して3セルあります",
        ),
        ("created_at: “x” is no date", "Created: “x” is no date", "受付日時：「x」は日付ではありません"),
        ("no customer_id, and no email of one person", "no customer ID, and no", "本人のメールアドレスも"),
        (
            "no results: how many pages were found, 0 for none",
            "no number of results",
            "検索結果数がありません",
        ),
        ("bytes that are no utf-8", "characters that are no utf-8", "utf-8 として読めない"),
        (
            "a quotation mark is opened and not closed as it should be (lines 2 to 9 were left out)",
            "a quotation mark is opened and not closed (rows 2 to 9)",
            "引用符が閉じられていません（2～9行目）",
        ),
    )

    @pytest.mark.parametrize(("reason", "english", "japanese"), REASONS)
    def test_are_explained_in_both_languages(self, reason: str, english: str, japanese: str) -> None:
        assert str(refused_rows.told(Language("en", TOKYO), reason)).startswith(english)
        assert japanese in refused_rows.told(Language("ja", TOKYO), reason)

    def test_of_which_nothing_is_known_are_told_as_they_are_and_run_nothing(self) -> None:
        told = refused_rows.told(Language("ja", TOKYO), "<b>odd</b>")
        assert told == '<span lang="en">&lt;b&gt;odd&lt;/b&gt;</span>'
        assert "<b>" not in refused_rows.told(Language("en", TOKYO), "created_at: “<b>” is no date")
