"""The map of voices: dots that stay, with what is said at each, for one's own organisation alone."""

import json
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import update
from sqlmodel import col, select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Assignment, Item, MapPoint, Run, Span, Theme
from service.pipeline import chart
from service.repositories import map_points
from service.web.voice_map import neighbours
from tests.access import a_token, an_organisation, by
from tests.integration.conftest import Reader
from tests.live import serving

Dots = tuple[dict[str, Any], npt.NDArray[np.int16], bytes]
"""The head, the places (2, dots) and the marks."""


def unpacked(content: bytes) -> Dots:
    """Return the dots as a browser reads them."""
    end = 4 + int.from_bytes(content[:4], "little")
    head = json.loads(content[4:end])
    n = head["n"]
    places = np.frombuffer(content[end : end + 4 * n], "<i2").reshape(2, n)
    return head, places, content[end + 4 * n :]


def places(db: Database) -> dict[str, tuple[int, int]]:
    with db.begin() as session:
        return {point.span_id: (point.x, point.y) for point in session.exec(select(MapPoint))}


@pytest.fixture
def dots(demo_pages: httpx.Client) -> Dots:
    return unpacked(demo_pages.get("/map/points").raise_for_status().content)


def test_every_dot_has_a_place_and_a_kind_and_stands_in_its_theme(dots: Dots, demo_db: Database) -> None:
    head, where, marks = dots
    assert head["n"] == len(marks) == where.shape[1] > 500
    with demo_db.begin() as session:
        living = set(session.exec(select(Theme.id).where(col(Theme.retired).is_(False))))
    themes = head["themes"]
    assert {theme["id"] for theme in themes} <= living
    sizes = [theme["n"] for theme in themes]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) <= head["n"]
    assert set(marks) <= {kind + 8 * lang for kind in range(5) for lang in range(3)}


def test_what_is_said_at_a_dot_is_a_redacted_quote_that_leads_to_its_theme(
    demo_pages: httpx.Client, dots: Dots
) -> None:
    _, where, _ = dots
    for place in (0, where.shape[1] - 1):
        x, y = (int(one) for one in where[:, place])
        said = demo_pages.get("/map/voice", params={"x": x, "y": y}).raise_for_status().json()
        assert said["text"]
        assert demo_pages.get(said["address"]).status_code == 200


@pytest.mark.parametrize("query", ["x=32767&y=32767", "x=0", "x=0&y=40000", "x=a&y=b"])
def test_where_nothing_is_said_that_is_told(demo_pages: httpx.Client, query: str) -> None:
    assert demo_pages.get(f"/map/voice?{query}").status_code in (404, 422)


