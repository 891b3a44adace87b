"""The first reading of a file, which decides what single rows cannot tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connectors.ports import Row, Rows
from service.imports import dates, values
from service.imports.columns import Taken, normal

DATES = (
    *("created_at", "updated_at", "replied_at", "resolved_at"),
    *("occurred_at", "started_at", "renews_at", "ended_at"),
)
OUT_OF_TEN = ("nps", "npsscore", "推奨度")
"""Columns of ratings from 0 to 10, even where none is above 5."""
PART_NAMES = frozenset(
    (
        *("field", "question", "questionid", "questionno", "item", "part", "aspect"),
        *("設問", "設問番号", "設問名", "質問", "質問番号", "質問項目", "項目", "項目名"),
    )
)
"""Columns that say which part of an answer a row is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a file shows as a whole."""

    rows: int
    day_first: bool
    best_rating: int
    """The best rating on the scale that the ratings are on: 5, 10 or 100."""
    part: str | None
    """The column that, with the id, tells apart rows of one id that say different things."""
    notes: tuple[str, ...]
    ambiguous: bool = False
    """Whether there are dates such as 03/05/2026, of which the day may stand first or second."""
    repeats: int = 0
    """Rows with an earlier row's id and another content, where nothing tells them apart."""


def scan(rows: Rows, taken: Taken, *, known_part: str | None = None) -> Scan:
    """Read a file once: how many rows, in which order its dates are, and whether its ids are enough.

    An id that repeats with other content is usually a newer version of the same thing. But where another
    column, of which many ids share the values, tells all of these rows apart, each row is a part of its
    own (the answers of one respondent to several questions), and the two columns together are the id.
    """
    notes: list[str] = []
    seen = _survey(rows, taken)
    part = known_part
    if part is None and seen.repeats:
        part = _part(rows, taken)
    if part is not None:
        named = taken.columns["external_id"]
        notes.append(f"One {named} has several rows; each is told apart by “{part}” ({named}/{part}).")
    elif seen.repeats:
        notes.append(
            f"{seen.repeats:,} rows repeat the id of an earlier row and say something else: "
            "the later one counts. If they are different things, map another column to external_id, "
            "or none: --map external_id=-."
        )
    day_first = seen.orders == {True}
    if seen.is_ambiguous:
        written = "day/month/year" if day_first else "month/day/year"
        notes.append(f"Dates such as 03/05/2026 were read as {written}.")
    best = next((best for best in (5, 10) if seen.highest <= best), 100)
    if normal(taken.columns.get("rating", "")) in OUT_OF_TEN:
        best = 10
    if best != 5:
        notes.append(f"Ratings were read as points from 0 to {best}.")
    return Scan(
        rows=seen.rows,
        day_first=day_first,
        best_rating=best,
        part=part,
        notes=tuple(notes),
        ambiguous=seen.is_ambiguous,
        repeats=0 if part else seen.repeats,
    )


@dataclass(slots=True)
class _Seen:
    rows: int = 0
    orders: set[bool] = field(default_factory=set)
    """Which dates like 13/05/2026 have their day first."""
    is_ambiguous: bool = False
    """Whether there are dates like 03/05/2026 at all."""
    highest: float = 0.0
    """The highest number among the ratings."""
    repeats: int = 0
    """Rows with an earlier row's id and another content."""


def _survey(rows: Rows, taken: Taken) -> _Seen:
    dated = [taken.columns[field] for field in DATES if field in taken.columns]
    versioned = "thread_id" in taken.columns or "updated_at" in taken.columns
    id_column = None if versioned else taken.columns.get("external_id")
    rated = taken.columns.get("rating")
    seen = _Seen()
    contents: dict[int, int] = {}
    for row in rows:
        seen.rows += 1
        if not isinstance(row, Row):
            continue
        for column in dated:
            value = row.values.get(column)
            if dates.is_either(value):
                seen.is_ambiguous = True
                seen.orders.update(order for order in (dates.order(value),) if order is not None)
        if rated is not None:
            seen.highest = max(seen.highest, values.quantity(row.values.get(rated)) or 0.0)
        own = None if id_column is None else values.text(row.values.get(id_column))
        if own is not None:
            content = _content(row, taken)
            seen.repeats += contents.setdefault(hash(own), content) != content
    return seen


def _content(row: Row, taken: Taken) -> int:
    return hash(tuple(str(row.values.get(column)) for column in taken.columns.values()))


def _part(rows: Rows, taken: Taken) -> str | None:
    """Return the column that tells the rows of one id apart, if there is one."""
    id_column = taken.columns["external_id"]
    candidates = [column for column in rows.columns if column not in taken.columns.values()]
    values_of: dict[str, set[int]] = {column: set() for column in candidates}
    pairs: dict[str, dict[int, int]] = {column: {} for column in candidates}
    for row in _readable(rows):
        own, content = values.text(row.values.get(id_column)), _content(row, taken)
        if own is None:
            continue
        for column in list(pairs):
            value = values.text(row.values.get(column))
            if pairs[column].setdefault(hash((own, value)), content) != content:
                del pairs[column], values_of[column]
                continue
            values_of[column].add(hash(value))
    return _best(candidates, values_of, {column: len(of_column) for column, of_column in pairs.items()})


def _best(candidates: Sequence[str], values_of: dict[str, set[int]], pairs: dict[str, int]) -> str | None:
    """Return a column known by its name, or else the one with fewest values, if ids share them."""
    fitting = [column for column in candidates if column in pairs]
    named = [column for column in fitting if normal(column) in PART_NAMES]
    if named:
        return named[0]
    shared = [column for column in fitting if len(values_of[column]) * 2 <= pairs[column]]
    return min(shared, key=lambda column: len(values_of[column]), default=None)


def _readable(rows: Rows) -> Iterable[Row]:
    return (row for row in rows if isinstance(row, Row))
