"""The map in a browser: it moves, says what a dot says, and leads to the theme, by pointer and by key."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenWindow, Window

pytestmark = pytest.mark.browser

READY = "#map[data-ready]"


def opened_map(window: Window, path: str = "/map") -> Locator:
    window.open(path)
    window.page.wait_for_selector(READY)
    return window.page.locator("#map canvas")


def rest_on_a_dot(window: Window, canvas: Locator) -> None:
    """Move the pointer over the map until something is said."""
    box = canvas.bounding_box()
    assert box
    for step in range(10, 90, 4):
        window.page.mouse.move(box["x"] + box["width"] * step / 100, box["y"] + box["height"] / 2)
        if "over" in (canvas.get_attribute("class") or ""):
            return
    raise AssertionError("no dot was met")


def test_a_dot_says_a_quote_and_a_click_opens_its_theme(demo_pages: str, window: OpenWindow) -> None:
    opened = window(demo_pages)
    canvas = opened_map(opened)
    rest_on_a_dot(opened, canvas)
    card = opened.page.locator(".map-said")
    expect(card).to_be_visible()
    assert card.locator("q").inner_text()
    opened.page.mouse.down()
    opened.page.mouse.up()
    opened.page.wait_for_url(re.compile("/(themes|items)/"))
    assert opened.complaints == []


def test_by_keyboard_alone_one_comes_closer_and_opens_a_theme(demo_pages: str, window: OpenWindow) -> None:
    opened = window(demo_pages, lang="ja", scheme="dark", width=360)
    canvas = opened_map(opened)
    before = canvas.screenshot()
    canvas.focus()
    for key in ("+", "+", "ArrowLeft", "ArrowUp", "-"):
        opened.page.keyboard.press(key)
    expect(opened.page.locator(".map-said")).to_be_visible()
    assert canvas.screenshot() != before
    opened.page.keyboard.press("Enter")
    opened.page.wait_for_url(re.compile("/(themes|items)/"))
    assert opened.complaints == []


def test_the_wheel_comes_closer_and_moves_the_page_only_where_all_is_seen(
    demo_pages: str, window: OpenWindow
) -> None:
    opened = window(demo_pages)
    canvas = opened_map(opened)
    before = canvas.screenshot()
    canvas.hover()
    seen = opened.page.evaluate("scrollY")
    opened.page.mouse.wheel(0, -400)
    opened.page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
    assert opened.page.evaluate("scrollY") == seen
    assert canvas.screenshot() != before
    opened.page.locator("[data-press='0']").click()
    canvas.hover()
    seen = opened.page.evaluate("scrollY")
    opened.page.mouse.wheel(0, 200)
    opened.page.wait_for_function(f"() => scrollY > {seen}")


def test_without_scripts_the_list_alone_is_shown(demo_pages: str, window: OpenWindow) -> None:
    opened = window(demo_pages, script=False)
    opened.open("/map")
    expect(opened.page.locator("#map")).to_be_hidden()
    expect(opened.page.locator("#list tbody tr")).to_have_count(50)
    expect(opened.page.get_by_text("switched off here")).to_be_visible()


def test_where_the_dots_do_not_come_that_is_told_and_tried_again(demo_pages: str, window: OpenWindow) -> None:
    opened = window(demo_pages)
    opened.page.route("**/map/points", lambda route: route.abort())
    opened.open("/map")
    expect(opened.page.locator(".map-state")).to_have_text(re.compile("did not get through"))
    opened.page.unroute("**/map/points")
    opened.page.locator(".map-again").click()
    opened.page.wait_for_selector(READY)
    expect(opened.page.locator(".map-again")).to_be_hidden()


def test_a_theme_is_shown_on_the_map_from_its_page(demo_pages: str, window: OpenWindow) -> None:
    opened = window(demo_pages)
    opened.open("/themes")
    opened.page.locator("tbody tr a").first.click()
    opened.page.get_by_role("link", name="On the map").click()
    opened.page.wait_for_selector(READY)
    assert "theme=" in opened.page.url
