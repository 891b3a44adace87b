"""Zip archives that hold XML (.xlsx, .docx): looked at before anything in them is unpacked."""

import zipfile
from pathlib import Path

from connectors.errors import Unreadable

MOST_MEMBERS = 2_000
MOST_BYTES = 1 << 30
"""What an archive may take unpacked."""
MOST_WHOLE_BYTES = 256 << 20
"""What those of its members may take that are read whole."""
MOST_INFLATION = 300
"""Unpacked ÷ packed size of a member above 10 MB; real ones stay below 50."""


def refuse_bomb(
    path: Path, *, called: str, instead: str, read_whole: str, most_whole: int = MOST_WHOLE_BYTES
) -> None:
    """Raise Unreadable for what is no zip archive, and for one that would fill the memory unpacked.

    `called` is what the archive should be, `instead` the ending to save it under where it is not.
    `read_whole` is a part of the names of the members that are read whole and not as a stream.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            declared = [
                member.filename
                for member in members
                if member.filename.endswith((".xml", ".rels"))
                and member.file_size <= MOST_BYTES
                and b"<!" in archive.open(member).read(1024).replace(b"<!--", b"")
            ]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise Unreadable(
            f"{path.name} is no {called}, or one with a password; save it as {path.suffix} without one."
        ) from error
    inflated = any(
        member.file_size > 10 << 20 and member.file_size > MOST_INFLATION * max(member.compress_size, 1)
        for member in members
    )
    whole = sum(
        member.file_size
        for member in members
        if read_whole in member.filename and member.filename.endswith(".xml")
    )
    total = sum(member.file_size for member in members)
    too_much = len(members) > MOST_MEMBERS or total > MOST_BYTES or whole > most_whole
    if too_much or inflated or declared:
        raise Unreadable(
            f"{path.name} would take {total / 1e6:,.0f} MB in {len(members):,} parts when unpacked, or "
            f"declares XML entities: that is no ordinary {called.split()[-1]}. Save it as {instead}."
        )
