"""Processes that hand over whatever is due until they are killed, and what they wrote down."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import TypeVar

from sqlmodel import col, select

from service.db import Database
from service.models import MAIN, Delivery, DeliveryAttempt
from service.repositories import deliveries

Key = TypeVar("Key")
LOADED = """
import json, os, signal, sys, time
from connectors.http import Http
from connectors.ports import Means
from connectors.registry import open_source, open_target
from connectors.replying import KIND, Replies
from service.db import Database
from service.errors import Unavailable
from service.models import MAIN
from service.pipeline import deliver
from service.rules.retrying import Retrying

def hand_over(told):
    http = Http(private_hosts=["127.0.0.1"], seconds=told["seconds"], most_body=32 << 20)

    def connect(target):
        if target.kind == KIND:
            kind, settings = told["sources"][target.settings["source"]]
            return Replies(open_source(kind, settings, Means(http=http)))
        secret = told["secrets"][target.name]
        return open_target(target.kind, target.settings, Means(http=http, secret=secret))

    db = Database.at(told["url"])
    while True:
        try:
            deliver.run(db, MAIN, connect, threads=5, retrying=Retrying(hurry=told["hurry"]))
        except Unavailable:
            pass
        time.sleep(0.05)

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
copies = []
for line in sys.stdin:
    copies.append(os.fork())
    if not copies[-1]:
        hand_over(json.loads(line))
    print(copies[-1], flush=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverers:
    """Starts and kills such processes: copies of one that has loaded what they need."""

    loaded: "subprocess.Popen[str]"
    told: Mapping[str, object]
    running: list[int] = field(default_factory=list)

    def start(self, db: Database) -> None:
        """Start one more."""
        url = db.engine.url.render_as_string(hide_password=False)
        assert self.loaded.stdin is not None
        assert self.loaded.stdout is not None
        self.loaded.stdin.write(json.dumps({**self.told, "url": url}) + "\n")
        self.loaded.stdin.flush()
        self.running.append(int(self.loaded.stdout.readline()))

    def kill_one(self, lots: random.Random) -> None:
        """Kill one, whatever it does."""
        os.kill(self.running.pop(lots.randrange(len(self.running))), signal.SIGKILL)


@contextmanager
def delivering(
    secrets: Mapping[str, str],
    *,
    hurry: float,
    seconds: float,
    sources: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType({}),
) -> Iterator[Deliverers]:
    """Give what starts such processes; those that are left end with the block.

    They know the secrets of the targets by name, and of `sources` the kind and the settings; all times of Koe
    are divided by `hurry`, and an exchange may take so many seconds.
    """
    with subprocess.Popen(
        [sys.executable, "-c", LOADED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as loaded:
        told = {
            "secrets": dict(secrets),
            "sources": {name: [kind, dict(known)] for name, (kind, known) in sources.items()},
            "hurry": hurry,
            "seconds": seconds,
        }
        started = Deliverers(loaded=loaded, told=told)
        try:
            yield started
        finally:
            while started.running:
                started.kill_one(random.Random())


def counts(db: Database) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    with db.begin() as session:
        return deliveries.count_by_state(session, MAIN)


def attempts_by(db: Database, key_of: Callable[[Delivery], Key]) -> dict[Key, list[DeliveryAttempt]]:
    """Return what Koe wrote down of each delivery, in its order, by a name of the delivery."""
    with db.begin() as session:
        keys = {one.id: key_of(one) for one in deliveries.list_deliveries(session, MAIN)}
        found: dict[Key, list[DeliveryAttempt]] = defaultdict(list)
        for one in session.exec(select(DeliveryAttempt).order_by(col(DeliveryAttempt.number))):
            found[keys[one.delivery_id]].append(one)
    return found


def check_told(told: Sequence[DeliveryAttempt]) -> None:
    """See that the attempts of a delivery came one after the other, and that all but the last say why not."""
    assert [one.number for one in told] == list(range(1, len(told) + 1))
    assert [one.outcome in ("delivered", "found") for one in told] == [False] * (len(told) - 1) + [True]
    assert all(one.reason for one in told[:-1]), "every failure says why"
    for one, following in pairwise(told):
        assert one.ended_at is not None
        assert one.ended_at <= following.began_at, "never two at once"


def took_too_long(one: DeliveryAttempt, seconds: float) -> bool:
    """Say whether whatever was answered came after the exchange was given up, as on a busy machine."""
    took = (one.ended_at - one.began_at).total_seconds() if one.ended_at else 0.0
    return one.outcome == "uncertain" and took >= seconds
