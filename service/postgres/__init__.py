"""Koe's own PostgreSQL: one server for a home, shared by all Koe processes that use it.

`open_server(home)` is the whole interface. Under `home/postgres` lie

    data/            the cluster; belongs to the OS user that the server runs as
    postgresql.conf  pg_hba.conf     written anew at every start, outside what the server may write
    passwords.json   of the three roles, for nobody but Koe's own OS user (0600)
    socket           where the server listens: a fresh folder below /tmp, closed to others
    users.lock       shared by every process that uses the server (lease.py)
    switch.lock      held by the one that starts or stops it
    log              what the server says; never a statement or a row

and the files of this package follow a start: `folder` (where things lie), `account` (whose processes
and files they are), `binaries` (what is run), `cluster` (made once), `process` (started, waited for,
stopped), `roles` (who may do what), `lease` (who uses it), `keeping` (brought back when it ends),
`server` (all of it in order).

The server is given back by leaving the block, also on Ctrl-C. SIGTERM ends Python without leaving any
block: a program that should stop the server on SIGTERM installs a handler that raises SystemExit.
After `kill -9` the server is left behind, and the next process that comes attaches to it.
"""

from service.postgres.roles import create_database
from service.postgres.server import Server, open_server, remove_home

__all__ = ["Server", "create_database", "open_server", "remove_home"]
