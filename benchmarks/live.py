"""How long it takes from a ticket to its theme, with many items in store, while everything is grouped anew.

    python -m benchmarks.live DATA CACHE [--items 100000] [--minutes 5] [--rate 1]

What people really wrote is imported, a ticket a text, and grouped once. Then `koe up` serves and works, one
run after another groups everything anew (at lower priority, as the worker does it), and signed calls come in
at an even rate. The clock runs from the sending of a call until its voice has a place in the live run.
"""

import csv
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import httpx
import typer
from sqlalchemy import text

from benchmarks.acknowledge import SOURCE, database
from benchmarks.scale import texts_of
from connectors.signatures import sign
from service.db import Database

POLLED = 0.1
"""Seconds between two looks whether a voice has its place: so much is an answer too long."""
LOADING = 15.0
"""Seconds that the workers are given to load their models."""
PATIENCE = 120.0
"""Seconds after which a voice counts as never placed."""
PLACED = """
    SELECT item.external_id FROM item
    WHERE item.external_id = ANY(:sent) AND (item.set_aside IS NOT NULL OR EXISTS (
        SELECT FROM span
        JOIN assignment ON assignment.span_id = span.id
        JOIN run ON run.id = assignment.run_id AND run.state = 'live'
        WHERE span.item_id = item.id
    ))
"""


def koe(*arguments: str, settings: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start a command of Koe over the database of the settings."""
    command = [sys.executable, "-m", "service", *arguments]
    return subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)


def stored(texts: Sequence[str], cache: Path, settings: Mapping[str, str]) -> None:
    """Import a ticket a text, and group them once."""
    path = cache / "live.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["external_id", "text", "created_at"])
        rows.writerows((f"old-{n}", each, "2026-05-01T09:00:00+09:00") for n, each in enumerate(texts))
    for arguments in (("import", "feedback", str(path), "--source", "history"), ("run",)):
        if koe(*arguments, settings=settings).wait():
            raise SystemExit(f"koe {arguments[0]} failed")


@contextmanager
def running(settings: Mapping[str, str]) -> Iterator[str]:
    """Let Koe serve and work, and one run after another group everything anew; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    address = f"http://127.0.0.1:{port}"
    up = koe("up", settings={**settings, "KOE_PORT": port})
    command = f"seed=1; while {sys.executable} -m service run --seed $seed; do seed=$((seed + 1)); done"
    runs = subprocess.Popen(
        ["nice", "-n", "10", "sh", "-c", command],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(f"{address}/readyz", up)
        yield address
    finally:
        os.killpg(runs.pid, signal.SIGTERM)
        up.terminate()
        up.wait()


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            httpx.get(address, timeout=5).raise_for_status()
        except httpx.HTTPError:
            time.sleep(POLLED)
        else:
            return
    raise SystemExit("koe up does not start")


def waits(
    db: Database, address: str, key: bytes, texts: Sequence[str], *, rate: float
) -> tuple[list[float], int]:
    """Send each text as a ticket; return how long each waited for its place, sorted, and how many in vain."""
    sent: dict[str, float] = {}
    waited: list[float] = []
    came, never = 0, 0
    began = time.monotonic()
    with httpx.Client(base_url=address, timeout=30) as client:
        while sent or came < len(texts):
            now = time.monotonic()
            if came < len(texts) and now >= began + came / rate:
                sent[f"live-{came}"] = now
                _post(client, key, f"live-{came}", texts[came])
                came += 1
            with db.begin() as session:
                for name in set(session.execute(text(PLACED), {"sent": list(sent)}).scalars()):
                    waited.append(time.monotonic() - sent.pop(name))
            for name in [name for name, at in sent.items() if now - at > PATIENCE]:
                del sent[name]
                never += 1
            time.sleep(POLLED)
    return sorted(waited), never


def _post(client: httpx.Client, key: bytes, name: str, words: str) -> None:
    body = httpx.Request("POST", "http://koe", json={"external_id": name, "text": words}).content
    now = int(time.time())
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(key, name, now, body),
        "content-type": "application/json",
    }
    client.post(f"/webhooks/{quote(SOURCE)}", content=body, headers=headers).raise_for_status()


def main(
    data: Path,
    cache: Path,
    items: Annotated[int, typer.Option(help="Items in store.")] = 100_000,
    minutes: Annotated[float, typer.Option(help="How long tickets come.")] = 5,
    rate: Annotated[float, typer.Option(help="Tickets a second.")] = 1,
) -> None:
    """Store, serve, send, and print how long voices waited."""
    cache.mkdir(parents=True, exist_ok=True)
    texts = texts_of(data, cache, items)
    come = [f"{each} ?" for each in texts[:: max(1, int(items / (minutes * 60 * rate)))]]
    with database() as (settings, key):
        stored(texts, cache, settings)
        db = Database.at(settings["KOE_DATABASE_URL"])
        with running(settings) as address:
            time.sleep(LOADING)
            waited, never = waits(db, address, key, come, rate=rate)
        db.close()
    shares = [waited[min(int(len(waited) * share), len(waited) - 1)] for share in (0.5, 0.95, 0.99, 1.0)]
    typer.echo("| items in store | tickets | p50 | p95 | p99 | longest | never placed |")
    typer.echo("|---|---|---|---|---|---|---|")
    figures = " | ".join(f"{each:.1f} s" for each in shares)
    typer.echo(f"| {items:,} | {len(come)} | {figures} | {never} |")


if __name__ == "__main__":
    typer.run(main)
