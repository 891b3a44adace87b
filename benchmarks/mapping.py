"""How long the map of voices takes to draw and to open, with a million voices, as a Markdown table.

    python -m benchmarks.mapping DATA CACHE [--voices N]

The company is that of `benchmarks.many_voices`. The map is drawn twice: the second time every place is known.
"""

import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Annotated

import httpx
import typer

from benchmarks.home import empty_home
from benchmarks.many_voices import fill, settled
from service.db import Database
from service.models import MAIN
from service.pipeline import chart, tally
from tests.live import open_pages

TIMES = 10
PAGES = ("/map", "/map/points", "/map?kind=question")


def taken(work: Callable[[], object]) -> str:
    """Return the seconds of a piece of work, of the clock and of this process."""
    began, own = time.perf_counter(), time.process_time()
    work()
    return f"{time.perf_counter() - began:.1f} s, {time.process_time() - own:.1f} of the processor in Koe"


def opened(db: Database) -> Iterator[str]:
    """Give the rows of the table for what a browser fetches."""
    with open_pages(db) as address, httpx.Client(base_url=address, trust_env=False, timeout=600) as client:
        for page in PAGES:
            client.get(page)
            seconds, size = [], 0
            for _ in range(TIMES):
                began = time.perf_counter()
                with client.stream("GET", page) as answer:
                    size = sum(len(part) for part in answer.iter_raw())
                seconds.append(time.perf_counter() - began)
            told = f"median {median(seconds):.2f} s, slowest {max(seconds):.2f} s; {size / 1024:,.0f} KB"
            yield f"| {page} | {told} |"


def main(
    data: Path,
    cache: Path = Path("build/quality"),  # noqa: ARG001  as every table is called
    voices: Annotated[int, typer.Option(help="How many.")] = 1_000_000,
) -> None:
    """Fill a database, draw the map and open it."""
    with empty_home() as home:
        fill(home.db, data, voices)
        settled(home.db)
        tally.catch_up(home.db, MAIN)
        typer.echo(f"| with {voices:,} voices | |\n|---|---|")
        typer.echo(f"| drawing the map | {taken(lambda: chart.run(home.db, MAIN))} |")
        typer.echo(f"| drawing it again | {taken(lambda: chart.run(home.db, MAIN))} |")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        typer.echo(f"| most memory, filling the database included | {peak:.1f} GiB |")
        for row in opened(home.db):
            typer.echo(row)


if __name__ == "__main__":
    typer.run(main)
