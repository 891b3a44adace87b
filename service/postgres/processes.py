"""The machine's processes: by /proc where there is one, else by asking `ps`."""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that runs. One that has ended and waits to be reaped (a zombie) runs no more."""

    pid: int
    uid: int
    command: str
    """Its arguments, or the title it gave itself."""


def running() -> Iterator[Process]:
    """Give every process that can be seen."""
    if (PROC / "self" / "stat").exists():
        for entry in PROC.iterdir():
            if entry.name.isdigit():
                yield from by_proc(entry)
    else:
        yield from by_ps("-ax")


def find(pid: int) -> Process | None:
    """Return the process `pid`, or None where it runs no more."""
    if (PROC / "self" / "stat").exists():
        return next(by_proc(PROC / str(pid)), None)
    return next(by_ps("-p", str(pid)), None)


def by_proc(entry: Path) -> Iterator[Process]:
    """Give the process of an entry in /proc, if it runs."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        state = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
        if state not in (b"Z", b"X"):
            yield Process(
                pid=int(entry.name), uid=entry.stat().st_uid, command=command.decode("utf-8", "replace")
            )


def by_ps(*which: str) -> Iterator[Process]:
    """Give the processes that `ps` names when it is asked for `which`."""
    answer = subprocess.run(
        ["ps", *which, "-ww", "-o", "pid=,uid=,stat=,command="], capture_output=True, text=True, check=False
    )
    for line in answer.stdout.splitlines():
        pid, uid, state, command = (*line.split(None, 3), "")[:4]
        if not state.startswith("Z"):
            yield Process(pid=int(pid), uid=int(uid), command=command)
