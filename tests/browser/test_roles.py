"""What each role comes for, done by keyboard alone, in both languages."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader
from sqlmodel import select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import Person, Suggestion, Theme
from service.web.language import LANGUAGES, Language
from tests.access import a_link, a_person
from tests.browser.conftest import OpenWindow
from tests.live import serving

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("lang", LANGUAGES)]

FURTHEST = 300
"""Times that Tab is pressed at most, to come to something on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Somebody before a browser, signed in, with nothing but a keyboard."""

    page: Page
    says: Callable[..., str]
    """The words of pages in their language, by key."""

    def press(self, *keys: str) -> None:
        """Press keys once the page that is shown has loaded: before, nothing of it hears them."""
        self.page.wait_for_load_state()
        for key in keys:
            self.page.keyboard.press(key)

    def go(self, letter: str, place: str) -> None:
        """Go to a place by its letter."""
        self.press("g", letter)
        self.page.wait_for_url(f"**{place}")

    def reach(self, wanted: Locator) -> None:
        """Come to something by Tab, from where the focus is."""
        expect(wanted).to_be_visible()
        for _ in range(FURTHEST):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("(element) => element === document.activeElement"):
                return
        raise AssertionError(f"{wanted} is not come to by Tab")

    def use(self, wanted: Locator) -> None:
        """Come to a link or a button, and press Enter on it."""
        self.reach(wanted)
        self.press("Enter")

    def button(self, key: str) -> Locator:
        """The first button that says the words of a key."""
        return self.page.get_by_role("button", name=self.says(key), exact=True).first


SitDown = Callable[[str, str], Seat]


@pytest.fixture
def sit_down(demo_db: Database, window: OpenWindow) -> Iterator[SitDown]:
    """Signs somebody of a role in, in a language."""
    with serving(create_app(demo_db, Settings(embedder="hashing"))) as address:

        def sit(role: str, lang: str) -> Seat:
            opened = window(address, lang=lang)
            opened.open(a_link(demo_db, a_person(demo_db, role=role, name="Aki")))
            opened.open("/")
            return Seat(page=opened.page, says=Language(lang, ZoneInfo("Asia/Tokyo")))

        yield sit


def test_a_product_manager_names_a_theme_and_decides_what_to_do(
    sit_down: SitDown, demo_db: Database, lang: str
) -> None:
    seat = sit_down("manager", lang)
    page = seat.page
    seat.go("t", "/themes")
    seat.press("j", "j", "Enter")
    page.wait_for_url("**/themes/*")
    theme_id = page.url.rpartition("/")[2]
    seat.reach(page.locator("#title"))
    seat.press("ControlOrMeta+A")
    page.keyboard.type("Written by hand")
    seat.press("Enter")
    expect(page.locator("h1")).to_have_text("Written by hand")
    with demo_db.begin() as session:
        assert session.get_one(Theme, theme_id).title == "Written by hand"
    seat.press("u")
    expect(page.locator("h1")).not_to_have_text("Written by hand")
    seat.go("s", "/suggestions")
    seat.press("j", "Enter")
    page.wait_for_url("**/suggestions/*")
    seat.press("a")
    expect(page.locator("[data-undo]")).to_be_focused()
    with demo_db.begin() as session:
        decided = session.get_one(Suggestion, urlsplit(page.url).path.rpartition("/")[2])
        assert (decided.status, decided.decided_by) == ("accepted", "Aki")


def test_a_support_lead_takes_a_theme_and_reads_what_came_of_it(sit_down: SitDown, lang: str) -> None:
    seat = sit_down("manager", lang)
    page = seat.page
    seat.go("l", "/loop")
    seat.press("j")
    seat.use(page.locator("details.owner summary").first)
    seat.use(seat.button("loop.take"))
    expect(page.get_by_role("status")).to_contain_text("Aki")
    seat.press("u")
    expect(page.get_by_role("status")).to_contain_text(seat.says("loop.is_nobodys"))
    seat.go("e", "/effects")
    seat.press("j", "Enter")
    page.wait_for_url("**/effects/*")
    expect(page.locator(".answer")).to_be_visible()
    expect(page.locator("svg.trend:visible")).to_be_visible()
    seat.use(page.locator("main a[href^='/themes/']").first)
    page.wait_for_url("**/themes/*")


def test_whoever_visits_a_customer_prints_two_pages(sit_down: SitDown, lang: str) -> None:
    seat = sit_down("viewer", lang)
    page = seat.page
    seat.go("c", "/accounts")
    seat.press("j", "Enter")
    page.wait_for_url("**/accounts/*")
    seat.use(page.get_by_role("link", name=seat.says("portrait.brief")))
    page.wait_for_url("**/brief/accounts/*")
    assert len(PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages) <= 2


def test_an_administrator_lets_a_colleague_in_and_out_again(
    sit_down: SitDown, demo_db: Database, lang: str
) -> None:
    seat = sit_down("admin", lang)
    page = seat.page
    seat.use(page.locator(".others > summary"))
    seat.use(page.locator(".others a[href='/people']"))
    page.wait_for_url("**/people")
    seat.reach(page.locator("#email"))
    page.keyboard.type("ren@example.com")
    seat.press("Enter")
    expect(page.locator("#sign-in-link")).to_have_value(re.compile("/sign-in/"))
    with demo_db.begin() as session:
        colleague = session.exec(select(Person).where(Person.email == "ren@example.com")).one()
    row = page.locator(f"[id='{colleague.id}']")
    seat.use(row.locator("summary"))
    seat.use(row.get_by_role("button", name=seat.says("people.disable")))
    expect(row).to_contain_text(seat.says("people.out"))
    seat.press("u")
    expect(row).not_to_contain_text(seat.says("people.out"))
