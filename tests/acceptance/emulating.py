"""The npm package `emulate` as a counterpart: other people's systems in a process of this machine.

It is not ours, so it knows nothing of what Koe expects. docs/acceptance.md tells what it does not emulate.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.waiting import until

VERSION = "0.11.2"
"""The last one for Node 20. Without a version npm installs something else of that name."""
HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "build" / "emulate"
SETUP_WITHIN = 300
"""Seconds."""


@contextmanager
def emulated(system: str, seed: Mapping[str, object], *, port: int, folder: Path) -> Iterator[httpx.Client]:
    """Run a system on a port of this machine, and give a client whose address is that of its API."""
    (folder / "seed.yaml").write_text(json.dumps(seed), encoding="utf-8")  # which is YAML, too
    command = ["node", "-r", str(HERE / "emulator.cjs"), str(_installed()), "start", "--service", system]
    command += ["--port", str(port), "--seed", str(folder / "seed.yaml")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
            until(lambda: _answers(client))
            assert process.poll() is None, (folder / "log").read_text()
            yield client
    finally:
        process.terminate()
        process.wait(30)


def _installed() -> Path:
    """Return the program, installed the first time. Skips where there is no Node."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node is not installed")
    program = FOLDER / "node_modules" / "emulate" / "dist" / "index.js"
    if not program.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-save", "--prefix", str(FOLDER), f"emulate@{VERSION}"]
        subprocess.run(command, check=True, timeout=SETUP_WITHIN, env=os.environ)
    return program


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/").status_code < 500
    except httpx.TransportError:
        return False
