"""Bytes that are kept in pieces, as a file for those who read files, and no longer than they read."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

PREFIX = "koe-file-"


@contextmanager
def as_file(name: str, pieces: Iterable[bytes], *, changed_at: datetime) -> Iterator[Path]:
    """Give a file of this name and day that holds all pieces; nobody else may read it, and it is removed."""
    forget_leftovers()
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as folder:
        path = Path(folder) / (Path(name).name or PREFIX)
        with path.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        os.utime(path, (changed_at.timestamp(), changed_at.timestamp()))
        yield path


def forget_leftovers() -> None:
    """Remove files of processes of ours that were killed while they read."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        with suppress(OSError):
            if pid.isdecimal() and folder.stat().st_uid == os.getuid() and not _lives(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True
