"""The database: one engine, the only place where a transaction begins, and the schema's upgrade."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlmodel import Session

from service.errors import Unavailable

Result = TypeVar("Result")

MIGRATION_LOCK = 0x6B6F65
"""The key of the advisory lock under which one process migrates while the others wait."""


NO_ROOM = ("53100", "58030")
"""SQLSTATE of a full disk, and of a disk that cannot be written to."""
MOST_AT_ONCE = 15
"""Connections on which single statements run, beside those of the transactions."""
PATIENCE = 5
"""Seconds that a single statement waits for a connection."""


class Database:
    """Opens transactions. One unit of work is one `with db.begin() as session:`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # Connections of their own: who waits for an answer must not wait for a page's long transaction.
        self._single = create_engine(
            engine.url,
            isolation_level="AUTOCOMMIT",
            pool_size=MOST_AT_ONCE,
            max_overflow=0,
            pool_timeout=PATIENCE,
            pool_reset_on_return=None,
            hide_parameters=True,
        )

    @classmethod
    def at(cls, url: str) -> "Database":
        """Return the database at a `postgresql+psycopg://` URL."""
        # What customers wrote must not stand in an error, which may end up in a log.
        return cls(create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10, hide_parameters=True))

    @property
    def libpq_url(self) -> str:
        """The URL as PostgreSQL's own programs and drivers read it. It holds the password."""
        return self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Give a session whose work is committed at the end of the block, or undone if it raises.

        Raises Unavailable where the database has no room left, or goes away in the middle.
        """
        with _told(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def alone(self, work: Callable[[Connection], Result]) -> Result:
        """Run one statement as a transaction of its own, and return what `work` makes of its result.

        That is one way to the server and back, where `begin` takes four. It must do no harm to run it twice:
        where the connection turns out to be gone, it is run again on another. Raises Unavailable.
        """
        with _told():
            try:
                return self._run_alone(work)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            return self._run_alone(work)

    def _run_alone(self, work: Callable[[Connection], Result]) -> Result:
        with self._single.connect() as connection:
            return work(connection)

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()
        self._single.dispose()


@contextmanager
def apart(session: Session) -> Iterator[None]:
    """Let a part of a transaction be undone alone, if it raises."""
    with session.begin_nested():
        yield


@contextmanager
def _told() -> Iterator[None]:
    """Raise Unavailable, with the reason, where the database takes nothing more."""
    try:
        yield
    except NoneFree as error:
        raise Unavailable("The database has more to do than it can. Do it again in a moment.") from error
    except DBAPIError as error:
        reason = _why_unavailable(error)
        if reason is None:
            raise
        raise Unavailable(reason) from error


def _why_unavailable(error: DBAPIError) -> str | None:
    """Return what to tell about a database that takes nothing more; None if the statement is at fault."""
    state = getattr(error.orig, "sqlstate", None)
    if state in NO_ROOM or "No space left on device" in str(error.orig):
        return "The disk of the database is full. Make room and do it again; what was finished is kept."
    gone = isinstance(error, OperationalError) and (state is None or state.startswith(("08", "57P")))
    if gone or error.connection_invalidated:
        first = str(error.orig).strip().partition("\n")[0]
        return f"The database does not answer any more ({first}). What was finished is kept; do it again."
    return None


def migrate(url: str) -> None:
    """Bring the schema at `url` to the newest step; of several processes, one does it.

    The lock belongs to the connection, so a process that dies in the middle gives it back, and
    all steps run in one transaction, so they are done whole or not at all. Raises Unavailable where the
    schema is at a step that this version does not know.
    """
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            if current_step(connection) != newest_step():
                _upgrade(connection)
    finally:
        engine.dispose()


@cache
def newest_step() -> str:
    """Return the step of the schema that this version works with: the greatest number of a file of steps."""
    names = (file.name.partition("_")[0] for file in files("migrations.versions").iterdir())
    return max(name for name in names if name.isdecimal())


def current_step(connection: Connection) -> str | None:
    """Return the step that the schema is at, None where there are no tables."""
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    step: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return step


def _upgrade(connection: Connection) -> None:
    # Slow to load, and nearly always there is nothing to do.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "migrations:")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Unavailable(f"The database was made by another version of Koe: {error}") from error
