"""The commands as people and programs call them: exit status, words, one JSON value, files."""

import csv
import json
import socket
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from service.config import Settings
from service.db import Database
from service.exports import EXPORTS, FORMATS, export
from service.models import MAIN
from service.pipeline.decide import accept
from service.postgres import processes
from service.repositories.suggestions import list_suggestions
from tests.cli import QUICK, Koe, LoadedKoe, all_of

ZONE = Settings(timezone="Asia/Tokyo").zone
LISTS = ("runs list", "source list", "target list")
BROKEN = (
    b"id,text,created_at\n1,ok,2026-05-01\n2,late,no day\n3,\xff\xfe,2026-05-02\n"
    b"4,too,many,2026-05-02,x\n5,ok,2026-05-03\n"
)


def tickets(folder: Path, *, name: str = "tickets.csv", texts: int = 4, people: int = 6) -> Path:
    """Write as many people's tickets about each of some things."""
    said = ("ログインできない", "The CSV export fails", "請求書が届かない", "How do I add a member?")[:texts]
    rows = [(f"{t}-{p}", text, "2026-05-01", f"c{p}") for t, text in enumerate(said) for p in range(people)]
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text", "created_at", "customer_id"), *rows])
    return path


class TestWrongUse:
    def test_it_is_2_with_a_reason_and_before_any_work(self, nowhere: Koe) -> None:
        wrong: dict[str, str] = {
            "nonsense": "No such command",
            "--nonsense": "No such option",
            "import feedback x.csv": "--source",
            "import poems x.csv --source s": "none of feedback, articles",
            "import feedback x.csv --source s --channel fax": "none of ticket, chat",
            "import feedback x.csv --source s --map text": "name=value",
            "import feedback x.csv --source s --map text=a --map text=b": "twice",
            "run --stage everything": "none of ingest",
            "run --as-of yesterday": "is no date",
            "run --as-of 9999-12-31": "is no date",
            "run --seed -1": "--seed",
            "export poems --out x": "none of items",
            "export items": "--out",
            "export items --out x --format xml": "none of jsonl, csv, parquet",
            "target add letterbox post": "none of azure-devops, backlog, backlog-file",
            "target add backlog-file backlog": "'path' is missing",
            "target add backlog-file backlog --set path": "name=value",
            "eval x.csv --text a": "--label",
        }
        for command, said in zip(wrong, all_of(nowhere, wrong), strict=True):
            assert (said.status, said.out) == (2, ""), command
            assert wrong[command] in " ".join(said.err.replace("│", " ").split()), command

    def test_settings_that_make_no_sense_are_named(self, nowhere: Koe) -> None:
        for name, value in {
            "KOE_PORT": "99999",
            "KOE_TIMEZONE": "Mars/Base",
            "KOE_CLUSTERER": "magic",
            "KOE_DATABASE_URL": "mysql://u@h/d",
        }.items():
            said = nowhere("run", given=b"", **{name: value})
            assert (said.status, said.out) == (2, "")
            assert said.err.startswith(f"koe: {name}")
            assert said.err.count("\n") == 1


class TestWithoutADatabase:
    def test_version_and_help(self, nowhere: Koe) -> None:
        version, explained = all_of(nowhere, ["--version", "import --help"])
        assert (version.status, explained.status) == (0, 0)
        assert version.out.split() == ["koe", version.out.split()[1]]
        assert "--strict" in explained.out

    def test_one_that_does_not_answer_is_1_with_one_line_and_no_password(self, nowhere: Koe) -> None:
        url = nowhere.settings["KOE_DATABASE_URL"].replace("koe@", "koe:hunter2@")
        said = nowhere("run", "--json", KOE_DATABASE_URL=f"{url}?password=hunter2")
        assert "hunter2" not in said.err
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("koe: The database of KOE_DATABASE_URL")
        assert said.err.count("\n") == 1

    def test_the_doctor_says_so_and_looks_at_the_rest(self, nowhere: Koe) -> None:
        said = nowhere("doctor", "--json")
        assert said.status == 1
        assert [finding["ok"] for finding in said.json] == [False, True, True, True]
        assert "1 of 4 things" in said.err

    def test_redact_reads_utf8_in_every_locale_and_leaves_broken_lines_out(self, nowhere: Koe) -> None:
        given = '\ufeff{"id": 1, "text": "声 a@example.com"}\nnonsense\n\n'.encode() + b'{"id": 2}\n\xff\n'
        given += b'{"id": "x", "text": "b"}'
        said = nowhere("redact", given=given)
        assert said.status == 1
        rows = [json.loads(line) for line in said.out.splitlines()]
        assert rows[0]["text"] == "声 [email]"
        assert [row["id"] for row in rows] == [1, "x"]
        assert [line.split()[1] for line in said.err.splitlines()[:3]] == ["2", "4", "5"]
        latin = nowhere.start("redact", PYTHONIOENCODING="latin-1")
        assert latin.communicate('{"id": 1, "text": "声"}')[0] == '{"id": 1, "text": "声", "found": []}\n'
        assert nowhere("redact", "--json", given=b'{"id": 1, "text": "b"}').json == [
            {"id": 1, "text": "b", "found": []}
        ]

    def test_eval_measures_labels(self, nowhere: Koe, tmp_path: Path) -> None:
        path = tmp_path / "labelled.csv"
        path.write_text("said,what\n" + "a b,x\n" * 5 + "c d,y\n" * 5 + ",\n")
        found = nowhere("eval", path, "--text", "said", "--label", "what", "--json")
        missing = nowhere("eval", path, "--text", "words", "--label", "what")
        assert (found.status, found.json["rows"], found.json["v_measure"]) == (0, 10, 1.0)
        assert (missing.status, missing.err) == (
            2,
            "koe: labelled.csv has no column words; it has said, what.\n",
        )


