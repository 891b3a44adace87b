"""How long it takes to say what 2,000 themes of 156 weeks are worth, and to show them in that order.

    python -m benchmarks.worth DATA CACHE

A made-up organisation: 2,000 themes of which the largest is heard 500 times as often as the smallest, 312,000
items in 156 weeks by 40,000 customers of 3,000 accounts, a fifth of them by nobody known. DATA and CACHE are
not read.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import typer
from sqlalchemy import text
from sqlmodel import Session

from benchmarks.home import empty_home
from service.models import MAIN
from service.pipeline import tally, value
from service.repositories import tallies, theme_lists
from service.repositories.organisations import zone_of
from service.repositories.theme_lists import Wanted
from service.web.page import PAGE_SIZE

THEMES, WEEKS, ITEMS, CUSTOMERS, ACCOUNTS = 2_000, 156, 312_000, 40_000, 3_000
FEED = """
INSERT INTO source (id, organisation_id, name, kind, settings, created_at)
    VALUES ('s', 'main', 's', 'file', '{}', now());
INSERT INTO run (id, organisation_id, ordinal, state, input_digest, seed, embedder, clusterer, created_at,
        figures)
    VALUES ('r', 'main', 1, 'live', '', 0, 'none', 'none', now(), '{}');
INSERT INTO theme (id, organisation_id, title, titles, keywords, lang, kind, stage, retired)
    SELECT 't' || n, 'main', 'theme ' || n, '{}', '[]', 'en', 'question', 'heard', false
    FROM generate_series(0, :themes - 1) AS n;
INSERT INTO account (id, organisation_id, account_id, plan, segment, revenue, currency, ended_at)
    SELECT 'a' || n, 'main', 'a' || n, 'plan ' || n % 3, 'segment ' || n % 2, n * 1000, 'JPY',
        CASE WHEN n % 20 = 0 THEN now() - n % 90 * interval '1 day' END
    FROM generate_series(0, :accounts - 1) AS n;
CREATE TEMPORARY TABLE told AS
    SELECT n, theme, customer, hours FROM unnest(
        CAST(:themes_of AS int[]), CAST(:customers_of AS int[]), CAST(:hours_of AS int[])
    ) WITH ORDINALITY AS given (theme, customer, hours, n);
INSERT INTO item (id, organisation_id, source_id, external_id, channel, lang_given, created_at, customer_id,
        account_id, tags, text, title_end, version)
    SELECT 'i' || n, 'main', 's', n, CASE n % 4 WHEN 0 THEN 'call' WHEN 1 THEN 'chat' WHEN 2 THEN 'ticket'
        ELSE 'review' END, false, now() - hours * interval '1 hour',
        CASE WHEN n % 5 > 0 THEN 'c' || customer END,
        CASE WHEN n % 5 > 0 AND customer % 2 = 0 THEN 'a' || customer % :accounts END, '[]', 'text', 0, ''
    FROM told;
INSERT INTO span (id, organisation_id, item_id, start, "end", text, kind, kind_confidence, severity,
        content_hash)
    SELECT 'i' || n, 'main', 'i' || n, 0, 4, 'text', 'question', 1, 1 + n % 4, 'h' FROM told;
INSERT INTO assignment (run_id, span_id, organisation_id, theme_id, origin)
    SELECT 'r', 'i' || n, 'main', 't' || theme, 'model' FROM told
"""


def feed(session: Session, *, themes: int = THEMES, items: int = ITEMS) -> None:
    """Store the organisation."""
    dice = np.random.default_rng(1)
    rates = np.geomspace(500, 1, themes)
    given = {
        "themes": themes,
        "accounts": ACCOUNTS,
        "themes_of": dice.choice(themes, items, p=rates / rates.sum()).tolist(),
        "customers_of": dice.integers(0, CUSTOMERS, items).tolist(),
        "hours_of": dice.integers(0, WEEKS * 7 * 24, items).tolist(),
    }
    for statement in FEED.split(";\n"):
        session.execute(text(statement), given)
    session.execute(text("ANALYZE"))


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return how many seconds something takes on the clock, and of this process's processor."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def main(data: Path, cache: Path) -> None:  # noqa: ARG001
    """Print the table."""
    with empty_home() as home:
        with home.db.begin() as session:
            feed(session)

        def show() -> None:
            with home.db.begin() as session:
                zone = zone_of(session, MAIN)
                first = theme_lists.find(session, MAIN, Wanted(), zone=zone, limit=PAGE_SIZE)
                tallies.stored(session, MAIN, first, zone=zone)

        tally.run(home.db, MAIN)
        weighed = timed(lambda: value.run(home.db, MAIN))
        shown = timed(show)
    print("| what | seconds | of the processor, in Koe |\n|---|---:|---:|")  # noqa: T201
    for name, (clock, processor) in (
        (f"weighing {THEMES:,} themes of {WEEKS} weeks, with ranks drawn 200 times", weighed),
        ("the first page of the list in that order", shown),
    ):
        print(f"| {name} | {clock:.1f} | {processor:.1f} |")  # noqa: T201


if __name__ == "__main__":
    typer.run(main)
