"""Who uses the server, counted by the kernel: locks that even `kill -9` gives back.

Each process that uses the server shares the lock on `users.lock`. Starting and stopping happen under
`switch.lock`, one process at a time; in there, whoever can have `users.lock` alone is the last one.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Lease:
    """One use of the server."""

    def __init__(self, folder: Path, descriptor: int, announce: Callable[[str], None]) -> None:
        self._folder = folder
        self._descriptor = descriptor
        self._announce = announce

    @contextmanager
    def switch(self, *, quietly: bool = False) -> Iterator[None]:
        """Keep others from starting or stopping the server, and wait for the one who does."""
        with _opened(self._folder / "switch.lock") as descriptor:
            if not _try_lock(descriptor, fcntl.LOCK_EX):
                if not quietly:
                    self._announce(
                        "Another Koe process is starting or stopping the database; waiting for it …"
                    )
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield

    def is_last(self) -> bool:
        """Whether nobody else uses the server. Only the holder of the switch may ask."""
        alone = _try_lock(self._descriptor, fcntl.LOCK_EX)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        return alone

    def give_back(self) -> None:
        """Use the server no more. Only within the switch: else of two that leave, neither is the last."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)


@contextmanager
def take_lease(folder: Path, announce: Callable[[str], None]) -> Iterator[Lease]:
    """Use the server of `folder` until the block is left, or the process dies."""
    with _opened(folder / "users.lock") as descriptor:
        lease = Lease(folder, descriptor, announce)
        with lease.switch():
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield lease


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
