"""The pages in a browser: quiet, readable at any width, and usable by keyboard alone."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from service.db import Database
from service.models import MAIN, Article, Item, Source, Suggestion, Theme
from service.repositories import suggestions as suggestion_repository
from tests.browser.conftest import OpenWindow, Window
from tests.live import LISTS, one_of_each, open_pages

pytestmark = pytest.mark.browser

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def overflows(window: Window, paths: list[str]) -> list[str]:
    found = []
    for path in paths:
        window.open(path)
        if window.page.evaluate(OVERFLOW) > 0:
            found.append(path)
    return found


def test_on_a_phone_the_two_themes_of_a_pair_stand_one_below_the_other(
    demo_pages: str, window: OpenWindow
) -> None:
    for width, columns in ((1280, 2), (360, 1)):
        opened = window(demo_pages, width=width)
        opened.open("/pairs")
        themes = opened.page.locator(".pair").first.locator("h2")
        boxes = [theme.bounding_box() for theme in themes.all()]
        assert len({box["x"] for box in boxes if box}) == columns


def test_titles_of_any_kind_fit_a_phone(demo_pages: str, demo_db: Database, window: OpenWindow) -> None:
    titles = ["長" * 300, "W" * 300, "word " * 60, "🦊", "<b>&amp;</b>"]
    named = {}
    with demo_db.begin() as session:
        chosen = session.exec(select(Suggestion, Theme).where(Suggestion.theme_id == Theme.id))
        articles = session.exec(select(Article))
        for title, (suggestion, theme), article in zip(titles, chosen, articles, strict=False):
            theme.title, theme.keywords = title, [title]
            article.title = article.section = title
            named[f"/themes/{theme.id}"] = title
            named[f"/suggestions/{suggestion.id}"] = named[f"/articles/{article.id}"] = title
    assert len(named) == 3 * len(titles)
    opened = window(demo_pages, width=360, lang="ja")
    assert overflows(opened, one_of_each(demo_db)) == []
    for path, title in named.items():
        assert overflows(opened, [path]) == []
        if not path.startswith("/suggestions"):
            assert opened.page.locator("h1").inner_text() == title.strip()


def an_item(number: int, created_at: datetime) -> Item:
    return Item(
        id=f"i{number}",
        organisation_id=MAIN,
        source_id="s",
        external_id=f"{number}",
        channel="ticket",
        created_at=created_at,
        text=f"text {number}",
        version="",
    )


def an_article(number: int) -> Article:
    return Article(
        id=f"a{number}",
        organisation_id=MAIN,
        source_id="s",
        external_id=f"{number}",
        title=f"article {number}",
        version="",
    )


def test_two_thousand_rows_come_in_pages(db: Database, window: OpenWindow) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    with db.begin() as session:
        session.add(Source(id="s", organisation_id=MAIN, name="s", kind="file", created_at=now))
        session.flush()
        session.add_all(an_item(n, now - timedelta(hours=n)) for n in range(2000))
        session.add_all(an_article(n) for n in range(2000))
    with open_pages(db) as address:
        opened = window(address, width=360)
        for path, last in (("/items", "text 1999"), ("/articles", "article 999")):
            assert overflows(opened, [path]) == []
            assert opened.page.locator("tr.row").count() == 50
            opened.open(f"{path}?page=40")
            expect(opened.page.locator("tr.row").last).to_contain_text(last)
            opened.open(f"{path}?page=41")
            assert opened.page.locator("tr.row").count() == 0


def an_open_suggestion(db: Database) -> Suggestion:
    with db.begin() as session:
        return next(
            s for s in suggestion_repository.list_suggestions(session, MAIN, status="open") if s.draft
        )


def status_of(db: Database, suggestion_id: str) -> str:
    with db.begin() as session:
        return suggestion_repository.get_suggestion(session, MAIN, suggestion_id).status


def press(page: Page, *keys: str) -> None:
    """Press keys once the page that is shown has loaded: before, nothing of it hears them."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