def test_whoever_has_the_dots_does_not_fetch_them_again(demo_pages: httpx.Client) -> None:
    first = demo_pages.get("/map/points")
    assert first.headers["content-encoding"] == "gzip"
    again = demo_pages.get("/map/points", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = demo_pages.get("/map/points", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == first.content


def test_the_page_says_the_same_as_a_list(demo_pages: httpx.Client) -> None:
    page = demo_pages.get("/map").text
    assert page.count("<tr ") == 50
    assert "Lies beside" in page
    few = demo_pages.get("/map?kind=praise&lang=ja").text
    assert 0 < few.count("<tr ") < 50
    assert 'data-kind="praise" data-lang="ja"' in few
    assert "No theme" in demo_pages.get("/map?kind=nothing").text


def test_before_there_is_a_run_there_is_no_map_and_it_is_told_what_to_do(empty_pages: httpx.Client) -> None:
    page = empty_pages.get("/map").text
    assert "There is no map yet" in page
    assert "<canvas" not in page
    assert unpacked(empty_pages.get("/map/points").content)[0] == {"n": 0, "themes": []}


def test_another_run_over_the_same_voices_moves_nothing(demo_db: Database) -> None:
    before = places(demo_db)
    assert chart.run(demo_db, MAIN).done == len(before)
    assert places(demo_db) == before


def test_what_somebody_erases_is_gone_from_the_map_at_once(
    demo_pages: httpx.Client, demo_db: Database, dots: Dots
) -> None:
    with demo_db.begin() as session:
        gone = session.exec(
            select(Span.item_id).join(MapPoint, col(MapPoint.span_id) == col(Span.id))
        ).first()
        assert gone
        of_it = session.exec(select(MapPoint).join(Span).where(Span.item_id == gone)).all()
        session.delete(session.get(Item, gone))
    assert unpacked(demo_pages.get("/map/points").content)[0]["n"] == dots[0]["n"] - len(of_it)


def test_what_is_read_anew_is_a_dot_of_its_new_kind_and_what_is_set_aside_is_none(demo_db: Database) -> None:
    with demo_db.begin() as session:
        query = select(Span).join(MapPoint, col(MapPoint.span_id) == col(Span.id))
        again, aside = session.exec(query.where(Span.kind == "question").limit(2)).all()
        assert again.item_id != aside.item_id
        again.kind, again.lang = "praise", None
        session.get_one(Item, aside.item_id).set_aside = "spam"
        session.flush()
        map_points.say_anew(session, MAIN, [again.item_id, aside.item_id])
        anew = session.get_one(MapPoint, again.id)
        assert (anew.kind, anew.lang) == ("praise", "")
        assert session.get(MapPoint, aside.id) is None


def test_each_theme_lies_in_the_middle_of_its_dots(demo_db: Database, dots: Dots) -> None:
    head, where, _ = dots
    with demo_db.begin() as session:
        middles = map_points.middles(session, MAIN)
    start = 0
    for theme in head["themes"]:
        x, y = np.median(where[:, start : start + theme["n"]], axis=1)
        assert middles[theme["id"]] == (x, y)
        start += theme["n"]
    assert len(middles) == len(head["themes"]) > 20


def test_a_theme_that_nobody_wants_to_see_has_no_dots(
    demo_pages: httpx.Client, demo_db: Database, dots: Dots
) -> None:
    themes = dots[0]["themes"]
    with demo_db.begin() as session:
        theme = session.get(Theme, themes[0]["id"])
        assert theme
        theme.ignored = True
    left = unpacked(demo_pages.get("/map/points").content)[0]["themes"]
    assert themes[0]["id"] not in {theme["id"] for theme in left}


def test_a_part_of_a_theme_that_nobody_wants_to_see_has_no_dots_either(
    demo_pages: httpx.Client, demo_db: Database, dots: Dots
) -> None:
    whole, part = (theme["id"] for theme in dots[0]["themes"][:2])
    with demo_db.begin() as session:
        session.get_one(Theme, part).ignored = True
        session.execute(update(Assignment).where(col(Assignment.theme_id) == whole).values(subtheme_id=part))
    left = demo_pages.get("/map/points").content
    assert whole not in {theme["id"] for theme in unpacked(left)[0]["themes"]}
    assert part.encode() not in left


def test_of_each_theme_some_are_chosen_and_never_more_than_fit(demo_db: Database) -> None:
    with demo_db.begin() as session:
        live = session.exec(select(Run).where(Run.state == "live")).one()
        few = map_points.choose(session, MAIN, live.id, live.embedder.split(), most=150, each=1)
        all_of_them = map_points.choose(session, MAIN, live.id, live.embedder.split(), most=9_999, each=1)
    assert len(few) == 150
    themes = {each.theme_id for each in all_of_them}
    assert {each.theme_id for each in few} >= themes - {None}
    assert {each.span_id for each in few} <= {each.span_id for each in all_of_them}


def test_no_other_organisation_sees_a_dot(demo_db: Database, reader: Reader, dots: Dots) -> None:
    an_organisation(demo_db, "north")
    who = by(a_token(demo_db, "read", organisation_id="north"))
    x, y = (int(one) for one in dots[1][:, 0])
    with serving(create_app(demo_db, Settings())) as address:
        client = reader(address)
        assert unpacked(client.get("/map/points", headers=who).content)[0]["n"] == 0
        assert client.get(f"/map/voice?x={x}&y={y}", headers=who).status_code == 404


def test_the_nearest_themes_are_named_nearest_first() -> None:
    where = {"a": (0.0, 0.0), "b": (5.0, 0.0), "c": (1.0, 0.0), "d": (9.0, 0.0), "e": (2.0, 0.0)}
    assert neighbours(where, ["a", "z"]) == {"a": ["c", "e", "b"], "z": []}
