"""Two accepted suggestions whose themes become one: one carries on, and nothing of the other is lost."""

from datetime import timedelta

import httpx
import pytest
from sqlmodel import col, delete, select

from service.db import Database
from service.models import MAIN, Delivery, Suggestion, Target, Theme
from service.pipeline import carrying, deliver, route
from service.repositories import outbox, targets
from service.repositories import waiting as due
from service.repositories.runs import live_run
from tests.acting import EMBEDDERS, MONDAY, World
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


def sent(db: Database) -> set[tuple[str | None, str]]:
    """Return which suggestions wait for which targets, or have reached them."""
    with db.begin() as session:
        query = select(Delivery.suggestion_id, Target.name).join(
            Target, col(Delivery.target_id) == col(Target.id)
        )
        return {(suggestion_id, name) for suggestion_id, name in session.exec(query)}


def due_now(db: Database) -> tuple[int, list[str]]:
    """Return how many deliveries are due, and the organisations of which one is."""
    with db.begin() as session:
        until = outbox.clock(session)
        return outbox.count_due(session, MAIN, until=until), due.organisations_to_deliver(session)


def say_of(db: Database, suggestion_id: str, status: str) -> None:
    with db.begin() as session:
        session.get_one(Suggestion, suggestion_id).status = status


def carried(db: Database) -> dict[str, str]:
    with db.begin() as session:
        found = session.exec(select(Suggestion)).all()
        return {one.id: one.carried_on_by for one in found if one.carried_on_by}


def test_the_one_of_the_theme_that_lives_on_carries_on_and_only_it_is_sent(db_of_two: Database) -> None:
    assert waiting(db_of_two) == {"crash-fix": "pending", "export-fix": "pending"}
    become(db_of_two, "crash", "export")
    assert carried(db_of_two) == {"crash-fix": "export-fix"}
    assert waiting(db_of_two) == {"export-fix": "pending"}


@pytest.mark.parametrize(("crash", "export"), [(["wiki"], ["backlog"]), (None, []), (["wiki"], [])])
def test_what_carries_on_also_goes_where_the_other_was_to_go(
    db_of_two: Database, crash: list[str] | None, export: list[str]
) -> None:
    with db_of_two.begin() as session:
        named = {"backlog": session.exec(select(Target.id)).one()}
        wiki = targets.add_target(session, MAIN, "wiki", "backlog-file", {"path": "/tmp/wiki.jsonl"})
        named["wiki"] = wiki.id
        session.execute(delete(Delivery))
        for suggestion_id, chosen in (("crash-fix", crash), ("export-fix", export)):
            ids = None if chosen is None else [named[name] for name in chosen]
            session.get_one(Suggestion, suggestion_id).sent_to = ids
        session.flush()
        deliver.fill_outbox(session, MAIN)
    become(db_of_two, "crash", "export")
    assert sent(db_of_two) == {("export-fix", name) for name in {*(crash or named), *export}}


def test_what_carries_on_goes_nowhere_that_the_other_has_reached_by_choice(db_of_two: Database) -> None:
    with db_of_two.begin() as session:
        session.exec(select(Delivery).where(Delivery.suggestion_id == "crash-fix")).one().state = "delivered"
        session.exec(delete(Delivery).where(col(Delivery.suggestion_id) == "export-fix"))
        session.get_one(Suggestion, "export-fix").sent_to = []
    become(db_of_two, "crash", "export")
    assert sent(db_of_two) == {("crash-fix", "backlog")}


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


@pytest.mark.parametrize("status", ["done", "delivered"])
def test_what_was_carried_on_stays_so_when_what_carries_on_is_done(db_of_two: Database, status: str) -> None:
    become(db_of_two, "crash", "export")
    say_of(db_of_two, "export-fix", status)
    become(db_of_two, "crash", "export")
    assert carried(db_of_two) == {"crash-fix": "export-fix"}
    assert waiting(db_of_two) == {"export-fix": "pending"}


@pytest.mark.parametrize("status", ["open", "dismissed"])
def test_what_was_carried_on_goes_on_when_what_carries_on_is_open_again_or_dismissed(
    db_of_two: Database, status: str
) -> None:
    become(db_of_two, "crash", "export")
    say_of(db_of_two, "export-fix", "done")
    become(db_of_two, "crash", "export")
    say_of(db_of_two, "export-fix", status)
    become(db_of_two, "crash", "export")
    assert carried(db_of_two) == {}
    assert waiting(db_of_two)["crash-fix"] == "pending"


@pytest.mark.parametrize("apart", [None, "password"])
def test_what_was_carried_on_goes_on_where_the_themes_part_though_the_other_is_done(
    db_of_two: Database, apart: str | None
) -> None:
    become(db_of_two, "crash", "export")
    say_of(db_of_two, "export-fix", "done")
    become(db_of_two, "crash", apart)
    assert carried(db_of_two) == {}
    assert waiting(db_of_two)["crash-fix"] == "pending"


@pytest.mark.parametrize(
    "kept", [{"state": "pending", "link_to": "KOE-12"}, {"state": "dead", "reason": "No such project."}]
)
def test_what_a_person_linked_and_what_was_given_up_is_held_and_comes_back_as_it_was(
    db_of_two: Database, kept: dict[str, str]
) -> None:
    with db_of_two.begin() as session:
        session.exec(select(Delivery).where(Delivery.suggestion_id == "export-fix")).one().state = "delivered"
        mine = session.exec(select(Delivery).where(Delivery.suggestion_id == "crash-fix")).one()
        for name, value in kept.items():
            setattr(mine, name, value)
    become(db_of_two, "crash", "export")
    with db_of_two.begin() as session:
        mine = session.exec(select(Delivery).where(Delivery.suggestion_id == "crash-fix")).one()
        assert {name: getattr(mine, name) for name in kept} == kept
        mine.state = "pending"  # as when a person lets it be tried again
    assert due_now(db_of_two) == (0, [])
    become(db_of_two, "crash", None)
    assert due_now(db_of_two) == (1, [MAIN])
    with db_of_two.begin() as session:
        mine = session.exec(select(Delivery).where(Delivery.suggestion_id == "crash-fix")).one()
        assert (mine.link_to, mine.reason) == (kept.get("link_to"), kept.get("reason"))


def test_what_may_have_arrived_is_looked_up_though_another_one_carries_on(db_of_two: Database) -> None:
    with db_of_two.begin() as session:
        session.exec(select(Delivery).where(Delivery.suggestion_id == "export-fix")).one().state = "delivered"
        session.exec(select(Delivery).where(Delivery.suggestion_id == "crash-fix")).one().state = "uncertain"
    become(db_of_two, "crash", "export")
    assert due_now(db_of_two) == (1, [MAIN])


def test_a_run_that_shows_an_earlier_day_leaves_what_carries_on_as_it_is(db_of_two: Database) -> None:
    become(db_of_two, "crash", "export")
    with db_of_two.begin() as session:
        live = live_run(session, MAIN)
        assert live is not None
        live.as_of = MONDAY
        found = session.get_one(Theme, "crash")
        found.retired, found.successor_id = False, None
    route.run(db_of_two, MAIN, EMBEDDERS)
    assert carried(db_of_two) == {"crash-fix": "export-fix"}
    with db_of_two.begin() as session:
        live = live_run(session, MAIN)
        assert live is not None
        live.as_of = None
    route.run(db_of_two, MAIN, EMBEDDERS)
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
