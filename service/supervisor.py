"""Keeps processes running, whatever becomes of each of them, until it is told to stop itself."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from service.ending import until_a_signal

TICK = 0.1
"""Seconds between two looks at the processes."""
PATIENCE = 10.0
"""Seconds that processes have to end in before they are killed."""
LONGEST_PAUSE = 30.0
"""Seconds after which a process that ends time and again is started at the latest."""
WELL = 10.0
"""Seconds of life after which a process is well, whatever became of it before."""

Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process that shall run."""

    name: str
    command: Sequence[str]
    descriptors: Sequence[int] = ()
    """What it inherits of ours, beside stderr."""


def koe(name: str, *arguments: str, lifeline: int, descriptors: Sequence[int] = ()) -> Child:
    """Return a child that runs a command of ours, and ends when the other end of `lifeline` is closed."""
    # -P: a folder called `service` where the person stands is none of ours.
    command = [sys.executable, "-P", "-m", "service", "--lifeline", str(lifeline), *arguments]
    return Child(name=name, command=command, descriptors=[*descriptors, lifeline])


@contextlib.contextmanager
def lifeline() -> Iterator[int]:
    """Give the end of a pipe that children inherit; at the latest when we die, the other end is closed."""
    theirs, ours = os.pipe()
    try:
        yield theirs
    finally:
        os.close(theirs)
        os.close(ours)


def supervise(children: Sequence[Child], *, announce: Announce, patience: float = PATIENCE) -> None:
    """Keep these children running until a signal says to stop, then end them; none is left behind.

    `announce` is told in one line of each that ended, and why. `patience` are the seconds that a child has
    to end in before it is killed.
    """
    kept = [_Kept(child, announce) for child in children]
    with until_a_signal() as told_to_stop:
        try:
            while not told_to_stop():
                for each in kept:
                    each.tend()
                time.sleep(TICK)
        finally:
            _end([each.process for each in kept if each.process is not None], patience)


class _Kept:
    """One child, its process, and how often it had to be started lately."""

    def __init__(self, child: Child, announce: Announce) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._child = child
        self._announce = announce
        self._starts = 0
        self._since = self._due = time.monotonic()

    def tend(self) -> None:
        """Start it where it is due, and say so where it has ended."""
        if self.process is not None:
            status = self.process.poll()
            if status is not None:
                self.process = None
                self._put_off(_reason(status))
        elif time.monotonic() >= self._due:
            self._start()

    def _start(self) -> None:
        self._since = time.monotonic()
        try:
            self.process = subprocess.Popen(
                self._child.command,
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),  # our own stdout is for the answer
                pass_fds=self._child.descriptors,
                start_new_session=True,  # Ctrl-C at the terminal is ours, who stop them in order
            )
        except OSError as error:
            self._put_off(str(error))

    def _put_off(self, reason: str) -> None:
        if time.monotonic() - self._since >= WELL:
            self._starts = 0
        pause = pause_before(self._starts)
        self._starts += 1
        self._due = time.monotonic() + pause
        again = f"in {pause:.0f} s" if pause >= 1 else "at once"
        self._announce(f"The {self._child.name} ended ({reason}); it is started again {again}.")


def pause_before(starts: int) -> float:
    """Return the seconds before a process is started that was started again so often lately."""
    if not starts:
        return 0.0
    # Jitter: what failed together need not come back together.
    return random.uniform(0.5, 1) * min(LONGEST_PAUSE, 2.0 ** min(starts, 10))


def _reason(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def _end(processes: Sequence["subprocess.Popen[bytes]"], patience: float) -> None:
    """End processes in order; what takes too long is killed, with all that it has started."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and any(process.poll() is None for process in processes):
        time.sleep(TICK / 2)
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
