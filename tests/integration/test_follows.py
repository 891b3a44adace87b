"""Following themes: each for themselves, with undo, and on through whatever becomes of a theme."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from sqlmodel import col, select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Theme
from service.pipeline import correct, undo
from service.repositories import follows
from tests.access import OURS, a_token, an_organisation, by
from tests.integration.conftest import Reader
from tests.live import serving

NOW = datetime(2026, 5, 5, 9, tzinfo=UTC)


@pytest.fixture
def server(demo_db: Database, reader: Reader) -> Iterator[httpx.Client]:
    """The pages, which ask who one is."""
    with serving(create_app(demo_db, Settings())) as address:
        client = reader(address)
        client.follow_redirects = True
        yield client


@pytest.fixture
def aki(demo_db: Database) -> dict[str, str]:
    """Somebody who only reads."""
    return by(a_token(demo_db, "read", organisation_id=MAIN, name="aki")) | OURS


@pytest.fixture
def ben(demo_db: Database) -> dict[str, str]:
    return by(a_token(demo_db, "write", organisation_id=MAIN, name="ben")) | OURS


def themes(db: Database) -> list[str]:
    with db.begin() as session:
        query = select(Theme.id).where(col(Theme.retired).is_(False), col(Theme.parent_id).is_(None))
        return list(session.exec(query.order_by(col(Theme.id))))


def merging(db: Database) -> tuple[str, str, str]:
    """Return the theme that goes on where two become one, the one that ends, and another."""
    first, second, other = themes(db)[:3]
    with db.begin() as session:
        made = correct.merge(session, MAIN, first, second, by="Aki")
        undone = session.get_one(Theme, first).retired
        undo.undo(session, MAIN, made.id, by="Aki")
    return (second, first, other) if undone else (first, second, other)


def listed(page: str) -> list[str]:
    """Return the themes of the list, by id."""
    return re.findall(r'class="title"[^>]*><a href="/themes/(\w+)"', page)


def follow(server: httpx.Client, who: dict[str, str], theme_id: str, on: str = "1", **form: str) -> str:
    return (
        server.post(f"/me/follows/{theme_id}", headers=who, data={"on": on, **form}).raise_for_status().text
    )


def test_a_reader_follows_a_theme_on_its_page_and_no_longer(
    server: httpx.Client, demo_db: Database, aki: dict[str, str], ben: dict[str, str]
) -> None:
    theme = themes(demo_db)[0]
    assert "Stop following" not in server.get(f"/themes/{theme}", headers=aki).text
    assert "Stop following" in follow(server, aki, theme)
    assert listed(server.get("/themes?followed=1", headers=aki).text) == [theme]
    assert "Stop following" not in server.get(f"/themes/{theme}", headers=ben).text, "each for themselves"
    assert "Stop following" not in follow(server, aki, theme, on="")
    assert "You follow no theme yet" in server.get("/themes?followed=1", headers=aki).text


def test_the_list_tells_what_was_done_keeps_its_filters_and_offers_to_undo_it(
    server: httpx.Client, demo_db: Database, aki: dict[str, str]
) -> None:
    first, second = themes(demo_db)[:2]
    follow(server, aki, second)
    follow(server, aki, first)
    page = follow(server, aki, first, on="", listed="1", query="followed=1&sort=voices")
    assert "You no longer follow this theme" in page
    assert listed(page) == [second]
    undo = re.search(
        r'<form id="done"[^>]*action="(/me/follows/\w+)".*?name="query" value="([^"]*)".*?'
        r'name="on" value="([^"]*)" data-undo',
        page,
        re.DOTALL,
    )
    assert undo
    assert undo.groups() == (f"/me/follows/{first}", "followed=1&amp;sort=voices", "1")
    again = follow(server, aki, first, listed="1", query="followed=1&sort=voices")
    assert set(listed(again)) == {first, second}
    assert "changed=" not in "".join(re.findall(r'name="query" value="([^"]*)"', again)), "no filter"


def test_what_is_taken_away_as_a_file_is_what_the_list_shows(
    server: httpx.Client, demo_db: Database, aki: dict[str, str]
) -> None:
    theme = themes(demo_db)[3]
    follow(server, aki, theme)
    rows = server.get("/lists/themes.csv?followed=1", headers=aki).text.splitlines()
    assert [row.partition(",")[0] for row in rows[1:]] == [theme]


def test_home_tells_first_of_what_is_followed(
    server: httpx.Client, aki: dict[str, str], ben: dict[str, str]
) -> None:
    def told(who: dict[str, str]) -> list[str]:
        return re.findall(r'href="/themes/(\w+)#trend"', server.get("/", headers=who).text)

    last = told(aki)[-1]
    assert told(aki)[0] != last
    follow(server, aki, last)
    assert told(aki)[0] == last
    assert "You follow this theme" in server.get("/", headers=aki).text
    assert told(ben)[0] != last


def test_where_a_theme_ends_what_became_of_it_is_followed(demo_db: Database) -> None:
    kept, gone, other = merging(demo_db)
    with demo_db.begin() as session:
        ended = session.get_one(Theme, gone)
        follows.follow(session, ended, "aki", at=NOW)
        assert follows.followed(session, MAIN, "aki") == {gone}
    with demo_db.begin() as session:
        made = correct.merge(session, MAIN, kept, gone, by="Aki")
    with demo_db.begin() as session:
        assert follows.followed(session, MAIN, "aki") == {kept}
        follows.unfollow(session, session.get_one(Theme, other), "aki")
        assert follows.followed(session, MAIN, "aki") == {kept}
    with demo_db.begin() as session:
        undo.undo(session, MAIN, made.id, by="Aki")
    with demo_db.begin() as session:
        assert follows.followed(session, MAIN, "aki") == {gone}, "what is undone is as it was"
        follows.unfollow(session, session.get_one(Theme, gone), "aki")
        assert follows.followed(session, MAIN, "aki") == frozenset()


def test_what_became_of_it_can_be_followed_no_longer(demo_db: Database) -> None:
    kept, gone, _ = merging(demo_db)
    with demo_db.begin() as session:
        ended = session.get_one(Theme, gone)
        follows.follow(session, ended, "aki", at=NOW)
    with demo_db.begin() as session:
        correct.merge(session, MAIN, kept, gone, by="Aki")
    with demo_db.begin() as session:
        follows.unfollow(session, session.get_one(Theme, kept), "aki")
        assert follows.followed(session, MAIN, "aki") == frozenset()


def test_nobody_follows_a_theme_of_another_organisation(server: httpx.Client, demo_db: Database) -> None:
    an_organisation(demo_db, "north")
    who = by(a_token(demo_db, "admin", organisation_id="north")) | OURS
    theme = themes(demo_db)[0]
    assert server.post(f"/me/follows/{theme}", headers=who, data={"on": "1"}).status_code == 404
    assert server.post("/me/follows/nothing", headers=who, data={"on": "1"}).status_code == 404


def test_in_the_demo_all_are_one_reader(demo_pages: httpx.Client, demo_db: Database) -> None:
    theme = themes(demo_db)[0]
    demo_pages.post(f"/me/follows/{theme}", headers=OURS, data={"on": "1"})
    assert listed(demo_pages.get("/themes?followed=1").text) == [theme]
