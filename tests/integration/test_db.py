"""The unit of work, and the schema's way from one version to the next."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, inspect, make_url, text
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel, col, select

import service.models  # noqa: F401  registers the tables
from service.db import Database, migrate, newest_step
from service.errors import KoeError, Unavailable
from service.models import MAIN, Organisation

ROOT = Path(__file__).parents[2]


@pytest.fixture
def owner(owner_url: str) -> Iterator[Engine]:
    """Reaches the test's own migrated database as the owner of its tables."""
    engine = create_engine(owner_url, poolclass=NullPool)
    yield engine
    engine.dispose()


def names(db: Database) -> list[str]:
    with db.begin() as session:
        return list(session.exec(select(Organisation.id).order_by(col(Organisation.id))))


class TestUnitOfWork:
    def test_the_main_organisation_exists_from_the_start(self, db: Database) -> None:
        assert names(db) == [MAIN]

    def test_a_block_that_ends_is_committed(self, db: Database) -> None:
        with db.begin() as session:
            session.add(Organisation(id="other", name="Other"))
        assert names(db) == [MAIN, "other"]

    def test_a_block_that_fails_is_undone(self, db: Database) -> None:
        with pytest.raises(KoeError), db.begin() as session:  # noqa: PT012  what is undone stands in it too
            session.add(Organisation(id="other", name="Other"))
            session.flush()
            raise KoeError
        assert names(db) == [MAIN]

    def test_a_single_statement_is_a_transaction_of_its_own(self, db: Database) -> None:
        add = text("INSERT INTO organisation (id, name, timezone) VALUES ('other', 'Other', 'Asia/Tokyo')")
        assert db.alone(lambda connection: connection.execute(add).rowcount) == 1
        assert names(db) == [MAIN, "other"]

    def test_a_single_statement_survives_that_its_connections_were_cut(self, db: Database) -> None:
        def backend(connection: Connection) -> int:
            return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())

        before = db.alone(backend)
        with db.begin() as session:
            session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before})
        assert db.alone(backend) != before

    def test_a_single_statement_says_that_the_database_is_gone(self, url: str) -> None:
        gone = Database.at(make_url(url).set(database="no_such").render_as_string(hide_password=False))
        with pytest.raises(Unavailable):
            gone.alone(lambda connection: connection.execute(text("SELECT 1")).scalar_one())
        gone.close()

    def test_every_test_begins_with_an_empty_database(self, db: Database) -> None:
        with db.begin() as session:
            tables = [table for table in SQLModel.metadata.sorted_tables if table.name != "organisation"]
            assert [t.name for t in tables if session.connection().execute(t.select()).first()] == []


JOBS = {f"procrastinate_{name}" for name in ("events", "jobs", "periodic_defers", "workers")}


