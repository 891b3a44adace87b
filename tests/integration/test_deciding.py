"""What people decide about suggestions, and what follows from it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from connectors.targets.memory import MemoryTarget
from service.db import Database
from service.errors import Conflict, NotFound, WrongUse
from service.models import Suggestion, Theme
from service.pipeline import decide, deliver
from service.pipeline.outgoing import outgoing_of
from service.repositories import interventions
from tests.acting import MONDAY, ORG, World


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


class TestDeciding:
    def test_accepting_twice_is_accepting_once(self, world: World) -> None:
        world.route()
        world.add_target()
        assert world.accept("crash") == world.accept("crash")
        assert [one.state for one in world.deliveries()] == ["pending"]
        assert world.suggestions()["crash"].decided_by == "Aki"

    def test_whoever_accepts_chooses_the_targets_and_the_choice_stands(self, world: World) -> None:
        suggestion_id = world.route()["crash"].id
        for name in ("backlog", "second", "third"):
            world.add_target(name)
        with world.db.begin() as session:
            with pytest.raises(WrongUse, match="“wiki” is no target that takes"):
                decide.accept(session, ORG, suggestion_id, by="Aki", to=["backlog", "wiki"])
            assert session.get_one(Suggestion, suggestion_id).status == "open"
        with world.db.begin() as session:
            decide.accept(session, ORG, suggestion_id, by="Aki", to=["backlog", "third"])
        world.add_target("later")
        deliver.run(world.db, ORG, lambda _: MemoryTarget())
        assert world.sent_to() == ["backlog", "third"]

    def test_what_is_sent_nowhere_by_choice_stays_and_is_sent_once_it_is_chosen_anew(
        self, world: World
    ) -> None:
        suggestion_id = world.route()["crash"].id
        world.add_target()
        with world.db.begin() as session:
            decide.accept(session, ORG, suggestion_id, by="Aki", to=[])
        deliver.run(world.db, ORG, lambda _: MemoryTarget())
        assert (world.sent_to(), world.suggestions()["crash"].status) == ([], "accepted")
        with world.db.begin() as session:
            decide.reopen(session, ORG, suggestion_id)
            assert decide.accept(session, ORG, suggestion_id, by="Aki").sent_to is None
        deliver.run(world.db, ORG, lambda _: MemoryTarget())
        assert world.sent_to() == ["backlog"]

    def test_a_choice_ends_with_the_decision_that_it_belongs_to(self, world: World) -> None:
        suggestion_id = world.route()["crash"].id
        world.add_target()
        with world.db.begin() as session:
            decide.accept(session, ORG, suggestion_id, by="Aki", to=[])
            decide.dismiss(session, ORG, suggestion_id, by="Aki", reason="later", review_at=MONDAY)
        assert world.route()["crash"].status == "open"
        assert world.suggestions()["crash"].sent_to is None

    def test_a_decision_moves_the_theme_on(self, world: World) -> None:
        world.route()
        world.accept("crash")
        with world.db.begin() as session:
            assert session.get_one(Theme, "crash").stage == "decided"
            assert session.get_one(Theme, "export").stage == "understood"

    def test_dismissing_takes_back_what_waits(self, world: World) -> None:
        world.route()
        world.add_target()
        suggestion_id = world.accept("crash")
        with world.db.begin() as session:
            decide.dismiss(session, ORG, suggestion_id, by="Aki", reason="Known for years.")
        assert world.deliveries() == []
        with world.db.begin() as session, pytest.raises(Conflict, match="Aki dismissed"):
            decide.accept(session, ORG, suggestion_id, by="Ben")
        with world.db.begin() as session:
            decide.reopen(session, ORG, suggestion_id)
            decide.accept(session, ORG, suggestion_id, by="Ben")
        assert world.suggestions()["crash"].decided_by == "Ben"

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ("review_at = clock_timestamp()", "review_due"),
            ("premise = '{\"people\": -9}'", "premise_broken"),
            ("review_at = clock_timestamp() + interval '1 day'", None),
        ],
    )
    def test_what_was_decided_against_comes_back_on_its_day_or_once_its_premise_breaks(
        self, world: World, changed: str, code: str | None
    ) -> None:
        suggestion_id = world.route()["crash"].id
        with world.db.begin() as session:
            decide.dismiss(session, ORG, suggestion_id, by="Aki", reason="Known for years.")
        assert world.route()["crash"].status == "dismissed", "nothing has changed"
        with world.db.begin() as session:
            session.execute(text(f"UPDATE suggestion SET {changed} WHERE status = 'dismissed'"))
        came = world.route()["crash"]
        assert came.status == ("open" if code else "dismissed")
        assert (came.decided_by, came.decision_reason) == ("Aki", "Known for years.")
        told = {reason["code"] for reason in came.reasons}
        assert told & {"review_due", "premise_broken"} == ({code} if code else set())
        if code:
            world.accept("crash")
            assert world.suggestions()["crash"].came_back is None

    def test_what_changes_an_article_leads_to_it(self, world: World) -> None:
        found = world.route()
        with world.db.begin() as session:
            about = outgoing_of(session, found["password"], public_url="https://koe.example.com/")
            new = outgoing_of(session, found["crash"])
        assert (about.action, about.article_url) == ("make_findable", "https://help.example/password/")
        assert about.article_title
        assert about.link == f"https://koe.example.com/suggestions/{found['password'].id}"
        assert (new.article_url, new.link) == (None, None)

    def test_what_was_delivered_cannot_be_taken_back(self, world: World) -> None:
        world.route()
        world.add_target()
        suggestion_id = world.accept("crash")
        deliver.run(world.db, ORG, lambda _: MemoryTarget())
        with world.db.begin() as session, pytest.raises(Conflict, match="delivered already"):
            decide.dismiss(session, ORG, suggestion_id, by="Aki", reason="Too late.")

    def test_wants_a_reason_and_a_suggestion(self, world: World) -> None:
        suggestion_id = world.route()["crash"].id
        with world.db.begin() as session, pytest.raises(WrongUse):
            decide.dismiss(session, ORG, suggestion_id, by="Aki", reason=" ")
        with world.db.begin() as session, pytest.raises(NotFound):
            decide.accept(session, "another", suggestion_id, by="Aki")

    def test_what_is_published_opens_an_intervention_once(self, world: World) -> None:
        suggestion_id = world.route()["export"].id
        for days in (0, 5):
            with world.db.begin() as session:
                decide.published(
                    session,
                    ORG,
                    suggestion_id,
                    url="https://help.example/csv",
                    at=MONDAY + timedelta(days=days),
                    by="Aki",
                )
        with world.db.begin() as session:
            [opened] = interventions.list_interventions(session, ORG, theme_id="export")
        assert (opened.kind, opened.occurred_at, opened.suggestion_id) == ("article", MONDAY, suggestion_id)
        assert world.suggestions()["export"].status == "done"

    def test_a_decision_not_to_act_is_not_published(self, world: World) -> None:
        suggestion_id = world.route()["praise"].id
        with world.db.begin() as session, pytest.raises(Conflict):
            decide.published(session, ORG, suggestion_id, url=None, at=MONDAY, by="Aki")
