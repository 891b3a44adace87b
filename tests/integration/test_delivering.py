"""The outbox: what is due goes out once, failures are tried again in time, and each is written down."""

import threading
from datetime import timedelta

import pytest

from connectors.changes import note_change
from connectors.errors import ConnectorError, Refused, RetryLater, Uncertain
from connectors.outgoing import Outgoing, Receipt
from connectors.targets.memory import MemoryTarget
from service.db import Database
from service.errors import Conflict, NotFound
from service.models import MAIN, Delivery, Suggestion
from service.pipeline import decide, deliver
from service.rules.retrying import Retrying
from tests.outbox import Outbox, accept_suggestions

BUSY = RetryLater("the receiver is busy")
NO_ANSWER = Uncertain("the receiver did not answer in time")
MARGIN = 30
"""Seconds before something is due at which it is seen that nothing is done: a busy machine loses some."""


@pytest.fixture
def outbox(db: Database) -> Outbox:
    return Outbox(db=db)


@pytest.fixture
def one(outbox: Outbox) -> MemoryTarget:
    """The target of the only delivery that waits."""
    accept_suggestions(outbox.db, 1)
    return outbox.target()


class Failing(MemoryTarget):
    """A target that fails at the suggestions named, and at the check, as long as it is told to."""

    def __init__(self, error: ConnectorError, *, check: ConnectorError | None = None) -> None:
        super().__init__()
        self.error: ConnectorError | None = error
        self.bad_check = check
        self.only: set[str] = set()
        self.asked: list[str] = []
        self.checks = 0

    def check(self) -> str:
        self.checks += 1
        if self.bad_check:
            raise self.bad_check
        return super().check()

    def deliver(self, outgoing: Outgoing) -> Receipt:
        self.asked.append(outgoing.suggestion_id)
        if self.error and (not self.only or outgoing.suggestion_id in self.only):
            raise self.error
        return super().deliver(outgoing)

    def mend(self) -> None:
        self.error = self.bad_check = None


class TestTryingAgain:
    def test_a_busy_target_is_asked_again_in_seconds_then_minutes_then_hours(
        self, outbox: Outbox, one: MemoryTarget
    ) -> None:
        waits = []
        for _ in range(15):
            one.before = [BUSY]
            outbox.run()
            waits.append(outbox.wait())
            outbox.later(seconds=waits[-1].total_seconds() - MARGIN)
            assert outbox.run().done == 0, "it is asked nothing before its time"
            outbox.later(seconds=MARGIN)
        assert waits[:4] == [timedelta(seconds=s) for s in (4, 8, 16, 32)]
        assert timedelta(minutes=4) < waits[6] < timedelta(minutes=5)
        assert waits[13:] == [timedelta(hours=6)] * 2
        assert outbox.run().done == 1
        assert outbox.told() == [("busy", "the receiver is busy")] * 15 + [("delivered", None)]

    def test_it_is_given_up_after_three_days_and_not_before_until_a_person_replays_it(
        self, outbox: Outbox, one: MemoryTarget
    ) -> None:
        one.before = [BUSY] * 3
        outbox.run()
        outbox.later(days=2.9)
        outbox.run()
        assert outbox.states() == ["pending"]
        outbox.later(days=0.2)
        outbox.run()
        [dead] = outbox.deliveries()
        assert (dead.state, dead.reason) == ("dead", "the receiver is busy")
        outbox.later(days=30)
        assert outbox.run().done == 0
        with outbox.db.begin() as session:
            deliver.replay(session, MAIN, dead.id)
        one.before = [BUSY]
        outbox.run()
        assert outbox.states() == ["pending"], "its three days begin anew"
        outbox.later(seconds=5)
        assert outbox.run().done == 1

    def test_chance_spreads_the_attempts_out(self, outbox: Outbox, one: MemoryTarget) -> None:
        one.before = [BUSY]
        outbox.run(draw=lambda: 0.25)
        assert outbox.wait() == timedelta(seconds=1)

    def test_every_attempt_says_when_it_began_and_ended_and_what_came_of_it(
        self, outbox: Outbox, one: MemoryTarget
    ) -> None:
        one.before, one.after = [BUSY], [NO_ANSWER]
        for _ in range(3):
            outbox.run()
            outbox.later(minutes=1)
        assert outbox.told() == [("busy", str(BUSY)), ("uncertain", str(NO_ANSWER)), ("found", None)]
        attempts = outbox.attempts()
        assert [attempt.number for attempt in attempts] == [1, 2, 3]
        assert all(attempt.ended_at and attempt.ended_at >= attempt.began_at for attempt in attempts)

    def test_a_connector_that_breaks_is_written_down_and_told(
        self, outbox: Outbox, one: MemoryTarget
    ) -> None:
        one.after = [ZeroDivisionError("of a customer's words")]
        with pytest.raises(ZeroDivisionError):
            outbox.run()
        assert outbox.told() == [
            ("uncertain", "a fault of Koe's own, or of the connector (ZeroDivisionError)")
        ]
        outbox.later(minutes=1)
        assert outbox.run().done == 1
        assert len(one.kept) == 1

    def test_one_that_cannot_be_put_into_words_does_not_stop_the_others(self, outbox: Outbox) -> None:
        accept_suggestions(outbox.db, 3)
        target = outbox.target()
        with outbox.db.begin() as session:
            session.get_one(Suggestion, "fix-0000").draft = {"citations": [{"external_id": "no more"}]}
        with pytest.raises(TypeError):
            outbox.run()
        outbox.run()
        assert [kept.suggestion_id for kept in target.kept] == ["fix-0001", "fix-0002"]
        assert outbox.deliveries()[0].reason == "a fault of Koe's own, or of the connector (TypeError)"


