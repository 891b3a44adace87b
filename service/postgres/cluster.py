"""The cluster: made once, in a folder beside its place, which it takes when it is whole."""

import shutil
import subprocess

from service.errors import Unavailable
from service.postgres.account import Account, hand_over, maker_account
from service.postgres.binaries import MAJOR, Binaries
from service.postgres.folder import Folder, write
from service.postgres.roles import SUPERUSER, Passwords

ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
"""All that the server knows of ours: no secret of Koe's, and no PG* variable."""

ACCESS = """\
# Written by Koe at every start. Nobody is let in without a password, and nobody from the network.
local all all scram-sha-256
"""

SETTINGS = """\
# Written by Koe at every start. What ALTER SYSTEM sets comes after it and is kept.
listen_addresses = ''
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 100

# A small machine, and sums that do not depend on how the rows were shared out.
shared_buffers = '128MB'
effective_cache_size = '1GB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
autovacuum_naptime = '15s'
wal_compression = on

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'

# What the server says of itself, and nothing of a statement or a row: those hold what customers wrote.
log_min_messages = 'log'
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
log_checkpoints = off
"""


def write_settings(folder: Folder) -> None:
    """Write how the server is set, outside the folder that the server itself may write to."""
    write(folder.access, ACCESS, 0o644)
    write(folder.settings, SETTINGS, 0o644)


def settings_options(folder: Folder) -> list[str]:
    """Return the arguments that name those files."""
    return ["-c", f"config_file={folder.settings}", "-c", f"hba_file={folder.access}"]


def check_version(folder: Folder) -> None:
    """Refuse a cluster that another major version made, which this one cannot read."""
    made_by = (folder.data / "PG_VERSION").read_text("ascii").strip()
    if made_by != str(MAJOR):
        raise Unavailable(
            f"{folder.data} was made by PostgreSQL {made_by}, and this Koe brings PostgreSQL {MAJOR}. Use the"
            " Koe that made it, or set KOE_HOME to a new folder."
        )


def make_cluster(folder: Folder, binaries: Binaries, account: Account, passwords: Passwords) -> None:
    """Make the cluster: text sorts by code point, whatever the machine's language is."""
    fresh = folder.path / "data.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(0o700)
    password = folder.path / "password.new"
    write(password, passwords.superuser, 0o600)
    maker = maker_account()
    for path in (fresh, password):
        maker.give(path)
    command = [
        *(str(binaries.bin / "initdb"), "-D", str(fresh), "-U", SUPERUSER, f"--pwfile={password}"),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, cwd="/", env=ENVIRONMENT, **maker.identity()
        )
    finally:
        password.unlink()
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()[-6:]
        raise Unavailable("The database cannot be made:" + "".join(f"\n  {line}" for line in words))
    hand_over(fresh, maker, account)
    fresh.rename(folder.data)
