"""Which processes a running Koe has, found by who started them."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def children(pid: int) -> dict[int, str]:
    """Return the command line of each living child of a process, by its id."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            parent, state = _parent(folder)
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid and state != "Z":
            found[int(folder.name)] = command
    return found


def _parent(folder: Path) -> tuple[int, str]:
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), fields[0]


def kill_child(pid: int, words: str) -> int | None:
    """Kill the child whose command line holds these words; return its id, None where there is none."""
    for child, command in children(pid).items():
        if words in command:
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue
            return child
    return None


def loaded(program: str, names: Sequence[str]) -> str:
    """Return which modules of these a fresh process has loaded once it ran a program: `[]` for none."""
    found = f"[name for name in {list(names)} if name in sys.modules]"
    told = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}\nprint({found})"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return told.stdout.strip()
