"""How Alembic reaches the database: by the connection it is handed, else by KOE_DATABASE_URL."""

import os

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

import service.models  # noqa: F401  registers the tables


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Say whether a table is Koe's own to change; the job engine brings its own."""
    return kind != "table" or name is None or not name.startswith("procrastinate_")


def migrate(connection: Connection) -> None:
    """Run the steps that are asked for, all in one transaction."""
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, compare_type=True, include_name=is_ours
    )
    with context.begin_transaction():
        context.run_migrations()


handed: Connection | None = context.config.attributes.get("connection")
if handed is not None:
    migrate(handed)
else:
    with create_engine(os.environ["KOE_DATABASE_URL"]).connect() as own:
        migrate(own)
        own.commit()
