"""What is told of real events: writes "Real events" of docs/proof.md, and its plots.

    python -m benchmarks.events DATA

The rules were fixed before any effect was looked at; known were the waves of `benchmarks.waves`, from when to
when both sets go, and how many answers a month the survey has. Nothing here is chosen by what comes out.
Effects are measured as `koe measure` does, with its defaults but for the weeks that count after.

Thunderbird, waves. A series for each label: distinct customers by day, in weeks as the service makes them,
2 January 2023 to 30 June 2024. Moderators' causes and linked articles are two files; in each, all labels
without a wave within half a year are controls. *Begin*: the first day of a wave's stretch; that week and the
next count. *End*: the first Monday after the stretch; eight weeks count. Each is measured without knowing
of the other.

Thunderbird, version 115. Published on 11 July 2023; twelve weeks count. Tickets in English, distinct
customers by day; then those whose title or text has a word of a list, as a share of all (exposure): how it
looks, signing in, sending, the calendar. Each alone: the release touches all of them, so that none can be a
control of another. For comparison all tickets from 2 April 2024 on, a day on which nothing is known to have
happened.

Fukui. On 16 March 2024 the Shinkansen was extended to Fukui and Tsuruga. Answers to "what was inconvenient",
in weeks that begin on Saturdays, as the 16th was one, so that no week is half before and half after; answers
that name trains, buses or public transport, as a share of all answers (exposure), those that say "nothing"
among them. Beside it, as a series that the railway should not move at once, answers that name roads,
parking or traffic jams; and, for comparison, the same day a year earlier (18 March 2023, a Saturday), two
weeks counted there as here. Each alone.

Plots. All tickets about version 115, how it looks, Fukui's trains, and of each way of labelling the wave with
the most people. In those of waves the expected course is the one from before their begin.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import quality
from benchmarks.causes import SUFFIX
from benchmarks.plots import Plot, svg
from benchmarks.proof import PAGE
from benchmarks.sets import rows_of
from benchmarks.waves import Asked, Wave, day_of, labelled, waves
from nlp.html import plain
from service.measuring import measure_files
from service.rules.contacts import Bounds, Contact
from service.rules.effects.cases import Case, Intervention, Wishes, case_of
from service.rules.effects.controls import panels_of
from service.rules.effects.counterfactual import fit
from service.rules.effects.series import Heard, all_series
from service.rules.effects.verdict import Effect, silent
from service.rules.effects.weeks import weeks_of

PLOTS = PAGE.parent / "proof"
WEEK = timedelta(weeks=1)
MONDAY, SATURDAY = 0, 5

HEARD_FROM: Bounds = (date(2023, 1, 2), date(2024, 6, 30))
BEGINS, ENDS, RELEASED = (Wishes(zone="UTC", after=after) for after in (2, 8, 12))
VERSION_115, QUIET = date(2023, 7, 11), date(2024, 4, 2)
WORDS: Mapping[str, str] = {
    "how it looks": r"layouts?|fonts?|toolbars?|density|spacing|icons?|colou?rs?|dark mode|themes?"
    r"|user interface|ui|look and feel|columns?|card view",
    "signing in": r"passwords?|oauth2?|log ?in|sign(?:ing)? in|authenticat\w+",
    "sending": r"smtp|outgoing|send(?:ing)?|sent",
    "the calendar": r"calendars?",
}

SURVEYED: Bounds = (date(2022, 4, 28), date(2024, 3, 31))
SHINKANSEN, YEAR_BEFORE = date(2024, 3, 16), date(2023, 3, 18)
QUESTION = "不便さの内容"
TWO_WEEKS = Wishes(zone="Asia/Tokyo", after=2)
TRAINS = re.compile(
    r"新幹線|電車|列車|鉄道|JR|(?<!道の)駅|特急|えち鉄|福鉄|ハピライン|サンダーバード|しらさぎ|本数|乗り?換え"
    r"|バス(?!タオル|ルーム|マット|ローブ|タブ)|公共(?:の)?交通|交通(?:機関|手段|網|アクセス|の便)",
    re.IGNORECASE,
)
ROADS = re.compile(r"駐車|渋滞|道路|高速|車線")

KNOWN = ("forecast", "shift", "bump", "other_themes", "moved_to", "controls")
"""Reasons that the table leaves out: they say how it was reckoned, not what may mislead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An event as the table tells it."""

    what: str
    day: date
    effect: Effect


def weekly(days: Iterable[date], within: Bounds, weekday: int, *, asked: Iterable[date] = ()) -> list[Heard]:
    """Return contacts, each given by its day, in the whole weeks within two days that begin on a weekday.

    With the days of all who were `asked`, these are the exposure, and a week without any was not observed.
    """
    counts = Counter(_begin(day, weekday) for day in days)
    exposure = Counter(_begin(day, weekday) for day in asked)
    first, last = within
    week = first + timedelta(days=(weekday - first.weekday()) % 7)
    found = []
    while week + WEEK - timedelta(days=1) <= last:
        if exposure[week] or not exposure:
            found.append(
                Heard(period=week, contacts=float(counts[week]), exposure=float(exposure[week]) or None)
            )
        week += WEEK
    return found


def of_labels(labels: Mapping[str, Sequence[Asked]], within: Bounds) -> dict[str, list[Heard]]:
    """Return the series of labels: each customer once a day, in weeks as the service makes them."""
    contacts = {
        label: [
            Contact(theme_id=label, day=day, customer_id=who, item_id=ticket)
            for (day, who), ticket in sorted({(each.day, each.who): each.ticket for each in of}.items())
        ]
        for label, of in labels.items()
    }
    return weeks_of(contacts, within=within)


def names(text: str, words: str) -> bool:
    """Say whether an English text has one of some words."""
    return re.search(rf"\b(?:{words})\b", text, re.IGNORECASE) is not None


def after_end(wave: Wave) -> date:
    """Return the first Monday after a wave's stretch."""
    return wave.last + timedelta(days=7 - wave.last.weekday())


