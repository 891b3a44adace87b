"""`koe up` when its processes are killed one by one: each comes back, and no answer is wrong meanwhile."""

import itertools
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from service.postgres import processes
from tests.cli import QUICK, Koe
from tests.waiting import until


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def koe(tmp_path_factory: pytest.TempPathFactory, used_once: Path) -> Koe:
    """The commands over a home with a server of its own, on a port of their own."""
    home = used_once.parent / "up"
    subprocess.run(["cp", "-a", str(used_once), str(home)], check=True)
    settings = {"KOE_HOME": str(home), "KOE_PORT": str(free_port()), **QUICK}
    return Koe(folder=tmp_path_factory.mktemp("up"), settings=settings)


class Up:
    """A running `koe up`."""

    def __init__(self, koe: Koe) -> None:
        self.home = Path(koe.settings["KOE_HOME"])
        self.log = koe.folder / "log"
        self.process = koe.start("up", "--json", said_in=self.log)
        assert self.process.stdout is not None
        answer = self.process.stdout.readline()
        assert answer, f"it ended with {self.process.communicate()}: {self.log.read_text()}"
        self.link = json.loads(answer)["url"]
        self.address = self.link.partition("/sign-in")[0]
        self.children: set[int] = set()
        """All that were seen."""

    def pid(self, words: str) -> int | None:
        """Return the child whose command has these words."""
        named = [each.pid for each in processes.running() if words in each.command]
        found = [pid for pid in named if parent(pid) == self.process.pid]
        self.children.update(found)
        return next(iter(found), None)

    def kill(self, words: str) -> None:
        """Kill a child, and wait until there is another."""
        until(lambda: self.pid(words) is not None)
        killed = self.pid(words)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        until(lambda: self.pid(words) not in (None, killed))

    def end_database(self, number: signal.Signals) -> None:
        """End the database, and wait until there is another."""
        ended = postmaster(self.home)
        os.kill(ended, number)
        until(lambda: processes.find(ended) is None)
        until(lambda: postmaster(self.home) not in (0, ended))

    def stop(self) -> int:
        """Tell it to stop, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return self.process.returncode


@dataclass(frozen=True, slots=True)
class Running:
    """All that were started, of which the last one runs, and the browser of the first administrator."""

    started: list[Up]
    browser: httpx.Client


@pytest.fixture(scope="module")
def running(koe: Koe) -> Iterator[Running]:
    first = Up(koe)
    with httpx.Client(base_url=first.address, trust_env=False, timeout=60, follow_redirects=True) as client:
        assert client.get(first.link).status_code == 200
        all_of_them = Running([first], client)
        yield all_of_them
    if all_of_them.started[-1].process.poll() is None:
        all_of_them.started[-1].stop()


@pytest.fixture
def up(koe: Koe, running: Running) -> Up:
    """The same one for all tests, because it takes seconds to start; another where a test has ended it."""
    if running.started[-1].process.poll() is not None:
        running.started.append(Up(koe))
    return running.started[-1]


@pytest.fixture
def browser(running: Running) -> httpx.Client:
    return running.browser


@contextmanager
def visitors(client: httpx.Client) -> Iterator[list[httpx.Response | httpx.TransportError]]:
    """Look at pages all the time, and give a list of what became of it."""
    seen: list[httpx.Response | httpx.TransportError] = []
    over = threading.Event()

    def look() -> None:
        for path in itertools.cycle(("/themes", "/items", "/api/v1/themes", "/readyz", "/healthz")):
            if over.is_set():
                return
            try:
                seen.append(client.get(path))
            except httpx.TransportError as error:
                seen.append(error)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_when_the_web_process_is_killed_who_asks_meanwhile_is_answered_by_the_next(
    up: Up, browser: httpx.Client
) -> None:
    up.kill("serve --fd")
    assert browser.get("/themes").status_code == 200  # signed in as before
    assert "The web process ended (killed by SIGKILL); it is started again at once." in up.log.read_text()


def test_when_a_worker_is_killed_there_is_another(up: Up) -> None:
    for lane in ("live", "slow"):
        up.kill(f"worker --lane {lane}")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_when_the_database_ends_it_comes_back_and_meanwhile_the_pages_say_when_to_ask_again(
    up: Up, browser: httpx.Client, number: signal.Signals
) -> None:
    with visitors(browser) as seen:
        until(lambda: len(seen) > 10)
        up.end_database(number)
        until(lambda: any(isinstance(one, httpx.Response) and one.status_code == 503 for one in seen))
        until(lambda: all(browser.get(path).status_code == 200 for path in ("/themes", "/readyz")))
    answers = [one for one in seen if isinstance(one, httpx.Response)]
    assert len(answers) == len(seen)
    assert {one.status_code for one in answers} == {200, 503}
    assert [one for one in answers if one.status_code == 503 and "Retry-After" not in one.headers] == []
    assert {one.status_code for one in answers if one.url.path == "/healthz"} == {200}


def test_when_it_is_killed_itself_another_takes_its_place_and_leaves_nothing_behind(koe: Koe, up: Up) -> None:
    up.process.kill()
    up.process.communicate()
    again = Up(koe)
    assert again.address == up.address
    until(lambda: again.pid("worker --lane live") is not None)
    assert again.stop() == 0
    assert [each.command for each in processes.running() if str(up.home) in each.command] == []
    assert [pid for pid in (*up.children, *again.children) if processes.find(pid)] == []
    assert "Traceback" not in again.log.read_text()


def test_a_taken_port_is_named(tmp_path: Path, url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        koe = Koe(folder=tmp_path, settings={"KOE_DATABASE_URL": url, "KOE_PORT": str(port)})
        refused = koe.start("up")
        _, err = refused.communicate()
    assert refused.returncode == 1
    assert f"Port {port} cannot be used" in err


def test_the_network_is_not_shown_what_nobody_could_prove_themselves_to(tmp_path: Path, url: str) -> None:
    refused = Koe(folder=tmp_path, settings={"KOE_DATABASE_URL": url}).start("up", KOE_HOST="0.0.0.0")
    _, err = refused.communicate()
    assert refused.returncode == 1
    assert "koe user add" in err


def parent(pid: int) -> int:
    listed = subprocess.run(
        ["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return int(listed.stdout.strip() or 0)


def postmaster(home: Path) -> int:
    """Return the database's first process, 0 where there is none."""
    with suppress(OSError, IndexError):
        return int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
    return 0
