"""Letting people and programs in, in a browser: by keyboard alone, at any width, in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from service.app import create_app
from service.config import Settings
from service.db import Database
from tests.access import a_link, a_person, a_token
from tests.browser.conftest import OpenWindow, Window
from tests.browser.test_pages import OVERFLOW
from tests.browser.test_readable import FAINT, FOREIGN, STRUCTURE, UNNAMED
from tests.live import serving

pytestmark = pytest.mark.browser

FAULTS = (UNNAMED, STRUCTURE, FAINT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A server, and what an administrator and a viewer of it open first."""

    address: str
    db: Database

    def signed_in(self, opened: Window, role: str) -> Window:
        opened.open(a_link(self.db, a_person(self.db, f"{role}.of@example.com", role=role, name=role)))
        return opened


@pytest.fixture
def office(db: Database) -> Iterator[Office]:
    with serving(create_app(db, Settings())) as address:
        yield Office(address=address, db=db)


def test_somebody_is_let_in_by_keyboard_alone_and_the_link_is_copied(
    office: Office, window: OpenWindow
) -> None:
    opened = office.signed_in(window(office.address), "admin")
    page = opened.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.open("/people")
    page.locator("#email").focus()
    page.keyboard.type("ben@example.com")
    page.keyboard.press("Enter")
    field = page.locator("#sign-in-link")
    expect(field).to_have_value(f"{office.address}{field.input_value().removeprefix(office.address)}")
    page.get_by_role("button", name="Copy").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_focused()
    assert page.evaluate("navigator.clipboard.readText()") == field.input_value()
    page.locator("tr", has_text="ben@example.com").locator("summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Let in no longer").last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("ben is not let in any longer")
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.get_by_role("status")).to_contain_text("ben is let in again")


@pytest.mark.parametrize(("lang", "width", "scheme"), [("ja", 360, "dark"), ("en", 1280, "light")])
@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_everybody_can_read_and_use_them(
    office: Office, window: OpenWindow, lang: str, width: int, scheme: str, role: str
) -> None:
    opened = office.signed_in(window(office.address, lang=lang, width=width, scheme=scheme), role)
    for number, name in enumerate(("W" * 100, "長い名前の" * 20, "🦊")):
        a_person(office.db, f"{'w' * 100}{number}@example.com", name=name, role="admin")
        a_token(office.db, name=name)
    for path in ("/people", "/people?q=w", "/tokens", "/settings"):
        opened.open(path)
        for panel in opened.page.locator("details.changes-of summary").all():
            panel.click()
        assert [fault for fault in FAULTS if opened.page.evaluate(fault)] == [], path
        assert opened.page.evaluate(OVERFLOW) <= 0, path
        assert lang == "ja" or opened.page.evaluate(FOREIGN) == [], path
    if role == "admin":
        for path, field in (("/people", "#email"), ("/tokens", "#name")):
            opened.open(path)
            opened.page.fill(field, "")
            opened.page.click("button.main")
            expect(opened.page.locator(".error")).to_have_count(1)
            expect(opened.page.locator(field)).to_be_focused()
            assert [fault for fault in FAULTS if opened.page.evaluate(fault)] == [], path
