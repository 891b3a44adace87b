"""Parquet files: what a process of its own unpacks of them, row by row."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.errors import Unreadable
from connectors.files.records import flat
from connectors.ports import BadRow, Row, Rows

MEMORY = 2 << 30
"""Bytes of address space that the other process may take; its libraries alone take a seventh."""

_GIVEN = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TZDIR")
"""What the other process may know of this one's environment: no secrets."""
_FRUGAL = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONIOENCODING": "utf-8",
}
"""What lets the libraries of the other process be content with its memory."""


class ColumnRows(Rows):
    """A Parquet file.

    Fields of structures are named by dotted paths, as in JSON; times and amounts are as JSON has them, times
    in ISO 8601 with their offset.
    """

    encoding = "binary"

    def __init__(self, path: Path) -> None:
        self._path = path
        first = next(self._lines())
        if "refused" in first:
            raise Unreadable(f"{path.name} {first['refused']}.")
        self.columns = first["columns"]

    def __iter__(self) -> Iterator[Row | BadRow]:
        lines = self._lines()
        next(lines)
        for number, record, *reason in lines:
            if record is None:
                yield BadRow(line=number, reason=reason[0])
            else:
                yield Row(line=number, values=flat(record))

    def _lines(self) -> Iterator[Any]:
        """Yield what the other process says. Raises Unreadable where it ends before the file does."""
        command = [sys.executable, "-P", "-m", "connectors.files.unpacking", str(self._path), str(MEMORY)]
        environment = {name: os.environ[name] for name in _GIVEN if name in os.environ}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment | _FRUGAL
        ) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    said = json.loads(line)
                    if said is None:
                        return
                    yield said
            finally:
                process.kill()
        raise Unreadable(
            f"{self._path.name} is damaged, or takes more memory than it may; write it anew, or as CSV."
        )
