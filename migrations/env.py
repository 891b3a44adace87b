"""How Alembic reaches the database: by the connection it is handed, else by KOE_DATABASE_URL."""

import os

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

import service.models  # noqa: F401  registers the tables


def migrate(connection: Connection) -> None:
    """Run the steps that are asked for, all in one transaction."""
    context.configure(connection=connection, target_metadata=SQLModel.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


handed: Connection | None = context.config.attributes.get("connection")
if handed is not None:
    migrate(handed)
else:
    with create_engine(os.environ["KOE_DATABASE_URL"]).connect() as own:
        migrate(own)
        own.commit()
