"""The shape that keeps Koe readable: what no linter checks."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("service", "nlp", "connectors", "migrations")
OURS = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TRANSACTIONS = re.compile(r"\.commit\(\)|\bSession\(|\bsessionmaker\(|\.begin_nested\(")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [p for p in OURS if p.parent.name != "versions"], ids=name)
def test_no_file_but_a_migration_grows_beyond_what_one_reads_at_a_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", OURS, ids=name)
def test_only_db_py_opens_and_commits_transactions(path: Path) -> None:
    if name(path) in {"service/db.py", "migrations/env.py"}:
        return
    assert not TRANSACTIONS.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [p for p in OURS if p.stat().st_size], ids=name)
def test_every_file_says_in_its_first_line_what_it_is(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith('"""')


def test_no_file_is_called_after_nothing() -> None:
    vague = {"utils", "helpers", "manager", "common", "misc", "base"}
    assert [name(path) for path in OURS if path.stem in vague] == []


def test_every_table_says_whose_its_rows_are() -> None:
    from sqlmodel import SQLModel

    import service.models  # noqa: F401  registers the tables

    tables = SQLModel.metadata.tables.values()
    assert [t.name for t in tables if t.name != "organisation" and "organisation_id" not in t.columns] == []
