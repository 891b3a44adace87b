"""Pushes to a Jira and a Linear that fail in every way, by processes that are killed: each is made once.

Jira shows new issues to a search only after a while, as the real one does; all times are divided alike. With
`KOE_TEST_PUSHES` there are more of them, and as many more kills.
"""

import os
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from service.db import Database
from service.models import MAIN, Delivery, DeliveryAttempt
from service.pipeline.handover import CUT_OFF, LATE
from service.repositories import deliveries, targets
from tests.board import Board, Fault, Reply, Request, listening
from tests.contract.targets import DoubledDesk
from tests.contract.targets.jira import EMAIL, JiraDesk
from tests.contract.targets.linear import LinearDesk
from tests.deliverers import Deliverers, attempts_by, check_told, counts, delivering, took_too_long
from tests.outbox import accept_suggestions
from tests.waiting import until

PUSHES = int(os.environ.get("KOE_TEST_PUSHES", "150"))
"""The nightly tests and the proof of a release push 10,000."""
KILLS = 3 if PUSHES < 1000 else 20
HURRY = 40
"""What all times are divided by, on both sides: Jira's four minutes are six seconds."""
RETRY_AFTER = 5
SECONDS = 0.5
"""For an exchange: the fifteen that there are otherwise, divided alike."""
HIDDEN = (30, 180)
"""Seconds for which Jira's search does not show what is new."""
PATIENCE = 120 + PUSHES * 0.5
SHARES = {
    Fault.BUSY: 0.1,
    Fault.BROKEN: 0.04,
    Fault.AWAY: 0.03,
    Fault.GATEWAY: 0.03,
    Fault.LOST: 0.05,
    Fault.CUT: 0.05,
    Fault.ERRORS: 0.01,
    Fault.PARTLY: 0.01,
    Fault.PAGE: 0.01,
    Fault.HANG: 0.005,
    Fault.LATE: 0.005,
}
"""Of what would make something, by how it fails."""
QUESTIONS = 0.1
"""Questions fail as often as this times that: one push asks several before it makes anything."""
UNSURE = frozenset({"uncertain"})
NOTHING_SENT = frozenset({"busy", "refused", "found", "delivered"})
"""What came of an attempt that made nothing: a question failed, or what is there was found."""
OUTCOMES: Mapping[Fault | None, frozenset[str]] = {
    **dict.fromkeys(SHARES, UNSURE),
    Fault.BUSY: frozenset({"busy"}),
    Fault.AWAY: frozenset({"busy"}),
    None: frozenset({"delivered"}),
}
"""What a failure is for who pushes: of most they cannot know whether it was done."""
NAME = re.compile(rb"fix-\d{4,}")


@dataclass(kw_only=True)
class Faults:
    """Chooses what goes wrong at a board by seed, request and how often that came; notes what is made."""

    seed: int
    board: Board
    met: Counter[bytes] = field(default_factory=Counter)
    came: dict[str, list[tuple[datetime, Fault | None]]] = field(default_factory=lambda: defaultdict(list))
    """When each suggestion was to be made there, and what went wrong."""

    def __call__(self, request: Request) -> Fault | None:
        key = request.path.encode() + request.body
        self.met[key] += 1
        lot = random.Random(b"%d/%d/" % (self.seed, self.met[key]) + key).random()
        if not self.board.changes(request):
            return _drawn(lot / QUESTIONS)
        named = NAME.search(request.body)
        assert named is not None
        fault = _drawn(lot)
        self.came[named[0].decode()].append((datetime.now(UTC), fault))
        return fault


def _drawn(lot: float) -> Fault | None:
    for fault, share in SHARES.items():
        if lot < share:
            return fault
        lot -= share
    return None


