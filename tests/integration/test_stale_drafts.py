"""A draft whose ground is taken away says so, until it is drafted anew."""

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from service.db import Database
from service.models import Article, Item
from tests.acting import World
from tests.api import API, asking
from tests.integration.conftest import Reader
from tests.live import open_pages

NOTICE = {"en": "was deleted or changed", "ja": "削除されたか、書き換えられました"}


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


def stale(db: Database) -> dict[str, bool]:
    """Return by theme what the list of suggestions says, and see that each says it alone too."""
    with asking(db) as api:
        listed = api.get(f"{API}/suggestions").json()["data"]
        for row in listed:
            alone: httpx.Response = api.get(f"{API}/suggestions/{row['suggestion_id']}")
            assert alone.json()["stale"] is row["stale"]
    return {row["theme_id"]: row["stale"] for row in listed}


def delete(db: Database, item_id: str) -> None:
    with db.begin() as session:
        session.execute(text("DELETE FROM coverage WHERE item_id = :id"), {"id": item_id})
        session.execute(text("DELETE FROM item WHERE id = :id"), {"id": item_id})


def test_deleting_a_cited_item_marks_its_draft_and_no_other(world: World) -> None:
    world.route()
    assert not any(stale(world.db).values())
    draft = world.suggestions()["export"].draft
    assert draft is not None
    delete(world.db, draft["citations"][0]["external_id"])
    assert {theme for theme, is_stale in stale(world.db).items() if is_stale} == {"export"}
    world.route()
    assert not any(stale(world.db).values())


def test_what_was_decided_stays_marked(world: World, reader: Reader) -> None:
    world.route()
    suggestion_id = world.accept("export")
    draft = world.suggestions()["export"].draft
    assert draft is not None
    delete(world.db, draft["citations"][0]["external_id"])
    world.route()
    assert stale(world.db)["export"]
    with open_pages(world.db) as address:
        for lang, notice in NOTICE.items():
            assert notice in reader(address, lang).get(f"/suggestions/{suggestion_id}").text


def test_other_words_where_a_draft_cites_mark_it(world: World) -> None:
    world.route()
    with world.db.begin() as session:
        for item in session.exec(select(Item).where(col(Item.id).startswith("crash"))):
            item.text = (item.text or "").replace("写真", "動画")
    assert {theme for theme, is_stale in stale(world.db).items() if is_stale} == {"crash"}


def test_an_article_that_is_gone_marks_the_draft_that_quotes_it(world: World) -> None:
    world.route()
    with world.db.begin() as session:
        session.delete(session.get_one(Article, "a1"))
    assert {theme for theme, is_stale in stale(world.db).items() if is_stale} == {"password"}
