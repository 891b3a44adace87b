"""The worker: what was received comes into its theme by itself, and nothing that waits is forgotten."""

import csv
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from nlp.segment import Segmentation, Turn, segment
from service.db import Database
from service.imports import Options, import_file
from service.jobs.bell import Bell
from service.jobs.queue import Queue
from service.jobs.sweep import sweep
from service.models import MAIN, InboxEntry, Item, Run, Theme
from service.pipeline import redact
from service.pipeline.run import run, take_in
from service.repositories import runs
from service.rules.digests import Rhythm
from tests.cli import QUICK, Koe
from tests.demo import demo_ports

PATIENCE = 60
"""Seconds that something may take beside a busy machine."""


def say(db: Database, folder: Path, texts: Sequence[str], *, prefix: str = "t") -> None:
    path = folder / f"{prefix}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["external_id", "text", "customer_id"])
        rows.writerows([f"{prefix}-{number}", text, f"c{number}"] for number, text in enumerate(texts))
    import_file(db, MAIN, "feedback", path, source=prefix, options=Options())


def until(db: Database, holds: Callable[[Session], object]) -> None:
    """Wait until something holds in the database."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with db.begin() as session:
            if holds(session):
                return
        time.sleep(0.05)
    pytest.fail("waited in vain")


def jobs(db: Database) -> list[str]:
    with db.begin() as session:
        query = "SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY task_name"
        return [row[0] for row in session.connection().exec_driver_sql(query)]


@pytest.fixture
def koe(url: str, tmp_path: Path) -> Koe:
    return Koe(folder=tmp_path, settings={"KOE_DATABASE_URL": url, **QUICK})


@pytest.fixture
def worker(koe: Koe) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts workers, and ends those that are left."""
    started = []

    def start(*arguments: str) -> "subprocess.Popen[str]":
        process = koe.start("worker", *arguments)
        started.append(process)
        assert process.stderr is not None
        assert "ready" in process.stderr.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def themes(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Theme)).one()


def items(session: Session, *, placed: bool) -> int:
    query = select(func.count()).select_from(Item).where(col(Item.unplaced).is_(not placed))
    return session.exec(query.where(col(Item.text).is_not(None))).one()


def test_what_waits_when_a_worker_starts_becomes_themes(
    db: Database, tmp_path: Path, worker: Callable[..., object]
) -> None:
    say(db, tmp_path, ["The export fails"] * 4)
    worker()
    until(db, lambda session: themes(session) == 1)


def test_a_bell_that_is_rung_brings_a_voice_into_its_theme(
    db: Database, tmp_path: Path, worker: Callable[..., object]
) -> None:
    say(db, tmp_path, ["The export fails"] * 4, prefix="old")
    run(db, MAIN, demo_ports(embedder="hashing"))
    worker("--lane", "live")
    with Bell(Queue(db)) as bell:
        say(db, tmp_path, ["The export fails"], prefix="new")
        bell.ring("take_in", MAIN)
    until(db, lambda session: items(session, placed=True) == 5)
    with db.begin() as session:
        assert session.exec(select(func.count()).select_from(Run)).one() == 1


def test_a_worker_that_is_told_to_stop_ends_well(worker: Callable[..., "subprocess.Popen[str]"]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        process = worker()
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, "Traceback" in err) == (0, False), err


def test_what_a_killed_worker_had_begun_is_done_by_the_next(
    db: Database, tmp_path: Path, worker: Callable[..., "subprocess.Popen[str]"]
) -> None:
    say(db, tmp_path, ["The export fails"] * 4)
    Queue(db).ask("take_in", MAIN)
    with db.begin() as session:
        assert runs.lock_runs(session, MAIN, wait=True)  # so that its run is in the middle when it dies
        first = worker()
        until(db, lambda inner: items(inner, placed=False) == 4)
        first.kill()
        first.communicate()
    worker()
    until(db, lambda session: themes(session) == 1)


class TestAsking:
    def test_two_that_ask_for_one_job_get_one(self, db: Database) -> None:
        queue = Queue(db)
        assert [queue.ask("deliver", MAIN), queue.ask("deliver", MAIN)] == [True, False]
        assert jobs(db) == ["deliver"]

    def test_a_bell_that_is_rung_often_asks_once(self, db: Database) -> None:
        with Bell(Queue(db)) as bell:
            for _ in range(100):
                bell.ring("take_in", MAIN)
        assert jobs(db) == ["take_in"]

    def test_a_sweep_asks_for_what_nobody_asked_for(self, db: Database, tmp_path: Path) -> None:
        queue = Queue(db)
        sweep(db, queue, rhythm=Rhythm())
        assert jobs(db) == []
        say(db, tmp_path, ["The export fails"])
        sweep(db, queue, rhythm=Rhythm())
        sweep(db, queue, rhythm=Rhythm())
        assert jobs(db) == ["take_in"]


def test_a_voice_that_koe_stumbles_over_holds_up_no_other(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(text: str, turns: Sequence[Turn], **more: Any) -> Segmentation:
        if "poison" in text:
            raise RecursionError(text)
        return segment(text, turns, **more)

    monkeypatch.setattr(redact, "segment", stumbles)  # no voice is known that Koe really stumbles over
    say(db, tmp_path, ["The export fails", "a poison for the reader", "It prints twice"])
    _, report = take_in(db, MAIN)
    assert (report.done, report.failed) == (2, 1)
    with db.begin() as session:
        dead = session.exec(select(InboxEntry).where(InboxEntry.state == "dead")).one()
        assert dead.reason is not None
        assert "RecursionError" in dead.reason
        assert "poison" not in dead.reason
    assert [done.done for done in take_in(db, MAIN)] == [0, 0]
