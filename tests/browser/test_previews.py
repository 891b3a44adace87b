"""A preview in a browser: its changes fit any screen and open to their voices, and a click takes it."""

from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import expect

from service.db import Database
from tests.browser.conftest import OpenWindow
from tests.browser.test_readable import FAINT, STRUCTURE, UNNAMED
from tests.live import open_pages
from tests.previewing import Company

pytestmark = pytest.mark.browser

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def company(db: Database) -> Company:
    """A preview in which one theme comes apart, two are one, one is new, one ends, and two go on."""
    made = Company(db, letters="abcdef")
    made.say(*(f"x{number}" for number in range(6)))
    groups = {**made.apart("a"), **made.together("b", "c"), **{f"e{number}": -1 for number in range(10)}}
    made.preview(groups)
    return made


@pytest.fixture
def address(company: Company) -> Iterator[str]:
    with open_pages(company.db) as server:
        yield server


def test_fits_any_screen_in_both_languages(address: str, company: Company, window: OpenWindow) -> None:
    here = f"/runs/{company.waiting().id}"
    for lang, (width, scheme) in product(("ja", "en"), ((1280, "light"), (360, "dark"))):
        opened = window(address, lang=lang, width=width, scheme=scheme)
        for path in ("/runs", here):
            opened.open(path)
            assert opened.page.evaluate(OVERFLOW) <= 0, (path, lang, width)
            for fault in (UNNAMED, STRUCTURE, FAINT):
                assert (path, opened.page.evaluate(fault)) == (path, [])
        opened.page.locator("details").first.locator("summary").click()
        assert opened.page.evaluate(OVERFLOW) <= 0, (lang, width)
        opened.page.locator(".pair a.open").last.click()
        opened.page.wait_for_url("**/themes/**")
        assert opened.page.evaluate(OVERFLOW) <= 0, (lang, width)
        assert opened.complaints == []


def test_is_taken_by_a_click_and_says_so(address: str, company: Company, window: OpenWindow) -> None:
    opened = window(address)
    opened.open("/themes")
    opened.page.get_by_role("link", name="Look at it").click()
    opened.page.get_by_role("button", name="Take this run").click()
    expect(opened.page.locator("#decision")).to_contain_text("took it on")
    expect(opened.page.get_by_role("button")).to_have_count(0)
    assert company.live().ordinal == 2
