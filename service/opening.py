"""Which database Koe works with, and how it is made ready: the way in for every composition root."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import URL, NullPool, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from service.config import Settings
from service.db import Database, migrate
from service.errors import Unavailable, WrongUse
from service.models import MAIN
from service.postgres import open_server
from service.repositories import organisations

OLDEST_VERSION = 15
PATIENCE = 10
"""Seconds that the server of KOE_DATABASE_URL has to answer in."""


@contextmanager
def open_database(
    settings: Settings, *, announce: Callable[[str], None], keep_alive: bool = False
) -> Iterator[Database]:
    """Give the database, brought to the newest schema, until the block is left.

    That is the one of KOE_DATABASE_URL, else Koe's own under KOE_HOME, which is started if it does not
    run and stopped by the last Koe process that leaves; with `keep_alive` it is started again whenever it
    ends before. `announce` is told what takes long. Raises WrongUse for a URL that is none, and
    Unavailable where the database cannot be had.
    """
    if settings.database_url is not None:
        url = _checked(_normalised(settings.database_url))
        with _migrated(url, url, settings) as database:
            yield database
    else:
        with (
            open_server(settings.home, announce=announce, keep_alive=keep_alive) as server,
            _migrated(server.owner_url, server.url, settings) as database,
        ):
            yield database


@contextmanager
def _migrated(owner_url: str, url: str, settings: Settings) -> Iterator[Database]:
    try:
        migrate(owner_url)
    except DBAPIError as error:
        raise Unavailable(f"The tables cannot be brought to this version: {_first_line(error)}") from error
    database = Database.at(url)
    try:
        if "timezone" in settings.model_fields_set:  # else the page of settings says it
            with database.begin() as session:
                organisations.set_zone(session, MAIN, settings.timezone)
        yield database
    finally:
        database.close()


def _normalised(given: str) -> URL:
    """Return the URL with the driver that Koe uses; `postgres://` and `postgresql://` mean the same."""
    try:
        url = make_url(given)
    except ArgumentError as error:
        raise WrongUse(
            "KOE_DATABASE_URL is no URL. Write postgresql://USER:PASSWORD@HOST/DATABASE."
        ) from error
    if url.drivername.partition("+")[0] not in ("postgres", "postgresql"):
        raise WrongUse(f"KOE_DATABASE_URL must name a PostgreSQL database, and this is {url.drivername}.")
    return url.set(drivername="postgresql+psycopg")


def _checked(url: URL) -> str:
    """Return the URL of a server that answers, is new enough, and has pgvector."""
    shown = url.set(query={}).render_as_string(hide_password=True)  # a password may stand in the query too
    name = f"The database of KOE_DATABASE_URL ({shown})"
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": PATIENCE})
    try:
        with engine.connect() as connection:
            version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
            vector = connection.execute(
                text("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
            ).scalar()
    except DBAPIError as error:
        raise Unavailable(f"{name} cannot be reached: {_first_line(error)}") from error
    if version < OLDEST_VERSION * 10_000:
        raise Unavailable(f"{name} is PostgreSQL {version // 10_000}; Koe needs {OLDEST_VERSION} or newer.")
    if vector is None:
        raise Unavailable(f"{name} lacks pgvector. Install the extension `vector` on that server.")
    return url.render_as_string(hide_password=False)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]