class TestMigrations:
    def test_of_four_processes_that_come_at_once_one_migrates(self, blank_url: str) -> None:
        ask = f"from service.db import migrate; migrate({blank_url!r})"
        started = [subprocess.Popen([sys.executable, "-c", ask], cwd=ROOT) for _ in range(4)]
        assert [process.wait() for process in started] == [0, 0, 0, 0]
        engine = create_engine(blank_url, poolclass=NullPool)
        with engine.connect() as connection:
            assert len(connection.execute(text("SELECT version_num FROM alembic_version")).all()) == 1
            assert connection.execute(text("SELECT id FROM organisation")).scalars().all() == [MAIN]

    def test_migrating_again_changes_nothing(self, owner_url: str, db: Database) -> None:
        migrate(owner_url)
        assert names(db) == [MAIN]

    def test_the_steps_are_one_chain_whose_end_has_the_greatest_number(self) -> None:
        config = Config()
        config.set_main_option("script_location", "migrations:")
        assert ScriptDirectory.from_config(config).get_heads() == [newest_step()]

    def test_tables_of_a_later_version_are_left_as_they_are(self, owner_url: str, owner: Engine) -> None:
        with owner.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(Unavailable, match="another version of Koe"):
            migrate(owner_url)

    def test_models_and_migrations_tell_the_same_tables(self, owner: Engine) -> None:
        with owner.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": is_another_type, "include_name": is_ours}
            )
            assert compare_metadata(context, SQLModel.metadata) == []

    def test_every_step_can_be_undone_and_done_again(self, owner: Engine) -> None:
        with owner.begin() as connection:
            command.downgrade(alembic(connection), "base")
            assert tables(connection) == {"alembic_version"}
        with owner.begin() as connection:
            command.upgrade(alembic(connection), "head")
            assert tables(connection) == {"alembic_version", *SQLModel.metadata.tables, *JOBS}

    def test_corrections_of_before_can_be_obeyed_and_taken_back_afterwards(self, owner: Engine) -> None:
        with owner.begin() as connection:
            command.downgrade(alembic(connection), "0012")
            connection.execute(text(MERGED_BEFORE))
            command.upgrade(alembic(connection), "head")
            merge, link = connection.execute(
                text("SELECT spans, chosen, contents, before FROM correction ORDER BY id DESC")
            ).all()
        assert merge.spans == {"kept": ["s1"], "gone": ["s2"]}
        assert merge.contents == {"s1": ["i", "h1"], "s2": ["i", "h2"]}
        assert merge.before == {
            "retired": ["gone"],
            "places": {"s2": ["gone", None, "model", 0.5, False, "kept"]},
        }
        assert (link.spans, link.chosen) == ({}, ["s1", "s2"])
        with owner.begin() as connection:
            command.downgrade(alembic(connection), "0012")
            rows = connection.execute(text("SELECT spans FROM correction ORDER BY id DESC")).scalars().all()
            command.upgrade(alembic(connection), "head")
        assert rows == [{"kept": ["s1"], "gone": ["s2"]}, {"s1": ["s1"], "s2": ["s2"]}]


MERGED_BEFORE = """
    INSERT INTO source (id, organisation_id, name, kind, created_at, settings)
        VALUES ('s', 'main', 'desk', 'file', now(), '{}');
    INSERT INTO item (id, organisation_id, source_id, external_id, channel, created_at, version, tags,
            lang_given, title_end)
        VALUES ('i', 'main', 's', '1', 'ticket', now(), '1', '[]', false, 0);
    INSERT INTO span (id, organisation_id, item_id, start, "end", text, kind, kind_confidence, content_hash)
        VALUES ('s1', 'main', 'i', 0, 1, 'a', 'other', 0, 'h1'),
            ('s2', 'main', 'i', 1, 2, 'b', 'other', 0, 'h2');
    INSERT INTO theme (id, organisation_id, title, titles, keywords, lang, kind, stage, retired) VALUES
        ('kept', 'main', 'K', '{}', '[]', 'en', 'other', 'heard', false),
        ('gone', 'main', 'G', '{}', '[]', 'en', 'other', 'heard', true);
    INSERT INTO run
        (id, organisation_id, ordinal, state, input_digest, seed, embedder, clusterer, created_at, figures)
        VALUES ('r', 'main', 1, 'live', '', 0, '', '', now(), '{}');
    INSERT INTO assignment (run_id, span_id, organisation_id, theme_id, origin, confidence)
        VALUES ('r', 's1', 'main', 'kept', 'model', 0.5), ('r', 's2', 'main', 'kept', 'model', 0.5);
    INSERT INTO correction (id, organisation_id, op, theme_ids, spans, "by", at) VALUES
        ('merge', 'main', 'merge', '["kept", "gone"]', '{"kept": ["s1"], "gone": ["s2"]}', 'Aki', now()),
        ('link', 'main', 'must_link', '[]', '{"s1": ["s1"], "s2": ["s2"]}', 'Aki', now());
"""
"""A home in which two themes were merged by an earlier version, and a file said what belongs together."""


def alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "migrations:")
    config.attributes["connection"] = connection
    return config


def is_another_type(
    context: MigrationContext, _there: object, _here: object, there: TypeEngine[Any], here: TypeEngine[Any]
) -> bool | None:
    """VARCHAR without a length is TEXT by another name; of all else Alembic decides."""
    kinds = {kind.compile(context.dialect) for kind in (there, here)}
    return False if kinds <= {"TEXT", "VARCHAR"} else None


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name not in JOBS


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())
