"""What is known of a file before its rows are stored, and what every noun's importer has in common."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol, TypeVar

from sqlmodel import Session

from connectors.ports import Row
from service.imports import dates
from service.imports.columns import Taken, normal
from service.repositories.upserts import Upserted

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller says about a file."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    """Column by field; an empty column says that the file has none for this field."""
    channel: str | None = None
    """Of rows that do not say one that Koe knows."""
    lang: str | None = None
    """Of rows that do not say one."""
    encoding: str = "auto"
    delimiter: str | None = None
    """Of a table as text, by its name; None where it is recognised."""
    sheet: str | None = None
    """Of a workbook; None for the first that holds anything."""
    own: tuple[str, ...] = ()
    """The organisation's mail addresses and domains."""
    timezone: str = "Asia/Tokyo"
    """Of times without an offset."""
    interviewers: Sequence[str] = ()
    """Names of those who ask in notes and transcripts; what they say is no feedback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the rows of one file are to be read."""

    organisation_id: str
    source_id: str
    source: str
    options: Options
    taken: Taken
    zone: tzinfo
    day_first: bool
    """Whether 03/05/2026 is the third of May."""
    best_rating: int
    """On the scale of the file's ratings: 5, 10 or 100."""
    assumed_at: datetime
    """The day that stands in for rows without any: when the file was last changed."""
    part: str | None = None
    """The column that tells apart rows with one id, where that takes one."""
    channel: str | None = None
    """Of rows that do not say one, when the caller does not either."""
    upload_id: str | None = None
    """The file, where it was given to the pages."""

    def cell(self, row: Row, name: str) -> object:
        """Return what a row holds for a field; None where the file has no column for it."""
        column = self.taken.columns.get(name)
        return None if column is None else row.values.get(column)

    def instant(self, row: Row, name: str) -> datetime | None:
        """Return the instant that a row holds for a field. Raises ValueError for what is no date."""
        column = self.taken.columns.get(name)
        if column is None:
            return None
        # Exports that say so in the header leave the offset out of the cells.
        zone = UTC if normal_end(column) == "utc" else self.zone
        try:
            return dates.instant(row.values.get(column), zone, day_first=self.day_first)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error


def normal_end(column: str) -> str:
    """Return what stands in brackets at the end of a column's name, in lower case: Created at (UTC) → utc."""
    head, bracket, tail = column.rstrip().rstrip(")）").rpartition("(")
    return normal(tail) if bracket and head else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of a batch of rows."""

    stored: int = 0
    duplicates: int = 0
    updated: int = 0
    """Duplicates whose content had changed."""


def tally(done: Upserted) -> Tally:
    """Return what became of rows that went straight into their table."""
    duplicates = len(done.changed) + done.same
    return Tally(stored=done.new, duplicates=duplicates, updated=len(done.changed))


class Importer(Protocol[Record]):
    """Reads the rows of one noun and stores them."""

    def read(self, row: Row) -> Record:
        """Return what a row says. Raises ValueError, saying why, for one that says nothing of use."""
        ...

    def store(self, session: Session, records: Sequence[Record]) -> Tally:
        """Store records; those that are there already change nothing."""
        ...

    def notes(self) -> Sequence[str]:
        """Return sentences about what was assumed."""
        ...


MakeImporter = Callable[[Reading], Importer[Any]]
