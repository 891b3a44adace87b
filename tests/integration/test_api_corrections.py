"""What programs correct: as people do, told the same, and done once."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from service.db import Database
from tests.api import API, asking, rows

PATH = f"{API}/corrections"
KEY = {"Idempotency-Key": "a-correction"}


@pytest.fixture
def api(demo_db: Database) -> Iterator[httpx.Client]:
    """A program with a write token."""
    with asking(demo_db, "write") as client:
        yield client


def a_theme(api: httpx.Client, place: int = 0) -> dict[str, Any]:
    """Return one of the largest themes."""
    found = rows(api, "themes", parent_id="null", retired="false")
    return sorted(found, key=lambda theme: (-theme["spans"], theme["theme_id"]))[place]


def voices(api: httpx.Client, theme_id: str) -> list[str]:
    answer = api.get(f"{API}/themes/{theme_id}/evidence", params={"limit": 200})
    return [voice["span_id"] for voice in answer.json()["data"]]


def test_a_program_renames_a_theme_once_and_takes_it_back(api: httpx.Client) -> None:
    theme = a_theme(api)
    body = {
        "op": "rename",
        "theme_ids": [theme["theme_id"]],
        "title": "打刻\0できない",
        "reason": "So we say.",
        "versions": {theme["theme_id"]: theme["version"]},
    }
    assert api.post(PATH, json=body).status_code == 422
    body["title"] = "打刻できない"
    made = api.post(PATH, json=body, headers=KEY).json()
    assert (made["op"], made["by"][:12], made["reason"]) == ("rename", "token write ", "So we say.")
    assert made["followed"] == {}
    again = api.post(PATH, json=body, headers=KEY)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (made, "true")
    changed = api.get(f"{API}/themes/{theme['theme_id']}").json()
    assert (changed["title"], changed["version"]) == ("打刻できない", theme["version"] + 1)
    late = api.post(PATH, json={**body, "title": "Other"})
    assert (late.status_code, "Somebody else has just changed" in late.json()["detail"]) == (409, True)
    (listed,) = rows(api, "corrections", op="rename", undone_by="null")
    assert listed == {name: value for name, value in made.items() if name != "followed"}
    assert api.get(f"{PATH}/{made['correction_id']}").json() == listed
    undone = api.post(f"{PATH}/{made['correction_id']}/undo").json()
    assert undone["undone_by"] == made["by"]
    assert api.get(f"{API}/themes/{theme['theme_id']}").json()["title"] == theme["title"]
    assert rows(api, "corrections", undone_by="null") == []


def test_a_theme_that_became_part_of_another_is_followed_and_it_is_said(api: httpx.Client) -> None:
    first, second = a_theme(api)["theme_id"], a_theme(api, 1)["theme_id"]
    kept, gone = api.post(PATH, json={"op": "merge", "theme_ids": [second, first]}).json()["theme_ids"]
    pinned = api.post(PATH, json={"op": "pin", "theme_ids": [gone]}).json()
    assert (pinned["theme_ids"], pinned["followed"]) == ([kept], {gone: kept})
    assert api.get(f"{API}/themes/{kept}").json()["pinned"] is True
    assert [theme["theme_id"] for theme in rows(api, "themes", pinned="true")] == [kept]


def test_voices_make_a_theme_and_are_moved_and_ignored(api: httpx.Client) -> None:
    theme = a_theme(api)["theme_id"]
    chosen = voices(api, theme)[:2]
    made = api.post(PATH, json={"op": "create", "span_ids": chosen, "title": "By hand"}).json()
    (new,) = made["theme_ids"]
    assert set(chosen) <= set(voices(api, new))
    api.post(PATH, json={"op": "move", "theme_ids": [theme], "span_ids": chosen[:1]})
    assert chosen[0] in voices(api, theme)
    api.post(PATH, json={"op": "ignore", "span_ids": chosen})
    assert not set(chosen) & {*voices(api, theme), *voices(api, new)}


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"op": "hide"}, 422, "is no correction"),
        ({"op": "rename", "theme_ids": ["none"], "title": "T"}, 404, "no theme"),
        ({"op": "move", "span_ids": ["none"]}, 404, "no voice"),
        ({"op": "merge", "theme_ids": ["a", "a"]}, 422, "with itself"),
        ({"op": "pin"}, 422, "needs one theme"),
        ({"op": "pin", "theme": "a"}, 422, "cannot be used"),
        ({"op": "pin", "theme_ids": ["\0"]}, 422, "cannot be used"),
        ({"op": "rename", "theme_ids": ["none"], "title": "T" * 201}, 422, "cannot be used"),
    ],
)
def test_what_cannot_be_done_is_told(api: httpx.Client, body: dict[str, Any], status: int, told: str) -> None:
    answer = api.post(PATH, json=body)
    assert answer.status_code == status
    assert told in answer.json()["detail"]
