"""Waiting for what is bound to come, with a deadline that says what did not."""

import time
from collections.abc import Callable

from sqlalchemy import text

from service.db import Database

LONGEST = 60.0
"""Seconds after which it is not coming any more, even on a busy machine."""


def until(condition: Callable[[], bool], *, within: float = LONGEST, every: float = 0.02) -> None:
    """Wait until a condition holds, and look so often (seconds)."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within:.0f} s"
        time.sleep(every)


def one_waits(db: Database) -> bool:
    """Say whether a transaction waits for what another one holds."""
    query = text(
        "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database())"
    )
    return db.alone(lambda connection: bool(connection.execute(query).scalar_one()))