class TestWhatMayHaveArrived:
    def test_is_looked_up_before_it_is_sent_again(self, outbox: Outbox, one: MemoryTarget) -> None:
        one.after = [NO_ANSWER]
        outbox.run()
        assert outbox.states() == ["uncertain"]
        outbox.later(minutes=1)
        one.before = [Refused("sent a second time")]
        assert outbox.run().done == 1
        assert len(one.kept) == 1
        assert [outcome for outcome, _ in outbox.told()] == ["uncertain", "found"]

    def test_is_looked_up_though_the_target_was_busy_or_refused_in_between(
        self, outbox: Outbox, one: MemoryTarget
    ) -> None:
        looks: list[ConnectorError] = [BUSY, Refused("the token was revoked")]

        class Shy(MemoryTarget):
            def find(self, suggestion_id: str) -> Receipt | None:
                if looks:
                    raise looks.pop(0)
                return super().find(suggestion_id)

        shy = Shy()
        outbox.ports["backlog"] = shy
        shy.kept = one.kept
        one.after, outbox.ports["backlog"] = [NO_ANSWER], one
        outbox.run()
        outbox.ports["backlog"] = shy
        for state in ("uncertain", "paused"):
            outbox.later(minutes=1)
            outbox.run()
            assert outbox.states() == [state]
        outbox.later(minutes=2)
        assert outbox.run().done == 1
        assert len(shy.kept) == 1

    def test_an_attempt_whose_process_was_killed_is_found_when_its_time_is_over(
        self, outbox: Outbox, one: MemoryTarget
    ) -> None:
        """KeyboardInterrupt stands for a process that is killed between the remote write and the commit."""
        one.after = [KeyboardInterrupt()]
        with pytest.raises(KeyboardInterrupt):
            outbox.run()
        assert outbox.states() == ["sending"]
        outbox.later(minutes=1)
        assert outbox.run().done == 0, "it may be on its way still"
        assert outbox.states() == ["sending"]
        outbox.later(minutes=1)
        outbox.run()
        assert outbox.states() == ["uncertain"]
        outbox.later(seconds=5)
        one.before = [Refused("sent a second time")]
        assert outbox.run().done == 1
        assert outbox.told() == [("uncertain", "Koe was cut off while it sent this"), ("found", None)]

    def test_one_that_kills_its_process_every_time_is_given_up_too(
        self, outbox: Outbox, one: MemoryTarget
    ) -> None:
        one.after = [KeyboardInterrupt()] * 9
        for _ in range(9):
            if outbox.states() == ["dead"]:
                break
            with pytest.raises(KeyboardInterrupt):
                outbox.run()
            outbox.later(days=1)
            outbox.run()
            outbox.later(minutes=10)
            one.kept.clear()
        assert outbox.states() == ["dead"]

    def test_cannot_be_taken_back(self, outbox: Outbox, one: MemoryTarget) -> None:
        one.after = [NO_ANSWER]
        outbox.run()
        one.after = []
        outbox.later(minutes=1)
        with outbox.db.begin() as session:
            session.get_one(Delivery, outbox.deliveries()[0].id).state = "paused"
            session.flush()
            with pytest.raises(Conflict):
                decide.dismiss(session, MAIN, "fix-0000", by="Aki", reason="Too late.")

    @pytest.mark.parametrize(
        "error", [RetryLater("busy", after=timedelta(hours=1)), Refused("not this part")]
    )
    def test_what_was_done_in_part_before_it_failed_is_looked_up_and_not_begun_again(
        self, outbox: Outbox, error: ConnectorError
    ) -> None:
        class Halfway(MemoryTarget):
            def deliver(self, outgoing: Outgoing) -> Receipt:
                super().deliver(outgoing)
                note_change()
                raise error

        halfway = Halfway()
        outbox.target(port=halfway)
        accept_suggestions(outbox.db, 1)
        outbox.run()
        assert outbox.states() == ["uncertain"]
        outbox.later(hours=2)
        outbox.run()
        assert [outcome for outcome, _ in outbox.told()] == ["uncertain", "found"]
        assert (outbox.states(), len(halfway.kept)) == (["delivered"], 1)


