"""An import that is cut off: what was stored is kept, and the next one goes on from there."""

import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import func, select

from service.db import Database, migrate
from service.errors import Unavailable
from service.imports import Options, import_file
from service.models import MAIN, InboxEntry, Item
from service.pipeline import ingest
from service.postgres import open_server
from tests.cli import LoadedKoe

ROWS = 6_000
KILLED_KOE = """
import os, signal, sys
from pathlib import Path
from service.db import Database
from service.imports import Options, import_file
from service.pipeline import ingest

def kill_when(stage, done, total, count=[0]):
    count[0] += 1
    if stage == sys.argv[3] and count[0] > int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

db = Database.at(sys.argv[1])
import_file(db, "main", "feedback", Path(sys.argv[2]), source="s", options=Options(), progress=kill_when)
ingest.run(db, "main", progress=kill_when)
"""

KILLED_MANY_TIMES = int(os.environ.get("KOE_TEST_IMPORT_ROWS", "3000"))
KILLS = int(os.environ.get("KOE_TEST_IMPORT_KILLS", "4"))
"""Half of them while rows are stored, half while items are made of them."""
KILLED_WITHIN = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from service.db import Database
from service.imports import Options, import_file
from service.pipeline import ingest

url, path, stage, share, further = sys.argv[1:]
left = None

def arm(at, done, total):
    global left
    if left is None and at == stage and total and done >= float(share) * total:
        left = int(further)

@event.listens_for(Engine, "before_cursor_execute")
def kill_when(*_):
    global left
    if left is not None:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

db = Database.at(url)
import_file(db, "main", "feedback", Path(path), source="s", options=Options(), progress=arm)
ingest.run(db, "main", progress=arm)
"""
"""Ends a few statements after a share of a stage is done."""


def tickets(path: Path, *, rows: int, letters: int) -> Path:
    """Write a file of tickets that do not compress well."""
    rng = random.Random(7)
    with path.open("w") as file:
        file.write("id,text,created_at\n")
        for number in range(rows):
            file.write(f"{number},{rng.getrandbits(letters * 4):x},2026-05-03\n")
    return path


def count(db: Database, table: type[InboxEntry] | type[Item]) -> int:
    with db.begin() as session:
        return session.exec(select(func.count()).select_from(table)).one()


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A home on a disk of 200 MB, 60 of which a filler takes until it is removed."""
    home.mkdir(0o711)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200m,mode=711", "tmpfs", str(home)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    (home / "filler").write_bytes(b"x" * (60 << 20))
    yield home
    subprocess.run(["umount", str(home)], check=True)


@pytest.mark.root
def test_a_full_disk_stops_an_import_that_goes_on_when_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    path = tickets(tmp_path / "tickets.csv", rows=ROWS, letters=12_000)
    with open_server(small_disk) as server:
        migrate(server.owner_url)
        with closing(Database.at(server.url)) as db, pytest.raises(Unavailable) as raised:
            import_file(db, MAIN, "feedback", path, source="s", options=Options())
        assert "Make room" in str(raised.value) or "does not answer" in str(raised.value)
        (small_disk / "filler").unlink()
    safe = int(str(raised.value).partition(" rows of the file")[0].split()[-1].replace(",", ""))
    assert 0 < safe < ROWS
    with open_server(small_disk) as server, closing(Database.at(server.url)) as db:
        assert count(db, InboxEntry) == safe
        rest = tickets(tmp_path / "tickets.csv", rows=safe + 10, letters=12_000)
        report = import_file(db, MAIN, "feedback", rest, source="s", options=Options())
        assert (report.stored, report.duplicates) == (10, safe)


@pytest.mark.parametrize(("stage", "after"), [("import", 2), ("ingest", 1), ("ingest", 3)])
def test_a_killed_import_goes_on_and_loses_nothing(
    url: str, loaded: LoadedKoe, tmp_path: Path, stage: str, after: int
) -> None:
    path = tickets(tmp_path / "tickets.csv", rows=3_300, letters=100)
    killed = loaded.script(KILLED_KOE, url, str(path), stage, str(after))
    assert killed.status == -signal.SIGKILL, killed.err
    with closing(Database.at(url)) as db:
        before = count(db, InboxEntry), count(db, Item)
        assert before != (3_300, 3_300)
        report = import_file(db, MAIN, "feedback", path, source="s", options=Options())
        assert (report.stored, report.duplicates) == (3_300 - before[0], before[0])
        ingest.run(db, MAIN)
        assert (count(db, InboxEntry), count(db, Item)) == (3_300, 3_300)


@pytest.mark.timeout(3600)
def test_an_import_that_is_killed_again_and_again_loses_and_doubles_nothing(
    url: str, loaded: LoadedKoe, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    path = tickets(tmp_path / "tickets.csv", rows=KILLED_MANY_TIMES, letters=100)
    half = KILLS // 2
    stored = [("import", (number + rng.random()) / half) for number in range(half)]
    read = [("ingest", rng.random() / 2) for _ in range(half)]  # of what is left each time
    for stage, share in [*stored, *read]:
        within = [url, str(path), stage, f"{share:.3f}", str(rng.randint(0, 4))]
        ended = loaded.script(KILLED_WITHIN, *within)
        assert ended.status == -signal.SIGKILL, ended.err
    with closing(Database.at(url)) as db:
        report = import_file(db, MAIN, "feedback", path, source="s", options=Options())
        assert report.stored + report.duplicates == KILLED_MANY_TIMES
        assert report.rejected == 0
        ingest.run(db, MAIN)
        assert (count(db, InboxEntry), count(db, Item)) == (KILLED_MANY_TIMES, KILLED_MANY_TIMES)
        with db.begin() as session:
            names = set(session.exec(select(Item.external_id)))
        assert names == {str(number) for number in range(KILLED_MANY_TIMES)}
