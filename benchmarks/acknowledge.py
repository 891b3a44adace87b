"""How fast calls are acknowledged: proof, insert and commit, against a bare FastAPI and psycopg insert.

`python -m benchmarks.acknowledge` starts both servers over a database of its own and gives them the same
signed calls in turn, from 50 connections, as fast as they answer. `--minutes 10 --rate 50` sends calls to Koe
at that rate instead, and tells how long each waited, counted from when it was due. `--at URL --source NAME`
(the secret in KOE_BENCH_SECRET) does so to a server that runs already, beside whatever else it has to do.
"""

import argparse
import asyncio
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, FastAPI, Request, Response
from psycopg_pool import ConnectionPool
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url

from connectors.signatures import key_of, sign
from service.access.senders import close_secrets, make_secret
from service.app import create_app
from service.config import Settings
from service.db import Database, migrate
from service.models import MAIN, Source
from service.models.columns import digest
from service.postgres import open_server
from service.repositories import sources
from service.sealing import Seal

CONNECTIONS = 50
SOURCE = "bench"
TEXT = "請求書の宛名を変更したいのですが、設定画面のどこから変えられますか。" * 5
INSERT = """
    INSERT INTO webhook_call (organisation_id, source_id, call_key, body, received_at, state, tries)
    VALUES (%s, %s, %s, %s, now(), 'pending', 0)
"""


def koe() -> FastAPI:
    """Return Koe's application over the database of the settings."""
    settings = Settings()
    return create_app(Database.at(str(settings.database_url)), settings)


