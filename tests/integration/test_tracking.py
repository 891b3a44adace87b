"""What was delivered is followed until customers have it: looked at, told more, let go once it is deleted."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from connectors.errors import Refused, RetryLater, Uncertain
from connectors.outgoing import Remote
from connectors.targets.memory import MemoryTarget
from service.db import Database
from service.errors import WrongUse
from service.models import MAIN, Delivery, Intervention, Suggestion
from service.pipeline import decide, track
from service.pipeline.report import Report
from service.repositories import deliveries, tracking
from service.rules import tracking as tracking_rules
from service.rules.tracking import has_grown, next_look
from tests.outbox import Outbox, accept_suggestions

SHIPPED = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture
def outbox(db: Database) -> Outbox:
    return Outbox(db=db)


@pytest.fixture
def memory(outbox: Outbox) -> MemoryTarget:
    memory = outbox.target()
    accept_suggestions(outbox.db, 1)
    outbox.run()
    return memory


def look(outbox: Outbox) -> Report:
    """Look at everything, as if it were due."""
    with outbox.db.begin() as session:
        session.execute(text("UPDATE delivery SET look_at = clock_timestamp() WHERE look_at IS NOT NULL"))
    return track.run(outbox.db, MAIN, outbox.connect, public_url="https://koe.example.com/")


def suggestion(outbox: Outbox) -> Suggestion:
    with outbox.db.begin() as session:
        return session.exec(select(Suggestion)).one()


def only(outbox: Outbox) -> Delivery:
    [delivery] = outbox.deliveries()
    return delivery


class TestLooking:
    def test_begins_when_something_was_delivered(self, outbox: Outbox, memory: MemoryTarget) -> None:
        assert memory.kept
        assert only(outbox).look_at is not None
        report = track.run(outbox.db, MAIN, outbox.connect)
        assert (report.done, report.failed) == (1, 0)
        assert (only(outbox).remote_state, only(outbox).remote_status) == ("open", "New")
        assert track.run(outbox.db, MAIN, outbox.connect).done == 0, "it is looked at again in an hour"

    def test_finds_what_was_shipped_and_opens_the_intervention_of_that_day(
        self, outbox: Outbox, memory: MemoryTarget
    ) -> None:
        memory.stands["0"] = Remote(
            reference="0", state="done", status="Released", url="https://b.example/0", at=SHIPPED
        )
        look(outbox)
        assert (suggestion(outbox).status, suggestion(outbox).published_url) == (
            "done",
            "https://b.example/0",
        )
        with outbox.db.begin() as session:
            [opened] = session.exec(select(Intervention)).all()
        assert (opened.kind, opened.occurred_at) == ("fix", SHIPPED)
        look(outbox)
        with outbox.db.begin() as session:
            assert len(session.exec(select(Intervention)).all()) == 1

    def test_lets_go_what_was_deleted_there_and_makes_nothing_anew(
        self, outbox: Outbox, memory: MemoryTarget
    ) -> None:
        memory.stands["0"] = Remote(reference="0", state="gone")
        look(outbox)
        assert (only(outbox).remote_state, only(outbox).look_at) == ("gone", None)
        outbox.run()
        look(outbox)
        assert len(memory.kept) == 1
        assert suggestion(outbox).status == "delivered"

    def test_tells_what_was_decided_against_there(self, outbox: Outbox, memory: MemoryTarget) -> None:
        memory.stands["0"] = Remote(reference="0", state="dropped", status="Won't do")
        look(outbox)
        assert (only(outbox).remote_state, only(outbox).remote_status) == ("dropped", "Won't do")
        assert suggestion(outbox).status == "delivered"

    def test_follows_what_was_moved(self, outbox: Outbox, memory: MemoryTarget) -> None:
        memory.stands["0"] = Remote(reference="OTHER-7", state="open", url="https://b.example/7")
        look(outbox)
        assert (only(outbox).reference, only(outbox).url) == ("OTHER-7", "https://b.example/7")

    @pytest.mark.parametrize(
        ("error", "minutes"),
        [
            (Refused("it does not accept the key"), 15),
            (RetryLater("busy", after=timedelta(hours=2)), 120),
            (Uncertain("x"), 15),
        ],
    )
    def test_that_fails_is_told_and_comes_again_when_it_may(
        self, outbox: Outbox, memory: MemoryTarget, error: Exception, minutes: int
    ) -> None:
        memory.before.append(error)  # type: ignore[arg-type]
        report = look(outbox)
        assert report.failed == 1
        assert report.notes == (f"backlog: {error}",)
        wait = outbox.left(only(outbox).look_at)
        assert timedelta(minutes=minutes - 1) < wait <= timedelta(minutes=minutes)
        assert only(outbox).remote_state is None

    @pytest.mark.usefixtures("memory")
    def test_asks_nothing_of_a_target_that_was_removed(self, outbox: Outbox) -> None:
        with outbox.db.begin() as session:
            session.execute(text("UPDATE target SET removed_at = clock_timestamp()"))
        assert look(outbox).done == 0
        with outbox.db.begin() as session:
            assert tracking.count_due(session, MAIN) == 0
            assert tracking.organisations_to_track(session) == []

    def test_leaves_a_target_alone_that_does_not_work_and_looks_on_where_one_thing_fails(
        self, outbox: Outbox, memory: MemoryTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        accept_suggestions(outbox.db, 4, first=1)
        outbox.run()
        memory.before.append(Refused("this one is closed to Koe"))
        assert (look(outbox).failed, len(memory.kept)) == (1, 5)

        def revoked(_: MemoryTarget) -> str:
            raise Refused("the token does not count any more")

        monkeypatch.setattr(MemoryTarget, "check", revoked)
        memory.before.extend([Refused("the token does not count any more")] * 5)
        report = look(outbox)
        assert (report.done, report.failed) == (0, 1)
        assert len(memory.before) == 4
        with outbox.db.begin() as session:
            assert tracking.count_due(session, MAIN) == 0


class TestLinking:
    def test_writes_a_note_under_what_is_there_and_makes_nothing(self, outbox: Outbox) -> None:
        memory = outbox.target(kind="redmine")
        [one, other] = accept_suggestions(outbox.db, 2)
        with outbox.db.begin() as session:
            session.execute(text("UPDATE suggestion SET status = 'open'"))
            for name in (one, other):
                decide.accept(session, MAIN, name, by="Aki", links={"backlog": "PROD-7"})
        outbox.run()
        assert memory.kept == []
        assert [note.marker for note in memory.notes["PROD-7"]] == [one, other]
        assert "It fails." in memory.notes["PROD-7"][0].text
        assert {delivery.reference for delivery in outbox.deliveries()} == {"PROD-7"}
        memory.stands["PROD-7"] = Remote(reference="PROD-7", state="done", at=SHIPPED)
        look(outbox)
        with outbox.db.begin() as session:
            assert len(session.exec(select(Intervention)).all()) == 2

    @pytest.mark.parametrize("links", [{"nowhere": "PROD-7"}, {"file": "PROD-7"}])
    def test_at_what_cannot_be_linked_is_refused_and_decides_nothing(
        self, outbox: Outbox, links: dict[str, str]
    ) -> None:
        outbox.target("file")
        [one] = accept_suggestions(outbox.db, 1)
        with outbox.db.begin() as session:
            session.execute(text("UPDATE suggestion SET status = 'open'"))
        with pytest.raises(WrongUse, match="no target at which"), outbox.db.begin() as session:
            decide.accept(session, MAIN, one, by="Aki", links=links)
        assert suggestion(outbox).status == "open"

    def test_whose_answer_was_lost_leaves_one_note(self, outbox: Outbox) -> None:
        memory = outbox.target(kind="redmine")
        [one] = accept_suggestions(outbox.db, 1)
        with outbox.db.begin() as session:
            session.execute(text("UPDATE suggestion SET status = 'open'"))
            decide.accept(session, MAIN, one, by="Aki", links={"backlog": "PROD-7"})
        memory.after.append(Uncertain("no answer"))
        outbox.run()
        assert outbox.states() == ["uncertain"]
        outbox.later(minutes=5)
        outbox.run()
        assert outbox.states() == ["delivered"]
        assert (len(memory.notes["PROD-7"]), memory.kept) == (1, [])


class TestSettling:
    def test_what_nobody_knows_of_is_looked_up_only_when_a_look_up_can_be_trusted(
        self, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        memory = outbox.target()
        monkeypatch.setattr(MemoryTarget, "settles", timedelta(minutes=4))
        accept_suggestions(outbox.db, 1)
        memory.after.append(Uncertain("no answer"))
        outbox.run()
        assert (outbox.states(), len(memory.kept)) == (["uncertain"], 1)
        outbox.later(minutes=3)
        assert outbox.run().done == 0
        with outbox.db.begin() as session:
            assert deliveries.count_by_state(session, MAIN) == {"uncertain": 1}
        outbox.later(minutes=2)
        assert outbox.run().done == 1
        assert [outcome for outcome, _ in outbox.told()] == ["uncertain", "found"]


class TestNotes:
    @pytest.mark.parametrize(
        ("told", "people", "days", "worth"),
        [(10, 20, 7, True), (10, 19, 30, False), (10, 40, 6, False), (1, 4, 30, False), (0, 5, 8, True)],
    )
    def test_come_now_and_then(self, told: int, people: int, days: int, worth: object) -> None:
        assert has_grown(told=told, people=people, since=timedelta(days=days)) is worth

    def test_tell_that_more_speak_of_it(
        self, outbox: Outbox, memory: MemoryTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tracking_rules, "QUIET", timedelta())
        monkeypatch.setattr(tracking_rules, "FEWEST", 0)
        with outbox.db.begin() as session:
            session.execute(
                text("UPDATE suggestion SET draft = jsonb_set(draft, '{facts}', '{\"people\": 0}')")
            )
        look(outbox)
        look(outbox)
        outbox.run()
        [note] = memory.notes["0"]
        assert note.text.startswith("0 people have spoken of this by now; 0 had")
        assert note.link == "https://koe.example.com/suggestions/fix-0000"
        assert len(memory.notes) == 1


def test_what_is_gone_is_never_looked_at_again() -> None:
    now = datetime.now(UTC)
    assert next_look("gone", now=now) is None
    assert next_look("open", now=now) == now + timedelta(hours=1)


def test_nothing_is_due_where_nothing_was_delivered(db: Database) -> None:
    with db.begin() as session:
        assert tracking.organisations_to_track(session) == []
        assert tracking.take_due(session, MAIN, hold=timedelta(minutes=1)) is None
