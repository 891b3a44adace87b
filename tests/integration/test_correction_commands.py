"""`koe import corrections` and `koe corrections`: out of a file, listed, and taken back."""

import csv
from pathlib import Path

import pytest

from tests.cli import Koe
from tests.integration.test_cli import tickets

Row = dict[str, str]


@pytest.fixture
def heard(koe: Koe, tmp_path: Path) -> list[Row]:
    """Voices in themes; returns the rows of the assignments."""
    assert koe("import", "feedback", tickets(tmp_path), "--source", "s").status == 0
    assert koe("run").status == 0
    return assignments(koe, tmp_path)


def assignments(koe: Koe, folder: Path) -> list[Row]:
    assert koe("export", "assignments", "--out", folder / "a.csv").status == 0
    with (folder / "a.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(folder: Path, *rows: tuple[str, ...]) -> Path:
    path = folder / "corrections.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("op", "theme_ids", "span_ids", "title", "by", "at"), *rows])
    return path


def test_corrections_of_a_file_are_done_at_once_obeyed_and_taken_back(
    koe: Koe, tmp_path: Path, heard: list[Row]
) -> None:
    first = heard[0]
    other = next(row for row in heard if row["theme_id"] not in ("", first["theme_id"]))
    path = write(
        tmp_path,
        ("rename", first["theme_id"], "", "Called by hand", "maki", "2026-05-02"),
        ("move", other["theme_id"], first["span_id"], "", "maki", "2026-05-03"),
        ("must_link", "", f"{first['span_id']},{other['span_id']}", "", "maki", "2026-05-04"),
        ("cannot_link", "", f"{first['span_id']},{other['span_id']}", "", "maki", "2026-05-05"),
        ("pin", "no such theme", "", "", "maki", "2026-05-06"),
        ("hide", first["theme_id"], "", "", "maki", "2026-05-06"),
    )
    imported = koe("import", "corrections", path, "--source", "maki", "--json")
    assert (imported.json["stored"], imported.json["rejected"]) == (5, 1)
    again = koe("import", "corrections", path, "--source", "maki", "--json")
    assert (again.json["stored"], again.json["duplicates"]) == (0, 5)
    moved = next(row for row in assignments(koe, tmp_path) if row["span_id"] == first["span_id"])
    assert (moved["theme_id"], moved["origin"]) == (other["theme_id"], "person")
    assert koe("run").status == 0
    moved = next(row for row in assignments(koe, tmp_path) if row["span_id"] == first["span_id"])
    assert (moved["theme_id"], moved["origin"]) == (other["theme_id"], "person")
    listed = {row["op"]: row for row in koe("corrections", "list", "--json").json}
    assert set(listed) == {"rename", "move", "must_link", "cannot_link", "pin"}
    assert listed["rename"]["title"] == "Called by hand"
    assert "maki said the opposite" in listed["cannot_link"]["conflict"]
    assert listed["pin"]["conflict"] == "There is no theme no such theme."
    told = koe("corrections", "list", "--state", "conflicts").out
    assert "There is no theme" in told.replace("\n", " ")
    undone = koe("corrections", "undo", listed["move"]["correction_id"], "--json")
    assert undone.json["undone_by"] == "command line"
    assert len(koe("corrections", "list", "--state", "undone", "--json").json) == 1


def test_what_is_not_there_is_told(koe: Koe) -> None:
    assert "Nobody has corrected anything yet." in koe("corrections", "list").out
    assert "There are no such corrections." in koe("corrections", "list", "--state", "undone").out
    assert koe("corrections", "list", "--state", "odd").status == 2
    said = koe("corrections", "undo", "nothing")
    assert (said.status, "There is no correction nothing." in said.err) == (1, True)
