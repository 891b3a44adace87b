"""One server for a home: who comes first starts it, who leaves last stops it."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from service.errors import Unavailable
from service.postgres import process
from service.postgres.account import Account, check_reachable, server_account
from service.postgres.binaries import drop_other_copies, reachable_binaries
from service.postgres.cluster import check_version, make_cluster, write_settings
from service.postgres.folder import Folder, open_folder, write
from service.postgres.keeping import keeping
from service.postgres.lease import Lease, take_lease
from service.postgres.process import Announce
from service.postgres.roles import APP, OWNER, SUPERUSER, prepare, read_passwords, role_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that takes connections. The URLs hold passwords: they are for no log."""

    url: str = field(repr=False)
    """For the role that Koe works as: rows, nothing else."""
    owner_url: str = field(repr=False)
    """For the role that owns the tables: migrations."""
    superuser_url: str = field(repr=False)
    """For making databases; Koe itself uses it while it makes its own."""
    binaries: Path
    """The folder of the server's programs, `pg_dump` among them."""


def _silent(_: str) -> None:
    """Tell nobody."""


@contextmanager
def open_server(home: Path, *, announce: Announce = _silent, keep_alive: bool = False) -> Iterator[Server]:
    """Give the server of `home`, made and started if need be, until the block is left.

    `announce` is told, in a sentence for a person, what takes long. With `keep_alive` a server that ends
    meanwhile, for whatever reason, is started again, at the same URLs. Raises Unavailable where the server
    cannot be had, with the reason and what to do about it.
    """
    with ExitStack() as stack:
        try:
            folder = open_folder(home)
            lease = stack.enter_context(take_lease(folder.path, announce))
            server = stack.enter_context(_used(folder, lease, announce))
            if keep_alive:
                stack.enter_context(keeping(partial(_keep, folder, lease, announce), announce))
        except OSError as error:
            raise Unavailable(f"The database under {home} cannot be opened: {error}") from error
        yield server


@contextmanager
def _used(folder: Folder, lease: Lease, announce: Announce) -> Iterator[Server]:
    try:
        with lease.switch():
            server = _ensure(folder, lease, announce)
        yield server
    finally:
        with lease.switch():
            if lease.is_last() and folder.data.exists():
                process.stop(folder, server_account(folder.data), announce)
            lease.give_back()


def _ensure(folder: Folder, lease: Lease, announce: Announce) -> Server:
    """Attach to the server, or start it, or make it first."""
    account = server_account(folder.data)
    check_reachable(folder.path, account)
    passwords = read_passwords(folder)
    binaries = reachable_binaries(folder, account)
    attached = _attach(folder, lease, account, announce)
    if not attached:
        drop_other_copies(folder, binaries)
        write_settings(folder)
        if not folder.data.exists():
            folder.prepared.unlink(missing_ok=True)
            make_cluster(folder, binaries, account, passwords)
        check_version(folder)
        process.start(folder, binaries, account, announce)
    socket = folder.socket.read_text("utf-8")
    superuser_url = role_url(SUPERUSER, passwords.superuser, socket)
    prepared_with = folder.prepared.read_text("utf-8") if folder.prepared.exists() else None
    if prepared_with is None or (not attached and prepared_with != binaries.version):
        prepare(superuser_url, passwords)
        write(folder.prepared, binaries.version, 0o600)
    return Server(
        url=role_url(APP, passwords.app, socket),
        owner_url=role_url(OWNER, passwords.owner, socket),
        superuser_url=superuser_url,
        binaries=binaries.bin,
    )


def _keep(folder: Folder, lease: Lease, announce: Announce) -> None:
    """Start the server again if it has ended, or is ending."""
    account = server_account(folder.data)
    if process.is_up(folder, account):
        return
    with lease.switch(quietly=True):
        if not process.is_up(folder, account):
            announce("The database has ended; it is started again …")
            _ensure(folder, lease, announce)


def _attach(folder: Folder, lease: Lease, account: Account, announce: Announce) -> bool:
    """Join the server that runs already; one that is ending, or that nobody can reach, is ended first."""
    running = process.postmaster(folder, account)
    if running is None:
        return False
    if running.status != "stopping" and process.has_socket(folder, account):
        return process.wait_until_ready(folder, account, announce)
    if running.status != "stopping" and not lease.is_last():
        raise Unavailable(
            f"Koe's database runs, but its socket in {process.socket_folder(folder)} cannot be seen from here"
            " (a service with a /tmp of its own?). Stop the other Koe processes, or run this one as they are."
        )
    process.end(folder, account, announce)
    return False


def remove_home(home: Path) -> bool:
    """Remove a home with everything in it, unless a process uses its server; say whether it is gone."""
    folder = open_folder(home)
    with take_lease(folder.path, _silent) as lease, lease.switch():
        if not lease.is_last():
            return False
        if folder.data.exists():
            process.stop(folder, server_account(folder.data), _silent)
        lease.give_back()
        shutil.rmtree(home)
    return True
