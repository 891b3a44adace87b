"""When a delivery is tried again, when it is given up, and when a target is left alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.retrying import (
    RETRYING,
    Failure,
    Gate,
    Outcome,
    Retrying,
    after_failure,
    gate_after_failure,
    gate_after_success,
)

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CLOSED = Gate(setbacks=RETRYING.most_setbacks, held_until=NOW + MINUTE)
OUTCOMES = st.sampled_from(["busy", "refused", "uncertain"])
TIMES = st.timedeltas(timedelta(), timedelta(days=30))


def failure(
    outcome: Outcome = "busy",
    *,
    tries: int = 1,
    failing_for: timedelta = timedelta(),
    may_have_arrived: bool = False,
    after: timedelta | None = None,
) -> Failure:
    return Failure(
        outcome=outcome,
        tries=tries,
        failing_for=failing_for,
        may_have_arrived=may_have_arrived,
        after=after,
    )


class TestDeliveries:
    @pytest.mark.parametrize(
        ("failed", "state"),
        [
            (failure("busy"), "pending"),
            (failure("busy", may_have_arrived=True), "uncertain"),
            (failure("uncertain", may_have_arrived=True), "uncertain"),
            (failure("busy", failing_for=timedelta(days=3)), "dead"),
            (failure("uncertain", may_have_arrived=True, failing_for=timedelta(days=3)), "dead"),
            (failure("refused"), "paused"),
            (failure("refused", may_have_arrived=True, failing_for=timedelta(days=3)), "paused"),
        ],
    )
    def test_what_a_failure_makes_of_a_delivery(self, failed: Failure, state: str) -> None:
        assert after_failure(failed, RETRYING, draw=1).state == state

    @given(
        outcome=OUTCOMES,
        tries=st.integers(1, 10_000),
        draw=st.floats(0, 1),
        after=TIMES,
        doubtful=st.booleans(),
    )
    def test_it_is_never_tried_earlier_than_the_other_side_asked_nor_later_than_need_be(
        self, outcome: Outcome, tries: int, draw: float, after: timedelta, *, doubtful: bool
    ) -> None:
        failed = failure(outcome, tries=tries, after=after, may_have_arrived=doubtful)
        wait = after_failure(failed, RETRYING, draw=draw).wait
        assert wait <= max(after, RETRYING.longest)
        assert wait >= (RETRYING.hold if outcome == "refused" else after)

    def test_waits_double_up_to_hours(self) -> None:
        waits = [after_failure(failure(tries=n), RETRYING, draw=1).wait for n in range(1, 40)]
        assert waits[:3] == [timedelta(seconds=s) for s in (4, 8, 16)]
        assert set(waits[13:]) == {timedelta(hours=6)}

    def test_by_full_jitter_any_shorter_wait_may_come(self) -> None:
        assert after_failure(failure(tries=3), RETRYING, draw=0).wait == timedelta()
        assert after_failure(failure(tries=3), RETRYING, draw=0.5).wait == timedelta(seconds=8)

    def test_everything_can_be_hurried_by_one_factor(self) -> None:
        fast = Retrying(hurry=100)
        assert after_failure(failure(), fast, draw=1).wait == timedelta(milliseconds=40)
        asked = failure(after=timedelta(seconds=30))
        assert after_failure(asked, fast, draw=1).wait == timedelta(seconds=0.3)
        old = failure(failing_for=timedelta(days=0.03))
        assert after_failure(old, fast, draw=1).state == "dead"
        closed = gate_after_failure(Gate(setbacks=4), fast, now=NOW, probing=False)
        assert closed.held_until == NOW + timedelta(seconds=0.6)


class TestGates:
    def test_five_in_a_row_close_it_and_one_that_arrives_begins_the_count_anew(self) -> None:
        gate = Gate()
        for setbacks in (1, 2, 3, 4):
            gate = gate_after_failure(gate, RETRYING, now=NOW, probing=False)
            assert gate == Gate(setbacks=setbacks)
        assert gate_after_success(gate, RETRYING, probing=False) == Gate()
        assert gate_after_failure(gate, RETRYING, now=NOW, probing=False) == CLOSED

    def test_a_target_that_says_it_takes_nothing_is_closed_at_once(self) -> None:
        assert gate_after_failure(Gate(), RETRYING, now=NOW, probing=False, broken=True) == CLOSED

    def test_what_was_on_its_way_when_it_was_closed_does_not_move_it(self) -> None:
        assert gate_after_failure(CLOSED, RETRYING, now=NOW, probing=False) == CLOSED
        assert gate_after_success(CLOSED, RETRYING, probing=False) == CLOSED

    def test_a_probe_opens_it_or_closes_it_for_twice_as_long_up_to_a_quarter_of_an_hour(self) -> None:
        gate, minutes = CLOSED, []
        for _ in range(6):
            gate = gate_after_failure(gate, RETRYING, now=NOW, probing=True)
            assert gate.held_until
            minutes.append((gate.held_until - NOW) / MINUTE)
        assert minutes == [2, 4, 8, 15, 15, 15]
        assert gate_after_success(gate, RETRYING, probing=True) == Gate()

    @given(setbacks=st.integers(0, 100), held=st.none() | TIMES, after=TIMES, probing=st.booleans())
    def test_a_pause_that_was_asked_for_is_kept_and_is_no_setback(
        self, setbacks: int, held: timedelta | None, after: timedelta, *, probing: bool
    ) -> None:
        before = Gate(setbacks=setbacks, held_until=None if held is None else NOW + held)
        gate = gate_after_failure(before, RETRYING, now=NOW, probing=probing, after=after or MINUTE)
        assert gate.setbacks == setbacks
        assert gate.held_until
        assert gate.held_until >= NOW + (after or MINUTE)
        if not probing and before.held_until:
            assert gate.held_until >= before.held_until

    def test_one_that_arrives_does_not_end_a_pause_that_was_asked_for(self) -> None:
        asked = Gate(setbacks=2, held_until=NOW + MINUTE)
        assert gate_after_success(asked, RETRYING, probing=False) == Gate(held_until=NOW + MINUTE)
