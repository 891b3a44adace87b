"""Which step the schema of the database is at."""

from sqlalchemy import Connection, text


def current_step(connection: Connection) -> str | None:
    """Return the newest step that was applied; None where there is none."""
    step: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return step
