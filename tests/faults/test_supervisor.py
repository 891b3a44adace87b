"""Keeping processes running: what ends is started again, what is told to stop stops, and nothing is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from service.postgres import processes
from service.supervisor import LONGEST_PAUSE, pause_before
from tests.cli import ROOT
from tests.processes import loaded
from tests.waiting import until

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

SUPERVISOR = """
import sys
from service.ending import stop_in_order
from service.supervisor import Child, lifeline, supervise

stop_in_order()
with lifeline() as line:
    children = [
        Child(name=f"part {number}", command=[sys.executable, "-c", program, str(line)], descriptors=[line])
        for number, program in enumerate(sys.argv[1:])
    ]
    supervise(children, announce=lambda told: print(told, flush=True), patience=1)
print("done", flush=True)
"""

OBEYS = """
import os, sys, time
from service.ending import end_with, stop_in_order
stop_in_order()
end_with(int(sys.argv[1]))
os.write(1, b"here\\n")  # at once: two children write to one pipe, and unbuffered `print` writes twice
while True:
    time.sleep(60)
"""
IS_DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
while True:
    time.sleep(60)
"""
FAILS = "raise SystemExit(3)"


@dataclass(slots=True)
class Supervisor:
    """A supervisor in a process of its own, and what it said."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def says(self, words: str) -> str:
        """Wait until it says these words, and return the line."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if words in line:
                return line.rstrip()
        raise AssertionError(f"{words!r} was never said: {self.said}")

    def hears_from_child(self, words: str) -> None:
        """Wait until a child says these words; its output comes through our stderr."""
        assert self.process.stderr is not None
        assert any(words in line for line in self.process.stderr)

    def children(self) -> list[int]:
        """Return the processes that it has started, the dead ones that nobody has buried too."""
        listed = subprocess.run(
            ["ps", "-ax", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
        ).stdout.split("\n")
        pairs = [tuple(map(int, line.split())) for line in listed if line.strip()]
        return [pid for pid, parent in pairs if parent == self.process.pid]


@pytest.fixture
def supervising() -> Iterator[Callable[[Sequence[str]], Supervisor]]:
    """Starts supervisors of programs."""
    started: list[subprocess.Popen[str]] = []

    def start(programs: Sequence[str]) -> Supervisor:
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", SUPERVISOR, *programs],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        )
        return Supervisor(started[-1])

    yield start
    for process in started:
        process.kill()
        process.communicate()


Supervising = Callable[[Sequence[str]], Supervisor]


def test_what_is_killed_is_started_again_at_once_and_the_reason_told(supervising: Supervising) -> None:
    koe = supervising([OBEYS])
    koe.hears_from_child("here")
    (first,) = koe.children()
    os.kill(first, signal.SIGKILL)
    assert koe.says("part 0") == "The part 0 ended (killed by SIGKILL); it is started again at once."
    koe.hears_from_child("here")
    (second,) = koe.children()  # the dead one was buried
    assert second != first


def test_what_ends_time_and_again_is_started_ever_more_rarely(supervising: Supervising) -> None:
    koe = supervising([FAILS])
    assert koe.says("ended") == "The part 0 ended (exit status 3); it is started again at once."
    assert koe.says("ended").startswith("The part 0 ended (exit status 3); it is started again in ")


def test_the_pauses_grow_from_none_to_half_a_minute() -> None:
    pauses = [[pause_before(starts) for _ in range(100)] for starts in range(50)]
    assert set(pauses[0]) == {0.0}
    assert all(0.5 <= pause <= 2 for pause in pauses[1])
    assert all(LONGEST_PAUSE / 2 <= pause <= LONGEST_PAUSE for late in pauses[6:] for pause in late)
    assert len(set(pauses[20])) > 50  # what failed together does not come back together


def test_one_that_ends_disturbs_no_other(supervising: Supervising) -> None:
    koe = supervising([OBEYS, FAILS])
    koe.hears_from_child("here")
    koe.says("in ")
    assert not [line for line in koe.said if "part 0" in line]


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_told_to_stop_it_ends_its_children_and_then_itself(
    supervising: Supervising, number: signal.Signals
) -> None:
    koe = supervising([OBEYS, OBEYS])
    koe.hears_from_child("here")
    koe.hears_from_child("here")
    children = koe.children()
    koe.process.send_signal(number)
    assert koe.process.wait(60) == 0
    assert koe.says("done") == "done"
    assert [processes.find(pid) for pid in children] == [None, None]


def test_a_child_that_does_not_stop_is_killed(supervising: Supervising) -> None:
    koe = supervising([IS_DEAF])
    koe.hears_from_child("deaf")
    (child,) = koe.children()
    koe.process.send_signal(signal.SIGTERM)
    assert koe.process.wait(60) == 0
    assert processes.find(child) is None


def test_when_it_is_killed_itself_its_children_stop_in_order(supervising: Supervising) -> None:
    koe = supervising([OBEYS, OBEYS])
    koe.hears_from_child("here")
    koe.hears_from_child("here")
    children = koe.children()
    koe.process.kill()
    until(lambda: not any(processes.find(pid) for pid in children))


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    program = f"""
from service.supervisor import Child, supervise
supervise([Child(name="part", command=[{str(tmp_path / "none")!r}])], announce=lambda told: exit(told))
"""
    told = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "No such file or directory" in told.stderr


def test_the_supervisor_loads_nothing_heavy() -> None:
    libraries = (
        "torch",
        "sklearn",
        "fastapi",
        "uvicorn",
        "sentence_transformers",
        "procrastinate",
        "alembic",
    )
    heavy = (*libraries, "scipy.optimize", "scipy.sparse", "openpyxl", "pypdf", "nlp.redaction.addresses")
    assert loaded("import service.cli, service.commands.up", heavy) == "[]"