class TestImport:
    def test_what_cannot_be_read_is_1_with_one_line(self, koe: Koe, tmp_path: Path) -> None:
        (tmp_path / "empty.csv").touch()
        (tmp_path / "header.csv").write_text("id,text\n")
        (tmp_path / "all-bad.csv").write_text("id,text\n1,\n2,\n")
        (tmp_path / "folder").mkdir()
        reasons = {
            "missing.csv": "There is no file missing.csv.",
            "empty.csv": "empty.csv is empty.",
            "header.csv": "no row of header.csv could be stored.",
            "all-bad.csv": "no row of all-bad.csv could be stored.",
            "folder": "The folder folder holds no files.",
        }
        for name, reason in reasons.items():
            said = koe("import", "feedback", name, "--source", "s")
            assert said.status == 1
            assert said.err.splitlines()[-1] == f"koe: {reason}"

    def test_columns_that_do_not_fit_are_wrong_use(self, koe: Koe, tmp_path: Path) -> None:
        (tmp_path / "foo.csv").write_text("foo,bar\n1,2\n")
        command = "import feedback foo.csv --source s"
        missing, unknown, field = all_of(
            koe, [command, f"{command} --map text=baz", f"{command} --map words=foo"]
        )
        assert (missing.status, unknown.status, field.status) == (2, 2, 2)
        assert "--map text=COLUMN" in missing.err
        assert "its columns are “foo”, “bar”" in unknown.err
        assert "the fields are external_id" in field.err

    def test_broken_rows_are_listed_the_rest_is_stored_and_strict_is_1(
        self, koe: Koe, tmp_path: Path
    ) -> None:
        (tmp_path / "a.csv").write_bytes(BROKEN)
        first = koe("import", "feedback", "a.csv", "--source", "s", "--encoding", "utf-8", "--json")
        assert first.status == 0
        assert (first.json["received"], first.json["stored"], first.json["rejected"]) == (5, 2, 3)
        assert [line for line, _ in first.json["rejects"]] == [3, 4, 5]
        strict = koe("import", "feedback", "a.csv", "--source", "s", "--encoding", "utf-8", "--strict")
        assert strict.status == 1
        assert "line 3: created_at: “no day” is no date" in strict.out
        assert "5 received: 0 stored, 2 known already, 3 rejected. It took" in strict.out
        assert strict.err.splitlines()[-1] == "koe: 3 of 5 rows were rejected."

    def test_the_rejected_rows_of_a_folder_say_which_file_they_are_of(self, koe: Koe, tmp_path: Path) -> None:
        (tmp_path / "all" / "more").mkdir(parents=True)
        (tmp_path / "all" / "a.csv").write_text("id,text\n1,a\n2,\n")
        (tmp_path / "all" / "more" / "b.csv").write_text("id,text\n3,\n")
        (tmp_path / "all" / "c.gif").write_bytes(b"GIF89a")
        said = koe("import", "feedback", "all", "--source", "s")
        assert said.status == 0
        assert [line.strip() for line in said.out.splitlines() if "no text" in line] == [
            "line 3: a.csv: no text",
            "line 2: more/b.csv: no text",
        ]
        assert "c.gif does not end in" in said.out
        assert "4 received: 1 stored, 0 known already, 3 rejected." in said.out

    def test_what_is_known_already_is_no_failure(self, koe: Koe, tmp_path: Path) -> None:
        for name, encoding in (("a.csv", "cp932"), ("b.csv", "utf-16")):
            (tmp_path / name).write_text("番号,件名,本文\n1,ログイン,できない\n", encoding=encoding)
        first = koe("import", "feedback", "a.csv", "--source", "s", "--map", "external_id=番号", "--json")
        again = koe("import", "feedback", "b.csv", "--source", "s", "--map", "external_id=番号", "--strict")
        assert (first.json["stored"], first.json["encoding"]) == (1, "cp932")
        assert again.status == 0
        assert "0 stored, 1 known already" in again.out
        assert "Read as utf-16." in again.out


