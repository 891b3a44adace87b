"""A run that is killed at any stage ends, run again, in the same themes."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service.db import Database
from service.models import MAIN
from service.pipeline.run import STAGES, run
from tests.demo import demo_ports, feed_demo
from tests.integration.test_loop import digests

SOURCES = ("demo-tickets-en", "demo-help-centre", "demo-interventions", "demo-accounts")

KILLED = """
import os, signal, sys
from service.db import Database
from service.models import MAIN
from service.pipeline.run import run
from tests.demo import demo_ports

def killed_at(stage, done, total):
    if stage == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

db = Database.at(sys.argv[1])
run(db, MAIN, demo_ports(embedder="hashing"), progress=killed_at)
"""


@pytest.fixture
def undisturbed(db: Database, tmp_path: Path) -> dict[str, str]:
    feed_demo(db, only=SOURCES)
    run(db, MAIN, demo_ports(embedder="hashing"))
    return digests(db, tmp_path / "undisturbed")


def test_killed_at_every_stage_in_turn_it_ends_in_the_same_themes(
    undisturbed: dict[str, str], second_url: str, tmp_path: Path
) -> None:
    database = Database.at(second_url)
    feed_demo(database, only=SOURCES)
    for stage in STAGES:
        if stage in ("deliver", "place", "polish"):
            continue  # nothing was accepted, nothing came meanwhile, and no model polishes: nothing to kill
        done = subprocess.run(
            [sys.executable, "-c", KILLED, second_url, stage], capture_output=True, text=True
        )
        assert done.returncode == -signal.SIGKILL, f"{stage} told no progress: {done.stderr}"
    run(database, MAIN, demo_ports(embedder="hashing"))
    assert digests(database, tmp_path / "killed") == undisturbed
    database.close()
