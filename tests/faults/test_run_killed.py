"""A run that is killed at any stage ends, run again, in the same themes."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.db import Database
from service.models import MAIN
from service.pipeline.run import STAGES, Ports, run
from tests.chat import chat_server, turned, with_polisher
from tests.cli import LoadedKoe
from tests.demo import demo_ports, feed_demo
from tests.integration.test_loop import digests

SOURCES = ("demo-tickets-en", "demo-help-centre", "demo-interventions", "demo-accounts")

KILLED = """
import os, signal, sys
from service.db import Database
from service.models import MAIN
from service.pipeline.run import run
from tests.chat import with_polisher
from tests.demo import demo_ports

def killed_at(stage, done, total):
    if stage == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

db = Database.at(sys.argv[1])
run(db, MAIN, with_polisher(demo_ports(embedder="hashing"), sys.argv[2]), progress=killed_at)
"""


@pytest.fixture
def model() -> Iterator[str]:
    """The address of a language model that turns every text a little."""
    with chat_server(turned) as server:
        yield server.url


@pytest.fixture
def ports(model: str) -> Ports:
    return with_polisher(demo_ports(embedder="hashing"), model)


@pytest.fixture
def undisturbed(db: Database, ports: Ports, tmp_path: Path) -> dict[str, str]:
    feed_demo(db, only=SOURCES)
    run(db, MAIN, ports)
    return digests(db, tmp_path / "undisturbed")


def test_killed_at_every_stage_in_turn_it_ends_in_the_same_themes(
    undisturbed: dict[str, str], ports: Ports, model: str, second_url: str, loaded: LoadedKoe, tmp_path: Path
) -> None:
    database = Database.at(second_url)
    feed_demo(database, only=SOURCES)
    for stage in STAGES:
        if stage in ("deliver", "place", "track"):
            continue  # nothing was accepted, and nothing came meanwhile: there is nothing to kill
        done = loaded.script(KILLED, second_url, model, stage)
        assert done.status == -signal.SIGKILL, f"{stage} told no progress: {done.err}"
    run(database, MAIN, ports)
    assert digests(database, tmp_path / "killed") == undisturbed
    database.close()
