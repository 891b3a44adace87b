"""Pictures on pages: axes that can be read, labels that cover nothing, colours that can be told apart."""

import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from service.web import charts
from service.web.charts import NARROW, WIDE, Frame, Mark, Point, scale, sparkline, text_width, trend

CSS = (Path(charts.__file__).parent / "static" / "koe.css").read_text("utf-8")
LABEL = re.compile(r'<text x="([\d.]+)" y="([\d.]+)" class="mark">([^<]*)</text>')


def weeks(*counts: int) -> list[Point]:
    start = date(2026, 1, 5)
    return [
        Point(
            start=start + timedelta(weeks=i), count=count, told=f"week {i}: {count}", link=f"/items?week={i}"
        )
        for i, count in enumerate(counts)
    ]


def drawings(drawn: str) -> dict[str, str]:
    return {
        name: part for part in drawn.split("<svg ")[1:] for name in re.findall(r'^class="trend (\w+)', part)
    }


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_labels_stay_in_the_picture_and_never_cover_each_other(frame: Frame) -> None:
    marks = [
        Mark(place=place, label=label)
        for place in (0, 1, 25, 26, 26, 51, 51, 51)
        for label in ("記事の公開 9月13日", "Fix 3 May", "W" * 200)
    ]
    boxes = [
        (float(x), float(y), min(text_width(label), frame.width))
        for x, y, label in LABEL.findall(drawings(trend(weeks(*[3] * 52), marks, title=""))[frame.name])
    ]
    assert len(boxes) == len(marks)
    assert all(x >= 0 and x + width <= frame.width + 0.1 for x, _, width in boxes)
    rows = {y: sorted((x, width) for x, other, width in boxes if other == y) for _, y, _ in boxes}
    assert all(x + width <= after for row in rows.values() for (x, width), (after, _) in pairwise(row))


@pytest.mark.parametrize(
    ("top", "expected"),
    [(0, (1, 1)), (1, (1, 1)), (4, (4, 1)), (5, (6, 2)), (9, (10, 5)), (41, (60, 20)), (1999, (2000, 500))],
)
def test_an_axis_counts_in_round_steps_from_zero(top: int, expected: tuple[int, int]) -> None:
    assert scale(top) == expected


def test_every_week_of_a_trend_opens_to_what_is_behind_it() -> None:
    for drawn in drawings(trend(weeks(0, 3, 1), [], title="Contacts")).values():
        assert re.findall(r'href="([^"]+)"', drawn) == [f"/items?week={i}" for i in range(3)]
        assert 'aria-label="week 1: 3"' in drawn


def test_pictures_escape_what_people_wrote_and_bear_being_empty() -> None:
    drawn = trend(weeks(0, 3), [Mark(place=1, label="<script>")], title='"><b>')
    assert "<script>" not in drawn
    assert "<b>" not in drawn
    assert trend([], [], title="") == ""
    assert "polyline" in trend(weeks(0), [], title="")
    for values in ([], [5], [0] * 26, [1000] * 60):
        assert "nan" not in sparkline(values)


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", css))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_stand_out_from_every_ground_that_they_stand_on(scheme: str) -> None:
    light, dark = CSS.split("@media (prefers-color-scheme: dark)", 1)
    colours = tokens(light) | (tokens(dark) if scheme == "dark" else {})
    letters = [(ink, ground) for ink in ("ink", "quiet", "accent", "error") for ground in ("paper", "wash")]
    letters += [
        ("ink", "mark"),
        ("quiet", "mark"),
        ("accent", "mark"),
        ("on-accent", "accent"),
        ("event", "paper"),
    ]
    letters += [("ink", "area")]
    weak = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in letters}
    assert {pair: round(ratio, 2) for pair, ratio in weak.items() if ratio < 4.5} == {}
    assert contrast(colours["edge"], colours["paper"]) >= 3