def course(
    series: Mapping[str, Sequence[Heard]], done: Sequence[Intervention], place: int, wishes: Wishes
) -> list[float]:
    """Return what was expected week by week before one of some interventions on a theme each.

    Nothing where nothing can be forecast.
    """
    known, unfit = all_series(series)
    by_theme = {each.theme: [each] for each in done}
    found = case_of(done[place], known, unfit, panels_of(known), by_theme, wishes)
    return [float(each) for each in fit(found.told).expected] if isinstance(found, Case) else []


def draw(
    name: str,
    title: str,
    series: Mapping[str, Sequence[Heard]],
    done: Sequence[Intervention],
    place: int,
    wishes: Wishes,
    days: Sequence[tuple[date, str]],
) -> str:
    """Write the plot of one of some interventions, and return the line of the page that shows it."""
    heard = series[done[place].theme]
    plot = Plot(
        title=title,
        weeks=[each.period for each in heard],
        heard=[each.contacts for each in heard],
        expected=course(series, done, place, wishes),
        days=days,
    )
    PLOTS.mkdir(exist_ok=True)
    (PLOTS / f"{name}.svg").write_text(svg(plot), encoding="utf-8")
    return f"![{title}](proof/{name}.svg)"


def of_waves(data: Path) -> tuple[list[Row], list[str]]:
    """Return the begin and end of each wave, and the plot of the largest of each way of labelling."""
    rows, shown = [], []
    ways = (("causes", "moderators' cause"), ("articles", "linked article"))
    for (name, way), labels in zip(ways, labelled(data), strict=True):
        series, found = of_labels(labels, HEARD_FROM), waves(labels)
        begins = [Intervention(name=each.label, theme=each.label, day=each.first) for each in found]
        ends = [Intervention(name=each.label, theme=each.label, day=after_end(each)) for each in found]
        for told, done, wishes in (("begin", begins, BEGINS), ("end", ends, ENDS)):
            effects = measure_files(series, done, wishes, progress=silent)
            rows += [
                Row(what=f"{way} {each.theme}: {told}", day=each.day, effect=effect)
                for each, effect in zip(done, effects, strict=True)
            ]
        largest = max(found, key=lambda each: each.people)
        place = found.index(largest)
        days = [(largest.first, "the wave begins"), (ends[place].day, "it is over")]
        title = f"Customers a week, {way} “{largest.label}”"
        shown.append(draw(f"wave-{name}", title, series, begins, place, BEGINS, days))
    return rows, shown


def of_release(data: Path) -> tuple[list[Row], list[str]]:
    """Return what followed version 115, and two plots."""
    read = [
        row
        for row in rows_of(data / "thunderbird_support" / "questions.csv")
        if row["locale"].startswith("en")
    ]
    texts = [
        (day_of(row), row["creator"], f"{SUFFIX.sub('', plain(row['title']))}\n{plain(row['content'])}")
        for row in read
    ]
    everybody = [day for day, _ in {(day, who) for day, who, _ in texts}]
    series = {"all tickets": weekly(everybody, HEARD_FROM, MONDAY)}
    for name, words in WORDS.items():
        days = [day for day, _ in {(day, who) for day, who, text in texts if names(text, words)}]
        series[name] = weekly(days, HEARD_FROM, MONDAY, asked=everybody)
    rows = [_alone(series, name, f"version 115: {name}", VERSION_115, RELEASED) for name in series]
    rows.append(_alone(series, "all tickets", "nothing known: all tickets", QUIET, RELEASED))
    days_drawn = [(VERSION_115, "version 115")]
    shown = [
        _plot_alone("release-all", "Tickets in English a week", series, "all tickets", RELEASED, days_drawn),
        _plot_alone(
            "release-looks",
            "Tickets a week that have words of how it looks",
            series,
            "how it looks",
            RELEASED,
            days_drawn,
        ),
    ]
    return rows, shown


