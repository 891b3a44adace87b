"""Commands that are stopped, and commands that run at once: no process and no half state is left."""

import json
import os
import signal
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlmodel import col, func, select

from service.db import Database
from service.imports import Options, import_file
from service.models import MAIN, InboxEntry, Item
from service.pipeline import ingest
from service.postgres import processes
from service.repositories.runs import lock_runs
from tests.cli import QUICK, Koe

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WAITING = "Another Koe process is at it"


@pytest.fixture
def koe(tmp_path: Path, url: str) -> Koe:
    """The commands over an empty database."""
    return Koe(folder=tmp_path, settings={"KOE_DATABASE_URL": url, "KOE_PORT": "0", **QUICK})


@pytest.fixture
def at_home(tmp_path: Path, used_home: Path) -> Koe:
    """The commands over a home with a server of its own."""
    return Koe(folder=tmp_path, settings={"KOE_HOME": str(used_home), "KOE_PORT": "0", **QUICK})


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A file of tickets that is read no faster than the test writes it."""
    path = tmp_path / "tickets.csv"
    os.mkfifo(path)
    return path


def tickets(path: Path, *, rows: int, text: str = "It does not work") -> Path:
    """Write tickets that say the same."""
    lines = (f"{number},{text},2026-05-01\n" for number in range(rows))
    path.write_text("id,text,created_at\n" + "".join(lines))
    return path


def left_running(home: str) -> list[str]:
    """Return the commands of all processes that have to do with a home."""
    return [process.command for process in processes.running() if home in process.command]


def said_until(process: subprocess.Popen[str], words: str) -> str:
    """Wait until a command says these words on stderr, and return the line."""
    assert process.stderr is not None
    return next(line for line in process.stderr if words in line)


@pytest.mark.parametrize("number", SIGNALS[:2], ids=lambda number: number.name)
def test_an_import_that_is_stopped_stops_its_server_and_can_be_repeated(
    at_home: Koe, pipe: Path, number: signal.Signals
) -> None:
    home = at_home.settings["KOE_HOME"]
    stopped = at_home.start("import", "feedback", pipe, "--source", "s")
    with pipe.open("w"):  # opens when the import does: the database runs by then
        assert left_running(home)
        stopped.send_signal(number)
        stopped.send_signal(signal.SIGINT)  # an impatient second time changes nothing
        out, err = stopped.communicate()
    assert stopped.returncode in (130, 143)
    assert (out, err.splitlines()[-1][:8]) == ("", "Stopped.")
    assert "Traceback" not in err
    assert left_running(home) == []
    pipe.unlink()
    again = at_home.start("import", "feedback", tickets(pipe, rows=3), "--source", "s", "--json")
    assert json.loads(again.communicate()[0])["stored"] == 3
    assert left_running(home) == []


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_serving_ends_well_when_it_is_told_to_stop(at_home: Koe, number: signal.Signals) -> None:
    serving = at_home.start("serve", "--json")
    assert serving.stdout is not None
    url = json.loads(serving.stdout.readline())["url"]
    with urlopen(f"{url.partition('/sign-in')[0]}/healthz") as answer:
        assert answer.status == 200
    serving.send_signal(number)
    out, err = serving.communicate()
    assert (serving.returncode, out, err) == (0, "", "")
    assert left_running(at_home.settings["KOE_HOME"]) == []


def test_an_address_of_ipv6_can_be_opened(koe: Koe) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    serving = koe.start("serve", "--json", KOE_HOST="::1")
    assert serving.stdout is not None
    url = json.loads(serving.stdout.readline())["url"]
    with urlopen(f"{url.partition('/sign-in')[0]}/healthz") as answer:
        assert answer.status == 200
    serving.send_signal(signal.SIGTERM)
    serving.communicate()
    assert serving.returncode == 0


def test_a_run_waits_for_another_one_and_can_be_stopped_meanwhile(koe: Koe, db: Database) -> None:
    with db.begin() as session:
        assert lock_runs(session, MAIN, wait=True)
        run = koe.start("run")
        said_until(run, WAITING)
        run.send_signal(signal.SIGTERM)
        run.communicate()
        assert run.returncode == 143


def test_runs_at_once_come_to_the_same(koe: Koe, db: Database, tmp_path: Path) -> None:
    path = tickets(tmp_path / "t.csv", rows=20)
    import_file(db, MAIN, "feedback", path, source="s", options=Options())
    with ExitStack() as stack:
        session = stack.enter_context(db.begin())
        assert lock_runs(session, MAIN, wait=True)
        runs = [koe.start("run", "--json") for _ in range(2)]
        for run in runs:
            said_until(run, WAITING)
    told = [(json.loads(run.communicate()[0]), run.returncode) for run in runs]
    assert [status for _, status in told] == [0, 0]
    assert len({one["run_id"] for one, _ in told}) == 1
    assert [one["themes"] for one, _ in told] == [1, 1]


def test_what_is_imported_during_a_run_is_read_at_once_and_themed_by_the_next(
    koe: Koe, db: Database, tmp_path: Path
) -> None:
    path = tickets(tmp_path / "t.csv", rows=20)
    with db.begin() as session:
        assert lock_runs(session, MAIN, wait=True)
        importing = koe.start("import", "feedback", path, "--source", "s", "--json")
        out, err = importing.communicate()
        assert (importing.returncode, json.loads(out)["stored"]) == (0, 20)
        assert "Traceback" not in err
        assert len(items(db)) == 20
    run = koe.start("run", "--json")
    assert json.loads(run.communicate()[0])["items"] == 20


def test_imports_at_once_do_not_wait_for_each_other(koe: Koe, db: Database, tmp_path: Path) -> None:
    path = tickets(tmp_path / "t.csv", rows=20)
    importing = [koe.start("import", "feedback", path, "--source", name) for name in ("a", "b", "b")]
    for one in importing:
        _, err = one.communicate()
        assert (one.returncode, "Traceback" in err) == (0, False), err
    assert len(items(db)) == 40


def test_records_of_a_source_that_is_new_in_the_middle_are_read_too(db: Database, tmp_path: Path) -> None:
    path = tickets(tmp_path / "t.csv", rows=2)
    import_file(db, MAIN, "feedback", path, source="first", options=Options())

    more = ["second"]

    def another_import(stage: str, done: int, total: int) -> None:  # noqa: ARG001
        if more:
            import_file(db, MAIN, "feedback", path, source=more.pop(), options=Options())

    report = ingest.run(db, MAIN, progress=another_import)
    assert (report.done, report.failed) == (4, 0)
    with db.begin() as session:
        waiting = select(func.count()).where(col(InboxEntry.state) == "pending")
        assert session.exec(waiting).one() == 0


def items(db: Database) -> list[str]:
    """Return the ids of all items."""
    with db.begin() as session:
        return list(session.exec(select(Item.id)))
