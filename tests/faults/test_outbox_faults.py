"""A thousand deliveries to a receiver that fails in every way, by processes that are killed, past a database
that is killed too: each is received exactly once, and every failure says why."""

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from connectors.targets.webhook import key_of_delivery
from service.config import Settings
from service.models import MAIN, DeliveryAttempt
from service.opening import open_database
from service.pipeline.handover import CUT_OFF, LATE
from service.repositories import targets
from tests.deliverers import Deliverers, attempts_by, check_told, counts, delivering, took_too_long
from tests.faults.test_postgres_faults import kill_server, postmaster
from tests.outbox import accept_suggestions
from tests.receiver import Choose, Fault, Receiver, at_random, receiver
from tests.waiting import until

COUNT = 1000
HURRY = 40
"""What all times are divided by, on both sides: two minutes are three seconds."""
RETRY_AFTER = 2
SECONDS = 0.5
"""For an exchange: the fifteen that there are otherwise, divided alike."""
KILLS = 5
PATIENCE = 120
SHARES = {
    Fault.BUSY: 0.05,
    Fault.BROKEN: 0.05,
    Fault.AWAY: 0.03,
    Fault.GATEWAY: 0.04,
    Fault.HANG: 0.01,
    Fault.LATE: 0.02,
    Fault.LOST: 0.05,
    Fault.CUT: 0.04,
    Fault.PAGE: 0.02,
}
OUTCOMES: dict[Fault | None, set[str]] = {
    **{fault: {"uncertain"} for fault in SHARES},
    Fault.BUSY: {"busy"},
    Fault.AWAY: {"busy"},
    None: {"delivered", "uncertain"},
}
"""What a failure is for who delivers: they cannot know whether it was done, nor hear of success too late."""


@dataclass(kw_only=True)
class Clocked:
    """Chooses failures, and notes when each request came."""

    choose: Choose
    came: dict[str, list[tuple[float, Fault | None]]] = field(default_factory=lambda: defaultdict(list))

    def __call__(self, key: str) -> Fault | None:
        fault = self.choose(key)
        self.came[key].append((time.monotonic(), fault))
        return fault


@pytest.fixture
def clocked(seed: int) -> Clocked:
    return Clocked(choose=at_random(seed, SHARES))


@pytest.fixture
def faulty(clocked: Clocked) -> Iterator[Receiver]:
    with receiver(clocked, retry_after=str(RETRY_AFTER), hang_seconds=2 * SECONDS) as taker:
        yield taker


@pytest.fixture
def deliverers(faulty: Receiver) -> Iterator[Deliverers]:
    with delivering({"crm": faulty.secret}, hurry=HURRY, seconds=SECONDS) as started:
        yield started


def check(told: Sequence[DeliveryAttempt], came: Sequence[tuple[float, Fault | None]]) -> bool:
    """Hold what Koe wrote down of one delivery against what came; say whether it could be held one by one."""
    check_told(told)
    assert len(came) <= len(told), "nothing is sent that was not written down before"
    for (at, fault), (later, _) in pairwise(came):
        assert fault is not Fault.BUSY or later - at >= RETRY_AFTER / HURRY
    if len(came) < len(told) or any(one.reason in (CUT_OFF, LATE) for one in told):
        return False
    for one, (_, fault) in zip(told, came, strict=True):
        assert one.outcome in OUTCOMES[fault] or took_too_long(one, SECONDS), (fault, one.outcome, one.reason)
    return True


def test_each_is_received_once_and_every_failure_says_why(
    used_home: Path,
    faulty: Receiver,
    clocked: Clocked,
    deliverers: Deliverers,
    seed: int,
) -> None:
    lots = random.Random(seed)
    settings = Settings(home=used_home, database_url=None)
    with open_database(settings, announce=lambda _: None) as db:
        names = accept_suggestions(db, COUNT)
        with db.begin() as session:
            targets.add_target(session, MAIN, "crm", "webhook", {"url": faulty.url})
        deliverers.start(db)
        deliverers.start(db)
        for turn, received in enumerate(sorted(lots.sample(range(50, COUNT - 50), KILLS + 1))):
            until(lambda most=received: len(faulty.executed) >= most, within=PATIENCE)  # type: ignore[misc]
            if turn == KILLS // 2:
                kill_server(postmaster(used_home))
                with open_database(settings, announce=lambda _: None):
                    pass  # it runs again
            else:
                deliverers.start(db)
                deliverers.kill_one(lots)
        until(lambda: counts(db) == {"delivered": COUNT}, within=PATIENCE)
        told = attempts_by(db, lambda one: key_of_delivery(one.subject_id))
    assert set(faulty.executed) == set(told) == {key_of_delivery(name) for name in names}
    assert all(attempt.proven for attempt in faulty.attempts)
    held = sum(check(told[key], clocked.came[key]) for key in told)
    assert held > COUNT * 0.8, "only what was killed in the middle cannot be held one by one"
