"""How the command line speaks: sentences and tables for people, or one JSON value for programs."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

WORDS = {
    "ingest": "reading the inbox",
    "redact": "taking out personal data",
    "embed": "reading for meaning",
    "cluster": "finding what recurs",
    "themes": "matching with known themes",
    "route": "deciding what to do",
    "deliver": "delivering",
    "measure": "measuring effects",
    "import": "importing",
}
"""What a stage is called while one waits for it."""


@dataclass(frozen=True, slots=True)
class Console:
    """Where a command writes. With `json`, stdout gets one JSON value and nothing else."""

    json: bool = False
    out: RichConsole = field(default_factory=lambda: RichConsole(soft_wrap=True, highlight=False))
    err: RichConsole = field(
        default_factory=lambda: RichConsole(stderr=True, soft_wrap=True, highlight=False)
    )

    def say(self, text: str) -> None:
        """Write a sentence for the person (nothing with `json`)."""
        if not self.json:
            self.out.print(text, markup=False)

    def note(self, text: str) -> None:
        """Write a sentence that is not part of the answer."""
        self.err.print(text, markup=False)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Write a table (nothing with `json`); numbers stand on the right."""
        if self.json:
            return
        table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for number, column in enumerate(columns):
            numeric = all(isinstance(row[number], int | float) for row in rows)
            table.add_column(column, justify="right" if numeric and rows else "left", overflow="fold")
        for row in rows:
            table.add_row(*[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row])
        self.out.print(table)

    def answer(self, value: Mapping[str, object] | Sequence[object]) -> None:
        """Write the answer as one JSON value (nothing without `json`)."""
        if self.json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")

    @contextmanager
    def progress(self) -> Iterator["Bars"]:
        """Show a bar a stage on stderr while the block runs."""
        columns = (
            TextColumn("{task.description:28}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.err) as progress:
            yield Bars(progress, {})


@dataclass(frozen=True, slots=True)
class Bars:
    """One bar a stage; is what stages call as their `Progress`."""

    progress: Progress
    tasks: dict[str, TaskID]

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Move the stage's bar, and make it when it is seen first."""
        if stage not in self.tasks:
            self.tasks[stage] = self.progress.add_task(WORDS.get(stage, stage), total=total)
        self.progress.update(self.tasks[stage], completed=done, total=max(total, done))
