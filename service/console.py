"""How the command line speaks: sentences and tables for people, or one JSON value for programs."""

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from getpass import getpass

from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

WORDS = {
    "ingest": "reading the inbox",
    "redact": "taking out personal data",
    "embed": "reading for meaning",
    "cluster": "finding what recurs",
    "themes": "matching with known themes",
    "preview": "naming what would be",
    "place": "placing what came meanwhile",
    "route": "deciding what to do",
    "deliver": "delivering",
    "track": "looking how things stand",
    "measure": "measuring effects",
    "value": "weighing themes",
    "steer": "reckoning measures",
    "map": "drawing the map",
    "import": "importing",
    "fetch": "asking for what is there",
}
"""What a stage is called while one waits for it."""

UNLIMITED = 10_000
"""Columns of a line that no terminal wraps."""


def harmless(text: str) -> str:
    """Return a text that cannot steer a terminal: customers' words, too, stand in titles and reasons."""
    written = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(one if one in "\n\t" or not _steers(one) else "\ufffd" for one in written)


def _steers(character: str) -> bool:
    turns_direction = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    return turns_direction or unicodedata.category(character) == "Cc"


def _rich(*, stderr: bool) -> RichConsole:
    console = RichConsole(stderr=stderr, soft_wrap=True, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = UNLIMITED  # a file or a pipe gets its lines whole
    return console


@dataclass(frozen=True, slots=True)
class Console:
    """Where a command writes. With `json`, stdout gets one JSON value and nothing else."""

    json: bool = False
    out: RichConsole = field(default_factory=lambda: _rich(stderr=False))
    err: RichConsole = field(default_factory=lambda: _rich(stderr=True))

    def say(self, text: str) -> None:
        """Write a sentence for the person (nothing with `json`)."""
        if not self.json:
            self.out.print(harmless(text), markup=False)

    def note(self, text: str) -> None:
        """Write a sentence that is not part of the answer."""
        self.err.print(harmless(text), markup=False)

    @property
    def asks(self) -> bool:
        """True where a person sits at the terminal who can be asked for what is missing."""
        return not self.json and sys.stdin.isatty() and self.err.is_terminal

    def ask(self, question: str, *, hidden: bool = False) -> str:
        """Ask the person, and return what was typed; empty where nothing was."""
        asked = harmless(f"{question}: ")
        if hidden:
            return getpass(asked).strip()
        self.err.print(asked, markup=False, end="")
        return sys.stdin.readline().strip()

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
        """Write a table (nothing with `json`); numbers stand on the right, long words belong in the last."""
        if self.json:
            return
        table = Table(
            title=title or None, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0)
        )
        for number, column in enumerate(columns):
            numeric = bool(rows) and all(isinstance(row[number], int | float) for row in rows)
            is_last = number == len(columns) - 1
            table.add_column(
                column, justify="right" if numeric else "left", no_wrap=not is_last, overflow="fold"
            )
        for row in rows:
            table.add_row(*[_cell(cell) for cell in row])
        self.out.print(table, markup=False)

    def listing(self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, if_none: str) -> None:
        """Write a table, or a sentence if it has no row."""
        if rows:
            self.table(columns, rows)
        else:
            self.say(if_none)

    def answer(self, value: Mapping[str, object] | Sequence[object]) -> None:
        """Write the answer as one JSON value (nothing without `json`)."""
        if self.json:
            sys.stdout.buffer.write(_json(value))
            sys.stdout.flush()

    @contextmanager
    def progress(self) -> Iterator["Bars"]:
        """Show a bar a stage on stderr while the block runs."""
        columns = (
            TextColumn("{task.description:28}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        progress = Progress(*columns, console=self.err)
        try:
            yield Bars(progress, {})
        finally:
            if progress.tasks:
                progress.stop()


def _json(value: Mapping[str, object] | Sequence[object]) -> bytes:
    """Return a line of UTF-8, whatever the terminal reads."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    try:
        return f"{text}\n".encode()
    except UnicodeEncodeError:  # a file name of bytes that are no text comes back as it was if escaped
        return f"{json.dumps(value, default=str)}\n".encode()


def _cell(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else harmless(str(cell))


@dataclass(frozen=True, slots=True)
class Bars:
    """One bar a stage; is what stages call as their `Progress`."""

    progress: Progress
    tasks: dict[str, TaskID]

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Move the stage's bar, and make it when it is seen first; a stage with nothing to do gets none."""
        if stage not in self.tasks and total:
            self.progress.start()
            self.tasks[stage] = self.progress.add_task(WORDS.get(stage, stage), total=total)
        if stage in self.tasks:
            self.progress.update(self.tasks[stage], completed=done, total=max(total, done))
