"""Effects measured on files, without a database: rows into series, and the answer as the export has it."""

import math
import multiprocessing
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from connectors.files.opening import open_file
from connectors.ports import Row, Rows
from service.errors import WrongUse
from service.imports.dates import EARLIEST, LATEST, instant
from service.rules.effects.cases import Case, Intervention, Wishes
from service.rules.effects.columns import HAPPENINGS
from service.rules.effects.series import Heard, all_series
from service.rules.effects.verdict import Effect, MapAll, Progress, Reading, measure

SERIES, INTERVENTIONS = ("period", "theme", "contacts"), ("intervention_id", "theme", "period")
EVENTS = ("occurred_at", "kind")
DAYS = ("period", "occurred_at", "week", "day", "date")
ALIASES = {"intervention_id": ("id", "intervention"), "period": DAYS, "occurred_at": DAYS}
THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
MOST = 1e12
"""More contacts or customers a period there are not."""
MANY = 150
"""Themes from which on a second process is worth its start."""


def read_series(path: Path) -> dict[str, list[Heard]]:
    """Return the rows of a file (`period, theme, contacts[, exposure]`) by theme.

    Raises WrongUse for a file without these columns or rows, or with a cell that cannot be read, and
    Unreadable for what is no file of records.
    """
    found: dict[str, list[Heard]] = defaultdict(list)
    for row, cells in _cells(path, SERIES):
        exposure = row.values.get("exposure")
        with _told(path, row):
            found[cells["theme"]].append(
                Heard(
                    period=_day(cells["period"]),
                    contacts=_number(cells["contacts"], "contacts"),
                    exposure=None if _empty(exposure) else _number(exposure, "exposure"),
                )
            )
    return dict(found)


def read_interventions(path: Path) -> list[Intervention]:
    """Return the interventions of a file (`intervention_id, theme, period`), in its order.

    Raises as `read_series` does, and WrongUse where one name stands twice.
    """
    found: dict[str, Intervention] = {}
    for row, cells in _cells(path, INTERVENTIONS):
        with _told(path, row):
            name = cells["intervention_id"]
            if name in found:
                raise ValueError(f"intervention_id “{name}” stands twice")
            found[name] = Intervention(name=name, theme=cells["theme"], day=_day(cells["period"]))
    return list(found.values())


def read_events(path: Path) -> dict[str, list[date]]:
    """Return the days of releases and outages in a file (`occurred_at, kind`); other kinds are left out.

    Raises as `read_series` does.
    """
    found: dict[str, list[date]] = {kind: [] for kind in HAPPENINGS}
    for row, cells in _cells(path, EVENTS):
        kind = str(cells["kind"]).strip().casefold()
        if kind in found:
            with _told(path, row):
                found[kind].append(_day(cells["occurred_at"]))
    return found


def measure_files(
    series: Mapping[str, Sequence[Heard]],
    interventions: Sequence[Intervention],
    wishes: Wishes,
    *,
    progress: Progress,
) -> list[Effect]:
    """Return the effect of each intervention, on as many processors as there are."""
    fit, unfit = all_series(series)
    with threadpool_limits(1), _spread(len(interventions)) as map_all:
        return measure(fit, unfit, interventions, wishes, map_all=map_all, progress=progress)


@contextmanager
def _spread(cases: int) -> Iterator[MapAll]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cases < MANY or cores < 2:
        yield map
        return
    # A fresh process each: a fork of one with threads may wait for ever for a lock that one of them held.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=context, initializer=_one_thread) as pool:

        def map_all(read: Callable[[Case], Reading], all_of_them: Sequence[Case]) -> Iterable[Reading]:
            return pool.map(read, all_of_them, chunksize=16)

        yield map_all


def _one_thread() -> None:
    threadpool_limits(1)


def _cells(path: Path, columns: Sequence[str]) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Yield each row of a file with the cells that are needed, none of them empty."""
    rows = open_file(path)
    names = _names(path, rows, columns)
    read = 0
    for row in rows:
        if not isinstance(row, Row):
            raise WrongUse(f"{path.name}, line {row.line}: {row.reason}")
        read += 1
        cells = {column: row.values.get(name) for column, name in names.items()}
        with _told(path, row):
            for column, cell in cells.items():
                if _empty(cell):
                    raise ValueError(f"no {names[column]}")
        yield (
            row,
            {
                column: str(cell).strip() if column in ("theme", "intervention_id") else cell
                for column, cell in cells.items()
            },
        )
    if not read:
        raise WrongUse(f"{path.name} has no rows.")


def _names(path: Path, rows: Rows, columns: Sequence[str]) -> dict[str, str]:
    """Return what each column is called in a file."""
    found = {}
    for column in columns:
        name = next((one for one in (column, *ALIASES.get(column, ())) if one in rows.columns), None)
        if name is None:
            raise WrongUse(
                f"{path.name} has no column {column}; it has {', '.join(rows.columns) or 'none'}. "
                f"Needed are {', '.join(columns)}."
            )
        found[column] = name
    return found


@contextmanager
def _told(path: Path, row: Row) -> Iterator[None]:
    """Say where it stands if a cell cannot be read."""
    try:
        yield
    except ValueError as error:
        raise WrongUse(f"{path.name}, line {row.line}: {error}.") from error


def _empty(cell: object) -> bool:
    return cell is None or str(cell).strip() == ""


def _day(cell: object) -> date:
    """Return the day that a cell says, wherever it is; an ISO week is its Monday."""
    text = str(cell).strip()
    if len(text) == len("2026-W01") and text[4:6] in ("-W", "-w"):
        return date.fromisoformat(f"{text.upper()}-1")
    try:
        # A day has no time zone: what stands there is it.
        day = datetime.fromisoformat(text).date()
    except ValueError:
        moment = instant(cell, UTC)
        if moment is None:
            raise ValueError(f"“{text[:40]}” is no day") from None
        day = moment.date()
    if not EARLIEST <= day.year <= LATEST:
        raise ValueError(f"“{text[:40]}” is no day of these times")
    return day


def _number(cell: object, name: str) -> float:
    text = str(cell).strip()
    try:
        # A comma before three digits parts thousands; any other one may be meant as a decimal point.
        number = float(text.replace(",", "") if THOUSANDS.fullmatch(text) else text)
    except ValueError:
        raise ValueError(f"{name}: “{text[:40]}” is no number") from None
    if not math.isfinite(number):
        raise ValueError(f"{name}: “{text[:40]}” is no number")
    if number > MOST:
        raise ValueError(f"{name}: “{text[:40]}” is more than can be counted")
    return number
