"""Whatever dies while calls come in: what was acknowledged is there once, in its newest version."""

import json
import os
import random
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from sqlmodel import Session

from connectors.registry import SOURCES
from service.access import senders
from service.config import Settings
from service.db import Database
from service.models import MAIN
from service.postgres import open_server
from service.sealing import Seal
from tests.cli import QUICK, Koe
from tests.contract.sources import example_of
from tests.processes import kill_child
from tests.site import address_of
from tests.speaker import speaker
from tests.storm import Event, Sender, newest, storm
from tests.ways import GENERIC, THIN, HeldTracker, Way, ways

DELIVERIES = int(os.environ.get("KOE_TEST_DELIVERIES", "1000"))
"""The nightly tests and the proof of a release send 5,000."""
CONNECTIONS = 50
WAITING = ("webhook_call WHERE state = 'pending'", "inbox WHERE state = 'pending'", "hint")
"""Where something waits."""
KILLS = 5
WEB, WORKER = "serve --fd", "worker --lane live"
"""What stands in the commands of those that are killed; PostgreSQL's own is in a folder `…pgserver`."""
PLACE = {"KOE_PORT": "0", "KOE_PRIVATE_HOSTS": "127.0.0.1", **QUICK}
PATIENCE = 120
"""Seconds that something may take beside a busy machine."""


@pytest.fixture
def up(home: Path, tmp_path: Path) -> Iterator[tuple[Koe, "subprocess.Popen[str]", str]]:
    """A running Koe with a home of its own, and its address."""
    koe = Koe(folder=tmp_path, settings={**PLACE, "KOE_HOME": str(home)})
    process = koe.start("up", "--json", said_in=tmp_path / "log")
    assert process.stdout is not None
    try:
        address = urlsplit(json.loads(process.stdout.readline())["url"])
        yield koe, process, f"http://{address.netloc}"
    finally:
        process.terminate()
        process.communicate()


