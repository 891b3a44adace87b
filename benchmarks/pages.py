"""How fast pages are with 2,000 themes and a million voices: the server's time, and what travels.

    python -m benchmarks.pages [--spans N] [--themes N] [--times N]

The made-up organisation is that of `benchmarks.worth`: the largest theme is heard 500 times as often as the
smallest. Each list is asked for `times` times, and so are theme pages, each time another theme. The time is
that of the whole answer over this machine's loopback, one request after another; what travels is compressed
by gzip.
"""

import gzip
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
import typer
import uvicorn
from sqlalchemy import text

from benchmarks.home import empty_home
from benchmarks.worth import feed
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.listening import listening
from service.models import MAIN
from service.pipeline import loop, tally, value

LISTS = (
    "/",
    "/themes",
    "/themes?sort=rising",
    "/themes?page=20",
    "/themes?kind=question&sort=customers",
    "/suggestions",
    "/alarms",
    "/items",
    "/items?theme=t0",
    "/articles",
    "/deliveries",
    "/sources",
    "/touchpoints",
)
SUGGEST = """
INSERT INTO suggestion (id, organisation_id, theme_id, action, audience, lang, confidence, reasons, status)
    SELECT 'g' || id, 'main', id, 'write_article', 'public', 'en', 0.5, '[]', 'open' FROM theme
"""


@contextmanager
def served(db: Database) -> Iterator[str]:
    """Serve the pages; give their address."""
    app = create_app(db, Settings(), demo=True)
    with listening("127.0.0.1", 0) as listener:
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="error", access_log=False, ws="none", lifespan="off")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            thread.join(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def measured(client: httpx.Client, paths: Sequence[str]) -> tuple[float, float, float]:
    """Return the middle and the 95th percentile of the milliseconds that answers take, and kilobytes."""
    took, size = [], 0
    for path in paths:
        began = time.perf_counter()
        answer = client.get(path)
        took.append((time.perf_counter() - began) * 1000)
        answer.raise_for_status()
        size = max(size, len(gzip.compress(answer.content)))
    return statistics.median(took), statistics.quantiles(took, n=20, method="inclusive")[-1], size / 1000


def fill(db: Database, *, spans: int, themes: int) -> float:
    """Store the organisation with all that is kept of its themes; return the seconds that counting took."""
    with db.begin() as session:
        feed(session, themes=themes, items=spans)
        session.execute(text(SUGGEST))
    began = time.perf_counter()
    tally.run(db, MAIN)
    took = time.perf_counter() - began
    with db.begin() as session:
        loop.refresh(session, MAIN)
    value.run(db, MAIN)
    with db.begin() as session:
        session.execute(text("ANALYZE"))
    return took


def main(
    spans: int = 200_000,
    themes: int = 2_000,
    times: int = 40,
) -> None:
    """Print the table."""
    with empty_home() as home:
        counting = fill(home.db, spans=spans, themes=themes)
        print(f"{spans:,} voices in {themes:,} themes were counted in {counting:.0f} seconds.\n")  # noqa: T201
        print("| page | median, ms | p95, ms | KB |\n|---|---:|---:|---:|")  # noqa: T201
        some = [f"/themes/t{number}" for number in range(0, themes, max(themes // times, 1))]
        pages = {path: [path] * times for path in LISTS}
        pages |= {"a theme": some, "what a theme is worth": [f"{path}/value" for path in some]}
        with (
            served(home.db) as address,
            httpx.Client(base_url=address, trust_env=False, timeout=60) as client,
        ):
            for name, paths in pages.items():
                client.get(paths[0])
                median, p95, size = measured(client, paths)
                print(f"| {name} | {median:.0f} | {p95:.0f} | {size:.0f} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    typer.run(main)