class LateJira(JiraDesk):
    """A Jira whose search shows what is new after a while."""

    def __init__(self, board: Board, lots: random.Random) -> None:
        super().__init__(board)
        self._lots = lots
        self._seen_from: dict[str, float] = {}

    def _keep(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        made = super()._keep(fields)
        self.unseen.add(made["key"])
        self._seen_from[made["key"]] = time.monotonic() + self._lots.uniform(*HIDDEN) / HURRY
        return made

    def _search(self, request: Request) -> Reply:
        now = time.monotonic()
        self.unseen -= {key for key in self.unseen if self._seen_from[key] <= now}
        return super()._search(request)


@dataclass(frozen=True, slots=True, kw_only=True)
class Systems:
    """The two, and what goes wrong there."""

    desks: Mapping[str, DoubledDesk]
    faults: Mapping[str, Faults]

    def made(self) -> dict[tuple[str, str], list[str]]:
        """Return what is there for each suggestion at each target."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for target, desk in self.desks.items():
            for reference in desk.there():
                found[desk.title(reference).removeprefix("Draft "), target].append(reference)
        return found

    def begun(self) -> int:
        """Return how many of all pushes came as far as that something was to be made."""
        return sum(len(faults.came) for faults in self.faults.values())


@pytest.fixture
def systems(seed: int, db: Database) -> Iterator[Systems]:
    """A Jira and a Linear that fail; Koe knows both as targets."""
    make: Mapping[str, Callable[[Board], DoubledDesk]] = {
        "jira": lambda board: LateJira(board, random.Random(seed)),
        "linear": LinearDesk,
    }
    with ExitStack() as stack:
        desks, faults = dict[str, DoubledDesk](), dict[str, Faults]()
        for name, made in make.items():
            board = Board(retry_after=str(RETRY_AFTER), hang_seconds=2 * SECONDS)
            stack.enter_context(listening(board))
            desks[name], faults[name] = made(board), Faults(seed=seed, board=board)
            board.choose = faults[name]
        usual = {"project": "PROD", "email": EMAIL, "type": "Task", "fields": "Severity=High"}
        told = {"jira": usual, "linear": {"project": "ENG"}}
        with db.begin() as session:
            for name, settings in told.items():
                here = {**settings, "address": desks[name].board.address}
                targets.add_target(session, MAIN, name, name, here)
        yield Systems(desks=desks, faults=faults)


@pytest.fixture
def deliverers(systems: Systems) -> Iterator[Deliverers]:
    secrets = {name: desk.secret for name, desk in systems.desks.items()}
    with delivering(secrets, hurry=HURRY, seconds=SECONDS) as started:
        yield started


def check(told: Sequence[DeliveryAttempt], came: Sequence[tuple[datetime, Fault | None]]) -> int:
    """Hold what Koe wrote down of one delivery against what came; return how many attempts could be held.

    None after one that was cut off or given up before anything came: that may come during the next.
    """
    check_told(told)
    assert len(came) <= len(told), "nothing is made that was not written down before"
    for held, (one, following) in enumerate(pairwise([*told, None])):
        assert one is not None
        assert one.ended_at is not None
        met = [fault for at, fault in came if one.began_at <= at <= one.ended_at]
        if one.reason in (CUT_OFF, LATE) or (not met and took_too_long(one, SECONDS)):
            return held
        assert len(met) <= 1
        fits = OUTCOMES[met[0]] if met else NOTHING_SENT
        assert one.outcome in fits or took_too_long(one, SECONDS), (met, one.outcome, one.reason)
        if met == [Fault.BUSY] and one.outcome == "busy":
            assert following is not None
            assert (following.began_at - one.ended_at).total_seconds() >= RETRY_AFTER / HURRY
    return len(told)


def test_each_theme_is_made_once_at_each_target_and_every_failure_says_why(
    db: Database, systems: Systems, deliverers: Deliverers, seed: int
) -> None:
    lots = random.Random(seed)
    names = accept_suggestions(db, PUSHES // 2)
    deliverers.start(db)
    deliverers.start(db)
    for begun in sorted(lots.sample(range(10, PUSHES - 10), KILLS)):
        until(lambda least=begun: systems.begun() >= least, within=PATIENCE)  # type: ignore[misc]
        time.sleep(lots.random() / HURRY)
        deliverers.start(db)
        deliverers.kill_one(lots)
    until(lambda: counts(db) == {"delivered": PUSHES}, within=PATIENCE, every=0.2)
    there = systems.made()
    assert {key: len(found) for key, found in there.items() if len(found) != 1} == {}
    assert there.keys() == {(name, target) for name in names for target in systems.desks}
    known = {id_of: name for name in systems.desks if (id_of := targets.target_id(MAIN, name))}

    def pushed(one: Delivery) -> tuple[str, str]:
        return str(one.suggestion_id), known[one.target_id]

    with db.begin() as session:
        kept = {pushed(one): one.reference for one in deliveries.list_deliveries(session, MAIN)}
    assert kept == {key: reference for key, [reference] in there.items()}, "each leads to its own"
    told = attempts_by(db, pushed)
    held = sum(check(told[name, target], systems.faults[target].came[name]) for name, target in told)
    outcomes = Counter(one.outcome for each in told.values() for one in each)
    assert held > outcomes.total() * 0.8, "only what was killed in the middle cannot be held one by one"
    assert outcomes["found"], "some of it had arrived, and nobody had heard so"
    sys.stdout.write(f"\n{outcomes.total()} attempts ({held} held against what came): {dict(outcomes)}\n")