class TestKeyboard:
    def test_a_suggestion_is_found_accepted_and_taken_back_by_keyboard_alone(
        self, demo_pages: str, demo_db: Database, window: OpenWindow
    ) -> None:
        opened = window(demo_pages)
        page = opened.page
        opened.open("/suggestions")
        press(page, "j", "j", "k", "j", "Enter")
        page.wait_for_url("**/suggestions/*")
        suggestion_id = page.url.rpartition("/")[2]
        press(page, "a")
        expect(page.get_by_role("status")).to_contain_text("Accepted on")
        assert status_of(demo_db, suggestion_id) == "accepted"
        expect(page.get_by_role("button", name="Undo")).to_be_focused()
        press(page, "Enter")
        expect(page.get_by_role("status")).to_contain_text("waits for a decision")
        assert status_of(demo_db, suggestion_id) == "open"
        expect(page.get_by_role("button", name="Accept")).to_be_focused()
        assert opened.complaints == []

    def test_dismissing_keeps_what_was_typed_and_says_what_is_wrong(
        self, demo_pages: str, demo_db: Database, window: OpenWindow
    ) -> None:
        suggestion_id = an_open_suggestion(demo_db).id
        opened = window(demo_pages, lang="ja")
        page = opened.page
        opened.open(f"/suggestions/{suggestion_id}")
        press(page, "d")
        expect(page.get_by_label("見送る理由")).to_be_focused()
        press(page, "Escape")
        expect(page.get_by_label("見送る理由")).to_be_hidden()
        press(page, "d")
        expect(page.get_by_label("見送る理由")).to_be_focused()
        press(page, "Space", "Tab", "Enter")
        expect(page.locator("#reason-error")).to_be_visible()
        expect(page.get_by_label("見送る理由")).to_be_focused()
        page.keyboard.type("来月の更新で直ります")
        press(page, "Tab", "Enter")
        expect(page.get_by_role("status")).to_contain_text("来月の更新で直ります")
        assert status_of(demo_db, suggestion_id) == "dismissed"
        press(page, "u")
        expect(page.get_by_role("status")).to_contain_text("判断を待っています")

    def test_keys_search_and_list_themselves_but_leave_typing_alone(
        self, demo_pages: str, window: OpenWindow
    ) -> None:
        opened = window(demo_pages)
        page = opened.page
        opened.open("/themes")
        press(page, "?")
        expect(page.locator("dl.keys")).to_be_visible()
        press(page, "/")
        expect(page.locator("#find")).to_be_focused()
        page.keyboard.type("jak?/")
        expect(page.locator("#find")).to_have_value("jak?/")

    def test_a_filter_goes_into_the_address_and_back_leads_back(
        self, demo_pages: str, window: OpenWindow
    ) -> None:
        opened = window(demo_pages)
        page = opened.page
        opened.open("/themes")
        page.get_by_label("Kind").select_option("question")
        page.get_by_role("button", name="Apply").click()
        page.wait_for_url("**kind=question**")
        page.go_back()
        expect(page.get_by_label("Kind")).to_have_value("")

    def test_focus_can_always_be_seen(self, demo_pages: str, demo_db: Database, window: OpenWindow) -> None:
        opened = window(demo_pages)
        width = "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"
        for path in ("/themes", "/items", f"/suggestions/{an_open_suggestion(demo_db).id}"):
            opened.open(path)
            for _ in range(25):
                press(opened.page, "Tab")
                assert opened.page.evaluate(width) >= 2, opened.page.evaluate(
                    "document.activeElement.outerHTML"
                )


BEGINNING = "text => { const box = text.getClientRects()[0]; return [box.x + 3, box.y + box.height / 2] }"
"""Where the first line of a text begins in the window."""


def test_a_sentence_lights_what_it_rests_on(demo_pages: str, demo_db: Database, window: OpenWindow) -> None:
    opened = window(demo_pages)
    page = opened.page
    opened.open(f"/suggestions/{an_open_suggestion(demo_db).id}")
    sentences = page.locator(".sentence")
    assert sentences.count() > 1
    for place in range(sentences.count()):
        sentence = sentences.nth(place)
        sentence.scroll_into_view_if_needed()
        page.mouse.click(*sentence.evaluate(BEGINNING))  # a box around both its lines holds other sentences
        cited = (sentence.get_attribute("data-cites") or "").split()
        lit = page.locator(".source.lit").evaluate_all("sources => sources.map(source => source.id)")
        assert lit == cited
        assert page.locator(".sentence.lit").count() == 1
    sentences.first.locator("sup a").first.focus()
    expect(page.locator(".source").first).to_have_class("source lit")


def test_the_actions_stand_still_while_the_draft_is_read(
    demo_pages: str, demo_db: Database, window: OpenWindow
) -> None:
    for width in (1280, 360):
        opened = window(demo_pages, width=width)
        opened.open(f"/suggestions/{an_open_suggestion(demo_db).id}")
        accept = opened.page.get_by_role("button", name="Accept")
        before = accept.bounding_box()
        opened.page.mouse.wheel(0, 5000)
        opened.page.get_by_role("heading", name="What it rests on").scroll_into_view_if_needed()
        assert accept.bounding_box() == before


def test_everything_works_without_script(demo_pages: str, demo_db: Database, window: OpenWindow) -> None:
    opened = window(demo_pages, script=False)
    page = opened.page
    suggestion_id = an_open_suggestion(demo_db).id
    opened.open(f"/suggestions/{suggestion_id}")
    page.get_by_text("Dismiss", exact=True).click()
    page.get_by_label("Why not?").fill("Not now")
    page.get_by_role("button", name="Dismiss this suggestion").click()
    assert status_of(demo_db, suggestion_id) == "dismissed"
    for path in LISTS:
        opened.open(path)
        assert page.locator("tr.row").count() > 0
