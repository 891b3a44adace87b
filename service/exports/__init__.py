"""Exports: everything Koe knows, as files that others build on."""

from pathlib import Path
from zoneinfo import ZoneInfo

from service.db import Database
from service.errors import Unavailable, WrongUse
from service.exports.columns import EXPORTS
from service.exports.rows import ROWS
from service.exports.writers import WRITERS

__all__ = ["EXPORTS", "FORMATS", "export"]

FORMATS = tuple(WRITERS)


def export(
    db: Database, organisation_id: str, noun: str, out: Path, *, zone: ZoneInfo, form: str | None = None
) -> int:
    """Write the export `noun` to `out` and return the number of rows.

    The form is `form`, else the ending of `out`, else JSON Lines. The file appears whole or not at
    all: it is written beside its place and then renamed. Raises WrongUse for an unknown noun or form,
    Unavailable when the file cannot be written.
    """
    if noun not in EXPORTS:
        raise WrongUse(f"There is no export “{noun}”; there are {', '.join(EXPORTS)}.")
    chosen = form or (out.suffix[1:] if out.suffix[1:] in WRITERS else "jsonl")
    if chosen not in WRITERS:
        raise WrongUse(f"There is no format “{chosen}”; there are {', '.join(WRITERS)}.")
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        with db.begin() as session:
            count = WRITERS[chosen](unfinished, EXPORTS[noun], ROWS[noun](session, organisation_id, zone))
        unfinished.replace(out)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Unavailable(f"{out} cannot be written: {error.strerror or error}.") from error
    return count
