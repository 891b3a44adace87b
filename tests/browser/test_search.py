"""Searching in a browser: from the keyboard, as one types, and with the answers in any order."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenWindow

pytestmark = pytest.mark.browser


def test_a_slash_leads_to_the_search_on_any_page_and_enter_searches(
    demo_pages: str, window: OpenWindow
) -> None:
    opened = window(demo_pages, lang="ja")
    opened.open("/glossary")
    opened.page.keyboard.press("/")
    opened.page.keyboard.type("ログイン")
    opened.page.keyboard.press("Enter")
    expect(opened.page.locator("main .answer")).to_contain_text("「ログイン」は")
    expect(opened.page.locator("mark").first).to_have_text("ログイン")
    assert opened.complaints == []


def test_results_follow_what_is_typed_and_the_field_keeps_the_focus(
    demo_pages: str, window: OpenWindow
) -> None:
    opened = window(demo_pages)
    opened.open("/search?q=mail&in=voices")
    field = opened.page.locator("#find")
    field.fill("password")
    expect(opened.page.locator("main .answer")).to_contain_text("“password”")
    expect(field).to_be_focused()
    assert "q=password&in=voices" in opened.page.url
    opened.page.reload()
    expect(field).to_have_value("password")
    assert opened.complaints == []


def test_an_answer_that_comes_late_does_not_replace_a_newer_one(demo_pages: str, window: OpenWindow) -> None:
    opened = window(demo_pages)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.resource_type == "fetch" and re.search("q=mail$", route.request.url):
            held.append(route)
        else:
            route.continue_()

    opened.page.route("**/search*", hold)
    opened.open("/search")
    opened.page.locator("#find").fill("mail")
    expect(opened.page.locator("#found")).to_have_attribute("aria-busy", "true")
    expect(opened.page.locator(".busy span")).to_be_visible()
    opened.page.locator("#find").fill("password")
    expect(opened.page.locator("main .answer")).to_contain_text("“password”")
    for route in held:
        route.continue_()
    opened.page.wait_for_load_state("networkidle")
    expect(opened.page.locator("main .answer")).to_contain_text("“password”")


def test_nothing_moves_while_results_come(demo_pages: str, window: OpenWindow) -> None:
    opened = window(demo_pages)
    opened.open("/search?q=mail")
    before = opened.page.locator("#find").bounding_box(), opened.page.locator("h1").bounding_box()
    opened.page.locator("#find").fill("password")
    expect(opened.page.locator("main .answer")).to_contain_text("“password”")
    assert (opened.page.locator("#find").bounding_box(), opened.page.locator("h1").bounding_box()) == before


def test_where_the_server_is_away_the_page_says_so(demo_pages: str, window: OpenWindow) -> None:
    opened = window(demo_pages)
    opened.open("/search?q=mail")
    opened.page.route("**/search*", lambda route: route.abort())
    opened.page.locator("#find").fill("password")
    expect(opened.page.locator(".busy")).to_have_text(re.compile("did not get through"))
    expect(opened.page.locator("main .answer")).to_contain_text("“mail”")


def test_without_scripts_the_form_searches(demo_pages: str, window: OpenWindow) -> None:
    opened = window(demo_pages, script=False)
    opened.open("/themes")
    opened.page.locator("#find").fill("password")
    opened.page.locator("#find").press("Enter")
    expect(opened.page.locator("main .answer")).to_contain_text("“password”")


def test_chosen_voices_become_a_theme_by_keyboard_alone(demo_pages: str, window: OpenWindow) -> None:
    opened = window(demo_pages)
    opened.open("/search?q=slack&in=voices")
    first = opened.page.locator("input[name=span]").first
    first.focus()
    opened.page.keyboard.press("Space")
    opened.page.get_by_role("button", name="Make a theme of the chosen voices").focus()
    opened.page.keyboard.press("Enter")
    expect(opened.page.locator("input[name=span]")).to_have_count(1)
    opened.page.locator("#title").fill("Slack")
    opened.page.keyboard.press("Enter")
    expect(opened.page.locator("h1")).to_have_text("Slack")
