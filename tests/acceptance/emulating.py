"""The npm package `emulate` as a counterpart: other people's systems in a process of this machine.

It is not ours, so it knows nothing of what Koe expects. docs/acceptance.md tells what it does not emulate.
"""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import col, select

from service.access import senders
from service.access.senders import Receivers
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Item, Message, Source, WebhookCall
from service.parts import listening
from service.pipeline import fetch, ingest
from service.pipeline.report import Report
from service.repositories import sources, walks
from service.sealing import Seal
from tests.live import serving
from tests.waiting import until

VERSION = "0.11.2"
"""The last one for Node 20. Without a version npm installs something else of that name."""
HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "build" / "emulate"
SETUP_WITHIN = 300
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Koe:
    """A Koe that takes calls at an address and asks the counterpart."""

    db: Database
    settings: Settings
    address: str
    source: Source

    def fetch(self) -> Report:
        """Ask for all that changed, now, and read it."""
        with self.db.begin() as session:
            session.execute(text("UPDATE walk SET next_at = clock_timestamp()"))
        report = fetch.run(self.db, MAIN, listening(self.settings, self.db), seconds=60)
        assert (report.failed, report.notes) == (0, ())
        ingest.run(self.db, MAIN)
        return report

    def calls(self) -> int:
        """Return how many calls came."""
        with self.db.begin() as session:
            return len(session.exec(select(WebhookCall.sequence)).all())

    def hear(self, so_many: int) -> None:
        """Wait until so many calls have come, and read them."""
        until(lambda: self.calls() >= so_many)
        ingest.run(self.db, MAIN)

    def repaired(self) -> int:
        """Return how many items a walk found that no call had told of."""
        with self.db.begin() as session:
            walk = walks.walk_of(session, self.source.id)
            return walk.repaired if walk else 0

    def item(self, item: int | str) -> Item | None:
        """Return an item as it is known."""
        with self.db.begin() as session:
            return session.exec(select(Item).where(Item.external_id == str(item))).first()

    def items(self) -> int:
        """Return how many items are known."""
        with self.db.begin() as session:
            return len(session.exec(select(Item.id)).all())

    def hears(self, words: str, item: int | str) -> bool:
        """Read what came, and say whether an item has these words."""
        ingest.run(self.db, MAIN)
        return any(said == words for _, said in self.said(item))

    def said(self, item: int | str) -> list[tuple[str, str]]:
        """Return who said what in an item, in its order."""
        query = select(Message.author_role, Message.raw).join(Item, col(Item.id) == Message.item_id)
        with self.db.begin() as session:
            found = session.exec(
                query.where(Item.external_id == str(item)).order_by(col(Message.position))
            ).all()
        return [(role, words or "") for role, words in found]


@contextmanager
def listening_to(
    kind: str, told: Mapping[str, str], *, db: Database, secret: str, token: str
) -> Iterator[Koe]:
    """Run a Koe with one source, named after its kind, that is to be walked from ever."""
    settings = Settings(secret_key=SecretStr("a key of thirty-two bytes at least"), private_hosts="127.0.0.1")
    seal, now = Seal.of(settings), datetime.now(UTC)
    with db.begin() as session:
        source = senders.add(
            session,
            seal,
            MAIN,
            kind,
            kind=kind,
            proof="own",
            settings=dict(told),
            secret=secret,
            known={"token": token},
            now=now,
        )
        walks.begin(session, sources.get_source(session, MAIN, kind), since=None, now=now)
    app = create_app(db, settings)
    app.state.receivers = Receivers(db, lambda: seal)
    with serving(app) as address:
        yield Koe(db=db, settings=settings, address=address, source=source)


def free_port() -> int:
    """Return a port of this machine that nothing listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def tell(lines: Sequence[str]) -> None:
    """Print the report of a run."""
    print("\n" + "\n".join(lines))  # noqa: T201


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
