"""A server that ends while it is used is brought back by one of those who use it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from service.errors import Unavailable

LOOKS_EVERY = 0.5
"""Seconds between two looks at the server."""
LONGEST_PAUSE = 30.0
"""Seconds after which a server that would not start is tried again at the latest."""


@contextmanager
def keeping(keep: Callable[[], None], announce: Callable[[str], None]) -> Iterator[None]:
    """Call `keep` time and again, in a thread of its own, until the block is left."""
    left = threading.Event()
    keeper = threading.Thread(
        target=_keep_on, args=(keep, announce, left), name="koe-postgres-keeper", daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        left.set()
        keeper.join()


def _keep_on(keep: Callable[[], None], announce: Callable[[str], None], left: threading.Event) -> None:
    pause = LOOKS_EVERY
    while not left.wait(pause):
        try:
            keep()
        except (Unavailable, OSError, psycopg.Error) as error:
            pause = min(pause * 2, LONGEST_PAUSE)
            announce(f"The database cannot be started, and is tried again in {pause:.0f} s. {error}")
        else:
            pause = LOOKS_EVERY
