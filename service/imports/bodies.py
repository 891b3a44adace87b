"""A webhook's body: the records it holds, and where in them each import field stands.

It is the Standard Webhooks envelope `{type, timestamp, data}`, one object, or a list of objects.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from connectors.files.records import parsed
from connectors.ports import BadRow, Row
from service.imports import dates, values
from service.imports.names import FEEDBACK, NEEDED

FIELDS = tuple(FEEDBACK)
"""What a record may hold; all else in it is left alone."""
NEEDED_FIELDS = NEEDED["feedback"][0]
"""Of these a record must hold one."""
MOST_NAMES = 20
"""Fields that a reason lists."""
LONGEST_PATH = 60
_MISSING = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a call says."""

    records: Sequence[object]
    whole: object
    """Where a dotted path may start, too."""
    is_list: bool
    said_at: datetime | None = None
    """The envelope's time, which is the time of the event."""

    def pointer(self, place: int) -> str:
        """Return where a record stands, as a JSON pointer."""
        inside = "" if self.records is self.whole or self.records[0] is self.whole else "/data"
        return f"{inside}/{place - 1}" if self.is_list else inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped(BadRow):
    """A record in which nothing stands where words were looked for."""


def open_body(body: bytes) -> Body:
    """Return what a body holds. Raises ValueError, saying what to do, for one that is no JSON."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("The body is not UTF-8; send JSON in UTF-8.") from error
    try:
        whole = parsed(text)
    except ValueError as error:
        raise ValueError(
            f"The body cannot be read: {error}. Send one JSON object, or a list of them."
        ) from error
    held, said_at = whole, None
    if isinstance(whole, dict) and _is_envelope(whole):
        held, said_at = whole["data"], _time(whole.get("timestamp"))
    records = held if isinstance(held, list) else [held]
    return Body(records=records, whole=whole, is_list=isinstance(held, list), said_at=said_at)


def rows(body: Body, mapping: Mapping[str, str]) -> Iterator[Row | BadRow]:
    """Yield the records in their order, as rows whose columns are the fields; `line` is the place, from 1.

    The mapping names the dotted path of a field. It starts in the record, or, where it leads nowhere there,
    in the whole body. A field without a path, or whose path leads nowhere, is taken by its own name.
    """
    for place, record in enumerate(body.records, start=1):
        if not isinstance(record, dict):
            yield BadRow(line=place, reason="this is no JSON object")
            continue
        found = {field: value for field in FIELDS if (value := record.get(field, _MISSING)) is not _MISSING}
        for field, path in mapping.items():
            value = at(record, path)
            if value is _MISSING:
                value = at(body.whole, path)
            if value is not _MISSING:
                found[field] = value
        if not any(field in found for field in NEEDED_FIELDS):
            yield Unmapped(line=place, reason=_misfit(record))
            continue
        if values.is_missing(found.get("updated_at")):
            found["updated_at"] = body.said_at
        if values.channel(found.get("channel")) is None:
            found["channel"] = "ticket" if values.is_missing(found.get("thread_id")) else "chat"
        yield Row(line=place, values=found)


def at(value: object, path: str) -> object:
    """Return what stands at a dotted path (`ticket.comments.0.body`), or a mark that nothing does."""
    if isinstance(value, dict):
        if path in value:
            return value[path]
        head, dot, rest = path.partition(".")
        return at(value[head], rest) if dot and head in value else _MISSING
    if isinstance(value, list):
        head, dot, rest = path.partition(".")
        if not (head.isascii() and head.isdecimal()) or len(head) > 6 or int(head) >= len(value):
            return _MISSING
        return at(value[int(head)], rest) if dot else value[int(head)]
    return _MISSING


def _is_envelope(whole: Mapping[str, object]) -> bool:
    data = whole.get("data")
    if any(field in whole for field in NEEDED_FIELDS):
        return False
    if isinstance(data, list):
        return any(isinstance(one, dict) for one in data) or ("type" in whole and not data)
    return isinstance(data, dict)


def _time(value: object) -> datetime | None:
    try:
        return dates.instant(value, UTC)
    except ValueError:
        return None


def _misfit(record: Mapping[str, object]) -> str:
    named = list(islice(_paths(record), MOST_NAMES + 1))
    shown = ", ".join(named[:MOST_NAMES]) + (", …" if len(named) > MOST_NAMES else "")
    return f"none of text, title and messages is among its fields ({shown or 'it has none'})"


def _paths(value: object, path: str = "") -> Iterator[str]:
    """Yield the dotted paths of all that holds no more fields."""
    inner: Iterator[tuple[object, object]]
    if isinstance(value, dict) and value:
        inner = iter(value.items())
    elif isinstance(value, list) and value:
        inner = islice(enumerate(value), 1)
    else:
        if path:
            yield path if len(path) <= LONGEST_PATH else f"{path[:LONGEST_PATH]}…"
        return
    for name, one in inner:
        yield from _paths(one, f"{path}.{name}" if path else str(name))