class TestTheLoop:
    def test_where_nothing_is_there_a_sentence_says_so(self, koe: Koe, tmp_path: Path) -> None:
        for said in all_of(koe, LISTS):
            assert said.status == 0
            assert said.out.startswith("There are no ")
        for said in all_of(koe, [f"{name} --json" for name in LISTS]):
            assert (said.status, said.json) == (0, [])
        run, items = all_of(koe, ["run", "export items --out items.csv"])
        assert run.out.startswith("There is nothing to read yet. It took ")
        assert items.out == "0 rows in items.csv.\n"
        assert (tmp_path / "items.csv").read_text() == ",".join(EXPORTS["items"]) + "\n"

    def test_from_a_file_to_the_targets_each_thing_once(self, koe: Koe, tmp_path: Path, db: Database) -> None:
        koe("import", "feedback", tickets(tmp_path), "--source", "helpdesk")
        ran = koe("run", "--json")
        assert ran.json["run_id"]
        assert (ran.json["themes"], ran.json["items"], ran.json["themed_share"]) == (4, 24, 1.0)
        assert [stage["stage"] for stage in ran.json["stages"]][:2] == ["ingest", "redact"]
        assert koe("target", "add", "backlog-file", "work", "--set", "path=work.jsonl").status == 0
        assert koe("target", "add", "markdown-git", "help", "--set", "path=help", "--json").json["check"]
        with db.begin() as session:
            accepted = [
                accept(session, MAIN, one.id, by="a person")
                for one in list_suggestions(session, MAIN)
                if one.draft
            ]
        assert accepted
        first, second = koe("run"), koe("run")
        assert f"deliver{len(accepted):>6}  deliveries made" in first.out
        assert "deliver" not in second.out.partition("No span")[0]
        assert "24 of 24 voices with content (100%) are in 4 themes." in second.out
        assert second.out.endswith("Next: koe up\n")
        delivered = list((tmp_path / "help").glob("*.md"))
        delivered += [Path(line) for line in (tmp_path / "work.jsonl").read_text().splitlines()]
        assert len(delivered) == len(accepted)

    def test_a_target_is_kept_only_if_it_can_be_written_to(self, koe: Koe, tmp_path: Path) -> None:
        said = koe("target", "add", "backlog-file", "work", "--set", f"path={tmp_path}")
        assert (said.status, said.err.count("\n")) == (1, 1)
        assert koe("target", "list", "--json").json == []
        assert koe("target", "test", "work").status == 1

    def test_the_doctor_finds_a_target_that_broke(self, koe: Koe, tmp_path: Path) -> None:
        koe("target", "add", "backlog-file", "work", "--set", "path=at/work.jsonl")
        healthy = koe("doctor")
        assert (healthy.status, healthy.err) == (0, "")
        (tmp_path / "at/work.jsonl").unlink()
        (tmp_path / "at").rmdir()
        (tmp_path / "at").touch()
        broken = koe("doctor")
        assert broken.status == 1
        assert [line[:16] for line in broken.out.splitlines() if line.startswith("FIX")] == [
            "FIX  target work"
        ]

    def test_a_pipe_gets_the_rows_and_nothing_else(self, koe: Koe, tmp_path: Path) -> None:
        koe("import", "feedback", tickets(tmp_path, texts=1, people=2), "--source", "s")
        said = koe("export", "items", "--out", "/dev/stdout")
        assert [json.loads(line)["external_id"] for line in said.out.splitlines()] == ["0-0", "0-1"]
        assert said.err == "2 rows in /dev/stdout.\n"