class Chaos(threading.Thread):
    """Kills web and worker in turn while calls come in, and the database once in the middle."""

    def __init__(self, sender: Sender, up: int, home: Path, *, seed: int) -> None:
        super().__init__()
        self._sender, self._up, self._home = sender, up, home
        self._chance = random.Random(seed)
        self.killed: Counter[str] = Counter()
        self.last = time.monotonic()

    def run(self) -> None:
        """Strike each time when another part of the calls is acknowledged."""
        strikes = [WEB, WORKER] * KILLS
        strikes.insert(len(strikes) // 2, "postgres")
        for number, victim in enumerate(strikes, start=1):
            self._wait_for(DELIVERIES * number // (len(strikes) + 2))
            self._strike(victim)
            self.last = time.monotonic()

    def _wait_for(self, acknowledged: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while self._sender.acknowledged < acknowledged and time.monotonic() < deadline:
            time.sleep(0.01)

    def _strike(self, victim: str) -> None:
        if victim == "postgres":
            pid = int((self._home / "postgres" / "data" / "postmaster.pid").read_text().split("\n")[0])
            os.kill(pid, 2)  # a fast shutdown, as a restart by hand begins
            self.killed[victim] += 1
            return
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if kill_child(self._up, victim) is not None:
                self.killed[victim] += 1
                return
            time.sleep(0.05)


@pytest.mark.timeout(1500)  # each process that was killed takes its time to come back on a busy machine
def test_every_acknowledged_call_is_there_once_whatever_is_killed(
    up: tuple[Koe, "subprocess.Popen[str]", str],
    home: Path,
    tmp_path: Path,
    seed: int,
) -> None:
    _, process, address = up
    tracker = HeldTracker()
    kinds = ways(tracker)
    events = storm(DELIVERIES, mixed(kinds), seed=seed)
    with speaker(tracker.say) as asked:
        with opened(home) as db:
            secrets = {kind: add_source(db, home, kind, asked=address_of(asked)) for kind in kinds}
        sender = Sender(address, kinds, secrets, tmp_path / "acknowledged")
        chaos = Chaos(sender, process.pid, home, seed=seed)
        chaos.start()
        sender.send_all(events, connections=CONNECTIONS)
        chaos.join()
        assert sender.refused == []
        assert chaos.killed == {WEB: KILLS, WORKER: KILLS, "postgres": 1}
        with opened(home) as db:
            wait_until_read(db, expected=len(newest(events)))
            waited = time.monotonic() - chaos.last
            check(db, tmp_path / "acknowledged", events, kinds)
    told = f"{DELIVERIES:,} deliveries of {len(kinds)} kinds of source"
    print(f"{told}; all read {waited:.1f} s after the last kill")  # noqa: T201


@contextmanager
def opened(home: Path) -> Iterator[Database]:
    with open_server(home) as server:
        db = Database.at(server.url)
        yield db
        db.close()


def mixed(kinds: Mapping[str, Way]) -> list[str]:
    """Return kinds in the order in which they speak: seldom the one that may be asked only now and then."""
    telling = sorted(kind for kind in kinds if kind != THIN)
    return [*telling * 6, THIN]


def add_source(db: Database, home: Path, kind: str, *, asked: str) -> str:
    """Add a source that is called after its kind, and return its secret. Only a thin one can be asked."""
    is_theirs = kind != GENERIC and SOURCES[kind].secret_from == "sender"
    seal = Seal.of(Settings(home=home))
    settings = {} if kind == GENERIC else example_of(kind).settings
    with db.begin() as session:
        source = senders.add(
            session,
            seal,
            MAIN,
            kind,
            kind=kind,
            proof="signature" if kind == GENERIC else "own",
            secret=f"made by {kind}" if is_theirs else None,
            settings={
                name: value.replace("{base}", asked) for name, value in settings.items() if name != "token"
            },
            known={"token": "t0ken"} if kind == THIN else None,
            now=datetime.now(UTC),
        )
        return senders.secrets_of(seal, source)[0]


def wait_until_read(db: Database, *, expected: int) -> None:
    """Wait until nothing waits any more and every item has its text, as long as something is done."""
    seen, deadline = None, 0.0
    while True:
        with db.begin() as session:
            left = {what: count(session, what) for what in WAITING}
            read = count(session, "item WHERE text IS NOT NULL")
            why = session.connection().execute(text("SELECT DISTINCT tries, reason FROM hint")).all()
        if read == expected and not any(left.values()):
            return
        if (read, left) != seen:
            seen, deadline = (read, left), time.monotonic() + PATIENCE
        if time.monotonic() > deadline:
            pytest.fail(f"not all calls were read: {read} of {expected}; {left}; {why}")
        time.sleep(0.1)


def count(session: Session, what: str) -> int:
    return int(session.connection().execute(text(f"SELECT count(*) FROM {what}")).scalar_one())


def check(db: Database, acknowledged: Path, events: list[Event], kinds: Mapping[str, Way]) -> None:
    """Compare what is stored with what the senders heard 200 for, and with what they said last."""
    heard = acknowledged.read_text("utf-8").splitlines()
    assert len(heard) == len(events)
    with db.begin() as session:
        rows = session.connection()
        kept = rows.execute(
            text("SELECT source.name, body FROM webhook_call JOIN source ON source.id = source_id")
        )
        calls = Counter((kind, bytes(body)) for kind, body in kept)
        found = rows.execute(
            text("SELECT source.name, external_id, text FROM item JOIN source ON source.id = source_id")
        )
        said = {(kind, item): str(words) for kind, item, words in found}
        dead = count(session, "webhook_call WHERE state <> 'done'") + count(
            session, "inbox WHERE state <> 'done'"
        )
    assert dead == 0
    sent = {(event.kind, kinds[event.kind].body(event)) for event in events}
    gone = Counter(
        {call: calls.pop(call) for call in list(calls) if call[1] == b"" and kinds[call[0]].takes_back}
    )
    assert set(calls) <= sent
    assert set(calls.values()) == {1}
    assert Counter(kind for kind, _ in sent) == Counter(kind for kind, _ in (calls + gone).elements())
    assert {kind for kind, _ in sent - set(calls)} <= {kind for kind, _ in gone}
    final = {(one.kind, kinds[one.kind].named(one)): one for one in newest(events).values()}
    markers = re.compile(r"t-\d+ v\d+")
    assert {item: markers.findall(words) for item, words in said.items()} == {
        item: [event.marker] for item, event in final.items()
    }
