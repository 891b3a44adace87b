"""Small pictures as inline SVG: no script, printable, readable aloud."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

SPARK_WIDTH, SPARK_HEIGHT = 104, 24
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 220, 36, 24, 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A labelled vertical line in a trend: an intervention."""

    week: str
    label: str


def sparkline(values: Sequence[int], *, weeks: int = 26) -> Markup:
    """Return the last weeks as a line without axes; the text beside it says the figures."""
    shown = list(values)[-weeks:] or [0]
    top = max(*shown, 1)
    step = SPARK_WIDTH / max(len(shown) - 1, 1)
    points = " ".join(
        f"{i * step:.1f},{SPARK_HEIGHT - 2 - v / top * (SPARK_HEIGHT - 4):.1f}" for i, v in enumerate(shown)
    )
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">'
        '<polyline points="{}"/></svg>'
    ).format(SPARK_WIDTH, SPARK_HEIGHT, SPARK_WIDTH, SPARK_HEIGHT, points)


def trend(weekly: Sequence[tuple[str, int]], marks: Sequence[Mark], *, title: str) -> Markup:
    """Return contacts by week as bars from zero, with interventions as labelled lines."""
    if not weekly:
        return Markup("")
    top = max(max(count for _, count in weekly), 1)
    step = (WIDTH - LEFT) / len(weekly)
    parts = [_axis(top)]
    for i, (week, count) in enumerate(weekly):
        height = count / top * (HEIGHT - BOTTOM - TOP)
        parts.append(
            Markup(
                '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}: {}</title></rect>'
            ).format(LEFT + i * step + 1, HEIGHT - BOTTOM - height, max(step - 2, 1), height, week, count)
        )
        if i % max(len(weekly) // 6, 1) == 0:
            parts.append(
                Markup('<text x="{:.1f}" y="{}" class="tick">{}</text>').format(
                    LEFT + i * step, HEIGHT - 8, week
                )
            )
    places = {week: i for i, (week, _) in enumerate(weekly)}
    for number, mark in enumerate(m for m in marks if m.week in places):
        x = LEFT + (places[mark.week] + 0.5) * step
        anchor = "end" if x > WIDTH * 0.7 else "start"
        parts.append(
            Markup(
                '<line x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}" class="mark"/>'
                '<text x="{3:.1f}" y="{4}" class="mark" text-anchor="{5}">{6}</text>'
            ).format(
                x,
                TOP - 12,
                HEIGHT - BOTTOM,
                x + (-5 if anchor == "end" else 5),
                12 + 13 * (number % 2),
                anchor,
                mark.label,
            )
        )
    return Markup('<svg class="trend" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, escape(title), Markup("").join(parts)
    )


def _axis(top: int) -> Markup:
    base, ceiling = HEIGHT - BOTTOM, TOP
    return Markup(
        '<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" class="axis"/>'
        '<text x="{3}" y="{2}" class="tick" text-anchor="end">0</text>'
        '<text x="{3}" y="{4}" class="tick" text-anchor="end">{5}</text>'
    ).format(LEFT, WIDTH, base, LEFT - 6, ceiling + 8, top)
