"""A watched folder: what is put there comes in, once, and again when it changes."""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from connectors.errors import Refused, RetryLater
from connectors.ports import File
from connectors.registry import open_source
from connectors.sources import folder as module
from service.access import senders
from service.db import Database
from service.models import MAIN, Item, Message, Source, Walk
from service.pipeline import fetch, ingest
from service.repositories import walks
from tests.calling import SEAL


@pytest.fixture(autouse=True)
def _files_are_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETTLED", -60.0)


def watched(db: Database, path: Path, **settings: str) -> Source:
    with db.begin() as session:
        source = senders.add(
            session,
            SEAL,
            MAIN,
            "voices",
            kind="folder",
            proof=None,
            settings={"path": str(path), **settings},
            now=datetime.now(UTC),
            known={},
        )
        walks.begin(session, source, since=None, now=datetime.now(UTC))
        return source


def look(db: Database, path: Path, **settings: str) -> Walk:
    """Look through the folder, and return what came of it."""
    with db.begin() as session:
        session.execute(text("UPDATE walk SET next_at = clock_timestamp()"))
    fetch.run(db, MAIN, lambda _: open_source("folder", {"path": str(path), **settings}))
    ingest.run(db, MAIN)
    with db.begin() as session:
        return session.exec(select(Walk)).one()


def voices(db: Database) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    with db.begin() as session:
        query = select(Item.external_id, Message.raw).join(Message, col(Message.item_id) == Item.id)
        for item, said in session.exec(query.order_by(col(Item.external_id), col(Message.position))):
            found.setdefault(item, []).append(said or "")
    return found


def test_what_is_put_there_comes_in_once(db: Database, tmp_path: Path) -> None:
    watched(db, tmp_path)
    (tmp_path / "a.csv").write_text("id,text\n1,One.\n2,Two.\n")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "2026-05-03.md").write_text("Interviewer: What is hard?\nAya: The export is.\n")
    (tmp_path / "readme.pages").write_text("no feedback")
    assert look(db, tmp_path).items == 3
    expected = {"1": ["One."], "2": ["Two."], "notes/2026-05-03.md": ["What is hard?", "The export is."]}
    assert voices(db) == expected
    assert look(db, tmp_path).items == 0
    assert voices(db) == expected


def test_a_file_that_changes_comes_in_anew(db: Database, tmp_path: Path) -> None:
    watched(db, tmp_path)
    (tmp_path / "a.csv").write_text("id,text\n1,One.\n")
    look(db, tmp_path)
    (tmp_path / "a.csv").write_text("id,text\n1,One more.\n2,Two.\n")
    look(db, tmp_path)
    assert voices(db) == {"1": ["One more."], "2": ["Two."]}


def test_an_old_file_that_is_moved_there_comes_in(db: Database, tmp_path: Path) -> None:
    watched(db, tmp_path)
    (tmp_path / "a.csv").write_text("id,text\n1,One.\n")
    look(db, tmp_path)
    (tmp_path / "b.csv").write_text("id,text\n2,Two.\n")
    os.utime(tmp_path / "b.csv", (1_000_000_000, 1_000_000_000))
    look(db, tmp_path)
    assert sorted(voices(db)) == ["1", "2"]


def test_what_cannot_be_read_is_told_and_holds_nothing_up(db: Database, tmp_path: Path) -> None:
    watched(db, tmp_path)
    (tmp_path / "a.csv").write_text("")
    (tmp_path / "b.csv").write_text("colour,size\nred,1\n")
    (tmp_path / "c.csv").write_text("id,text,created_at\n1,One.,\n2,Two.,never\n")
    walk = look(db, tmp_path)
    assert voices(db) == {"1": ["One."]}
    assert walk.misfits == 3
    assert [reason.partition(":")[0] for reason in sorted(walk.reasons)] == [
        "a.csv",
        "b.csv",
        "c.csv, line 3",
    ]


def test_many_files_come_page_by_page(db: Database, tmp_path: Path) -> None:
    watched(db, tmp_path)
    for number in range(2 * module.FILES + 1):
        (tmp_path / f"{number}.csv").write_text(f"id,text\n{number},Number {number}.\n")
    assert look(db, tmp_path).items == 2 * module.FILES + 1
    assert len(voices(db)) == 2 * module.FILES + 1


def test_the_organisations_own_people_are_told_apart(db: Database, tmp_path: Path) -> None:
    watched(db, tmp_path, interviewers="Sato")
    (tmp_path / "talk.md").write_text("Sato: How was it?\nMori: Too slow.\n")
    look(db, tmp_path, interviewers="Sato")
    with db.begin() as session:
        roles = session.exec(select(Message.author_role).order_by(col(Message.position))).all()
    assert roles == ["interviewer", "customer"]


def files(path: Path) -> list[str]:
    page = open_source("folder", {"path": str(path)}).page(None, None)
    return [event.name for event in page.events if isinstance(event, File)]


def test_a_file_that_is_being_written_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,One.\n")
    monkeypatch.setattr(module, "SETTLED", 30.0)
    with pytest.raises(RetryLater, match="moment ago"):
        files(tmp_path)
    now = time.time()
    monkeypatch.setattr(module, "time", lambda: now + 31)
    assert files(tmp_path) == ["a.csv"]


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "voices", tmp_path / "others"
    for each in (inside, outside):
        each.mkdir()
        (each / "a.csv").write_text("id,text\n1,One.\n")
    (inside / "b.csv").symlink_to(outside / "a.csv")
    assert files(inside) == ["a.csv"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    source = open_source("folder", {"path": str(tmp_path / "nowhere")})
    for ask in (source.check, lambda: source.page(None, None)):
        with pytest.raises(Refused, match="no folder"):
            ask()
    with pytest.raises(Refused, match="path"):
        open_source("folder", {"path": "voices"})
