"""How fast pages are with 2,000 themes and a million voices: the server's time, and what travels.

    python -m benchmarks.pages [--spans N] [--themes N] [--times N]

The made-up organisation is that of `benchmarks.worth`: the largest theme is heard 500 times as often as the
smallest. Each list is asked for `times` times, and so are theme pages, each time another theme. The time is
that of the whole answer over this machine's loopback, one request after another; what travels is compressed
by gzip. Of the map, 50,000 voices lie anywhere; where a Chromium is found, it is opened in it, too, from the
address to the moment when it can be moved.
"""

import gzip
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import typer
import uvicorn
from playwright.sync_api import sync_playwright
from sqlalchemy import text

from benchmarks.home import empty_home
from benchmarks.worth import feed
from scripts.chromium import find_chromium
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.listening import listening
from service.models import MAIN
from service.pipeline import loop, tally, value
from service.repositories.map_points import KEEP_MIDDLES

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
    "/map",
    "/map/points",
)
OPENINGS = 5
"""How often the map is opened in a browser."""
SUGGEST = """
INSERT INTO suggestion (id, organisation_id, theme_id, action, audience, lang, confidence, reasons, status)
    SELECT 'g' || id, 'main', id, 'write_article', 'public', 'en', 0.5, '[]', 'open' FROM theme
"""
SPREAD = """
    INSERT INTO map_point (span_id, organisation_id, x, y, kind, lang)
    SELECT id, organisation_id, 64000 * random() - 32000, 64000 * random() - 32000, kind, coalesce(lang, '')
    FROM span ORDER BY md5(id) LIMIT 50000
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


def opened_map(address: str, chromium: Path) -> float:
    """Return the milliseconds from the address to a map that can be moved, in a browser that was not here."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        began = time.perf_counter()
        page.goto(f"{address}/map")
        page.wait_for_selector("#map[data-ready=yes]")
        took = (time.perf_counter() - began) * 1000
        browser.close()
    return took


def fill(db: Database, *, spans: int, themes: int) -> float:
    """Store the organisation with all that is kept of its themes; return the seconds that counting took."""
    with db.begin() as session:
        feed(session, themes=themes, items=spans)
        session.execute(text(SUGGEST))
        session.execute(text(SPREAD))
        session.execute(text(KEEP_MIDDLES), {"organisation_id": MAIN})
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
            if (chromium := find_chromium()) is not None:
                took = [opened_map(address, chromium) for _ in range(OPENINGS)]
                told = f"{statistics.median(took):.0f} | {max(took):.0f} (most)"
                print(f"| the map, until it can be moved | {told} | |")  # noqa: T201


if __name__ == "__main__":
    typer.run(main)
