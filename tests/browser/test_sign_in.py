"""Signing in, in a browser: by keyboard alone, readable by everybody, in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect
from pydantic import SecretStr
from sqlalchemy import delete
from sqlmodel import col, select

from service.access.links import first_link
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, SignIn, Suggestion
from tests.access import PASSWORD, a_link, a_person
from tests.board import Reply, Request
from tests.browser.conftest import OpenWindow, Window
from tests.browser.test_pages import OVERFLOW
from tests.browser.test_readable import FAINT, FOREIGN, STRUCTURE, UNNAMED
from tests.contract.sign_in_exam import ALICE
from tests.live import serving
from tests.signing_in import provider

pytestmark = pytest.mark.browser

LONG = "長い名前の" * 20
FAULTS = (UNNAMED, STRUCTURE, FAINT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A server that asks who one is."""

    address: str
    db: Database


@pytest.fixture
def guarded(db: Database) -> Iterator[Guarded]:
    with serving(create_app(db, Settings())) as address:
        yield Guarded(address=address, db=db)


def type_in(window: Window, *words: str) -> None:
    """Type into the field that has the focus, and into those after it."""
    for word in words:
        window.page.keyboard.type(word)
        window.page.keyboard.press("Tab")


def test_the_first_administrator_comes_in_and_comes_back_by_keyboard_alone(
    guarded: Guarded, window: OpenWindow
) -> None:
    opened = window(guarded.address)
    page = opened.page
    opened.open(first_link(guarded.db, MAIN) or "")
    expect(page).to_have_title("You · Koe")
    page.locator("#name").focus()
    page.keyboard.press("Control+A")
    type_in(opened, "Aki", "aki@example.com", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.get_by_role("button", name="Sign out", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_title("Sign in · Koe")
    opened.open("/suggestions")
    expect(page.locator("#email")).to_be_focused()
    type_in(opened, "aki@example.com")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.locator("#email")).to_have_value("aki@example.com")
    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{guarded.address}/suggestions")
    expect(page.locator(".who")).to_contain_text("Aki")
    assert [one for one in opened.complaints if "Failed to load resource" not in one] == []


def test_whoever_may_not_decide_sees_no_button_and_whoever_may_does(
    demo_db: Database, window: OpenWindow
) -> None:
    with demo_db.begin() as session:
        suggestion = session.exec(select(Suggestion.id).where(Suggestion.status == "open")).first()
    with serving(create_app(demo_db, Settings())) as address:
        for role, buttons in (("viewer", 0), ("writer", 1)):
            opened = window(address)
            opened.open(a_link(demo_db, a_person(demo_db, f"{role}@example.com", role=role)))
            opened.open(f"/suggestions/{suggestion}")
            assert opened.page.locator("[data-accept]").count() == buttons
            opened.page.keyboard.press("a")
            expect(opened.page.locator("[data-undo]")).to_have_count(buttons)


@pytest.mark.parametrize(("lang", "width", "scheme"), [("ja", 360, "dark"), ("en", 1280, "light")])
def test_the_pages_of_access_can_be_read_and_used_by_everybody(
    guarded: Guarded, window: OpenWindow, lang: str, width: int, scheme: str
) -> None:
    person = a_person(guarded.db, name=LONG, password=PASSWORD)
    opened = window(guarded.address, lang=lang, width=width, scheme=scheme)
    used = a_link(guarded.db, person)
    strangers = ["/themes", "/sign-in", "/sign-in/none"]
    for path in [*strangers, used, "/me", "/me?saved=", "/themes", "/nowhere"]:
        opened.open(path)
        assert opened.page.evaluate("document.documentElement.lang") == lang
        assert [fault for fault in FAULTS if opened.page.evaluate(fault)] == [], path
        assert opened.page.evaluate(OVERFLOW) <= 0, path
        assert lang == "ja" or opened.page.evaluate(FOREIGN) == [], path
    for name, value in (("name", ""), ("email", "x"), ("password", "short")):
        opened.open("/me")
        opened.page.fill(f"#{name}", value)
        opened.page.click("form[action='/me'] button")
        expect(opened.page.locator(".error")).to_have_count(1)
        assert [fault for fault in FAULTS if opened.page.evaluate(fault)] == [], name


def test_what_was_typed_is_sent_after_signing_in_again(demo_db: Database, window: OpenWindow) -> None:
    person = a_person(demo_db, role="writer", password=PASSWORD)
    with demo_db.begin() as session:
        suggestion = session.exec(select(Suggestion.id).where(Suggestion.status == "open")).first() or ""
    with serving(create_app(demo_db, Settings())) as address:
        opened = window(address)
        page = opened.page
        opened.open(a_link(demo_db, person))
        opened.open(f"/suggestions/{suggestion}")
        page.keyboard.press("d")
        page.keyboard.type("We mend it next month <i>")
        with demo_db.begin() as session:
            session.execute(delete(SignIn).where(col(SignIn.person_id) == person.id))
        page.click("[data-dismiss] form button")
        expect(page.get_by_text("What you had filled in is kept")).to_be_visible()
        expect(page.locator("#email")).to_be_focused()
        type_in(opened, "aki@example.com", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("blockquote")).to_have_text("We mend it next month <i>")
        expect(page.get_by_role("button", name="Send it now")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#decision, [role=status]").first).to_contain_text("We mend it next month <i>")
        assert page.url.startswith(f"{address}/suggestions/{suggestion}")


@pytest.mark.parametrize(("lang", "width", "scheme"), [("ja", 360, "dark"), ("en", 1280, "light")])
def test_the_sign_in_of_the_organisation_is_used_by_keyboard_and_comes_back_to_the_page(
    db: Database, window: OpenWindow, lang: str, width: int, scheme: str
) -> None:
    with provider() as double:
        told: dict[str, Any] = {"oidc_issuer": double.issuer, "oidc_client_id": double.client_id}
        told["oidc_client_secret"] = SecretStr(double.client_secret)
        settings = Settings(private_hosts="127.0.0.1", oidc_domains="koe.test", **told)
        with serving(create_app(db, settings)) as address:
            double.back = f"{address}/sign-in/provider/back"

            @double.board.on("GET", "/authorize")
            def send_back(request: Request) -> Reply:
                asked = f"{double.issuer}/authorize?{urlencode(request.query)}"
                return Reply(status=302, headers={"Location": double.sign_in(asked, ALICE)})

            opened = window(address, lang=lang, width=width, scheme=scheme)
            opened.open("/items?page=2")
            page = opened.page
            assert [fault for fault in FAULTS if page.evaluate(fault)] == []
            assert page.evaluate(OVERFLOW) <= 0
            assert lang == "ja" or page.evaluate(FOREIGN) == []
            page.locator("form[action='/sign-in/provider'] button").focus()
            page.keyboard.press("Enter")
            expect(page.locator(".who")).to_contain_text("Alice Sato")
            expect(page).to_have_url(f"{address}/items?page=2")
            double.says["nonce"] = "another"
            page.context.clear_cookies()
            opened.open("/sign-in")
            page.locator("form[action='/sign-in/provider'] button").click()
            expect(page.get_by_role("alert")).to_be_visible()
            page.wait_for_load_state()
            assert [fault for fault in FAULTS if page.evaluate(fault)] == []
            assert page.evaluate(OVERFLOW) <= 0