def bare() -> FastAPI:
    """Return an application that inserts what it is sent, and does nothing else."""
    url = make_url(str(Settings().database_url)).set(drivername="postgresql")
    pool = ConnectionPool(url.render_as_string(hide_password=False), min_size=15, max_size=15, open=False)
    source_id = digest(MAIN, "source", SOURCE)

    @asynccontextmanager
    async def opened(_: FastAPI) -> AsyncIterator[None]:
        pool.open()
        yield
        pool.close()

    app = FastAPI(lifespan=opened)

    async def whole(request: Request) -> bytes:
        return await request.body()

    @app.post(f"/webhooks/{SOURCE}")
    def take(request: Request, body: Annotated[bytes, Depends(whole)]) -> Response:
        with pool.connection() as connection:
            connection.execute(INSERT, (MAIN, source_id, request.headers["webhook-id"], body))
        return Response()

    return app


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A webhook of a server that runs."""

    address: str
    source: str
    key: bytes = field(repr=False)

    def request(self) -> bytes:
        """Return a signed call, as it goes over the line."""
        named, now = f"msg_{secrets.token_hex(12)}", int(time.time())
        said = {"external_id": named, "text": TEXT, "customer_id": named, "created_at": now}
        body = json.dumps(said, ensure_ascii=False).encode()
        head = (
            f"POST /webhooks/{quote(self.source)} HTTP/1.1\r\nHost: {urlsplit(self.address).netloc}\r\n"
            f"Content-Length: {len(body)}\r\nwebhook-id: {named}\r\nwebhook-timestamp: {now}\r\n"
            f"webhook-signature: {sign(self.key, named, now, body)}\r\n\r\n"
        )
        return head.encode() + body


class Line:
    """A connection that is kept open. It reads no more of HTTP than these answers need."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, address: str) -> "Line":
        """Connect to a server."""
        parts = urlsplit(address)
        return cls(*await asyncio.open_connection(parts.hostname, parts.port))

    async def send(self, request: bytes) -> int:
        """Send a request and return the status of its answer."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        _, _, length = head.partition(b"content-length: ")
        await self._reader.readexactly(int(length.split(b"\r\n", 1)[0] or 0))
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def rate(door: Door, seconds: float) -> float:
    """Return how many calls a second were acknowledged over all connections."""
    lines = [await Line.to(door.address) for _ in range(CONNECTIONS)]
    began = time.perf_counter()

    async def keep_sending(line: Line) -> int:
        done = 0
        while time.perf_counter() < began + seconds:
            status = await line.send(door.request())
            if status != 200:
                raise SystemExit(f"{door.address} answered {status}")
            done += 1
        return done

    done = sum(await asyncio.gather(*map(keep_sending, lines)))
    for line in lines:
        line.close()
    return done / (time.perf_counter() - began)


async def waits(door: Door, *, seconds: float, per_second: float) -> tuple[list[float], int]:
    """Return the seconds that each call waited from when it was due, sorted, and how many were not taken."""
    free: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await Line.to(door.address))
    began, waited, refused = time.perf_counter(), list[float](), 0

    async def send(due: float) -> None:
        nonlocal refused
        line = await free.get()
        try:
            refused += await line.send(door.request()) != 200
        except (OSError, asyncio.IncompleteReadError):  # an idle line was closed, or the server is gone
            refused += 1
            line = await Line.to(door.address)
        waited.append(time.perf_counter() - due)
        free.put_nowait(line)

    async with asyncio.TaskGroup() as all_of:
        for number in range(int(seconds * per_second)):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            all_of.create_task(send(due))
    return sorted(waited), refused


@contextmanager
def database() -> Iterator[tuple[dict[str, str], bytes]]:
    """Give the settings of a database with a source that takes calls, and the key that signs them."""
    folder = Path(tempfile.mkdtemp(prefix="koe-bench-"))
    folder.chmod(0o755)
    sealing, secret = secrets.token_hex(32), make_secret("signature")
    with open_server(folder / "home") as server:
        migrate(server.owner_url)
        db = Database.at(server.url)
        source_id = digest(MAIN, "source", SOURCE)
        source = Source(
            id=source_id,
            organisation_id=MAIN,
            name=SOURCE,
            kind="generic",
            proof="signature",
            sealed_secrets=close_secrets(Seal(sealing), source_id, [secret]),
            created_at=datetime.now(UTC),
        )
        with db.begin() as session:
            sources.add_source(session, source)
        db.close()
        home = str(folder / "home")
        yield {"KOE_DATABASE_URL": server.url, "KOE_SECRET_KEY": sealing, "KOE_HOME": home}, key_of(secret)
    shutil.rmtree(folder)


@contextmanager
def served(application: str, settings: dict[str, str]) -> Iterator[str]:
    """Give the address of a process that serves one of the applications above."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", f"benchmarks.acknowledge:{application}"]
    options = ["--port", str(port), "--log-level", "warning", "--no-access-log"]
    process = subprocess.Popen([*command, *options], env={**os.environ, **settings})
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except OSError:
                if process.poll() is not None:
                    raise SystemExit(f"{application} does not start") from None
                time.sleep(0.1)
            else:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def compare(seconds: float, rounds: int) -> None:
    """Print the sustained rates of both, round by round, and their ratio."""
    table = Table("round", "bare, calls/s", "Koe, calls/s", "Koe / bare", title=f"{CONNECTIONS} connections")
    found: dict[str, list[float]] = {"bare": [], "koe": []}
    with database() as (settings, key), served("bare", settings) as one, served("koe", settings) as other:
        doors = {
            name: Door(address=address, source=SOURCE, key=key)
            for name, address in (("bare", one), ("koe", other))
        }
        for door in doors.values():
            asyncio.run(rate(door, 1))  # nobody counts the first second
        for number in range(rounds):
            for name, door in doors.items() if number % 2 == 0 else reversed(doors.items()):
                found[name].append(asyncio.run(rate(door, seconds)))
            bare_rate, koe_rate = found["bare"][-1], found["koe"][-1]
            table.add_row(
                str(number + 1), f"{bare_rate:,.0f}", f"{koe_rate:,.0f}", f"{koe_rate / bare_rate:.2f}"
            )
    bare_rate, koe_rate = median(found["bare"]), median(found["koe"])
    table.add_row("median", f"{bare_rate:,.0f}", f"{koe_rate:,.0f}", f"{koe_rate / bare_rate:.2f}")
    Console().print(table)


def time_waits(door: Door, minutes: float, per_second: float) -> None:
    """Print how long calls waited for their acknowledgement."""
    waited, refused = asyncio.run(waits(door, seconds=minutes * 60, per_second=per_second))
    title = f"{len(waited):,} calls, {per_second:g} a second; {refused:,} not taken"
    table = Table("p50", "p99", "p99.9", "longest", title=title)
    shares = [waited[min(int(len(waited) * share), len(waited) - 1)] for share in (0.5, 0.99, 0.999, 1.0)]
    table.add_row(*(f"{wait * 1000:,.1f} ms" for wait in shares))
    Console().print(table)


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.acknowledge", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of each round")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--minutes", type=float, help="time the waits for so long")
    parser.add_argument("--rate", type=float, default=50, help="calls a second while waits are timed")
    parser.add_argument("--at", help="the address of a server that runs")
    parser.add_argument("--source", default=SOURCE, help="its source, which takes signed calls")
    asked = parser.parse_args()
    if asked.at:
        key = key_of(os.environ["KOE_BENCH_SECRET"])
        time_waits(Door(address=asked.at, source=asked.source, key=key), asked.minutes or 1, asked.rate)
    elif asked.minutes:
        with database() as (settings, key), served("koe", settings) as address:
            time_waits(Door(address=address, source=SOURCE, key=key), asked.minutes, asked.rate)
    else:
        compare(asked.seconds, asked.rounds)


if __name__ == "__main__":
    main()
