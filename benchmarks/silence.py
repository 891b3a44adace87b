"""How many alarms come where there is no wave, for each allowed number, as a Markdown table.

    python -m benchmarks.silence DATA CACHE

Made-up organisations of 8, 30 and 150 themes: rates that differ a thousandfold, a week with quiet ends, a
year with a summer, growth by a half in half a year, and rates that swing from week to week, each theme for
itself. Every evening of 28 weeks is looked at, after 24 weeks of past. Every alarm is false. DATA and CACHE
are not read.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import typer

from service.rules.alarms import Known, Limits, Series, endings, rises

FIRST = date(2024, 1, 1)
PAST, WATCHED = 24 * 7, 28 * 7
ALLOWED = (0.5, 1.0, 2.0)
ORGANISATIONS = ((8, 15.0), (30, 20.0), (150, 40.0))
"""Themes, and contacts a day."""
SWINGS = (0.0, 0.1)
"""Variance ÷ mean² of the rate from week to week."""
SEEDS = range(2)
WEEK = (1.25, 1.2, 1.1, 1.1, 1.05, 0.65, 0.65)


def silent(themes: int, daily: float, swing: float, seed: int) -> Series:
    """Return an organisation in which nothing happens."""
    rng = np.random.default_rng(seed)
    days = np.arange(PAST + WATCHED)
    share = rng.dirichlet(np.full(themes + 1, 0.5))
    year = 1 + 0.2 * np.sin(2 * np.pi * days / 365)
    rate = daily * np.array(WEEK)[days % 7] * year * 1.5 ** (days / 182)
    swung = np.ones((themes + 1, len(days)))
    if swing:
        weeks = rng.gamma(1 / swing, swing, (themes + 1, len(days) // 7))
        swung = np.repeat(weeks, 7, axis=1)
    counts = rng.poisson(share[:, None] * rate * swung)
    return Series(
        first=FIRST,
        volume=counts.sum(axis=0).tolist(),
        themes={f"theme {number}": counts[number].tolist() for number in range(themes)},
        zone="UTC",
    )


def alarms(told: Series, allowed: float) -> int:
    """Return how many alarms come while the organisation is watched."""
    known: list[Known] = []
    limits = Limits(allowed=allowed)
    for day in range(PAST, PAST + WATCHED):
        now = told.up_to(told.first + timedelta(days=day))
        known = _ended(now, known)
        known += [
            Known(alarm_id=f"{day} {rise.theme}", theme=rise.theme, onset=rise.onset, raised=now.today)
            for rise in rises(now, known, limits)
        ]
    return len(known)


def _ended(now: Series, known: Sequence[Known]) -> list[Known]:
    ended = endings(now, known)
    return [
        Known(
            alarm_id=each.alarm_id,
            theme=each.theme,
            onset=each.onset,
            raised=each.raised,
            ended=now.today if each.alarm_id in ended else each.ended,
            ending=ended.get(each.alarm_id, each.ending),
        )
        for each in known
    ]


def main(data: Path, cache: Path) -> None:  # noqa: ARG001  every table is made by the same two arguments
    """Print the false alarms in four weeks."""
    typer.echo(
        "| themes | contacts a day | swing | " + " | ".join(f"{each:g} allowed" for each in ALLOWED) + " |"
    )
    typer.echo("|" + "---|" * (3 + len(ALLOWED)))
    for themes, daily in ORGANISATIONS:
        for swing in SWINGS:
            told = [silent(themes, daily, swing, seed) for seed in SEEDS]
            rates = [sum(alarms(each, allowed) for each in told) for allowed in ALLOWED]
            four_weeks = len(told) * WATCHED / 28
            cells = " | ".join(f"{rate / four_weeks:.2f}" for rate in rates)
            typer.echo(f"| {themes} | {daily:g} | {swing:g} | {cells} |")


if __name__ == "__main__":
    typer.run(main)
