"""Fills the tables of docs/quality.md: each by a measurement of its own, with date, commit and command.

    python -m benchmarks.quality DATA CACHE [NAME …]

A table stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->` and is what
`python -m benchmarks.NAME DATA CACHE` prints, as Markdown. Everything else on the page is written by hand and
stays. So a new table needs its two marks on the page, and a module of that name.
"""

import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "quality.md"
PROCESSOR = Path("/proc/cpuinfo")
TELLING = ("amx_bf16", "avx512_bf16")
"""Features of a processor that change how fast it embeds."""


class BadPage(Exception):
    """The page has no place for a table, or more than one."""


def names(page: str) -> list[str]:
    """Return the names of the page's tables, in their order. Raises BadPage for a mark without its fellow."""
    found = re.findall(r"<!-- (\w+):(begin|end) -->", page)
    begun = [name for name, mark in found if mark == "begin"]
    if found != [(name, mark) for name in begun for mark in ("begin", "end")]:
        raise BadPage("every <!-- NAME:begin --> needs one <!-- NAME:end --> behind it, before the next")
    if len(set(begun)) < len(begun):
        raise BadPage("a table stands on the page twice")
    return begun


def filled(page: str, name: str, table: str, caption: str) -> str:
    """Return the page with another table between the marks of `name`."""
    before, begin, rest = page.partition(f"<!-- {name}:begin -->")
    _, end, after = rest.partition(f"<!-- {name}:end -->")
    if not end:
        raise BadPage(f"the page has no <!-- {name}:begin --> and <!-- {name}:end -->")
    return f"{before}{begin}\n{caption}\n\n{table.strip()}\n{end}{after}"


def measure(name: str, data: Path, cache: Path) -> str | None:
    """Return what a measurement prints, or None where it came to nothing; its errors are shown."""
    command = [sys.executable, "-m", f"benchmarks.{name}", str(data), str(cache)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    return done.stdout if done.returncode == 0 and done.stdout.strip() else None


def caption(name: str, commit: str, seconds: float) -> str:
    """Return the line above a table: when, of what and where it was measured, and how to get it again."""
    today = datetime.now(UTC).date().isoformat()
    return (
        f"*{today}, commit {commit}, {machine()}, {max(1, round(seconds / 60))} min:* "
        f"`python -m benchmarks.{name} DATA CACHE`"
    )


def commit() -> str:
    """Return the commit that is measured, and whether anything but documents was changed since."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    return (_git("rev-parse", "--short=8", "HEAD") or "unknown") + (" with changes" if changed else "")


def machine() -> str:
    """Return what counts about the machine, in words that name no machine."""
    flags = PROCESSOR.read_text().split() if PROCESSOR.is_file() else []
    feature = next((flag for flag in TELLING if flag in flags), "no bfloat16")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"{cores} cores ({platform.machine()}, {feature})"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def fill(page: Path, wanted: Sequence[str], data: Path, cache: Path) -> list[str]:
    """Measure and write down one table after the other; return the names of those that came to nothing."""
    failed = []
    for name in wanted:
        typer.echo(f"measuring {name} …", err=True)
        began, measured = time.monotonic(), commit()
        table = measure(name, data, cache)
        if table is None:
            failed.append(name)
            continue
        told = caption(name, measured, time.monotonic() - began)
        # Read again: somebody may have written on the page meanwhile.
        page.write_text(filled(page.read_text(encoding="utf-8"), name, table, told), encoding="utf-8")
    return failed


def main(
    data: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder of the real sets.")],
    cache: Annotated[Path, typer.Argument(file_okay=False, help="A folder that keeps vectors.")],
    wanted: Annotated[
        list[str] | None, typer.Argument(help="Tables to measure; all if none is named.")
    ] = None,
    page: Annotated[Path, typer.Option(exists=True, dir_okay=False)] = PAGE,
) -> None:
    """Measure what the page shows, and write it there."""
    try:
        known = names(page.read_text(encoding="utf-8"))
    except BadPage as error:
        raise typer.BadParameter(f"{page.name}: {error}") from error
    if unknown := set(wanted or ()) - set(known):
        raise typer.BadParameter(f"{page.name} has no table {', '.join(sorted(unknown))}")
    cache.mkdir(parents=True, exist_ok=True)
    failed = fill(page, wanted or known, data.resolve(), cache.resolve())
    if failed:
        typer.echo(f"came to nothing, and stays as it was: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
