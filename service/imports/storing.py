"""Rows into the database, batch by batch: what is stored stays, whatever happens to the rest."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from connectors.ports import BadRow, Row
from service.db import Database
from service.errors import Unavailable
from service.imports.reading import Importer

BATCH = 1_000
"""Rows a transaction."""
BATCH_CHARACTERS = 8 << 20
MOST_REJECTS = 1_000
"""Rejected rows that are listed; all are counted."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What has become of the rows so far. `received` = stored + duplicates + rejected."""

    stored: int = 0
    duplicates: int = 0
    updated: int = 0
    rejected: int = 0
    rejects: list[tuple[int, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Rows that are nobody's voice, by the reason; they are not among the received."""

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
) -> Outcome:
    """Read and store all rows. Raises Unavailable when the database takes no more."""
    outcome = Outcome()
    for batch in _batches(rows, importer, outcome):
        try:
            with db.begin() as session:
                tally = importer.store(session, batch)
        except Unavailable as error:
            safe = outcome.stored + outcome.duplicates
            raise Unavailable(
                f"{error} {safe:,} rows of the file are stored safely; importing it again goes on from there."
            ) from error
        outcome.stored += tally.stored
        outcome.duplicates += tally.duplicates
        outcome.updated += tally.updated
        tell(outcome.received + outcome.left_out.total())
    return outcome


def _batches(
    rows: Iterable[Row | BadRow], importer: Importer[Any], outcome: Outcome
) -> Iterator[list[object]]:
    batch: list[object] = []
    size = 0
    for row in rows:
        if isinstance(row, BadRow):
            if row.left_out:
                outcome.left_out[row.reason] += 1
            else:
                outcome.reject(row.line, row.reason)
            continue
        try:
            batch.append(importer.read(row))
        except ValueError as error:
            outcome.reject(row.line, str(error))
            continue
        size += sum(len(value) for value in row.values.values() if isinstance(value, str))
        if len(batch) >= BATCH or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
