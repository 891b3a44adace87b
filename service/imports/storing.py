"""Rows into the database, batch by batch: what is stored stays, whatever happens to the rest."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import DBAPIError

from connectors.ports import BadRow, Row
from service.db import Database
from service.errors import Unavailable
from service.imports.reading import Importer

BATCH = 1_000
"""Rows a transaction."""
BATCH_CHARACTERS = 8 << 20
MOST_REJECTS = 1_000
"""Rejected rows that are listed; all are counted."""

_NO_SPACE = ("53100", "58030")
"""SQLSTATE of a full disk, and of a disk that cannot be written to."""


@dataclass(slots=True, kw_only=True)
class Account:
    """What has become of the rows so far. `received` = stored + duplicates + rejected."""

    stored: int = 0
    duplicates: int = 0
    updated: int = 0
    rejected: int = 0
    rejects: list[tuple[int, str]] = field(default_factory=list)

    @property
    def received(self) -> int:
        return self.stored + self.duplicates + self.rejected

    def reject(self, line: int, reason: str) -> None:
        """Count a row that cannot be stored, and list it."""
        self.rejected += 1
        if len(self.rejects) < MOST_REJECTS:
            self.rejects.append((line, reason))


def store(
    db: Database, rows: Iterable[Row | BadRow], importer: Importer[Any], tell: Callable[[int], None]
) -> Account:
    """Read and store all rows. Raises Unavailable when the database takes no more."""
    account = Account()
    for batch in _batches(rows, importer, account):
        try:
            with db.begin() as session:
                tally = importer.store(session, batch)
        except DBAPIError as error:
            raise _stopped(error, account) from error
        account.stored += tally.stored
        account.duplicates += tally.duplicates
        account.updated += tally.updated
        tell(account.received)
    return account


def _batches(
    rows: Iterable[Row | BadRow], importer: Importer[Any], account: Account
) -> Iterator[list[object]]:
    batch: list[object] = []
    size = 0
    for row in rows:
        if isinstance(row, BadRow):
            account.reject(row.line, row.reason)
            continue
        try:
            batch.append(importer.read(row))
        except ValueError as error:
            account.reject(row.line, str(error))
            continue
        size += sum(len(value) for value in row.values.values() if isinstance(value, str))
        if len(batch) >= BATCH or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _stopped(error: DBAPIError, account: Account) -> Exception:
    """Return what to raise when a batch was refused: that the database is full or gone, or the error."""
    full = getattr(error.orig, "sqlstate", None) in _NO_SPACE or "No space left on device" in str(error.orig)
    if not full and not error.connection_invalidated:
        return error
    what = "The disk of the database is full" if full else "The database does not answer any more"
    then = "Make room" if full else "Start it again"
    safe = account.stored + account.duplicates
    return Unavailable(
        f"{what}: {safe:,} rows are stored safely, the others are not. "
        f"{then} and import the same file again; it goes on where it stopped."
    )
