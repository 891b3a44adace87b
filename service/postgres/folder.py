"""Where the database's things lie under a home, and how Koe makes files and folders of its own."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from service.errors import Unavailable

LOG_LIMIT = 10_000_000
"""Bytes after which the log is put aside at the next start."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder `home/postgres`."""

    path: Path

    @property
    def data(self) -> Path:
        """The cluster."""
        return self.path / "data"

    @property
    def settings(self) -> Path:
        """The server's settings."""
        return self.path / "postgresql.conf"

    @property
    def access(self) -> Path:
        """Who may connect, and how they prove who they are."""
        return self.path / "pg_hba.conf"

    @property
    def passwords(self) -> Path:
        """The roles' passwords."""
        return self.path / "passwords.json"

    @property
    def prepared(self) -> Path:
        """Names the version of the binaries that roles and database were last made ready with."""
        return self.path / "prepared"

    @property
    def socket(self) -> Path:
        """Names the folder in which the server listens."""
        return self.path / "socket"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.path / "log"

    def last_words(self, lines: int = 8) -> str:
        """Return the end of the log, for a person who wonders why there is no server."""
        with contextlib.suppress(OSError):
            said = self.log.read_text("utf-8", "replace").splitlines()[-lines:]
            return "".join(f"\n  {line}" for line in said)
        return ""


def open_folder(home: Path) -> Folder:
    """Return the folder of `home`, made if missing. A folder that is another user's is refused.

    What Koe makes is closed to others: 0700. For root it is 0711, because the server, which never runs
    as root, has to pass on its way to its data.
    """
    home = home.expanduser().resolve()
    mode = 0o711 if os.geteuid() == 0 else 0o700
    folder = Folder(home / "postgres")
    for path in reversed((folder.path, home, *home.parents)):
        if not path.exists():
            path.mkdir(exist_ok=True)
            path.chmod(mode)
    owner = folder.path.lstat().st_uid
    if owner != os.geteuid():
        raise Unavailable(
            f"{folder.path} belongs to the OS user {owner}. Run Koe as that user, or set KOE_HOME to a folder"
            " of your own."
        )
    return folder


def write(path: Path, content: str, mode: int) -> None:
    """Write a file whole or not at all, readable as `mode` says from its first byte on."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    fresh.replace(path)
