"""The page of a notice in a browser: read, changed, agreed to, stopped, in both languages."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from service.db import Database
from service.models import Source
from tests.acting import MONDAY
from tests.browser.conftest import OpenWindow
from tests.live import open_pages
from tests.telling import SHIPPED, TellingDesk

pytestmark = pytest.mark.browser


def desk_of_every_kind(db: Database) -> TellingDesk:
    """Let there be customers of every kind, one of whom said no."""
    desk = TellingDesk.over(db)
    desk.change("crash-0", lang="en")
    desk.change("crash-1", channel="survey")
    with db.begin() as session:
        other = Source(id="chat", organisation_id="main", name="chat", kind="file", created_at=MONDAY)
        session.add(other)
    desk.change("crash-2", channel="chat", source_id="chat", created_at=SHIPPED - timedelta(days=1))
    return desk


def test_a_person_reads_agrees_and_stops(db: Database, window: OpenWindow) -> None:
    desk = desk_of_every_kind(db)
    with open_pages(db) as address:
        opened = window(address, lang="en")
        page = opened.page
        opened.open(f"/notices/{desk.notice_id}")
        expect(page.locator(".answer")).to_have_text(
            "4 customers raised this before, and have not been told."
        )
        expect(page.locator("ul.reasons li")).to_have_count(3)
        expect(page.locator("textarea")).to_have_count(3)
        page.locator("textarea[lang=en]").first.fill("It is fixed.")
        page.get_by_role("button", name="Save the texts").click()
        expect(page.locator(".letter").first).to_contain_text("changed by hand")
        page.get_by_text("Tell 2 customers…").click()
        expect(page.locator(".panel[open] p")).to_contain_text("until then you can stop it")
        page.get_by_role("button", name="Tell 2 customers", exact=True).click()
        expect(page.locator("#state")).to_contain_text("What has not been sent can be stopped")
        assert {name: state for name, (state, _) in desk.sent().items()} == {
            "crash-0": "pending",
            "crash-3": "pending",
        }
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#state")).to_have_text("Nothing is sent before you agree.")
        assert desk.sent() == {}
        assert opened.complaints == []


def test_who_wants_none_is_told_nothing_and_it_can_be_undone(db: Database, window: OpenWindow) -> None:
    desk = desk_of_every_kind(db)
    with open_pages(db) as address:
        opened = window(address, lang="ja")
        page = opened.page
        opened.open(f"/notices/{desk.notice_id}")
        page.get_by_role("button", name="不要と聞いた：c0").click()
        row = page.locator("tr.row", has_text="c0")
        expect(row).to_contain_text("このようなお知らせを希望していません")
        expect(page.get_by_text("1人に知らせる…")).to_be_visible()
        row.get_by_role("button").click()
        expect(page.get_by_text("2人に知らせる…")).to_be_visible()
        page.get_by_role("button", name="この1人にはお知らせ済みです").click()
        expect(page.locator("#told")).to_be_visible()
        page.get_by_role("button", name="元に戻す").click()
        expect(page.get_by_role("button", name="この1人にはお知らせ済みです")).to_be_visible()
        assert opened.complaints == []


def test_who_saw_another_list_is_told_so_and_sends_nothing(db: Database, window: OpenWindow) -> None:
    desk = desk_of_every_kind(db)
    with open_pages(db) as address:
        opened = window(address, lang="en")
        opened.open(f"/notices/{desk.notice_id}")
        opened.page.get_by_text("Tell 2 customers…").click()
        desk.say("c0", "no")
        opened.page.get_by_role("button", name="Tell 2 customers", exact=True).click()
        expect(opened.page.get_by_role("alert")).to_contain_text("Nothing was done")
        assert desk.sent() == {}