class TestFencing:
    @pytest.mark.usefixtures("one")
    def test_what_one_process_has_taken_no_other_takes(self, outbox: Outbox) -> None:
        reports = []

        class Nosy(MemoryTarget):
            def deliver(self, outgoing: Outgoing) -> Receipt:
                reports.append(outbox.run())
                return super().deliver(outgoing)

        nosy = Nosy()
        outbox.ports["backlog"] = nosy
        assert outbox.run().done == 1
        assert (reports[0].done, reports[0].failed) == (0, 0)
        assert len(nosy.kept) == 1

    @pytest.mark.usefixtures("one")
    @pytest.mark.parametrize("late", [None, Refused("too late"), BUSY])
    def test_the_late_result_of_an_attempt_that_another_process_took_over_changes_nothing(
        self, outbox: Outbox, late: ConnectorError | None
    ) -> None:
        taken_over: list[bool] = []

        class Slow(MemoryTarget):
            def deliver(self, outgoing: Outgoing) -> Receipt:
                if not taken_over:
                    taken_over.append(True)
                    outbox.later(minutes=3)
                    outbox.run()
                    outbox.later(minutes=1)
                    assert outbox.run().done == 1
                    if late:
                        raise late
                return super().deliver(outgoing)

        slow = Slow()
        outbox.ports["backlog"] = slow
        outbox.run()
        assert outbox.states() == ["delivered"]
        assert [outcome for outcome, _ in outbox.told()] == ["uncertain", "delivered"]
        assert len(slow.kept) == 1

    def test_a_process_that_was_held_up_too_long_sends_nothing(self, db: Database) -> None:
        accept_suggestions(db, 1)
        outbox = Outbox(db=db, retrying=Retrying(lease=timedelta(0), first=timedelta(0)))
        target = outbox.target()
        outbox.run()
        assert target.kept == []
        assert outbox.told() == [("busy", "Koe was held up, and did not send this")]

    def test_two_at_once_with_many_threads_hand_each_over_once(self, outbox: Outbox) -> None:
        accept_suggestions(outbox.db, 60)
        times: list[str] = []
        both = threading.Barrier(2)

        class Counting(MemoryTarget):
            def deliver(self, outgoing: Outgoing) -> Receipt:
                times.append(outgoing.suggestion_id)
                return super().deliver(outgoing)

        outbox.target(port=Counting())
        reports = []

        def run() -> None:
            both.wait()
            reports.append(outbox.run(threads=4))

        others = [threading.Thread(target=run) for _ in range(2)]
        for other in others:
            other.start()
        for other in others:
            other.join()
        assert sorted(times) == sorted(set(times))
        assert sum(report.done for report in reports) == len(times) == 60
        assert set(outbox.states()) == {"delivered"}

    def test_a_suggestion_waits_once_for_a_target_however_often_it_is_put(self, outbox: Outbox) -> None:
        [name] = accept_suggestions(outbox.db, 1)
        outbox.target()
        for _ in range(2):
            with outbox.db.begin() as session:
                decide.put_in_outbox(session, session.get_one(Suggestion, name))
            assert len(outbox.deliveries()) == 1
        assert outbox.run().done == 1
        assert len(outbox.deliveries()) == 1