def of_fukui(data: Path) -> tuple[list[Row], list[str]]:
    """Return what visitors found inconvenient before and after, a plot, and how many answers there are."""
    answers = [
        (datetime.fromisoformat(row["回答日時"]).date(), row["text"])
        for row in rows_of(data / "fukui_tourism_survey_ja" / "comments.csv")
        if row["field"] == QUESTION
    ]
    everybody = [day for day, _ in answers]
    series = {
        name: weekly(
            [day for day, text in answers if words.search(text)], SURVEYED, SATURDAY, asked=everybody
        )
        for name, words in (("trains", TRAINS), ("roads", ROADS))
    }
    rows = [
        _alone(series, name, f"{event}: {name}", day, TWO_WEEKS)
        for event, day in (("Shinkansen", SHINKANSEN), ("a year before", YEAR_BEFORE))
        for name in series
    ]
    title = "Answers a week that name trains or public transport, Fukui"
    days = [(SHINKANSEN, "Shinkansen to Fukui")]
    return rows, [
        _plot_alone("fukui-trains", title, series, "trains", TWO_WEEKS, days),
        f"Before 16 March 2024: {_asked(each for each in series['trains'] if each.period < SHINKANSEN)}. "
        f"From then on: {_asked(each for each in series['trains'] if each.period >= SHINKANSEN)}.",
    ]


def _asked(heard: Iterable[Heard]) -> str:
    known = list(heard)
    asked, named = sum(each.exposure or 0 for each in known), sum(each.contacts for each in known)
    return (
        f"{len(known)} weeks with answers, {asked:,.0f} answers, of which {named:,.0f} ({named / asked:.0%}) "
        "name trains or public transport"
    )


def _alone(series: Mapping[str, Sequence[Heard]], theme: str, what: str, day: date, wishes: Wishes) -> Row:
    done = [Intervention(name=theme, theme=theme, day=day)]
    [effect] = measure_files({theme: series[theme]}, done, wishes, progress=silent)
    return Row(what=what, day=day, effect=effect)


def _plot_alone(
    name: str,
    title: str,
    series: Mapping[str, Sequence[Heard]],
    theme: str,
    wishes: Wishes,
    days: Sequence[tuple[date, str]],
) -> str:
    done = Intervention(name=theme, theme=theme, day=days[0][0])
    return draw(name, title, {theme: series[theme]}, [done], 0, wishes, days)


def table(rows: Sequence[Row]) -> str:
    """Return events as a Markdown table."""
    lines = [
        "| event | from | verdict | effect | interval of 95 % | naive | heard / expected | to be known |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        effect = row.effect
        between = f"{_percent(effect.low)} to {_percent(effect.high)}" if effect.low is not None else "–"
        lines.append(
            f"| {row.what} | {row.day} | {effect.verdict.replace('_', ' ')} "
            f"| {_percent(effect.relative_effect)} | {between} | {_percent(effect.naive)} "
            f"| {_count(effect.observed)} / {_count(effect.expected)} "
            f"| {_why(effect)} |"
        )
    return "\n".join(lines)


def _why(effect: Effect) -> str:
    codes = [f"`{each['code']}`" for each in effect.reasons if each["code"] not in KNOWN]
    controls = [f"{each['themes']} controls" for each in effect.reasons if each["code"] == "controls"]
    needed = [f"{effect.weeks_needed} more weeks needed"] if effect.weeks_needed else []
    return ", ".join(dict.fromkeys([*codes, *controls, *needed]))


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:+.0%}".replace("-", "−")


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}" if value >= 20 else f"{value:.1f}"


def _begin(day: date, weekday: int) -> date:
    return day - timedelta(days=(day.weekday() - weekday) % 7)


def main(data: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Measure, draw, and write the section of the page."""
    began, measured = time.monotonic(), quality.commit()
    parts = []
    for name, events in (
        ("Waves of Thunderbird tickets", of_waves),
        ("Version 115 of Thunderbird", of_release),
        ("The Shinkansen comes to Fukui", of_fukui),
    ):
        rows, shown = events(data)
        parts += [f"### {name}", table(rows), *shown]
    told = (
        f"*{time.strftime('%Y-%m-%d', time.gmtime())}, commit {measured}, {quality.machine()}, "
        f"{max(1, round((time.monotonic() - began) / 60))} min:* `python -m benchmarks.events DATA`"
    )
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(quality.filled(page, "events", "\n\n".join(parts), told), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
