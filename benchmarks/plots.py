"""Plots of weekly contacts as SVG files: what was heard, what was expected, and the days that matter.

They bring their own light ground and letters, for a page of documents has no style sheet for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from xml.sax.saxutils import escape

from service.web.charts import scale, text_width

WIDTH, FLOOR, HEAD = 860, 284, 82
LEFT, RIGHT = 44, 16
HEIGHT = FLOOR + 30
DAYS = 7
TICKS = 10
"""Months that are named at most."""
INK, FAINT, HEARD, EXPECTED, DAY = "#1f2933", "#d5dbe1", "#1d5fa8", "#b3540a", "#7a1f3d"
LEGEND = ((HEARD, "", "heard"), (EXPECTED, ' stroke-dasharray="7 4"', "expected, had nothing happened"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A series as it is drawn."""

    title: str
    weeks: Sequence[date]
    """The first day of each, in their order; one that is missing interrupts the lines."""
    heard: Sequence[float]
    expected: Sequence[float]
    """Of each week; empty where nothing can be forecast."""
    days: Sequence[tuple[date, str]]
    """Days that are drawn in, with what they are called."""

    def __post_init__(self) -> None:
        if not self.weeks:
            raise ValueError("there is no week to draw")
        if len(self.heard) != len(self.weeks) or len(self.expected) not in (0, len(self.weeks)):
            raise ValueError("every week needs what was heard, and all or none what was expected")


def svg(plot: Plot) -> str:
    """Return the drawing as the text of an SVG file."""
    highest, step = scale(max(1, ceil(max([*plot.heard, *plot.expected]))))
    first = plot.weeks[0]
    span = (plot.weeks[-1] - first).days + DAYS

    def across(day: date) -> float:
        return LEFT + (day - first).days / span * (WIDTH - LEFT - RIGHT)

    def up(count: float) -> float:
        return FLOOR - count / highest * (FLOOR - HEAD)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="13">',
        f"<title>{escape(plot.title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="20" font-size="15" font-weight="bold" fill="{INK}">{escape(plot.title)}</text>',
        *_legend(drawn=2 if plot.expected else 1),
    ]
    for count in range(0, highest + 1, step):
        y = up(count)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{FAINT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{INK}">{count:,}</text>')
    for month in _months(plot.weeks):
        parts.append(f'<path d="M{across(month):.1f} {FLOOR}v5" stroke="{INK}"/>')
        text = f"{month:%Y-%m}"
        x = min(across(month), WIDTH - text_width(text) / 2)
        parts.append(f'<text x="{x:.1f}" y="{FLOOR + 20}" text-anchor="middle" fill="{INK}">{text}</text>')
    for values, (colour, dashes, _) in zip((plot.heard, plot.expected), LEGEND, strict=True):
        for stretch in _stretches(plot.weeks, values):
            # A week's point stands in its middle.
            places = [
                f"{across(week + timedelta(days=DAYS // 2)):.1f} {up(count):.1f}" for week, count in stretch
            ]
            parts.append(
                f'<path d="M{" L".join(places)}" fill="none" stroke="{colour}" stroke-width="2" '
                f'stroke-linecap="round"{dashes}/>'
            )
    for number, (day, name) in enumerate(plot.days):
        x, y = across(day), HEAD - 6 - 15 * (len(plot.days) - 1 - number)
        end = x + 6 + text_width(name) > WIDTH
        parts.append(f'<path d="M{x:.1f} {y - 10}V{FLOOR}" stroke="{DAY}" stroke-width="1.5"/>')
        parts.append(
            f'<text x="{x + (-5 if end else 5):.1f}" y="{y}" text-anchor="{"end" if end else "start"}" '
            f'fill="{DAY}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _legend(*, drawn: int) -> list[str]:
    parts, x = [], float(LEFT)
    for colour, dashes, name in LEGEND[:drawn]:
        parts.append(f'<path d="M{x:.0f} 34h26" stroke="{colour}" stroke-width="2"{dashes}/>')
        parts.append(f'<text x="{x + 32:.0f}" y="38" fill="{INK}">{name}</text>')
        x += 50 + text_width(name)
    return parts


def _months(weeks: Sequence[date]) -> list[date]:
    """Return the first days of months within the weeks, evenly few enough to be read."""
    ends = weeks[-1] + timedelta(days=DAYS)
    every = [day for day in _days(weeks[0], ends) if day.day == 1]
    return every[:: max(1, ceil(len(every) / TICKS))]


def _days(first: date, end: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((end - first).days)]


def _stretches(weeks: Sequence[date], values: Sequence[float]) -> list[list[tuple[date, float]]]:
    """Return weeks that follow each other, with their values; a week alone is drawn as a dot."""
    found: list[list[tuple[date, float]]] = []
    for week, value in zip(weeks if values else (), values, strict=True):
        if not found or (week - found[-1][-1][0]).days > DAYS:
            found.append([])
        found[-1].append((week, value))
    return [each if len(each) > 1 else each * 2 for each in found]
