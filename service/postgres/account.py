"""Whose processes and files the database's are.

For an ordinary user they are the user's own. PostgreSQL refuses to run as root, so for root they belong
to a number of their own, without an entry in passwd: no OS user is added, and nobody can log in as it.
"""

import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from service.errors import Unavailable
from service.postgres import processes

FIRST, LAST = 61184, 65519
"""The numbers that systemd, too, gives to services without an account (its dynamic users)."""

DEFAULT_ROOT_HOME = "/var/lib/koe"


class Identity(TypedDict, total=False):
    """What `subprocess` is told about whom to run as; empty for oneself."""

    user: int
    group: int
    extra_groups: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An OS user, by number."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether that is somebody else than we are."""
        return self.uid != os.geteuid()

    def identity(self) -> Identity:
        """Return how to run a process as this user, in no group but its own."""
        return Identity(user=self.uid, group=self.gid, extra_groups=[]) if self.is_other else Identity()

    def give(self, path: Path) -> None:
        """Make `path` this user's."""
        if self.is_other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def may_pass(self, path: Path) -> bool:
        """Whether this user may go through the folder `path` by its permission bits."""
        return self._may(path, stat.S_IXUSR)

    def may_read(self, path: Path) -> bool:
        """Whether this user may read the file or folder `path` by its permission bits."""
        return self._may(path, stat.S_IRUSR)

    def _may(self, path: Path, bit: int) -> bool:
        found = path.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & bit)
        return bool(found.st_mode & (bit >> 3 if found.st_gid == self.gid else bit >> 6))

    def closed(self, path: Path) -> Path | None:
        """Return the first folder on the way into the folder `path` that this user may not pass."""
        return next((way for way in reversed((path, *path.parents)) if not self.may_pass(way)), None)


def server_account(data: Path) -> Account:
    """Return who the server of the cluster `data` runs as: the owner of the cluster, once it is made."""
    if data.exists():
        found = data.stat()
        if found.st_uid == 0:
            raise Unavailable(
                f"{data} belongs to root, and PostgreSQL does not run as root. Give the folder back to the"
                " user it belonged to."
            )
        return Account(uid=found.st_uid, gid=found.st_gid)
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    number = _free_number(data)
    return Account(uid=number, gid=number)


def maker_account() -> Account:
    """Return who makes the cluster for root: initdb wants a user with a name, of which no process runs."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    busy = {process.uid for process in processes.running()}
    entries = sorted(pwd.getpwall(), key=lambda entry: (entry.pw_name != "nobody", entry.pw_uid))
    unprivileged = [e for e in entries if e.pw_uid and e.pw_shell.endswith(("nologin", "false"))]
    idle = [entry for entry in unprivileged if entry.pw_uid not in busy]
    for entry in idle or unprivileged:
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise Unavailable(
        "This machine has no unprivileged account such as nobody, without which root cannot make a database."
        " Run Koe as an ordinary user, or set KOE_DATABASE_URL."
    )


def check_reachable(path: Path, account: Account) -> None:
    """Refuse a place for the database that its OS user cannot come to."""
    if not account.is_other:
        return
    closed = account.closed(path)
    if closed is not None:
        raise Unavailable(
            f"The database does not run as root, and {closed} is closed to all others"
            f" (mode {stat.S_IMODE(closed.stat().st_mode):04o}). Set KOE_HOME to a folder that others may"
            f" pass, such as {DEFAULT_ROOT_HOME}; Koe changes no permissions of folders that it did not make."
        )


def hand_over(folder: Path, giver: Account, taker: Account) -> None:
    """Make all that `giver` made in `folder` the `taker`'s; anything that giver did not make is refused."""
    if giver == taker:
        return
    for path in (folder, *folder.rglob("*")):
        found = path.lstat()
        plain = stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1)
        if not plain or found.st_uid != giver.uid:
            raise Unavailable(f"{path} appeared while the database was made. Nothing was kept; start again.")
        taker.give(path)


def _free_number(data: Path) -> int:
    """Return a number that no account, group or process has; which one, the path decides."""
    span = LAST - FIRST + 1
    start = int.from_bytes(hashlib.sha256(os.fsencode(data)).digest()[:8], "big")
    busy = {process.uid for process in processes.running()}
    numbers = (FIRST + (start + step) % span for step in range(span))
    for number in numbers:
        if number not in busy and not _is_named(number):
            return number
    raise Unavailable(f"All OS users from {FIRST} to {LAST} are taken. Set KOE_DATABASE_URL.")


def _is_named(number: int) -> bool:
    for look_up in (pwd.getpwuid, grp.getgrgid):
        try:
            look_up(number)
        except KeyError:
            continue
        return True
    return False
