"""What is done, and asked about as much as before, asks to be opened again: once, and a person decides."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from connectors.targets.memory import MemoryTarget
from service.db import Database
from service.errors import Conflict
from service.models import Message, Span, Suggestion, Theme
from service.pipeline import decide, deliver, measure
from service.repositories import interventions, suggestions
from tests.acting import MONDAY, ORG, World

WEEK = timedelta(weeks=1)
DONE = MONDAY + 10 * WEEK
LINK = "https://koe.example.com/"


@pytest.fixture
def world(db: Database) -> World:
    """The theme `crash` has two contacts a week for twenty weeks, and its suggestion was accepted."""
    world = World(db)
    world.route()
    world.add_target()
    world.accept("crash")
    with db.begin() as session:
        for week in range(20):
            for day in (1, 3):
                world.say(session, "crash", 100 + 7 * week + day, f"アプリが落ちます。{week}-{day}")
    return world


@pytest.fixture
def memory(world: World) -> MemoryTarget:
    memory = MemoryTarget()
    deliver.run(world.db, ORG, lambda _: memory)
    return memory


def asked(world: World) -> Suggestion:
    return world.suggestions()["crash"]


def publish(world: World, *, weeks: int = 0) -> None:
    at = MONDAY + timedelta(days=100) + (10 + weeks) * WEEK
    with world.db.begin() as session:
        decide.published(session, ORG, asked(world).id, url=None, at=at, by="Aki")


def look(world: World) -> None:
    measure.run(world.db, ORG, public_url=LINK)


class TestAsking:
    def test_begins_where_contacts_have_not_fallen(self, world: World) -> None:
        publish(world)
        look(world)
        found = asked(world)
        assert (found.status, decide.asks_again(found)) == ("done", True)
        reason = found.reasons[0]
        assert (reason["code"], reason["weeks"], reason["contacts"]) == ("still_asked", 9, 18)
        assert reason["expected"] == pytest.approx(18, abs=3)
        look(world)
        assert [one["code"] for one in asked(world).reasons].count("still_asked") == 1

    def test_is_a_note_at_each_target_that_has_it_and_only_once(
        self, world: World, memory: MemoryTarget
    ) -> None:
        publish(world)
        for _ in range(2):
            look(world)
            deliver.run(world.db, ORG, lambda _: memory)
        assert memory.notes.keys() == {"0"}
        [note] = memory.notes["0"]
        assert "9 週間で 18 件" in note.text
        assert note.link == f"{LINK}suggestions/{asked(world).id}"

    def test_waits_until_the_weeks_have_shown_it(self, world: World, memory: MemoryTarget) -> None:
        publish(world, weeks=6)
        look(world)
        assert not decide.asks_again(asked(world))
        deliver.run(world.db, ORG, lambda _: memory)
        assert memory.notes == {}

    def test_is_taken_back_where_contacts_fall_after_all(self, world: World) -> None:
        publish(world)
        look(world)
        with world.db.begin() as session:
            session.connection().exec_driver_sql("DELETE FROM item WHERE created_at > '2026-08-26'")
        look(world)
        assert asked(world).came_back is None
        assert "still_asked" not in {one["code"] for one in asked(world).reasons}


class TestAnswering:
    def test_what_is_left_done_is_not_asked_about_again(self, world: World) -> None:
        publish(world)
        look(world)
        for _ in range(2):
            with world.db.begin() as session:
                decide.leave(session, ORG, asked(world).id, by="Ben")
        look(world)
        found = asked(world)
        assert (found.status, decide.asks_again(found)) == ("done", False)
        assert "still_asked" not in {one["code"] for one in found.reasons}

    def test_what_is_opened_again_can_be_done_again_and_is_measured_from_that_day(self, world: World) -> None:
        publish(world)
        look(world)
        with world.db.begin() as session:
            decide.reopen(session, ORG, asked(world).id)
        assert world.route()["crash"].reasons[0]["code"] == "still_asked"
        world.accept("crash")
        publish(world, weeks=2)
        with world.db.begin() as session:
            opened = interventions.list_interventions(session, ORG)
            last = interventions.of_suggestion(session, ORG, asked(world).id)
        assert [one.occurred_at - MONDAY - timedelta(days=100) for one in opened] == [10 * WEEK, 12 * WEEK]
        assert last is not None
        assert last.id == opened[1].id

    def test_what_was_done_once_stays_when_the_theme_wants_something_else_or_is_gone(
        self, world: World
    ) -> None:
        publish(world)
        look(world)
        with world.db.begin() as session:
            decide.reopen(session, ORG, asked(world).id)
            for span in session.exec(select(Span).where(col(Span.item_id).startswith("crash"))):
                span.kind = "praise"
            for message in session.exec(select(Message).where(Message.author_role == "agent")):
                session.delete(message)
        world.route()
        with world.db.begin() as session:
            session.get_one(Theme, "crash").retired = True
        world.route()
        with world.db.begin() as session:
            found = suggestions.list_suggestions(session, ORG, theme_id="crash")
        assert [one.action for one in found if one.reasons[0]["code"] == "still_asked"] == ["fix_product"]

    def test_nothing_is_opened_or_left_that_does_not_ask(self, world: World) -> None:
        publish(world)
        suggestion_id = asked(world).id
        with world.db.begin() as session, pytest.raises(Conflict, match="is done already"):
            decide.reopen(session, ORG, suggestion_id)
        with world.db.begin() as session, pytest.raises(Conflict, match="nothing asks"):
            decide.leave(session, ORG, suggestion_id, by="Ben")
