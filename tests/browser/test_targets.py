"""A target is set up in a browser by keyboard alone, in both languages, and fits a small window."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect
from pydantic import SecretStr

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN
from service.repositories import targets
from tests.browser.conftest import OpenWindow
from tests.browser.test_dead_letters import WIDER
from tests.browser.test_readable import FAINT, STRUCTURE, UNNAMED
from tests.browser.test_sources import press_until
from tests.contract.targets import DoubledDesk, opened
from tests.live import serving

pytestmark = pytest.mark.browser

KEY = "a key for tests alone"
WORDS = {
    "en": (
        "Add a target",
        "Try and add",
        "See the field that it is about.",
        "Remove this target",
        "Bring it back",
    ),
    "ja": ("送付先を追加する", "試して追加する", "該当する項目を見る", "この送付先を取り除く", "元に戻す"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The pages, as a demo shows them, and a Redmine."""

    address: str
    redmine: DoubledDesk
    db: Database


@pytest.fixture
def shop(db: Database, url: str) -> Iterator[Shop]:
    settings = Settings(secret_key=SecretStr(KEY), database_url=url, private_hosts="127.0.0.1")
    with opened("redmine") as redmine, serving(create_app(db, settings, demo=True)) as address:
        yield Shop(address=address, redmine=redmine, db=db)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_redmine_is_set_up_mended_removed_and_brought_back_by_keyboard(
    shop: Shop, window: OpenWindow, lang: str
) -> None:
    opened_window = window(shop.address, lang=lang, width=360)
    page, (add, do, see, remove, restore) = opened_window.page, WORDS[lang]
    opened_window.open("/targets")
    press_until(page, add)
    page.keyboard.press("Enter")
    page.wait_for_url("**/targets/new")
    page.keyboard.press("/")
    page.keyboard.type("redmine")
    page.keyboard.press("Enter")
    page.wait_for_url("**/targets/new?q=redmine")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/targets/new/redmine")
    told = {
        "name": "product",
        "set-address": shop.redmine.board.address,
        "set-key": shop.redmine.secret,
        "set-project": "koe-backlog",
        "set-tracker": "Epic",
        "set-fields": "Severity=High",
    }
    for name, typed in told.items():
        press_until(page, page.locator(f"label[for={name}]").inner_text())
        page.keyboard.press("Control+a")
        page.keyboard.type(typed)
    press_until(page, do)
    page.keyboard.press("Enter")
    expect(page.locator("#set-tracker-error")).to_contain_text("Feature")
    assert not page.evaluate(WIDER)
    press_until(page, see)
    page.keyboard.press("Enter")
    for name, typed in {"set-tracker": "Feature", "set-key": shop.redmine.secret}.items():
        page.locator(f"#{name}").focus()
        page.keyboard.press("Control+a")
        page.keyboard.type(typed)
    press_until(page, do)
    page.keyboard.press("Enter")
    page.wait_for_url("**?done=added#content")
    assert not page.evaluate(WIDER)
    assert [page.evaluate(each) for each in (FAINT, STRUCTURE, UNNAMED)] == [[], [], []]
    press_until(page, remove)
    page.keyboard.press("Enter")
    page.wait_for_url("**?done=removed#content")
    press_until(page, restore)
    page.keyboard.press("Enter")
    page.wait_for_url("**?done=restored#content")
    with shop.db.begin() as session:
        assert [one.name for one in targets.list_targets(session, MAIN)] == ["product"]
    assert [each for each in opened_window.complaints if "422" not in each] == []
