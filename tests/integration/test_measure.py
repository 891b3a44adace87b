"""`koe measure` as people and programs call it: files in, an effect a line out."""

import json
from pathlib import Path

import pytest

from tests.cli import Koe
from tests.series import drawn, week

COLUMNS = (
    "intervention_id",
    "theme_id",
    "verdict",
    "relative_effect",
    "low",
    "high",
    "naive",
    "observed",
    "expected",
    "weeks_needed",
    "reasons",
)


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Two themes, of which one falls by two fifths after a year."""
    rows = ["period,theme,contacts"]
    for theme, effect in (("login", -0.4), ("billing", 0.0)):
        contacts = drawn(len(theme), level=60, effect=effect)
        rows += [f"{week(place)},{theme},{count:g}" for place, count in enumerate(contacts)]
    path = tmp_path / "series.csv"
    path.write_text("\n".join(rows), "utf-8")
    return path


@pytest.fixture
def interventions(tmp_path: Path) -> Path:
    """An article about the one, a fix of the other, and one of a theme that is not there."""
    path = tmp_path / "interventions.csv"
    lines = [f"article,login,{week(52)}", f"fix,billing,{week(52)}", f"lost,nowhere,{week(52)}"]
    path.write_text("\n".join(["intervention_id,theme,period", *lines]), "utf-8")
    return path


def asked(series: Path, interventions: Path) -> tuple[str | Path, ...]:
    return ("measure", "--series", series, "--interventions", interventions)


def test_every_intervention_is_a_line_in_the_order_of_the_file(
    nowhere: Koe, series: Path, interventions: Path
) -> None:
    found = nowhere(*asked(series, interventions))
    assert found.status == 0
    lines = [json.loads(line) for line in found.out.splitlines()]
    assert [line["intervention_id"] for line in lines] == ["article", "fix", "lost"]
    assert all(tuple(line) == COLUMNS for line in lines)
    assert lines[0]["verdict"] == "reduced"
    assert lines[0]["low"] < -0.4 < lines[0]["high"] < 0
    assert lines[1]["low"] < 0 < lines[1]["high"]
    assert lines[2]["reasons"] == [{"code": "no_series"}]
    assert "3 interventions: 1 reduced" in found.err


def test_programs_get_one_array(nowhere: Koe, series: Path, interventions: Path) -> None:
    found = nowhere(*asked(series, interventions), "--json")
    assert [one["intervention_id"] for one in found.json] == ["article", "fix", "lost"]


def test_other_names_and_forms_of_days_are_understood(nowhere: Koe, series: Path, tmp_path: Path) -> None:
    done = tmp_path / "done.jsonl"
    rows = (
        {"id": "a", "theme": "login", "occurred_at": f"{week(52)}T09:30:00+09:00"},
        {"id": "b", "theme": "billing", "occurred_at": "2024-W53"},
    )
    done.write_text("\n".join(json.dumps(row) for row in rows[:1]), "utf-8")
    first = nowhere(*asked(series, done), "--json").json[0]
    done.write_text(json.dumps({**rows[0], "occurred_at": "2024-W53"}), "utf-8")
    assert nowhere(*asked(series, done)).status == 2, "2024 has no week 53"
    done.write_text(json.dumps({**rows[0], "occurred_at": "2025-W01"}), "utf-8")
    assert nowhere(*asked(series, done), "--json").json[0] == first


def test_thousands_are_read_with_their_commas(nowhere: Koe, interventions: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = [f'{week(place)},login,"1,{200 + place % 7}"' for place in range(64)]
    path.write_text("\n".join(["period,theme,contacts", *rows]), "utf-8-sig")
    found = nowhere(*asked(path, interventions), "--json").json[0]
    assert found["observed"] == sum(1_200 + place % 7 for place in range(52, 64))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("period,contacts\n2026-01-05,3", "has no column theme"),
        ("period,theme,contacts", "has no rows"),
        ("period,theme,contacts\n2026-01-05,a,many", "line 2: contacts: “many” is no number"),
        ("period,theme,contacts\n2026-01-05,a,nan", "line 2: contacts: “nan” is no number"),
        ('period,theme,contacts\n2026-01-05,a,"3,5"', "line 2: contacts: “3,5” is no number"),
        ("period,theme,contacts\n2026-01-05,a,1e15", "is more than can be counted"),
        ("period,theme,contacts\nsoon,a,3", "line 2:"),
        ("period,theme,contacts\n2026-01-05 or so,a,3", "line 2: “2026-01-05 or so” is no date"),
        ("period,theme,contacts\n9999-12-27,a,3", "“9999-12-27” is no day of these times"),
        ("period,theme,contacts\n2026-01-05,a,", "line 2: no contacts"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_its_line(
    nowhere: Koe, interventions: Path, tmp_path: Path, rows: str, said: str
) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(rows, "utf-8")
    found = nowhere(*asked(path, interventions))
    assert found.status == 2
    assert said in found.err
    assert found.out == ""


def test_an_intervention_that_stands_twice_is_refused(nowhere: Koe, series: Path, tmp_path: Path) -> None:
    done = tmp_path / "done.csv"
    done.write_text(f"intervention_id,theme,period\na,login,{week(52)}\na,login,{week(53)}", "utf-8")
    found = nowhere(*asked(series, done))
    assert (found.status, "line 3: intervention_id “a” stands twice" in found.err) == (2, True)


def test_a_time_zone_that_is_none_is_refused(nowhere: Koe, series: Path, interventions: Path) -> None:
    found = nowhere(*asked(series, interventions), "--timezone", "Mars/Olympus")
    assert (found.status, "is no time zone" in found.err) == (2, True)


def test_spread_over_processes_the_answer_is_the_same(
    monkeypatch: pytest.MonkeyPatch, series: Path, interventions: Path
) -> None:
    from service import measuring
    from service.rules.effects.cases import Wishes
    from service.rules.effects.verdict import silent

    heard, done = measuring.read_series(series), measuring.read_interventions(interventions)
    wishes = Wishes(zone="UTC")
    alone = measuring.measure_files(heard, done, wishes, progress=silent)
    monkeypatch.setattr(measuring, "MANY", 1)
    ready: list[tuple[int, int]] = []
    together = measuring.measure_files(heard, done, wishes, progress=lambda *told: ready.append(told))
    assert together == alone
    assert ready == [(1, 2), (2, 2)]


def test_days_of_releases_and_outages_are_read_from_a_file_of_events(
    nowhere: Koe, series: Path, interventions: Path, tmp_path: Path
) -> None:
    events = tmp_path / "events.csv"
    rows = [f"{week(53)},Release", f"{week(10)}T08:00:00+09:00,outage", f"{week(5)},signup"]
    events.write_text("\n".join(["occurred_at,kind", *rows]), "utf-8")
    first = nowhere(*asked(series, interventions), "--events", events, "--json").json[0]
    said = {"code": "release_after", "period": str(week(53)), "times": 1}
    assert said in first["reasons"]
    events.write_text("occurred_at,kind\nsoon,release", "utf-8")
    refused = nowhere(*asked(series, interventions), "--events", events)
    assert (refused.status, "line 2: “soon” is no" in refused.err) == (2, True)
