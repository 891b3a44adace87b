"""Two accepted suggestions whose themes become one: one carries on, and nothing of the other is lost."""

from datetime import timedelta

import httpx
import pytest
from sqlmodel import col, select

from service.db import Database
from service.models import MAIN, Delivery, Suggestion, Theme
from service.pipeline import carrying, deliver
from service.repositories import targets
from tests.acting import MONDAY, World
from tests.live import open_pages


@pytest.fixture
def db_of_two(db: Database) -> Database:
    """Two themes with an accepted fix each; that of “crash” was decided first. Both wait for a backlog."""
    World(db)
    with db.begin() as session:
        targets.add_target(session, MAIN, "backlog", "backlog-file", {"path": "/tmp/backlog.jsonl"})
        for days, theme in enumerate(("crash", "export")):
            session.add(
                Suggestion(
                    id=f"{theme}-fix",
                    organisation_id=MAIN,
                    theme_id=theme,
                    action="fix_product",
                    lang="ja",
                    confidence=0.9,
                    status="accepted",
                    decided_at=MONDAY + timedelta(days=days),
                    draft={"title": theme, "body": "直す。", "citations": [], "sentences": []},
                )
            )
        session.flush()
        deliver.fill_outbox(session, MAIN)
    return db


def become(db: Database, theme: str, other: str | None) -> None:
    """Let a theme end and lead on to another one, or live again; then settle, and fill the outbox."""
    with db.begin() as session:
        found = session.get_one(Theme, theme)
        found.retired, found.successor_id = other is not None, other
        session.flush()
        carrying.settle(session, MAIN)
        deliver.fill_outbox(session, MAIN)


def waiting(db: Database) -> dict[str, str]:
    with db.begin() as session:
        query = select(Delivery.suggestion_id, Delivery.state).order_by(col(Delivery.suggestion_id))
        return {str(named): state for named, state in session.exec(query)}


def carried(db: Database) -> dict[str, str]:
    with db.begin() as session:
        found = session.exec(select(Suggestion)).all()
        return {one.id: one.carried_on_by for one in found if one.carried_on_by}


def test_the_one_of_the_theme_that_lives_on_carries_on_and_only_it_is_sent(db_of_two: Database) -> None:
    assert waiting(db_of_two) == {"crash-fix": "pending", "export-fix": "pending"}
    become(db_of_two, "crash", "export")
    assert carried(db_of_two) == {"crash-fix": "export-fix"}
    assert waiting(db_of_two) == {"export-fix": "pending"}


def test_where_they_come_apart_again_each_goes_on_by_itself(db_of_two: Database) -> None:
    become(db_of_two, "crash", "export")
    become(db_of_two, "crash", None)
    assert carried(db_of_two) == {}
    assert waiting(db_of_two) == {"crash-fix": "pending", "export-fix": "pending"}


def test_of_two_that_both_ended_the_one_that_was_decided_first_carries_on(db_of_two: Database) -> None:
    become(db_of_two, "export", "password")
    become(db_of_two, "crash", "password")
    assert carried(db_of_two) == {"export-fix": "crash-fix"}


@pytest.mark.parametrize("state", ["delivered", "sending", "uncertain"])
def test_what_has_arrived_or_may_have_stays(db_of_two: Database, state: str) -> None:
    with db_of_two.begin() as session:
        session.exec(select(Delivery).where(Delivery.suggestion_id == "crash-fix")).one().state = state
    become(db_of_two, "crash", "export")
    assert carried(db_of_two) == {"crash-fix": "export-fix"}
    assert waiting(db_of_two) == {"crash-fix": state, "export-fix": "pending"}


@pytest.mark.parametrize(("status", "action"), [("done", "fix_product"), ("accepted", "write_article")])
def test_what_is_done_and_what_says_something_else_is_not_superseded(
    db_of_two: Database, status: str, action: str
) -> None:
    with db_of_two.begin() as session:
        one = session.get_one(Suggestion, "crash-fix")
        one.status, one.action = status, action
    become(db_of_two, "crash", "export")
    assert carried(db_of_two) == {}


def test_the_pages_of_both_lead_to_the_other(db_of_two: Database) -> None:
    become(db_of_two, "crash", "export")
    with (
        open_pages(db_of_two) as address,
        httpx.Client(base_url=address, trust_env=False, headers={"Accept-Language": "en"}) as client,
    ):
        assert 'href="/suggestions/export-fix"' in client.get("/suggestions/crash-fix").text
        page = client.get("/suggestions/export-fix").text
        assert "It carries on for what was accepted" in page
        assert 'href="/suggestions/crash-fix"' in page
