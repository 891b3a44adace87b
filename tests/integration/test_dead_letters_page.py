"""The page of dead letters over HTTP: reasons, no personal data, and what is replayed."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN
from service.pipeline import ingest
from service.repositories import dead_letters
from tests.calling import call, open_door
from tests.live import serving

EVIL = {"<script>alert(1)</script>": "taro@example.com \u202eevil"}


def fill(db: Database) -> None:
    """Leave three dead letters of two sources."""
    desk = open_door(db, "desk")
    call(db, desk, {"ticket": {"description": "Call 090-1234-5678."}}, named="one")
    call(db, desk, EVIL, named="two")
    call(db, open_door(db, "店舗"), b"\xff", named="three")
    ingest.run(db, MAIN)


@pytest.fixture
def rung() -> list[str]:
    return []


@pytest.fixture
def pages(db: Database, rung: list[str]) -> Iterator[httpx.Client]:
    app = create_app(db, Settings(), demo=True, ring=rung.append)
    with serving(app) as address:
        headers = {"Accept-Language": "en", "Sec-Fetch-Site": "same-origin"}
        with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client:
            yield client


def test_where_there_are_none_the_page_says_what_comes_here(pages: httpx.Client) -> None:
    page = pages.get("/dead-letters")
    assert page.status_code == 200
    assert "All that was received has been read." in page.text
    assert "<code>koe source add generic" in page.text
    assert "読み取れています" in pages.get("/dead-letters", headers={"Accept-Language": "ja"}).text


def test_each_is_shown_with_its_reason_and_without_personal_data(db: Database, pages: httpx.Client) -> None:
    fill(db)
    page = pages.get("/dead-letters").text
    assert page.count('class="row"') == 3
    assert "not UTF-8" in page
    assert "koe source map desk text=PATH" in page
    assert "[phone]" in page
    assert "[email]" in page
    assert "1234" not in page
    assert "taro" not in page
    assert "<script>alert" not in page
    assert pages.get("/dead-letters", params={"source": "店舗"}).text.count('class="row"') == 1
    for odd in ({"source": "nobody"}, {"page": 99}, {"replayed": 3}):
        assert pages.get("/dead-letters", params=odd).status_code == 200
    assert pages.get("/dead-letters", params={"page": 0}).status_code == 422


def test_one_is_read_again(db: Database, pages: httpx.Client, rung: list[str]) -> None:
    fill(db)
    with db.begin() as session:
        letter = dead_letters.newest(session, MAIN, limit=1)[0]
    answer = pages.post(f"/dead-letters/{letter.id}/replay", data={"source": "desk"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dead-letters?source=desk&replayed=1")
    again = pages.post(f"/dead-letters/{letter.id}/replay")
    assert again.headers["Location"] == "/dead-letters?replayed=0"
    assert pages.get(answer.headers["Location"]).text.count('class="row"') == 2
    assert rung == [MAIN, MAIN]


def test_all_of_a_source_are_read_again(db: Database, pages: httpx.Client) -> None:
    fill(db)
    answer = pages.post("/dead-letters/replay", data={"source": "desk"})
    assert answer.headers["Location"] == "/dead-letters?replayed=2"
    assert "2 are being read again." in pages.get(answer.headers["Location"]).text
    for source in ("nobody", ""):
        assert pages.post("/dead-letters/replay", data={"source": source}).status_code in (303, 422)
    with db.begin() as session:
        assert dead_letters.count_by_source(session, MAIN) == {"店舗": 1}


def test_a_form_of_another_site_replays_nothing(db: Database, pages: httpx.Client) -> None:
    fill(db)
    answer = pages.post(
        "/dead-letters/replay", data={"source": "desk"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    with db.begin() as session:
        states = set(session.execute(text("SELECT state FROM webhook_call")).scalars())
    assert states == {"dead"}
