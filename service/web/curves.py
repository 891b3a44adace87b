"""A measure's series as inline SVG: a line with its interval, and gaps where nothing is known."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from service.web.charts import BOTTOM, LETTER, NARROW, SPARK_HEIGHT, SPARK_WIDTH, WIDE, Frame

HEAD = 8
LINES = (1, 2, 2.5, 5, 10)
"""Steps of an axis, times a power of ten."""
MOST_LINES = 4
BESIDE = 42
"""Room for the last number."""
Place = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A period in a curve; without a value there is a gap."""

    value: float | None
    low: float | None
    high: float | None
    told: str
    """The period and its number in words."""
    link: str
    tick: str = ""


def small(values: Sequence[float | None]) -> Markup:
    """Return a series as a line without axes; the text beside it says the figures."""
    top = max((value for value in values if value is not None), default=0.0) or 1.0
    step = (SPARK_WIDTH - 4) / max(len(values) - 1, 1)
    places = [
        None if value is None else (2 + i * step, SPARK_HEIGHT - 2 - value / top * (SPARK_HEIGHT - 6))
        for i, value in enumerate(values)
    ]
    last = next((place for place in reversed(places) if place is not None), None)
    return Markup(
        '<svg class="spark" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true">{2}{3}</svg>'
    ).format(SPARK_WIDTH, SPARK_HEIGHT, _lines(places), _dot(last, 2))


def curve(moments: Sequence[Moment], *, shown: Callable[[float], str], title: str) -> Markup:
    """Return a series as a line that opens period by period; `shown` writes the numbers of its axis."""
    if not any(moment.value is not None for moment in moments):
        return Markup("")
    return Markup("").join(_drawn(moments, frame, shown, title) for frame in (WIDE, NARROW))


def scale(top: float) -> tuple[float, float]:
    """Return the highest value of an axis and the distance of its lines."""
    if top <= 0:
        return 1.0, 1.0
    power = 10.0 ** math.floor(math.log10(top / MOST_LINES))
    step = next(power * each for each in LINES if power * each * MOST_LINES >= top * (1 - 1e-9))
    return step * math.ceil(top / step - 1e-9), step


def _drawn(moments: Sequence[Moment], frame: Frame, shown: Callable[[float], str], title: str) -> Markup:
    floor = HEAD + frame.plot_height
    tops = [each for moment in moments for each in (moment.value, moment.high) if each is not None]
    highest, step = scale(max(tops))
    left, right = frame.left + 12, frame.right + BESIDE - 26
    slot = (frame.width - left - right) / len(moments)

    def place(at: int, value: float) -> Place:
        return left + (at + 0.5) * slot, floor - value / highest * frame.plot_height

    parts = [
        Markup(
            '<line x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}" class="axis"/>'
            '<text x="{3}" y="{4:.1f}" class="tick" text-anchor="end">{5}</text>'
        ).format(left, frame.width - right, y, left - 6, y + 4, shown(number * step))
        for number in range(round(highest / step) + 1)
        for y in [floor - number * step / highest * frame.plot_height]
    ]
    parts += [_band([(place(i, low), place(i, high)) for i, low, high in run]) for run in _bands(moments)]
    places = [None if moment.value is None else place(i, moment.value) for i, moment in enumerate(moments)]
    parts.append(_lines(places))
    parts += [_dot(each, 2) for each in places]
    every = max(1, math.ceil(len(moments) / (13 if frame is WIDE else 5)))
    for i, moment in enumerate(moments):
        x = left + i * slot
        if moment.tick and (len(moments) - 1 - i) % every == 0:
            parts.append(
                Markup('<text x="{:.1f}" y="{:.1f}" class="tick" text-anchor="middle">{}</text>').format(
                    x + slot / 2, floor + LETTER + 6, moment.tick
                )
            )
        parts.append(
            Markup(
                '<a href="{0}" tabindex="-1" aria-label="{1}"><rect x="{2:.1f}" y="{3}" width="{4:.1f}"'
                ' height="{5}"><title>{1}</title></rect></a>'
            ).format(moment.link, moment.told, x, HEAD, slot, frame.plot_height)
        )
    return Markup('<svg class="trend {}" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        frame.name, frame.width, floor + BOTTOM, title, Markup("").join(parts)
    )


def _bands(moments: Sequence[Moment]) -> Iterable[list[tuple[int, float, float]]]:
    """Yield the stretches in which every period has an interval."""
    for known, run in groupby(enumerate(moments), key=lambda one: _interval(one[1]) is not None):
        if known:
            yield [(i, *limits) for i, moment in run if (limits := _interval(moment)) is not None]


def _interval(moment: Moment) -> tuple[float, float] | None:
    return None if moment.low is None or moment.high is None else (moment.low, moment.high)


def _band(run: Sequence[tuple[Place, Place]]) -> Markup:
    if len(run) == 1:  # a period alone has no area: a stroke
        (x, low), (_, high) = run[0]
        return Markup('<line x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}" class="axis"/>').format(
            x, low, high
        )
    around = [low for low, _ in run] + [high for _, high in reversed(run)]
    return Markup('<polygon points="{}"/>').format(_points(around))


def _lines(places: Sequence[Place | None]) -> Markup:
    """Return a line for every stretch without a gap."""
    runs = (
        [place for place in run if place is not None]
        for known, run in groupby(places, key=lambda place: place is not None)
        if known
    )
    return Markup("").join(Markup('<polyline points="{}"/>').format(_points(run)) for run in runs)


def _dot(place: Place | None, radius: int) -> Markup:
    if place is None:
        return Markup("")
    return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(*place, radius)


def _points(places: Sequence[Place]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
