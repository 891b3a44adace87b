"""`koe eval` as people and programs call it."""

import json
from pathlib import Path

import pytest

from tests.cli import Koe

ASKED = ("--text", "said", "--label", "what")


def labelled(path: Path, *rows: tuple[str, str]) -> Path:
    """Write rows of text and label, each four times: equal texts are a theme here."""
    lines = [f"{text},{label}\n" * 4 for text, label in rows]
    path.write_text("said,what\n" + "".join(lines), "utf-8")
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Two labels, each in a theme of its own."""
    return labelled(tmp_path / "set.csv", ("where is my card", "card"), ("ログインできない", "login"))


def test_several_sets_are_a_line_each_and_a_list_for_programs(
    nowhere: Koe, tmp_path: Path, good: Path
) -> None:
    other = labelled(tmp_path / "other.csv", ("a b", "x"), ("c d", "x"), ("e f", "y"))
    found = nowhere("eval", good, other, *ASKED, "--json")
    assert found.status == 0
    assert [(one["set"], one["rows"], one["themes"]) for one in found.json] == [
        ("set.csv", 8, 2),
        ("other.csv", 12, 3),
    ]
    told = nowhere("eval", good, other, *ASKED).out
    assert [line.split()[0] for line in told.splitlines()[1:3]] == ["set.csv", "other.csv"]


def test_confusions_are_told_by_lines_and_titles_where_nobody_sits_at_a_terminal(
    nowhere: Koe, tmp_path: Path
) -> None:
    path = labelled(tmp_path / "set.csv", ("my own sentence", "a"), ("another thing", "b"))
    with path.open("a", encoding="utf-8") as file:
        file.write("my own sentence,b\n")
    shown = nowhere("eval", path, *ASKED).out
    assert "themes that mix labels" in shown
    assert "scattered over themes" in shown
    assert "line 10" in shown
    assert "line 10:" not in shown


def test_a_worse_figure_is_1_and_named_and_the_baseline_stays(
    nowhere: Koe, tmp_path: Path, good: Path
) -> None:
    baseline = tmp_path / "baseline.json"
    assert nowhere("eval", good, *ASKED, "--save-baseline", baseline).status == 0
    again = nowhere("eval", good, *ASKED, "--baseline", baseline, "--json")
    assert (again.status, {one["worse"] for one in again.json["against_baseline"].values()}) == (0, {False})
    kept = json.loads(baseline.read_text("utf-8"))
    kept["sets"]["set.csv"]["figures"]["ari"] = 1.5
    baseline.write_text(json.dumps(kept), "utf-8")
    worse = nowhere("eval", good, *ASKED, "--baseline", baseline, "--save-baseline", baseline)
    assert worse.status == 1
    assert worse.err.splitlines()[-1].endswith("ari of set.csv.")
    assert json.loads(baseline.read_text("utf-8")) == kept


def test_what_cannot_be_measured_is_refused_in_one_line(nowhere: Koe, tmp_path: Path, good: Path) -> None:
    (tmp_path / "b").mkdir()
    twin = labelled(tmp_path / "b" / "set.csv", ("a", "x"), ("b", "y"))
    for given, reason in (((good, twin), "Two files are called set.csv"), ((), "FILE")):
        said = nowhere("eval", *given, *ASKED)
        assert (said.status, said.out) == (2, "")
        assert reason in said.err
