"""Sets up `.venv`: everything from the lock file, and torch in the build that needs no GPU.

Runs on a bare Python 3.11 with venv and pip. Safe to repeat: what is there already is left alone.
"""

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
TORCH = "torch==2.13.0"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def say(text: str) -> None:
    """Tell the person who waits what is going on."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def pip(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the environment's pip; its own progress is shown."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, cwd=ROOT, check=check, text=True)


def offered_torch() -> dict[str, str]:
    """Return version and needs of the torch that pip offers, without installing it."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--dry-run"]
    command += ["--ignore-installed", "--no-deps", "--report", "-", TORCH]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        return {}
    metadata = json.loads(answer.stdout)["install"][0]["metadata"]
    return {"version": metadata["version"], "needs": " ".join(metadata.get("requires_dist", []))}


def install_torch() -> None:
    """Install torch without CUDA where that can be had, else with it.

    pip's own offer is taken if it is a CPU build (always so on macOS); else PyTorch's CPU index is
    tried once; else the default comes with its gigabytes of CUDA packages.
    """
    have = subprocess.run(
        [str(PYTHON), "-c", "import importlib.metadata as m; print(m.version('torch').split('+')[0])"],
        capture_output=True,
        text=True,
        check=False,
    )
    if have.stdout.strip() == TORCH.split("==")[1]:
        return
    offer = offered_torch()
    if offer and (offer["version"].endswith("+cpu") or platform.system() != "Linux"):
        pip("install", "--no-deps", TORCH)
        return
    say("  pip offers torch with CUDA; trying PyTorch's CPU builds")
    tried = pip(
        "install",
        "--no-deps",
        "--retries",
        "0",
        "--timeout",
        "20",
        "--index-url",
        CPU_INDEX,
        TORCH,
        check=False,
    )
    if tried.returncode:
        say("  not reachable; installing the default build, which brings several gigabytes of CUDA")
        pip("install", TORCH)


def main() -> None:
    """Make the environment, or complete it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="with what the tests and checks need")
    lock = ROOT / ("requirements-dev.lock" if parser.parse_args().dev else "requirements.lock")
    if sys.version_info[:2] != (3, 11):
        sys.exit(f"Koe needs Python 3.11; this is {platform.python_version()}. Say `make PYTHON=python3.11`.")
    stamp = VENV / f".{lock.stem}"
    wanted = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    started = time.monotonic()
    say(f"1/4  environment in {VENV.name}")
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    say("2/4  torch")
    install_torch()
    say(f"3/4  {lock.name}")
    pip("install", "--no-deps", "--require-hashes", "--requirement", str(lock))
    say("4/4  Koe")
    pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")
    stamp.write_text(wanted)
    if lock.name == "requirements-dev.lock":
        runtime = hashlib.sha256(
            (ROOT / "requirements.lock").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
        )
        (VENV / ".requirements").write_text(runtime.hexdigest())
    say(f"ready after {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
