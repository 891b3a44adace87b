"""`koe up`: everything that a running Koe is made of, kept running by one command."""

import os
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from service.access.hosts import address_of, local_address
from service.access.links import first_link
from service.access.network import require_proof
from service.arguments import read_settings
from service.commands.options import Json, opened
from service.console import Console
from service.ending import until_told_to_stop
from service.jobs.lanes import LANES
from service.listening import listening
from service.logs import logged_as
from service.supervisor import koe, lifeline, supervise
from service.telling import tell_ready

PATIENCE = 5.0
"""Seconds in which the processes of a Koe that was killed give back its port."""
WORKERS_WITHIN = 60.0
"""Seconds in which a worker has its models; after that the address is told all the same."""


def up(as_json: Json = False) -> None:
    """Run the pages and the workers until Ctrl-C; prints a one-time link to sign in."""
    console, settings = Console(json=as_json), read_settings()
    with until_told_to_stop(), logged_as("supervisor") as log, opened(console, settings, log=log) as db:
        require_proof(db, settings)
        with (
            listening(settings.host, settings.port, patience=PATIENCE) as listener,
            lifeline() as line,
            pipe() as (heard, told),
        ):
            port = listener.getsockname()[1]
            link = first_link(db, settings.organisation) or ""
            db.close()  # the children have connections of their own
            socket = listener.fileno()
            children = [
                koe("web process", "serve", "--fd", str(socket), lifeline=line, descriptors=[socket]),
                *(
                    koe(
                        f"{lane} worker",
                        *("worker", "--lane", lane, "--ready", str(told)),
                        lifeline=line,
                        descriptors=[told],
                    )
                    for lane in LANES
                ),
            ]
            threading.Thread(
                target=_tell_when_ready,
                args=(console, local_address(settings, port), address_of(settings, port) + link, heard),
                daemon=True,
            ).start()
            supervise(children, announce=log.warning)


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    """Give the two ends of a pipe: what is written to the second is read from the first."""
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def _tell_when_ready(console: Console, address: str, told: str, workers: int) -> None:
    """Say where the pages are, once they answer and the workers have said that they work."""
    while True:
        try:
            # The socket listens before anybody answers: this waits in line until somebody does.
            httpx.get(f"{address}/healthz", timeout=60, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            break
    for _ in LANES:
        # Models take seconds to load; pages are of use without a worker that cannot start.
        if select.select([workers], [], [], WORKERS_WITHIN)[0]:
            os.read(workers, 1)
    tell_ready(console, told)
