"""The schema's upgrade and the unit of work."""

from sqlalchemy import text

from service.db import Database


def test_begins(db: Database) -> None:
    with db.begin() as session:
        assert session.connection().execute(text("select count(*) from organisation")).scalar() == 1