class TestTargetsThatRest:
    def test_a_target_that_asks_to_be_left_alone_is_for_as_long_as_it_asked(self, outbox: Outbox) -> None:
        accept_suggestions(outbox.db, 3)
        target = outbox.target()
        target.before = [RetryLater("too many requests", after=timedelta(seconds=90))]
        assert outbox.run().failed == 1, "the others are held back"
        held = outbox.only_target()
        assert (outbox.wait(held.held_until), held.held_reason) == (
            timedelta(seconds=90),
            "too many requests",
        )
        assert [one.attempts for one in outbox.deliveries()] == [1, 0, 0]
        outbox.later(seconds=90 - MARGIN)
        assert outbox.run().done == 0
        outbox.later(seconds=MARGIN)
        assert outbox.run().done == 3
        assert len(target.kept) == 3

    def test_what_is_accepted_meanwhile_waits_too(self, outbox: Outbox) -> None:
        accept_suggestions(outbox.db, 1)
        target = outbox.target()
        target.before = [RetryLater("too many requests", after=timedelta(seconds=90))]
        outbox.run()
        accept_suggestions(outbox.db, 1, first=1)
        outbox.run()
        assert len(outbox.deliveries()) == 2
        assert target.kept == []
        outbox.later(seconds=91)
        assert outbox.run().done == 2

    def test_it_never_counts_against_other_targets(self, outbox: Outbox) -> None:
        accept_suggestions(outbox.db, 2)
        outbox.target("busy").before = [RetryLater("too many requests", after=timedelta(hours=1))]
        outbox.target("idle")
        report = outbox.run()
        assert (report.done, report.failed) == (2, 1)

    def test_a_target_that_refuses_is_paused_probed_ever_more_seldom_and_goes_on_by_itself(
        self, outbox: Outbox
    ) -> None:
        names = accept_suggestions(outbox.db, 9)
        target = Failing(Refused("the token was revoked"))
        outbox.target(port=target)
        assert outbox.run().failed == 5, "five in a row are enough"
        assert outbox.states() == ["paused"] * 9
        assert {one.reason for one in outbox.deliveries()} == {"the token was revoked"}
        for minutes in (1, 2, 4, 8, 15, 15):
            target.asked.clear()
            outbox.later(minutes=minutes, seconds=-MARGIN)
            outbox.run()
            assert target.asked == []
            outbox.later(seconds=MARGIN)
            outbox.run()
            assert len(target.asked) == 1, "one delivery tries whether it works"
            assert outbox.states() == ["paused"] * 9
        target.mend()
        outbox.later(minutes=16)
        outbox.run()
        outbox.run()
        assert outbox.states() == ["delivered"] * 9
        order = [kept.suggestion_id for kept in target.kept]
        assert order[1:] == [name for name in names if name != order[0]], "in the order of acceptance"
        assert outbox.only_target().held_reason is None

    def test_a_target_whose_check_fails_is_closed_at_once_and_the_check_is_the_probe(
        self, outbox: Outbox
    ) -> None:
        accept_suggestions(outbox.db, 3)
        target = Failing(Refused("the folder is gone"), check=Refused("the folder is gone"))
        outbox.target(port=target)
        outbox.run()
        assert len(target.asked) == 1
        assert outbox.states() == ["paused"] * 3
        outbox.later(seconds=61)
        outbox.run()
        assert len(target.asked) == 1
        assert target.checks == 2
        target.mend()
        outbox.later(minutes=3)
        outbox.run()
        outbox.run()
        assert outbox.states() == ["delivered"] * 3

    def test_a_target_that_cannot_be_opened_is_asked_once(self, outbox: Outbox) -> None:
        accept_suggestions(outbox.db, 2)
        outbox.target()
        asked = []

        def connect(target: object) -> MemoryTarget:
            asked.append(target)
            raise Refused("the folder is gone")

        report = deliver.run(outbox.db, MAIN, connect, threads=1)
        assert (len(set(map(id, asked))) <= 2, report.failed) == (True, 1)
        assert outbox.states() == ["paused", "paused"]

    def test_a_target_that_is_down_for_hours_is_asked_at_most_once_a_minute_and_nothing_is_given_up(
        self, outbox: Outbox
    ) -> None:
        accept_suggestions(outbox.db, 12)
        target = Failing(RetryLater("cannot be reached"))
        outbox.target(port=target)
        outbox.run()
        for _ in range(6 * 60):
            before = len(target.asked)
            outbox.later(minutes=1)
            outbox.run()
            assert len(target.asked) <= before + 1
        assert set(outbox.states()) == {"pending"}
        assert outbox.only_target().held_reason == "cannot be reached"
        target.mend()
        outbox.later(minutes=16)
        outbox.run()
        outbox.run()
        assert set(outbox.states()) == {"delivered"}

    def test_one_delivery_that_is_refused_every_time_does_not_stop_the_others(self, outbox: Outbox) -> None:
        names = accept_suggestions(outbox.db, 12)
        target = Failing(Refused("its title is too long"))
        target.only = {names[3]}
        outbox.target(port=target)
        report = outbox.run()
        assert (report.done, report.failed) == (11, 1)
        assert report.notes == ("backlog: its title is too long",)
        outbox.later(minutes=2)
        outbox.run()
        assert outbox.states().count("paused") == 1
        assert outbox.states().count("delivered") == 11

    def test_days_in_which_a_target_refused_do_not_count_against_what_waits(self, outbox: Outbox) -> None:
        accept_suggestions(outbox.db, 6)
        target = Failing(BUSY)
        outbox.target(port=target)
        outbox.run()
        target.error = Refused("the licence is over")
        for _ in range(10):
            outbox.later(hours=10)
            outbox.run()
        assert outbox.states() == ["paused"] * 6
        target.error = BUSY
        outbox.later(hours=10)
        outbox.run()
        assert "dead" not in outbox.states()


