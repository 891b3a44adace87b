"""Bytes that are kept in pieces, as a file for those who read files, and no longer than they read."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

PREFIX = "koe-file-"
SOON = 60.0
"""Seconds within which whoever made a folder has locked it."""


@contextmanager
def as_file(name: str, pieces: Iterable[bytes], *, changed_at: datetime) -> Iterator[Path]:
    """Give a file of this name and day that holds all pieces; nobody else may read it, and it is removed."""
    forget_leftovers()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder, _locked(Path(folder)):
        path = Path(folder) / (Path(name).name or PREFIX)
        with path.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        os.utime(path, (changed_at.timestamp(), changed_at.timestamp()))
        yield path


def forget_leftovers() -> None:
    """Remove files of processes of ours that were killed while they read: nobody holds their folders.

    The number of a process tells nothing: in a container the next one has the same.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            known = folder.lstat()
            if known.st_uid == os.getuid() and time.time() - known.st_mtime > SOON:
                with _locked(folder):
                    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder for as long as this process lives. Raises OSError where another one does."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(held)
