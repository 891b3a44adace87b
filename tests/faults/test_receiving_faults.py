"""Whatever dies while calls come in: what was acknowledged is there once, in its newest version."""

import json
import os
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from sqlmodel import Session

from service.db import Database
from service.postgres import open_server
from tests.cli import QUICK, Koe
from tests.processes import kill_child
from tests.storm import Event, Sender, storm

DELIVERIES = int(os.environ.get("KOE_TEST_DELIVERIES", "1000"))
"""The nightly tests and the proof of a release send 5,000."""
CONNECTIONS = 50
KILLS = 5
PATIENCE = 120
"""Seconds that something may take beside a busy machine."""


@pytest.fixture
def up(home: Path, tmp_path: Path) -> Iterator[tuple[Koe, "subprocess.Popen[str]", str]]:
    """A running Koe with a home of its own, and its address."""
    koe = Koe(folder=tmp_path, settings={"KOE_HOME": str(home), "KOE_PORT": "0", **QUICK})
    process = koe.start("up", "--json", said_in=tmp_path / "log")
    assert process.stdout is not None
    try:
        address = urlsplit(json.loads(process.stdout.readline())["url"])
        yield koe, process, f"http://{address.netloc}"
    finally:
        process.terminate()
        process.communicate()


def newest(events: list[Event]) -> dict[str, Event]:
    found: dict[str, Event] = {}
    for event in events:
        if event.item not in found or event.version > found[event.item].version:
            found[event.item] = event
    return found


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
        strikes = ["serve", "worker --lane live"] * KILLS
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


def test_every_acknowledged_call_is_there_once_whatever_is_killed(
    up: tuple[Koe, "subprocess.Popen[str]", str],
    home: Path,
    tmp_path: Path,
    seed: int,
) -> None:
    koe, process, address = up
    added, _ = koe.start("source", "add", "generic", "storm", "--auth", "signature", "--json").communicate()
    events = storm(DELIVERIES, seed=seed)
    sender = Sender(f"{address}/webhooks/storm", json.loads(added)["secret"], tmp_path / "acknowledged")
    chaos = Chaos(sender, process.pid, home, seed=seed)
    chaos.start()
    sender.send_all(events, connections=CONNECTIONS)
    chaos.join()
    assert sender.refused == []
    assert chaos.killed == {"serve": KILLS, "worker --lane live": KILLS, "postgres": 1}
    with open_server(home) as server:
        db = Database.at(server.url)
        wait_until_read(db, expected=len(newest(events)))
        waited = time.monotonic() - chaos.last
        check(db, tmp_path / "acknowledged", events)
        db.close()
    print(f"{DELIVERIES:,} deliveries; all read {waited:.1f} s after the last kill")  # noqa: T201


def wait_until_read(db: Database, *, expected: int) -> None:
    """Wait until nothing waits any more and every item has its text."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with db.begin() as session:
            if (
                count(session, "webhook_call WHERE state = 'pending'")
                + count(session, "inbox WHERE state = 'pending'")
                == 0
                and count(session, "item WHERE text IS NOT NULL") == expected
            ):
                return
        time.sleep(0.1)
    pytest.fail("not all calls were read")


def count(session: Session, what: str) -> int:
    return int(session.connection().execute(text(f"SELECT count(*) FROM {what}")).scalar_one())


def check(db: Database, acknowledged: Path, events: list[Event]) -> None:
    """Compare what is stored with what the sender heard 200 for."""
    heard = [tuple(line.split(" ")) for line in acknowledged.read_text("utf-8").splitlines()]
    assert len(heard) == len(events)
    with db.begin() as session:
        rows = session.connection()
        calls = Counter(bytes(body) for (body,) in rows.execute(text("SELECT body FROM webhook_call")))
        said = {item: str(words) for item, words in rows.execute(text("SELECT external_id, text FROM item"))}
        dead = count(session, "webhook_call WHERE state <> 'done'") + count(
            session, "inbox WHERE state <> 'done'"
        )
    assert dead == 0
    assert calls == Counter({event.body() for event in events})  # each once, and no other
    final = newest(events)
    assert {item: words.endswith(final[item].marker) for item, words in said.items()} == dict.fromkeys(
        final, True
    )
