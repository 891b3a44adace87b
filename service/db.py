"""The database: one engine, the only place where a transaction begins, and the schema's upgrade."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session

MIGRATION_LOCK = 0x6B6F65
"""The key of the advisory lock under which one process migrates while the others wait."""


class Database:
    """Opens transactions. One unit of work is one `with db.begin() as session:`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def at(cls, url: str) -> "Database":
        """Return the database at a `postgresql+psycopg://` URL."""
        return cls(create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10))

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Give a session whose work is committed at the end of the block, or undone if it raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def migrate(url: str) -> None:
    """Bring the schema at `url` to the newest step; of several processes, one does it.

    The lock belongs to the connection, so a process that dies in the middle gives it back, and
    all steps run in one transaction, so they are done whole or not at all.
    """
    config = Config()
    config.set_main_option("script_location", "migrations:")
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