class TestReplaying:
    def test_a_paused_one_is_tried_at_once_and_the_others_follow(self, outbox: Outbox) -> None:
        accept_suggestions(outbox.db, 7)
        target = Failing(Refused("the token was revoked"))
        outbox.target(port=target)
        outbox.run()
        target.mend()
        with outbox.db.begin() as session:
            deliver.replay(session, MAIN, outbox.deliveries()[2].id)
        outbox.run()
        outbox.run()
        assert outbox.states() == ["delivered"] * 7

    def test_all_of_a_target_can_be_replayed(self, outbox: Outbox) -> None:
        accept_suggestions(outbox.db, 7)
        target = Failing(Refused("the token was revoked"))
        outbox.target(port=target)
        outbox.run()
        target.mend()
        with outbox.db.begin() as session:
            assert deliver.replay_target(session, MAIN, outbox.only_target().id) == 7
        outbox.run()
        outbox.run()
        assert outbox.states() == ["delivered"] * 7

    def test_what_waits_or_has_arrived_stays_as_it_is(self, outbox: Outbox, one: MemoryTarget) -> None:
        one.before = [BUSY]
        outbox.run()
        for state in ("pending", "delivered"):
            [before] = outbox.deliveries()
            with outbox.db.begin() as session:
                assert deliver.replay(session, MAIN, before.id).state == state
            assert outbox.deliveries() == [before]
            outbox.later(minutes=1)
            outbox.run()

    @pytest.mark.usefixtures("one")
    def test_there_is_none_in_another_organisation(self, outbox: Outbox) -> None:
        outbox.run()
        with outbox.db.begin() as session, pytest.raises(NotFound):
            deliver.replay(session, "another", outbox.deliveries()[0].id)