class TestExports:
    @pytest.mark.parametrize("noun", EXPORTS)
    def test_three_forms_say_the_same_sorted_by_their_first_columns(
        self, demo_db: Database, tmp_path: Path, noun: str
    ) -> None:
        rows = {}
        for form in FORMATS:
            path = tmp_path / f"{noun}.{form}"
            count = export(demo_db, MAIN, noun, path, zone=ZONE)
            rows[form] = read(path, noun)
            assert len(rows[form]) == count
        assert rows["jsonl"] == rows["csv"] == rows["parquet"]
        assert rows["jsonl"]
        first = list(EXPORTS[noun])[:2]
        keys = [[str(row[name]) for name in first] for row in rows["jsonl"]]
        assert keys == sorted(keys)

    def test_the_faq_holds_answers_only(self, demo_db: Database, tmp_path: Path) -> None:
        export(demo_db, MAIN, "faq", tmp_path / "faq.jsonl", zone=ZONE)
        faq = {str(row["suggestion_id"]): row for row in read(tmp_path / "faq.jsonl", "faq")}
        with demo_db.begin() as session:
            drafts = {one.id: one for one in list_suggestions(session, MAIN) if one.draft}
        answered = {
            name
            for name, one in drafts.items()
            if one.action == "write_article" and (one.draft or {})["answered"]
        }
        assert set(faq) == answered
        assert len(drafts) > len(answered) > 0
        for row in faq.values():
            assert row["answer"]
            assert not str(row["answer"]).startswith("#")

    def test_a_file_that_is_there_stays_if_the_export_fails(self, tmp_path: Path) -> None:
        path = tmp_path / "items.csv"
        path.write_text("from before")
        database = Database.at("postgresql+psycopg://koe@127.0.0.1:1/koe")
        with pytest.raises(Exception, match="does not answer"):
            export(database, MAIN, "items", path, zone=ZONE)
        assert list(tmp_path.iterdir()) == [path]
        assert path.read_text() == "from before"

    def test_a_link_is_followed_and_a_place_that_takes_no_file_is_named(
        self, db: Database, tmp_path: Path
    ) -> None:
        (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
        export(db, MAIN, "items", tmp_path / "link.csv", zone=ZONE)
        assert (tmp_path / "link.csv").is_symlink()
        assert (tmp_path / "real.csv").read_text().startswith("source,")
        for place in (tmp_path, tmp_path / "no/such/folder.csv", tmp_path / "real.csv/x"):
            with pytest.raises(Exception, match="cannot be written"):
                export(db, MAIN, "items", place, zone=ZONE)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "real.csv"]


class TestHomes:
    def test_a_long_home_with_spaces_and_kanji_works_and_no_process_is_left(
        self, home: Path, loaded: LoadedKoe
    ) -> None:
        folder = home.parent
        while len(str(home)) < 199:
            home = home / "声の家 of our customers"[: 199 - len(str(home))]
        koe = Koe(folder=folder, settings={"KOE_HOME": str(home), **QUICK}, loaded=loaded)
        assert len(str(home)) >= 199
        assert koe("import", "feedback", tickets(folder), "--source", "s").status == 0
        (source,) = koe("source", "list", "--json").json
        assert (source["source"], source["kind"], source["items"]) == ("s", "file", 24)
        assert [one for one in processes.running() if str(home) in one.command] == []

    def test_the_demo_shows_themes_a_suggestion_and_the_next_free_address(
        self, home: Path, loaded: LoadedKoe
    ) -> None:
        koe = Koe(folder=home.parent, settings={}, loaded=loaded)
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            port = taken.getsockname()[1]
            said = koe("demo", "--check", KOE_PORT=str(port))
            again = koe("demo", "--check", "--json", KOE_PORT=str(port))
        assert said.status == 0, said.err
        assert "The largest of" in said.out
        assert "Its draft:" in said.out
        ready = said.out.splitlines()[-1]
        assert ready.startswith("Koe is ready: http://127.0.0.1:")
        assert int(ready.rpartition(":")[2]) > port
        assert again.status == 0, again.err
        assert again.json["url"] == ready.removeprefix("Koe is ready: ")
        assert len(again.json["largest_themes"]) == 10
        assert again.json["suggestion"]["draft"]["body"]


def read(path: Path, noun: str) -> list[dict[str, object]]:
    """Return the rows of an export, empty cells of a CSV as None and nested values as what they are."""
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if path.suffix == ".parquet":
        rows: list[dict[str, object]] = pq.read_table(path).to_pylist()
    else:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [dict(row) for row in csv.DictReader(file)]
    return [{name: meant(row[name], kind) for name, kind in EXPORTS[noun].items()} for row in rows]


def meant(value: object, kind: str) -> object:
    """Return what a cell of a CSV or a Parquet file stands for."""
    if value in (None, ""):
        return None
    if kind == "nested":
        return json.loads(str(value))
    if kind in ("integer", "number"):
        return float(str(value))
    text = str(value)
    return text[1:] if text.startswith("'") else text
