"""From rows in a file to themes with titles: Koe against BERTopic with its defaults, in one run.

    python -m benchmarks.topics DATA PEER_PYTHON

reads the different questions of Banking77 in DATA. PEER_PYTHON is the Python of an environment of its own
with BERTopic, which is no part of Koe:

    python3.11 -m venv build/peer && build/peer/bin/pip install bertopic

Both read the same file of the same weights (all-MiniLM-L6-v2) and may use the same cores. Koe starts with an
empty home, makes its database, and takes the file the way `koe import` and `koe run` do, as far as titled
themes. BERTopic is given the texts. They take turns, each in a process of its own; the better round counts.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.sets import banking
from nlp.embedders.minilm import model_folder
from service.config import Settings
from service.imports import Options, import_file
from service.models import MAIN
from service.opening import open_database
from service.parts import ports
from service.pipeline.run import run
from service.repositories.runs import live_run

DAY = "2026-05-04"
"""On which every row was said."""
STAGES = ("ingest", "redact", "embed", "cluster", "themes")
KOE = (
    "import sys; from pathlib import Path; from benchmarks.topics import through; through(Path(sys.argv[1]))"
)
PEER = Path(__file__).with_name("peer_topics.py")
Seconds = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one way took."""

    name: str
    wall: float
    """Seconds from the start of the process to its end."""
    cpu: float
    """Seconds of the processor on all cores; those of Koe's database are not among them."""
    steps: Seconds
    found: dict[str, int]


def through(rows: str) -> None:
    """Take the rows into an empty home, and write the seconds of each step and what came of it."""
    steps: Seconds = {}
    last = time.perf_counter()

    def done(step: str) -> None:
        nonlocal last
        steps[step] = time.perf_counter() - last
        last = time.perf_counter()

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the database of a Koe that root starts runs as somebody else
        settings = Settings(home=Path(folder) / "home", database_url=None)
        with open_database(settings, announce=lambda _: None) as db:
            done("database")
            import_file(
                db, MAIN, "feedback", Path(rows), source="questions", options=Options(channel="ticket")
            )
            done("import")
            parts = ports(settings)
            for stage in STAGES:
                run(db, MAIN, parts, only=stage)
                done(stage)
            with db.begin() as session:
                live = live_run(session, MAIN)
                figures = dict(live.figures) if live else {}
    found = {"topics": figures["groups"], "themed": figures["themed"]}
    sys.stdout.write(json.dumps({"steps": steps, "found": found}) + "\n")


def timed(name: str, command: Sequence[str]) -> Round:
    """Run a program to its end, and return what it took and what its last line says."""
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    wall, after = time.perf_counter() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    return Round(name=name, wall=wall, cpu=cpu, steps=answer["steps"], found=answer["found"])


def written(texts: Sequence[str], folder: Path) -> tuple[Path, Path]:
    """Write the rows as a file for Koe, and as one for the peer."""
    rows, plain = folder / "questions.csv", folder / "questions.json"
    with rows.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["id", "created_at", "text"])
        table.writerows([str(number), DAY, text] for number, text in enumerate(texts))
    plain.write_text(json.dumps(texts), encoding="utf-8")
    return rows, plain


def line(one: Round, rows: int) -> str:
    """Return one row of the table."""
    steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in one.steps.items())
    themed = one.found["themed"] / rows
    return f"| {one.name} | {one.wall:.1f} | {one.cpu:.1f} | {steps} | {one.found['topics']} | {themed:.3f} |"


def main(
    data: Path,
    peer: Annotated[Path, typer.Argument(help="The Python of an environment that has BERTopic.")],
    rounds: int = 2,
    most: Annotated[int | None, typer.Option(help="Read only so many rows.")] = None,
) -> None:
    """Time both ways in turn."""
    texts = list(banking(data).texts)[:most]
    with tempfile.TemporaryDirectory() as folder:
        rows, plain = written(texts, Path(folder))
        ways = {
            "Koe": [sys.executable, "-c", KOE, str(rows)],
            "BERTopic": [str(peer), str(PEER), str(plain), str(model_folder())],
        }
        taken = [timed(name, command) for _ in range(rounds) for name, command in ways.items()]
    typer.echo(f"{len(texts):,} rows, {len(os.sched_getaffinity(0))} cores\n")
    typer.echo(
        "| way | seconds | processor seconds | of which | themes | themed |\n|---|---|---|---|---|---|"
    )
    best = [min((one for one in taken if one.name == name), key=lambda one: one.wall) for name in ways]
    for one in best:
        typer.echo(line(one, len(texts)))
    typer.echo(f"\nKoe takes {best[0].wall / best[1].wall:.2f} of BERTopic's time.")


if __name__ == "__main__":
    typer.run(main)
