"""The command line as processes, as people and programs call it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
QUICK = {"KOE_EMBEDDER": "hashing", "KOE_CLUSTERER": "exact"}
"""Parts that are there at once and group equal texts: what the commands do around them is the same."""

LOADED_KOE = """
import gc, json, os, sys
from service import cli  # takes a second or two, and each command is a copy of this process
import nlp.redaction.addresses, nlp.redaction.names, scipy.optimize  # which commands load when they need them
gc.freeze()  # looking for garbage among what was loaded would copy the memory of each copy

def obey(order):
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["koe", *order["arguments"]]
    script = order.get("script")
    for number, name in enumerate(("in", "out", "err")):
        os.dup2(os.open(order[name], os.O_RDONLY if number == 0 else os.O_WRONLY), number)
    try:
        exec(script, {"__name__": "__main__"}) if script else cli.main()
    except SystemExit as end:
        return end.code or 0
    return 0

for line in sys.stdin:
    child = os.fork()
    if not child:
        status = obey(json.loads(line))
        sys.stdout.flush()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command wrote, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on stdout."""
        return json.loads(self.out)


class LoadedKoe:
    """A process that has loaded the command line, and runs commands and scripts in copies of itself."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", LOADED_KOE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        )

    def run(
        self, arguments: list[str], *, folder: Path, environment: Mapping[str, str], given: bytes
    ) -> Said:
        """Run a command to its end."""
        order = {"folder": str(folder), "environment": dict(environment), "arguments": arguments}
        return self._obeyed(order, given)

    def script(self, script: str, *arguments: str) -> Said:
        """Run a script to its end; it finds its arguments where one of `python -c` does."""
        order = {"folder": str(ROOT), "environment": dict(os.environ), "arguments": arguments}
        return self._obeyed({**order, "script": script}, b"")

    def _obeyed(self, order: dict[str, Any], given: bytes) -> Said:
        with tempfile.TemporaryDirectory() as place:
            files = {name: Path(place) / name for name in ("in", "out", "err")}
            for path in files.values():
                path.write_bytes(given if path.name == "in" else b"")
            order |= {name: str(path) for name, path in files.items()}
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            status = int(self._process.stdout.readline())
            said = Said(
                status=status, out=files["out"].read_text("utf-8"), err=files["err"].read_text("utf-8")
            )
        assert "Traceback" not in said.out + said.err, said
        return said

    def close(self) -> None:
        """End it."""
        self._process.communicate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Koe:
    """Calls `koe` in a folder, with these settings and no others."""

    folder: Path
    settings: Mapping[str, str]
    loaded: LoadedKoe | None = None

    def __call__(self, *arguments: str | Path, given: bytes = b"", **settings: str) -> Said:
        """Run a command to its end, in a copy of the loaded process."""
        assert self.loaded is not None
        return self.loaded.run(
            [*map(str, arguments)],
            folder=self.folder,
            environment=self.environment(settings),
            given=given,
        )

    def start(
        self, *arguments: str | Path, said_in: Path | None = None, **settings: str
    ) -> subprocess.Popen[str]:
        """Start a command as a process that loads everything itself, and leave it running.

        What it says on stderr is read from there, or goes into the file `said_in`.
        """
        with nullcontext() if said_in is None else said_in.open("wb") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "service", *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file or subprocess.PIPE,
                text=True,
                encoding="utf-8",
                cwd=self.folder,
                env=self.environment(settings),
            )

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the environment: that of the tests, but only our own settings."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("KOE_")}
        home = {"KOE_HOME": str(self.folder / "home"), "PYTHONPATH": str(ROOT)}
        return {**others, **home, **self.settings, **settings}


def all_of(koe: Koe, commands: Iterable[str]) -> list[Said]:
    """Run commands one after the other."""
    return [koe(*command.split()) for command in commands]
