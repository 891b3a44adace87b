"""Small pictures as inline SVG: no script, printable, readable aloud. The y axis starts at zero."""

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from markupsafe import Markup

SPARK_WIDTH, SPARK_HEIGHT = 104, 24
LETTER = 12
"""Height of the letters in a trend, in the picture's own units."""
ROW = LETTER + 5
BOTTOM = LETTER + 10
MOST_LINES = 4
"""Lines across a trend, zero not counted."""
At = Callable[[int, float], tuple[float, float]]
"""Where a count of a point stands in a drawing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A week in a trend."""

    start: date
    """The day that the week begins with."""
    count: int
    told: str
    """The week and its count in words."""
    link: str
    """Where the count opens."""
    tick: str = ""
    """What stands below it on the axis."""
    forecast: "Forecast | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What was expected of a week, and between which bounds where nobody knew yet."""

    expected: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A labelled vertical line in a trend: an intervention."""

    place: int
    """The point that it stands at."""
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day in a picture of days, beside the bounds between which it was to be expected."""

    day: date
    count: int
    low: int
    high: int
    told: str
    """The day, its count and its bounds in words."""
    link: str
    tick: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The measures of one drawing of a trend."""

    name: str
    width: int
    plot_height: int
    left: int = 34
    right: int = 26


WIDE = Frame(name="wide", width=860, plot_height=180)
NARROW = Frame(name="narrow", width=340, plot_height=150)
"""Of the two drawings, the style sheet shows the one that can be read at the width of the screen."""


def sparkline(values: Sequence[int], *, weeks: int = 26) -> Markup:
    """Return the last weeks as a line without axes; the text beside it says the figures."""
    shown = list(values)[-weeks:] or [0]
    shown = shown if len(shown) > 1 else shown * 2
    top = max(*shown, 1)
    step = (SPARK_WIDTH - 4) / (len(shown) - 1)
    places = [
        (2 + i * step, SPARK_HEIGHT - 2 - value / top * (SPARK_HEIGHT - 6)) for i, value in enumerate(shown)
    ]
    return Markup(
        '<svg class="spark" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true">'
        '<polygon points="2,{2} {3} {4:.1f},{2}"/><polyline points="{3}"/>'
        '<circle cx="{4:.1f}" cy="{5:.1f}" r="2"/></svg>'
    ).format(SPARK_WIDTH, SPARK_HEIGHT, SPARK_HEIGHT - 2, _points(places), *places[-1])


def trend(
    points: Sequence[Point], marks: Sequence[Mark], *, title: str, lines: tuple[str, str] = ("", "")
) -> Markup:
    """Return counts by week as a line that opens week by week, with interventions as labelled lines.

    Where there is a forecast, it is drawn, too; `lines` names what came and what was expected.
    """
    if not points:
        return Markup("")
    return Markup("").join(_drawn(points, marks, frame, title, lines) for frame in (WIDE, NARROW))


def daily(days: Sequence[Day], *, start: int | None, label: str, title: str) -> Markup:
    """Return counts by day as bars before the range that was to be expected; `start` has a labelled line."""
    if not days:
        return Markup("")
    marks = [Mark(place=start, label=label)] if start is not None else []
    return Markup("").join(_days_drawn(days, marks, frame, title) for frame in (WIDE, NARROW))


def _days_drawn(days: Sequence[Day], marks: Sequence[Mark], frame: Frame, title: str) -> Markup:
    labels = _labels(marks, len(days), frame)
    head = 8 + ROW * len(labels)
    floor = head + frame.plot_height
    highest, step = scale(max(max(day.count, day.high) for day in days))
    slot = _slot(len(days), frame)

    def height(count: int) -> float:
        return count / highest * frame.plot_height

    parts = [_grid(highest, step, floor, frame)]
    every = 1 if frame is WIDE else 2
    ticks = [place for place, day in enumerate(days) if day.tick][::every]
    for place, day in enumerate(days):
        x = frame.left + place * slot
        parts.append(
            Markup(
                '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="usual"/>'
                '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="bar"/>'
            ).format(
                *(x, floor - height(day.high), slot + 0.2, height(day.high - day.low)),
                *(x + slot / 4, floor - height(day.count), slot / 2, height(day.count)),
            )
        )
        if place in ticks:
            parts.append(_tick(day.tick, x + slot / 2, floor))
    parts += [_marked(each, floor) for each in labels]
    parts += [_week(day, frame.left + place * slot, head, slot, floor) for place, day in enumerate(days)]
    return Markup('<svg class="trend {}" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        frame.name, frame.width, floor + BOTTOM, title, Markup("").join(parts)
    )


def _drawn(
    points: Sequence[Point], marks: Sequence[Mark], frame: Frame, title: str, lines: tuple[str, str]
) -> Markup:
    labels = _labels(marks, len(points), frame)
    head = 8 + ROW * max((label.row + 1 for label in labels), default=0)
    floor = head + frame.plot_height
    highest, step = scale(_top(points))
    slot = _slot(len(points), frame)

    def at(i: int, count: float) -> tuple[float, float]:
        return (
            frame.left + (i + 0.5) * slot,
            floor - min(count, highest) / highest * frame.plot_height,
        )

    places = [at(i, point.count) for i, point in enumerate(points)]
    parts = [_grid(highest, step, floor, frame), _forecast(points, at)]
    parts += [_tick(point.tick, x, floor) for point, (x, _) in zip(points, places, strict=True)]
    parts.append(
        Markup(
            '<polygon points="{0:.1f},{1} {2} {3:.1f},{1}" class="area"/><polyline points="{2}"/>'
            '<circle cx="{3:.1f}" cy="{4:.1f}" r="3"/><text x="{5:.1f}" y="{6:.1f}" class="last">{7:,}</text>'
        ).format(
            places[0][0],
            floor,
            _points(places),
            *places[-1],
            places[-1][0] + 7,
            places[-1][1] + 4,
            points[-1].count,
        )
    )
    parts += [_marked(label, floor) for label in labels]
    parts += _named(points[-1], partial(at, len(points) - 1), floor, lines)
    parts += [_week(point, frame.left + i * slot, head, slot, floor) for i, point in enumerate(points)]
    return Markup('<svg class="trend {}" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        frame.name, frame.width, floor + BOTTOM, title, Markup("").join(parts)
    )


def _top(points: Sequence[Point]) -> int:
    """Return what has to fit in: a wide band is cut off rather than flatten everything else."""
    forecasts = [point.forecast for point in points if point.forecast is not None]
    lines = max([point.count for point in points] + [math.ceil(each.expected) for each in forecasts])
    return min(max([lines] + [math.ceil(each.high or 0) for each in forecasts]), 2 * max(lines, 1))


def _forecast(points: Sequence[Point], at: At) -> Markup:
    """Return what was expected as a dashed line, its bounds as a band, and what it differs by as an area."""
    known = [(i, point, point.forecast) for i, point in enumerate(points) if point.forecast is not None]
    ahead = [(i, point, each) for i, point, each in known if each.low is not None and each.high is not None]
    areas = {
        "band": [(at(i, each.high or 0), at(i, each.low or 0)) for i, _, each in ahead],
        "gap": [(at(i, each.expected), at(i, point.count)) for i, point, each in ahead],
    }
    parts = [
        Markup('<polygon points="{} {}" class="{}"/>').format(
            _points([upper for upper, _ in edges]), _points([lower for _, lower in edges[::-1]]), name
        )
        for name, edges in areas.items()
        if len(edges) > 1
    ]
    if known:
        line = _points([at(i, each.expected) for i, _, each in known])
        parts.append(Markup('<polyline points="{}" class="expected"/>').format(line))
    return Markup("").join(parts)


def _named(
    last: Point, end: Callable[[float], tuple[float, float]], floor: float, lines: tuple[str, str]
) -> list[Markup]:
    """Return the names of both lines at their ends, the upper one above and the lower one below."""
    if last.forecast is None:
        return []
    ends = (("came", last.count), ("expected", last.forecast.expected))
    higher = last.count > last.forecast.expected
    return [
        Markup('<text x="{:.1f}" y="{:.1f}" class="{}" text-anchor="end">{}</text>').format(
            x, y - 9 if (name == "came") == higher else min(y + LETTER + 7, floor - 5), name, text
        )
        for (name, count), text in zip(ends, lines, strict=True)
        for x, y in [end(count)]
        if text
    ]


def scale(top: int) -> tuple[int, int]:
    """Return the highest value of an axis and the distance of its lines: 1, 2 or 5 times a power of ten."""
    step = 1
    while step * MOST_LINES < top:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return max(math.ceil(top / step), 1) * step, step


def text_width(text: str) -> float:
    """Return about how wide a text is, in the picture's own units: a kanji is as wide as it is high."""
    return sum(LETTER * (1.0 if unicodedata.east_asian_width(c) in "WF" else 0.58) for c in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Label:
    """A mark's text in its place."""

    x: float
    start: float
    row: int
    text: str


def _labels(marks: Sequence[Mark], points: int, frame: Frame) -> list[_Label]:
    """Put each label beside its line, within the picture, in the first row where it covers no other."""
    taken: list[list[tuple[float, float]]] = []
    labels = []
    for mark in sorted(marks, key=lambda mark: (mark.place, mark.label)):
        x = frame.left + (mark.place + 0.5) * _slot(points, frame)
        width = min(text_width(mark.label), frame.width)
        start = max(min(x + 5, frame.width - width), 0)
        row = 0
        while row < len(taken) and any(start < end and begin < start + width for begin, end in taken[row]):
            row += 1
        if row == len(taken):
            taken.append([])
        taken[row].append((start - 6, start + width + 6))
        labels.append(_Label(x=x, start=start, row=row, text=mark.label))
    return labels


def _slot(points: int, frame: Frame) -> float:
    return (frame.width - frame.left - frame.right) / points


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _grid(highest: int, step: int, floor: float, frame: Frame) -> Markup:
    lines = [
        Markup(
            '<line x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}" class="axis"/>'
            '<text x="{3}" y="{4:.1f}" class="tick" text-anchor="end">{5:,}</text>'
        ).format(frame.left, frame.width - frame.right, y, frame.left - 8, y + 4, value)
        for value in range(0, highest + 1, step)
        for y in [floor - value / highest * frame.plot_height]
    ]
    return Markup("").join(lines)


def _tick(text: str, x: float, floor: float) -> Markup:
    if not text:
        return Markup("")
    return Markup('<text x="{:.1f}" y="{:.1f}" class="tick" text-anchor="middle">{}</text>').format(
        x, floor + LETTER + 6, text
    )


def _marked(label: _Label, floor: float) -> Markup:
    baseline = ROW * label.row + LETTER
    return Markup(
        '<line x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}" class="mark"/>'
        '<text x="{3:.1f}" y="{4}" class="mark">{5}</text>'
    ).format(label.x, baseline + 4, floor, label.start, baseline, label.text)


def _week(point: Point | Day, x: float, head: float, slot: float, floor: float) -> Markup:
    return Markup(
        '<a href="{0}" tabindex="-1" aria-label="{1}"><rect x="{2:.1f}" y="{3}" width="{4:.1f}" height="{5}">'
        "<title>{1}</title></rect></a>"
    ).format(point.link, point.told, x, head, slot, floor - head)
