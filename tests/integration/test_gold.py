"""The gold set: what people said belongs together or apart, and what the parts make of the voices."""

import csv
from pathlib import Path

import pytest

from service.db import Database
from service.models import MAIN
from service.pipeline import correct
from service.repositories.themes import list_themes
from tests.cli import Koe
from tests.integration.test_cli import ZONE, tickets


@pytest.fixture
def heard(koe: Koe, tmp_path: Path) -> list[dict[str, str]]:
    """Voices in themes; returns the rows of the assignments."""
    assert koe("import", "feedback", tickets(tmp_path), "--source", "s").status == 0
    assert koe("run").status == 0
    assert koe("export", "assignments", "--out", tmp_path / "a.csv").status == 0
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(folder: Path, *rows: tuple[str, ...]) -> Path:
    path = folder / "corrections.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("op", "span_ids", "by", "at"), *rows])
    return path


def test_corrections_of_a_file_are_held_against_a_grouping_that_knows_nothing_of_them(
    koe: Koe, tmp_path: Path, heard: list[dict[str, str]]
) -> None:
    first, second = heard[0], next(row for row in heard if row["theme_id"] != heard[0]["theme_id"])
    twin = next(row for row in heard[1:] if row["theme_id"] == first["theme_id"])
    one, same, other = first["span_id"], twin["span_id"], second["span_id"]
    nothing = koe("eval", "--gold")
    assert nothing.status == 1
    assert "Nobody has said yet" in nothing.err
    path = write(
        tmp_path,
        ("must_link", f"{one}, {same}", "maki", "2026-05-02"),
        ("must_link", f"{one};{other}", "maki", "2026-05-02"),
        ("cannot_link", f'["{one}", "{other}"]', "maki", "2026-05-02"),
        ("must_link", f"{one},gone", "maki", "2026-05-02"),
        ("must_link", one, "maki", "2026-05-02"),
        ("rename", f"{one},{same}", "maki", "2026-05-02"),
    )
    imported = koe("import", "corrections", path, "--source", "maki", "--json")
    assert (imported.json["stored"], [line for line, _ in imported.json["rejects"]]) == (4, [6, 7])
    again = koe("import", "corrections", path, "--source", "maki", "--json")
    assert (again.json["stored"], again.json["duplicates"]) == (0, 4)
    found = koe("eval", "--gold", "--json", "--save-baseline", tmp_path / "gold.json")
    assert found.json == {"set": "gold", "statements": 3, "gone": 1, "together": 0.5, "apart": 1.0}
    held = koe("eval", "--gold", "--baseline", tmp_path / "gold.json")
    assert (held.status, "as good" in held.out) == (0, True)


def test_what_was_merged_on_a_page_is_gold_too(koe: Koe, db: Database, heard: list[dict[str, str]]) -> None:
    assert heard
    with db.begin() as session:
        first, second, *_ = [one.theme.id for one in list_themes(session, MAIN, zone=ZONE)]
        correct.merge(session, MAIN, first, second, by="maki")
    assert koe("run").status == 0
    assert koe("eval", "--gold", "--json").json == {
        "set": "gold",
        "statements": 1,
        "gone": 0,
        "together": 0.0,
        "apart": None,
    }


def test_files_and_gold_are_asked_for_apart(koe: Koe) -> None:
    for given in (("--gold", "x.csv"), ("x.csv", "--text", "a"), ()):
        said = koe("eval", *given)
        assert (said.status, said.out) == (2, "")
        assert said.err.count("\n") == 1
