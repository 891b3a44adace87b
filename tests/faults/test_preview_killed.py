"""A process that is killed while it finds, previews or publishes themes leaves the last run whole."""

import json
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sqlmodel import select

from service.db import Database
from service.models import Lineage, PreviewTheme, Run
from service.repositories import runs
from tests.cli import LoadedKoe
from tests.integration.test_cluster import ORG
from tests.integration.test_loop import digests
from tests.previewing import Company

KILLED = """
import json, os, signal, sys
from sqlalchemy import event
from nlp.labelers import FirstTextLabeler
from service.db import Database
from service.pipeline import cluster, preview, themes
from service.repositories import runs
from tests.integration.test_cluster import EMBEDDERS, ORG
from tests.previewing import Scripted

url, doing, marker, groups = sys.argv[1:]
db = Database.at(url)

@event.listens_for(db.engine, "after_cursor_execute")
def kill(connection, cursor, statement, *_):
    if marker in statement:
        os.kill(os.getpid(), signal.SIGKILL)

scripted = Scripted(json.loads(groups))
if doing == "run":
    cluster.run(db, ORG, EMBEDDERS, scripted, seed=77)
    themes.run(db, ORG, FirstTextLabeler())
elif doing == "preview":
    preview.run(db, ORG, EMBEDDERS, scripted, FirstTextLabeler(), seed=78)
else:
    with db.begin() as session:
        waiting = runs.preview_run(session, ORG)
    with db.begin() as session:
        preview.accept_at_once(session, ORG, waiting.id, by="Aki")
"""
Kill = Callable[[str, str, Mapping[str, int]], None]


@pytest.fixture
def kill(company: Company, url: str, loaded: LoadedKoe) -> Kill:
    """Does something in a process that is killed right after a statement, before it is committed."""

    def do(doing: str, marker: str, groups: Mapping[str, int]) -> None:
        given = json.dumps({**company.said, **groups})
        done = loaded.script(KILLED, url, doing, marker, given)
        assert done.status == -signal.SIGKILL, f"{doing} never came to {marker}: {done.err}"

    return do


def previewed(company: Company) -> tuple[list[tuple[str, str]], list[tuple[str, int, str, str]], int]:
    """Return all runs that are more than begun, and everything that a preview says."""
    with company.db.begin() as session:
        states = [
            (each.id, each.state)
            for each in runs.list_runs(session, ORG)
            if each.state not in ("grouped", "draft")
        ]
        rows = session.exec(select(PreviewTheme).order_by(PreviewTheme.level, PreviewTheme.number)).all()  # type: ignore[arg-type]
        events = len(session.exec(select(Lineage)).all())
    return states, [(row.level, row.number, row.theme_id, row.title) for row in rows], events


@pytest.fixture
def company(db: Database) -> Company:
    made = Company(db)
    made.preview({**made.apart("a"), **made.together("b", "c")})
    return made


@pytest.mark.parametrize(
    ("doing", "markers"),
    [
        (
            "run",
            (
                "INSERT INTO run",
                "INSERT INTO theme",
                "INSERT INTO lineage",
                "UPDATE assignment SET theme_id",
                "INSERT INTO centroid",
                "UPDATE run SET state",
                "UPDATE item SET unplaced",
            ),
        ),
        (
            "preview",
            ("UPDATE run SET state", "INSERT INTO run", "INSERT INTO preview_theme", "INSERT INTO lineage"),
        ),
        (
            "accept",
            (
                "FOR UPDATE",
                "DELETE FROM preview_theme",
                "INSERT INTO theme",
                "UPDATE assignment SET theme_id",
                "INSERT INTO centroid",
                "DELETE FROM assignment",
                "UPDATE item SET unplaced",
            ),
        ),
    ],
)
def test_killed_at_any_statement_the_live_run_and_the_preview_stay_whole(
    company: Company, kill: Kill, tmp_path: Path, doing: str, markers: tuple[str, ...]
) -> None:
    company.run()  # so that publishing has assignments of an older run to drop
    company.preview(company.apart("b"), seed=97)
    groups = {**company.apart("a"), **company.apart("c")}
    shown, waits = digests(company.db, tmp_path / "before"), previewed(company)
    for number, marker in enumerate(markers):
        kill(doing, marker, groups)
        assert digests(company.db, tmp_path / f"after-{number}") == shown, f"killed at {marker}"
        assert previewed(company) == waits, f"killed at {marker}"
    finished(company, doing, groups)


def finished(company: Company, doing: str, groups: Mapping[str, int]) -> None:
    """Do the same once more and undisturbed: it goes through as if nothing had happened."""
    before: Run = company.live()
    if doing == "preview":
        company.preview(groups, seed=78)
        assert company.live().id == before.id
        assert len(previewed(company)[1]) == 5
        return
    if doing == "accept":
        taken = company.accept()
        assert taken.id == company.live().id
    else:
        company.said |= groups
        company.run()
    assert company.live().ordinal == before.ordinal + 1
    themes = set(company.where().values())
    assert len(themes) == (4 if doing == "accept" else 5)
