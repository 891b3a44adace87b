"""Who may do what in the database.

- `koe_superuser` makes databases and roles, and is used for nothing else.
- `koe_owner` owns the tables, and brings them to a new version.
- `koe` is what Koe works as: it reads and writes rows, and can neither make nor change a table, nor pass
  over row-level security.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from service.postgres.folder import Folder, write

SUPERUSER, OWNER, APP = "koe_superuser", "koe_owner", "koe"
DATABASE = "koe"
ORDINARY: LiteralString = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    """One for each role; of letters, digits, `-` and `_`."""

    superuser: str
    owner: str
    app: str


def read_passwords(folder: Folder) -> Passwords:
    """Return the roles' passwords, thrown anew where there are none and no cluster either."""
    if not folder.passwords.exists() and not folder.data.exists():
        superuser, owner, app = (secrets.token_urlsafe(24) for _ in range(3))
        thrown = Passwords(superuser=superuser, owner=owner, app=app)
        write(folder.passwords, json.dumps(asdict(thrown)), 0o600)
    return Passwords(**json.loads(folder.passwords.read_text("utf-8")))


def role_url(role: str, password: str, socket: str, database: str = DATABASE) -> str:
    """Return the URL at which `role` finds the database."""
    url = URL.create(
        "postgresql+psycopg", username=role, password=password, database=database, query={"host": socket}
    )
    return url.render_as_string(hide_password=False)


def prepare(superuser_url: str, passwords: Passwords) -> None:
    """Make roles and database ready. Done again, it changes nothing, so it may be cut off anywhere."""
    with _connect(superuser_url, "postgres") as connection:
        for role, password in ((OWNER, passwords.owner), (APP, passwords.app)):
            if not _exists(connection, "pg_roles", "rolname", role):
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            statement = sql.SQL(f"ALTER ROLE {{}} {ORDINARY} PASSWORD {{}}")
            connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))
        for name in ("postgres", "template1"):
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    create_database(superuser_url, DATABASE)


def create_database(superuser_url: str, name: str) -> None:
    """Make the database `name` as Koe wants it: the owner's, with pgvector, and with rows open to `koe`."""
    names = {"name": sql.Identifier(name), "owner": sql.Identifier(OWNER), "app": sql.Identifier(APP)}
    with _connect(superuser_url, "postgres") as connection:
        if not _exists(connection, "pg_database", "datname", name):
            connection.execute(sql.SQL("CREATE DATABASE {name} OWNER {owner}").format(**names))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names))
        connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {app}").format(**names))
    statements = (
        "CREATE EXTENSION IF NOT EXISTS vector",
        "ALTER EXTENSION vector UPDATE",
        "ALTER SCHEMA public OWNER TO {owner}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE ON SEQUENCES TO {app}",
    )
    with _connect(superuser_url, name) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement).format(**names))


def _connect(url: str, database: str) -> psycopg.Connection[tuple[object, ...]]:
    place = make_url(url).set(drivername="postgresql", database=database)
    return psycopg.connect(place.render_as_string(hide_password=False), autocommit=True)


def _exists(connection: psycopg.Connection[tuple[object, ...]], table: str, column: str, name: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(column))
    return connection.execute(query, [name]).fetchone() is not None
