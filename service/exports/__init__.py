"""Exports: everything Koe knows, as files that others build on."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EISDIR
from pathlib import Path
from secrets import token_hex
from zoneinfo import ZoneInfo

from service.db import Database
from service.errors import Unavailable, WrongUse
from service.exports.columns import EXPORTS
from service.exports.rows import ROWS
from service.exports.writers import WRITERS

__all__ = ["EXPORTS", "FORMATS", "export", "is_stream"]

FORMATS = tuple(WRITERS)


def export(
    db: Database, organisation_id: str, noun: str, out: Path, *, zone: ZoneInfo, form: str | None = None
) -> int:
    """Write the export `noun` to `out` and return the number of rows.

    The form is `form`, else the ending of `out`, else JSON Lines. A file appears whole or not at all; a
    pipe or a device such as /dev/stdout is written to as it is. Raises WrongUse for an unknown noun or
    form, Unavailable when the file cannot be written.
    """
    if noun not in EXPORTS:
        raise WrongUse(f"There is no export “{noun}”; there are {', '.join(EXPORTS)}.")
    ending = out.suffix[1:].lower()
    chosen = form or (ending if ending in WRITERS else "jsonl")
    if chosen not in WRITERS:
        raise WrongUse(f"There is no format “{chosen}”; there are {', '.join(WRITERS)}.")
    try:
        with _finished(out) as unfinished, db.begin() as session:
            return WRITERS[chosen](unfinished, EXPORTS[noun], ROWS[noun](session, organisation_id, zone))
    except BrokenPipeError:
        raise  # whoever reads has read enough
    except OSError as error:
        raise Unavailable(f"{out} cannot be written: {error.strerror or error}.") from error


def is_stream(out: Path) -> bool:
    """Return whether `out` is a pipe or a device, so that nothing can take its place."""
    return out.is_relative_to("/dev") or (out.exists() and not out.is_file())


@contextmanager
def _finished(out: Path) -> Iterator[Path]:
    """Give a path beside `out` that takes its place once the block is through, and is gone if it is not."""
    if out.is_dir():
        raise IsADirectoryError(EISDIR, "Is a folder")
    if is_stream(out):
        yield out
        return
    place = out.resolve()  # of a link, what it points to is replaced, and not the link
    unfinished = place.with_name(f".koe-{token_hex(8)}")
    try:
        yield unfinished
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)
