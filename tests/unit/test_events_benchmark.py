"""Real events are counted week by week, told in a table and drawn: on rows that are made up."""

from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from benchmarks.events import (
    MONDAY,
    SATURDAY,
    TRAINS,
    WORDS,
    Row,
    after_end,
    course,
    names,
    of_labels,
    table,
    weekly,
)
from benchmarks.plots import Plot, svg
from benchmarks.waves import Asked, Wave
from service.rules.effects.cases import Intervention, Wishes
from service.rules.effects.series import Heard
from service.rules.effects.verdict import Effect

START = date(2024, 1, 1)
SVG = "{http://www.w3.org/2000/svg}"


def days(*numbers: int) -> list[date]:
    return [START + timedelta(days=number) for number in numbers]


def weeks(*numbers: int) -> list[date]:
    return days(*(7 * number for number in numbers))


def test_only_whole_weeks_count_and_one_without_a_contact_is_a_zero() -> None:
    found = weekly(days(-1, 0, 6, 14, 21), (days(-2)[0], days(22)[0]), MONDAY)
    assert [(each.period, each.contacts) for each in found] == list(
        zip(weeks(0, 1, 2), (2, 0, 1), strict=True)
    )


def test_weeks_begin_on_the_day_of_the_week_that_is_asked_for() -> None:
    found = weekly(days(4, 5, 11, 12), (START, days(18)[0]), SATURDAY)
    assert [(each.period, each.contacts) for each in found] == list(zip(days(5, 12), (2, 1), strict=True))


def test_of_shares_a_week_in_which_nobody_was_asked_was_not_observed() -> None:
    found = weekly(days(1), (START, days(20)[0]), MONDAY, asked=days(1, 2, 15))
    assert found == [
        Heard(period=START, contacts=1.0, exposure=2.0),
        Heard(period=days(14)[0], contacts=0.0, exposure=1.0),
    ]


def test_a_customer_counts_once_a_day_for_a_label() -> None:
    of = [Asked(day=day, who=who, ticket=f"{day} {who}") for day in days(0, 1) for who in "ab"]
    found = of_labels({"outage": [*of, Asked(day=START, who="a", ticket="again")]}, (START, days(6)[0]))
    assert [each.contacts for each in found["outage"]] == [4.0]


@pytest.mark.parametrize(("last", "monday"), [(6, 7), (7, 14), (9, 14)])
def test_a_wave_is_over_on_the_first_monday_behind_it(last: int, monday: int) -> None:
    wave = Wave(
        label="outage",
        onset=START,
        first=START,
        last=days(last)[0],
        people=5,
        expected=0.1,
        chance=1e-6,
        tickets=frozenset(),
    )
    assert after_end(wave) == days(monday)[0]


def test_words_are_found_as_words_and_stations_of_roads_are_no_railway() -> None:
    assert names("The Toolbar is gone", WORDS["how it looks"])
    assert not names("I am building a fluid thing", WORDS["how it looks"])
    assert TRAINS.search("駅が遠い")
    assert TRAINS.search("バスが来ない")
    assert not TRAINS.search("道の駅が閉まっていた")
    assert not TRAINS.search("バスタオルがない")


def test_the_table_tells_a_verdict_its_interval_and_what_is_missing() -> None:
    told = Effect(
        intervention_id="i",
        theme_id="t",
        verdict="reduced",
        relative_effect=-0.25,
        low=-0.4,
        high=-0.1,
        naive=0.02,
        observed=75.0,
        expected=100.0,
        reasons=({"code": "forecast"}, {"code": "controls", "themes": 7}),
    )
    untold = Effect(
        intervention_id="i",
        theme_id="t",
        verdict="cannot_tell",
        weeks_needed=1,
        reasons=({"code": "short_after"},),
    )
    first, second = table(
        [Row(what="a", day=START, effect=told), Row(what="b", day=START, effect=untold)]
    ).splitlines()[2:]
    assert first == "| a | 2024-01-01 | reduced | −25% | −40% to −10% | +2% | 75 / 100 | 7 controls |"
    assert second == (
        "| b | 2024-01-01 | cannot tell | – | – | – | – / – | `short_after`, 1 more weeks needed |"
    )


def test_the_expected_course_goes_on_as_before_and_is_none_without_a_past() -> None:
    heard = [
        Heard(period=week, contacts=20.0 if number < 40 else 60.0)
        for number, week in enumerate(weeks(*range(44)))
    ]
    wishes = Wishes(zone="UTC")
    found = course({"t": heard}, [Intervention(name="i", theme="t", day=weeks(40)[0])], 0, wishes)
    assert len(found) == 44
    assert all(12 < each < 32 for each in found[40:])
    assert course({"t": heard}, [Intervention(name="i", theme="t", day=weeks(2)[0])], 0, wishes) == []


def drawn(plot: Plot) -> ElementTree.Element:
    return ElementTree.fromstring(svg(plot))


def lines(picture: ElementTree.Element) -> list[str]:
    return [each.attrib["d"] for each in picture.iter(f"{SVG}path") if each.get("fill") == "none"]


def test_a_plot_draws_both_courses_names_its_days_and_stays_within_its_frame() -> None:
    plot = Plot(
        title="Tickets < 5 & more",
        weeks=weeks(0, 1, 2, 3),
        heard=[1.0, 4.0, 2.0, 120.0],
        expected=[2.0, 2.0, 2.0, 2.5],
        days=[(days(1)[0], "begin"), (days(27)[0], "a name that is long enough for the other side")],
    )
    picture = drawn(plot)
    assert picture.findtext(f"{SVG}title") == "Tickets < 5 & more"
    texts = [each.text for each in picture.iter(f"{SVG}text")]
    assert {"begin", "heard", "expected, had nothing happened", "2024-01"} <= set(texts)
    heard, expected = lines(picture)
    assert heard.count("L") == expected.count("L") == 3
    width, height = (float(each) for each in picture.attrib["viewBox"].split()[2:])
    for line in (heard, expected):
        places = [tuple(map(float, each.split())) for each in line[1:].split(" L")]
        assert all(0 < x < width and 0 < y < height for x, y in places)
        assert all(left < right for (left, _), (right, _) in pairwise(places))
    last = next(each for each in picture.iter(f"{SVG}text") if each.text == plot.days[1][1])
    assert last.attrib["text-anchor"] == "end"


def test_a_week_that_is_missing_interrupts_the_line_and_without_a_forecast_none_is_drawn() -> None:
    plot = Plot(title="t", weeks=weeks(0, 1, 3, 4), heard=[0.0, 0.0, 0.0, 0.0], expected=[], days=[])
    picture = drawn(plot)
    assert len(lines(picture)) == 2
    assert "expected, had nothing happened" not in [each.text for each in picture.iter(f"{SVG}text")]


def test_a_plot_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no week"):
        Plot(title="t", weeks=[], heard=[], expected=[], days=[])
    with pytest.raises(ValueError, match="every week"):
        Plot(title="t", weeks=weeks(0, 1), heard=[1.0, 2.0], expected=[1.0], days=[])
