"""JSON of another system, read without trust: what is not there, or is something else, is None."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.errors import RetryLater, Unreadable
from connectors.files.records import parsed

EARLIEST, LATEST = 1990, 2200
"""Years outside are no times of customers' words."""
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Loose:
    """A value of JSON, or of nothing."""

    value: object = None

    @classmethod
    def of(cls, body: bytes) -> "Loose":
        """Read a body. Raises Unreadable where it is no JSON in UTF-8."""
        try:
            return cls(parsed(body.decode("utf-8-sig")))
        except UnicodeDecodeError as error:
            raise Unreadable("the body is not UTF-8") from error
        except ValueError as error:
            raise Unreadable(f"the body cannot be read: {error}") from error

    @classmethod
    def glimpse(cls, body: bytes) -> "Loose":
        """Read a body; one that is no JSON holds nothing."""
        try:
            return cls.of(body)
        except Unreadable:
            return cls()

    def __getitem__(self, key: str | int) -> "Loose":
        """Return what stands under a name of an object, or at a place of a list."""
        if isinstance(key, str):
            return Loose(self.value.get(key)) if isinstance(self.value, dict) else Loose()
        inside = isinstance(self.value, list) and -len(self.value) <= key < len(self.value)
        return Loose(self.value[key]) if inside and isinstance(self.value, list) else Loose()

    def __iter__(self) -> Iterator["Loose"]:
        """Yield what a list holds; nothing for anything else."""
        yield from map(Loose, self.value if isinstance(self.value, list) else ())

    @property
    def rows(self) -> Sequence["Loose"]:
        """What a list holds that must be there. Raises RetryLater for anything else.

        An answer without it says nothing, least of all that there is nothing.
        """
        if not isinstance(self.value, list):
            raise RetryLater("the answer holds no list where one was asked for")
        return [*self]

    @property
    def is_object(self) -> bool:
        """Whether it is an object."""
        return isinstance(self.value, dict)

    @property
    def text(self) -> str | None:
        """The words of a text that has some."""
        return self.value if isinstance(self.value, str) and self.value.strip() else None

    @property
    def id(self) -> str | None:
        """The name that a text or a whole number gives, without space around it."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            written = str(self.value) if abs(self.value) < 10**LONGEST_ID else ""
        else:
            written = (self.text or "").strip()
        return written if 0 < len(written) <= LONGEST_ID and written.isprintable() else None

    @property
    def number(self) -> float | None:
        """A number that is finite."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            return None
        try:
            found = float(self.value)
        except OverflowError:
            return None
        return found if math.isfinite(found) else None

    @property
    def count(self) -> int | None:
        """A number of things."""
        return None if self.number is None else int(self.number)

    @property
    def flag(self) -> bool:
        """Whether it is true."""
        return self.value is True

    @property
    def written_time(self) -> datetime | None:
        """The instant (UTC) that ISO 8601 tells; without an offset it is meant in UTC."""
        try:
            found = datetime.fromisoformat((self.text or "").strip())
            return _within(found if found.tzinfo else found.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            return None

    def counted_time(self, unit: float = 1.0) -> datetime | None:
        """Return the instant that lies so many `unit` seconds after 1970, also where it is a text."""
        counted = self.number
        if counted is None and isinstance(self.value, str) and len(self.value) <= 32:
            try:
                counted = float(self.value)
            except ValueError:
                return None
        if counted is None or not math.isfinite(counted):
            return None
        try:
            return _within(datetime.fromtimestamp(counted * unit, UTC))
        except (ValueError, OverflowError, OSError):
            return None


NOTHING = Loose()


def is_number(named: str) -> bool:
    """Say whether a name is a whole number, as records of a database have it: it may stand in an address."""
    return named.isascii() and named.isdigit() and len(named) <= 18


def _within(found: datetime) -> datetime | None:
    """Return a time in UTC that can be meant, or None."""
    try:
        found = found.astimezone(UTC)
    except OverflowError:
        return None
    return found if EARLIEST <= found.year <= LATEST else None
