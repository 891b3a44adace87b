"""The server's processes: is it there, start it, wait for it, stop it."""

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.errors import Unavailable
from service.postgres import processes
from service.postgres.account import Account
from service.postgres.binaries import Binaries
from service.postgres.cluster import ENVIRONMENT, settings_options
from service.postgres.folder import LOG_LIMIT, Folder, write
from service.postgres.processes import Process

SOCKET_PARENT = Path("/tmp")
"""Short on every machine: the path of a socket holds 107 bytes."""
SOCKET_NAME = ".s.PGSQL.5432"

Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmaster:
    """The server's first process."""

    pid: int
    status: str
    """`starting`, `ready` or `stopping`."""


def title(folder: Folder) -> str:
    """Return the name that all processes of this cluster's server carry in their titles."""
    return "koe-" + hashlib.sha256(os.fsencode(folder.data)).hexdigest()[:16]


def postmaster(folder: Folder, account: Account) -> Postmaster | None:
    """Return the server if it runs. A zombie does not, nor does a stranger that was given its number."""
    with contextlib.suppress(OSError, ValueError, IndexError):  # the note may be half written
        lines = (folder.data / "postmaster.pid").read_text("utf-8", "replace").splitlines()
        process = processes.find(int(lines[0]))
        if process is not None and _is_ours(process, folder, account):
            status = lines[7].strip() if len(lines) > 7 else "starting"
            return Postmaster(pid=process.pid, status=status)
    return None


def is_up(folder: Folder, account: Account) -> bool:
    """Whether the server runs, and is not on its way out."""
    found = postmaster(folder, account)
    return found is not None and found.status != "stopping"


def start(folder: Folder, binaries: Binaries, account: Account, announce: Announce) -> None:
    """Start the server and wait until it takes connections, however long it has to recover."""
    _end_orphans(folder, account)
    (folder.data / "postmaster.pid").unlink(missing_ok=True)  # of a server that was killed
    socket = _make_socket_folder(folder, account)
    with _log(folder) as log:
        process = subprocess.Popen(
            [
                *(str(binaries.bin / "postgres"), "-D", str(folder.data), "-k", str(socket)),
                *("-c", f"cluster_name={title(folder)}", *settings_options(folder)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,  # Ctrl-C at the terminal is Koe's, who stops the server after its work
            **account.identity(),
        )
    # Whoever stops the server, its parent has to reap it.
    reaper = threading.Thread(target=process.wait, name="koe-postgres-reaper", daemon=True)
    reaper.start()
    for _ in _patience(announce, "The database recovers what a crash left; this takes as long as it takes …"):
        found = postmaster(folder, account)
        if found is not None and found.pid == process.pid and found.status == "ready":
            return
        if not reaper.is_alive():
            raise Unavailable(f"The database did not start. Its last words:{folder.last_words()}")


def wait_until_ready(folder: Folder, account: Account, announce: Announce) -> bool:
    """Wait while a server that somebody else started gets ready; return False if it ends instead."""
    for _ in _patience(announce, "The database recovers what a crash left; this takes as long as it takes …"):
        found = postmaster(folder, account)
        if found is None:
            return False
        if found.status == "ready":
            return True
    return False


def stop(folder: Folder, account: Account, announce: Announce) -> None:
    """Stop the server for good: none of its processes is left, and no place where it listened."""
    end(folder, account, announce)
    _remove_socket_folder(folder, account)


def end(folder: Folder, account: Account, announce: Announce) -> None:
    """End the server and wait until none of its processes is left; the next one listens in its place."""
    found = postmaster(folder, account)
    if found is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGINT)  # PostgreSQL's "fast": hang up, write all down, end
        for _ in _patience(announce, "The database writes its last changes to disk …"):
            if processes.find(found.pid) is None:
                break
    _end_orphans(folder, account)


def has_socket(folder: Folder, account: Account) -> bool:
    """Whether the server can be reached from here, in a folder that is its own and closed to others."""
    place = socket_folder(folder)
    return place is not None and _is_private(place, account) and (place / SOCKET_NAME).exists()


def socket_folder(folder: Folder) -> Path | None:
    """Return the folder in which the server listens, as it was noted at its start."""
    with contextlib.suppress(FileNotFoundError):
        return Path(folder.socket.read_text("utf-8"))
    return None


def _is_ours(process: Process, folder: Folder, account: Account) -> bool:
    return process.uid == account.uid and title(folder) in process.command


def _end_orphans(folder: Folder, account: Account) -> None:
    """End the processes of a server that is gone: they serve nobody any more, and block the next one."""
    orphans = [process.pid for process in processes.running() if _is_ours(process, folder, account)]
    for pid in orphans:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for _ in _patience():
        if not any(processes.find(pid) for pid in orphans):
            break


def _make_socket_folder(folder: Folder, account: Account) -> Path:
    """Make a folder of a name that nobody could know before, and note it.

    After a crash it is the one from before, so that the processes that use it find the server again.
    """
    place = socket_folder(folder)
    if place is not None and _is_private(place, account):
        for path in place.iterdir():
            path.unlink()
        return place
    place = Path(tempfile.mkdtemp(prefix="koe-", dir=SOCKET_PARENT))
    account.give(place)
    write(folder.socket, str(place), 0o600)
    return place


def _remove_socket_folder(folder: Folder, account: Account) -> None:
    place = socket_folder(folder)
    if place is not None and place.parent == SOCKET_PARENT and _is_private(place, account):
        shutil.rmtree(place, ignore_errors=True)
    folder.socket.unlink(missing_ok=True)


def _is_private(place: Path, account: Account) -> bool:
    with contextlib.suppress(FileNotFoundError):
        found = place.lstat()
        mode = stat.S_IMODE(found.st_mode)
        return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and mode == 0o700
    return False


@contextlib.contextmanager
def _log(folder: Folder) -> Iterator[int]:
    if folder.log.exists() and folder.log.stat().st_size > LOG_LIMIT:
        folder.log.replace(folder.log.with_name("log.1"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    descriptor = os.open(folder.log, flags, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _patience(announce: Announce | None = None, news: str = "") -> Iterator[None]:
    """Give a turn at a time, each a little later, for as long as it takes; after five seconds say why."""
    began, pause, told = time.monotonic(), 0.005, announce is None
    while True:
        yield
        if not told and announce is not None and time.monotonic() - began > 5:
            announce(news)
            told = True
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
