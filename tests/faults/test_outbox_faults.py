"""A thousand deliveries to a receiver that fails in every way, by processes that are killed, past a database
that is killed too: each is received exactly once, and every failure says why."""

import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import col, select

from connectors.targets.webhook import key_of_delivery
from service.config import Settings
from service.db import Database
from service.models import MAIN, DeliveryAttempt
from service.opening import open_database
from service.pipeline.handover import CUT_OFF, LATE
from service.repositories import deliveries, targets
from tests.faults.test_postgres_faults import kill_server, postmaster
from tests.outbox import accept_suggestions
from tests.receiver import Choose, Fault, Receiver, at_random, receiver

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

DELIVERER = """
import sys, time
from connectors.http import Http
from connectors.ports import Means
from connectors.registry import open_target
from service.db import Database
from service.errors import Unavailable
from service.models import MAIN
from service.pipeline import deliver
from service.rules.retrying import Retrying

url, secret, hurry, seconds = sys.argv[1:]
means = Means(http=Http(private_hosts=["127.0.0.1"], seconds=float(seconds)), secret=secret)
connect = lambda target: open_target(target.kind, target.settings, means)
db = Database.at(url)
print("ready", flush=True)
while True:
    try:
        deliver.run(db, MAIN, connect, retrying=Retrying(hurry=float(hurry)))
    except Unavailable:
        pass
    time.sleep(0.05)
"""


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
def start(faulty: Receiver) -> Iterator[Callable[[Database], "subprocess.Popen[str]"]]:
    """Starts a process that hands over whatever is due, again and again."""
    started: list[subprocess.Popen[str]] = []

    def start(db: Database) -> "subprocess.Popen[str]":
        url = db.engine.url.render_as_string(hide_password=False)
        command = [sys.executable, "-c", DELIVERER, url, faulty.secret, str(HURRY), str(SECONDS)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(holds: Callable[..., bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail("waited in vain")
        time.sleep(0.05)


def counts(db: Database) -> dict[str, int]:
    with db.begin() as session:
        return deliveries.count_by_state(session, MAIN)


def attempts(db: Database) -> dict[str, list[DeliveryAttempt]]:
    """Return what Koe wrote down, by the key that the receiver knows."""
    with db.begin() as session:
        keys = {one.id: key_of_delivery(one.subject_id) for one in deliveries.list_deliveries(session, MAIN)}
        found: dict[str, list[DeliveryAttempt]] = defaultdict(list)
        for one in session.exec(select(DeliveryAttempt).order_by(col(DeliveryAttempt.number))):
            found[keys[one.delivery_id]].append(one)
    return found


def check(told: Sequence[DeliveryAttempt], came: Sequence[tuple[float, Fault | None]]) -> bool:
    """Hold what Koe wrote down of one delivery against what came; say whether it could be held one by one."""
    assert [one.number for one in told] == list(range(1, len(told) + 1))
    assert [one.outcome for one in told].count("delivered") == 1
    assert told[-1].outcome == "delivered"
    assert all(one.reason for one in told[:-1]), "every failure says why"
    for one, following in pairwise(told):
        assert one.ended_at is not None
        assert one.ended_at <= following.began_at, "never two at once"
    assert len(came) <= len(told), "nothing is sent that was not written down before"
    for (at, fault), (later, _) in pairwise(came):
        assert fault is not Fault.BUSY or later - at >= RETRY_AFTER / HURRY
    if len(came) < len(told) or any(one.reason in (CUT_OFF, LATE) for one in told):
        return False
    for one, (_, fault) in zip(told, came, strict=True):
        assert one.outcome in OUTCOMES[fault] or _heard_too_late(one), (fault, one.outcome, one.reason)
    return True


def _heard_too_late(one: DeliveryAttempt) -> bool:
    """Say whether whatever was answered came after the exchange was given up, as on a busy machine."""
    took = (one.ended_at - one.began_at).total_seconds() if one.ended_at else 0.0
    return one.outcome == "uncertain" and took >= SECONDS


def test_each_is_received_once_and_every_failure_says_why(
    used_home: Path,
    faulty: Receiver,
    clocked: Clocked,
    start: Callable[[Database], "subprocess.Popen[str]"],
    seed: int,
) -> None:
    lots = random.Random(seed)
    settings = Settings(home=used_home, database_url=None)
    with open_database(settings, announce=lambda _: None) as db:
        names = accept_suggestions(db, COUNT)
        with db.begin() as session:
            targets.add_target(session, MAIN, "crm", "webhook", {"url": faulty.url})
        running = [start(db), start(db)]
        for turn, received in enumerate(sorted(lots.sample(range(50, COUNT - 50), KILLS + 1))):
            until(lambda most=received: len(faulty.executed) >= most)
            if turn == KILLS // 2:
                kill_server(postmaster(used_home))
                with open_database(settings, announce=lambda _: None):
                    pass  # it runs again
            else:
                running.append(start(db))
                victim = running.pop(lots.randrange(2))
                victim.kill()
                assert victim.wait() == -signal.SIGKILL
        until(lambda: counts(db) == {"delivered": COUNT})
        told = attempts(db)
    assert set(faulty.executed) == set(told) == {key_of_delivery(name) for name in names}
    assert all(attempt.proven for attempt in faulty.attempts)
    held = sum(check(told[key], clocked.came[key]) for key in told)
    assert held > COUNT * 0.8, "only what was killed in the middle cannot be held one by one"
