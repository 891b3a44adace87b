"""A worker that is killed in the middle of a file: the next one goes on, and each row is there once."""

import os
import signal
from pathlib import Path

import pytest
from sqlmodel import select

from service.db import Database
from service.models import MAIN, Item
from service.pipeline import bring_in
from service.pipeline.run import take_in
from tests.cli import LoadedKoe
from tests.integration.test_files import giving

ROWS = 3_300
KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from service.db import Database
from service.pipeline import bring_in

url, marker, further = sys.argv[1:]
left = int(further)

@event.listens_for(Engine, "before_cursor_execute")
def kill_when(connection, cursor, statement, *_):
    global left
    if marker in statement:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

bring_in.run(Database.at(url), "main")
"""


def test_each_row_is_stored_once_wherever_the_worker_is_killed(
    db: Database, url: str, loaded: LoadedKoe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rows = "".join(f"{number},The export fails again,2026-05-03\n" for number in range(ROWS))
    with giving(db, url) as giver:
        place = giver.given("tickets.csv", f"id,text,created_at\n{rows}")
        assert giver.start(place).status_code == 303
        for marker, further in (
            ("SELECT upload_piece.body", 0),
            ("INSERT INTO source", 0),
            ("UPDATE upload SET", 2),
            ("INSERT INTO inbox", 2),
            ("DELETE FROM upload_piece", 0),
        ):
            killed = loaded.script(KILLED, url, marker, str(further))
            assert killed.status == -signal.SIGKILL, (marker, killed.err)
            assert giver.upload(place).state == "asked"
        for folder in tmp_path.iterdir():
            os.utime(folder, (0, 0))  # one that was just made may not be held yet, and is left alone
        assert bring_in.run(db, MAIN).done == 1
        assert list(tmp_path.iterdir()) == [], "what a killed process left is removed by the next"
        take_in(db, MAIN)
        upload = giver.upload(place)
        assert (upload.state, upload.done, giver.pieces(place)) == ("done", ROWS, [])
        with db.begin() as session:
            names = session.exec(select(Item.external_id)).all()
        assert sorted(names, key=int) == [str(number) for number in range(ROWS)]
