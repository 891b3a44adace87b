"""When a delivery is tried again, when it is given up, and when a target that fails is left alone."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

Outcome = Literal["busy", "refused", "uncertain"]
"""How an attempt failed: nothing was done; the other side said no; nobody knows."""
State = Literal["pending", "uncertain", "paused", "dead"]
"""What a failed attempt makes of its delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """How patient Koe is. Waits grow twofold, and chance spreads them out (exponential, full jitter)."""

    first: timedelta = timedelta(seconds=4)
    """The most that lies between the first attempt and the second."""
    longest: timedelta = timedelta(hours=6)
    give_up: timedelta = timedelta(days=3)
    """For how long attempts may fail in a row before the delivery is dead; a refusal begins a new row."""
    hold: timedelta = timedelta(minutes=1)
    """How long a target that does not work is left alone at first; also the least between two refusals."""
    longest_hold: timedelta = timedelta(minutes=15)
    most_setbacks: int = 5
    """Deliveries in a row that fail before their target counts as one that does not work."""
    lease: timedelta = timedelta(minutes=2)
    """How long an attempt belongs to the process that began it; no hand-over takes half as long."""
    hurry: float = 1.0
    """What every time is divided by, those that targets ask for too: 1 but in tests."""

    def real(self, time: timedelta) -> timedelta:
        """Return how long a time of this schedule takes."""
        return time / self.hurry


RETRYING = Retrying()
"""The schedule of every target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An attempt that failed, and what is known of those before it."""

    outcome: Outcome
    tries: int
    """Attempts since the delivery was put or replayed, this one included: 1 or more."""
    failing_for: timedelta
    """How long attempts have failed without a refusal among them."""
    may_have_arrived: bool
    """True where this attempt or an earlier one may have."""
    after: timedelta | None = None
    """How long the other side asked to be left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What becomes of a delivery."""

    state: State
    wait: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Whether a target is asked at all."""

    setbacks: int = 0
    """Deliveries in a row that failed."""
    held_until: datetime | None = None

    def is_out_of_order(self, retrying: Retrying) -> bool:
        """Say whether only one delivery at a time may try whether the target works again."""
        return self.setbacks >= retrying.most_setbacks


def after_failure(failure: Failure, retrying: Retrying, *, draw: float) -> Next:
    """Return what becomes of a delivery whose attempt failed; `draw` is a number from 0 to 1 by chance.

    It is never tried earlier than the other side asked for.
    """
    most = min(retrying.longest, retrying.first * 2 ** min(failure.tries - 1, 32))
    if failure.outcome == "refused":
        return Next(state="paused", wait=retrying.real(max(most, retrying.hold)))
    wait = retrying.real(max(most * draw, failure.after or timedelta()))
    if failure.failing_for >= retrying.real(retrying.give_up):
        return Next(state="dead", wait=wait)
    return Next(state="uncertain" if failure.may_have_arrived else "pending", wait=wait)


def gate_after_success(gate: Gate, retrying: Retrying, *, probing: bool) -> Gate:
    """Return the gate after a delivery arrived; `probing` if it was to show whether the target works again.

    One that was on its way when the target was closed does not open it, nor end a pause that was asked for.
    """
    if probing:
        return Gate()
    return gate if gate.is_out_of_order(retrying) else replace(gate, setbacks=0)


def gate_after_failure(
    gate: Gate,
    retrying: Retrying,
    *,
    now: datetime,
    probing: bool,
    after: timedelta | None = None,
    broken: bool = False,
) -> Gate:
    """Return the gate after a delivery failed.

    A target that asked to be left alone (`after`) is, and that is no setback. One that says that nothing
    can be delivered (`broken`) is closed at once. While it is closed, only a probe says how it is.
    """
    setbacks = gate.setbacks
    # A probe has held the gate itself while it was on its way.
    ends = [None if probing else gate.held_until, now + retrying.real(after) if after else None]
    if probing or not gate.is_out_of_order(retrying):
        if not after:
            setbacks = max(setbacks + 1, retrying.most_setbacks if broken else 0)
        if setbacks >= retrying.most_setbacks:
            doublings = min(setbacks - retrying.most_setbacks, 32)
            ends.append(now + retrying.real(min(retrying.hold * 2**doublings, retrying.longest_hold)))
    return Gate(setbacks=setbacks, held_until=max(filter(None, ends), default=None))
