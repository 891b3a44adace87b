"""A source is set up in a browser by keyboard alone, in both languages, with scripts and without."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN
from service.pipeline.run import take_in
from service.repositories import sources
from tests.browser.conftest import OpenWindow
from tests.browser.test_dead_letters import WIDER
from tests.browser.test_readable import FAINT, STRUCTURE, UNNAMED
from tests.calling import call, open_door
from tests.contract.sources import SECRET
from tests.integration.test_source_setup import ANSWERS, EXAMPLE, whole
from tests.live import serving
from tests.site import address_of, site
from tests.sourcing import signed

pytestmark = pytest.mark.browser

KEY = "a key for tests alone"
WORDS = {
    "en": ("Add a source", "Try and add", "Keep the secret"),
    "ja": ("取り込み元を追加する", "試して追加する", "シークレットを保存する"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The pages, as a demo shows them, and a Zendesk."""

    address: str
    zendesk: str
    db: Database

    def send(self, name: str) -> int:
        """Let Zendesk send its first call, and return the status of the answer."""
        sent = signed(EXAMPLE, EXAMPLE.sent[0], at=datetime.now(UTC))
        url = f"{self.address}/webhooks/{name}"
        return httpx.post(url, content=sent.body, headers=dict(sent.headers), trust_env=False).status_code


@pytest.fixture
def shop(db: Database, url: str) -> Iterator[Shop]:
    settings = Settings(secret_key=SecretStr(KEY), database_url=url, private_hosts="127.0.0.1")
    with (
        site(whole(ANSWERS)) as zendesk,
        serving(create_app(db, settings, demo=True)) as address,
    ):
        yield Shop(address=address, zendesk=address_of(zendesk), db=db)


def press_until(page: Page, name: str, *, most: int = 60) -> None:
    """Walk by Tab to what has this name."""
    for _ in range(most):
        page.keyboard.press("Tab")
        named = page.evaluate(
            "() => (document.activeElement.labels?.[0]?.textContent"
            " || document.activeElement.textContent || '').trim()"
        )
        if named == name:
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_zendesk_is_set_up_by_keyboard_and_its_first_delivery_appears(
    shop: Shop, window: OpenWindow, lang: str
) -> None:
    opened, name = window(shop.address, lang=lang), f"helpdesk-{lang}"
    page, (add, do, keep) = opened.page, WORDS[lang]
    opened.open("/sources")
    press_until(page, add)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sources/new")
    page.keyboard.press("/")
    page.keyboard.type("zendesk")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sources/new?q=zendesk")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Zendesk Support")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sources/new/zendesk")
    for label, typed in (
        (page.locator("label[for=name]").inner_text(), name),
        (page.locator("label[for=set-address]").inner_text(), shop.zendesk),
        (page.locator("label[for=set-email]").inner_text(), "agent@example.com"),
        (page.locator("label[for=set-token]").inner_text(), "t0ken"),
    ):
        press_until(page, label)
        page.keyboard.press("Control+a")
        page.keyboard.type(typed)
    press_until(page, do)
    page.keyboard.press("Enter")
    page.wait_for_url("**?done=added#content")
    expect(page.locator("ol")).to_contain_text(f"/webhooks/{name}")
    press_until(page, page.locator("label[for=secret]").inner_text())
    page.keyboard.type(SECRET)
    press_until(page, keep)
    page.keyboard.press("Enter")
    page.wait_for_url("**?done=rotated#content")
    assert shop.send(name) == 200
    take_in(shop.db, MAIN)
    expect(page.locator("blockquote.voice")).to_contain_text("昨日からログインできません。")
    assert opened.complaints == []


def test_without_scripts_the_same_page_shows_it_when_it_is_opened_again(
    shop: Shop, window: OpenWindow
) -> None:
    opened = window(shop.address, script=False)
    opened.open("/sources/new/generic")
    opened.page.get_by_label("Name of this source").fill("desk")
    opened.page.get_by_role("button", name="Try and add").click()
    opened.page.get_by_role("button", name="Show the secret").click()
    expect(opened.page.locator("pre")).to_contain_text("curl -sS")
    secret = opened.page.locator("p[role=status] code").inner_text()
    httpx.post(
        f"{shop.address}/webhooks/desk",
        json={"text": "The invoice is wrong again."},
        headers={"Authorization": f"Bearer {secret}"},
        trust_env=False,
    ).raise_for_status()
    take_in(shop.db, MAIN)
    opened.page.get_by_role("link", name="Look again").click()
    expect(opened.page.locator("blockquote.voice")).to_contain_text("The invoice is wrong again.")


def test_what_is_filled_in_wrongly_is_said_beside_the_field(shop: Shop, window: OpenWindow) -> None:
    opened = window(shop.address)
    opened.open("/sources/new/zendesk")
    opened.page.get_by_label("E-mail of the agent whose token it is").fill("agent@example.com")
    opened.page.get_by_role("button", name="Try and add").click()
    for name in ("set-address", "set-token"):
        field = opened.page.locator(f"#{name}")
        expect(field).to_have_attribute("aria-invalid", "true")
        described = (field.get_attribute("aria-describedby") or "").split()[0]
        expect(opened.page.locator(f"#{described}")).to_have_text("This is needed. Copy it from there.")
    expect(opened.page.locator("#set-email")).to_have_value("agent@example.com")
    for fault in (UNNAMED, STRUCTURE, FAINT):
        assert opened.page.evaluate(fault) == []


def test_all_of_it_can_be_read_and_runs_nothing_of_others(shop: Shop, window: OpenWindow) -> None:
    nasty = '"><img src=x onerror=alert(1)>'
    with shop.db.begin() as session:
        odd = sources.open_source(session, MAIN, f"店舗{nasty}", kind=nasty)
    door = open_door(shop.db, "desk")
    call(shop.db, door, {"external_id": "1", "text": f"{nasty} breaks the export of the report."})
    call(shop.db, door, {nasty: nasty}, named="two")
    take_in(shop.db, MAIN)
    for lang, begun in (("en", 1280), ("ja", 360)):
        opened = window(shop.address, lang=lang, width=begun, trusting=True)
        for path in ("/sources", "/sources/new", f"/sources/{door.source.id}", f"/sources/{odd.id}"):
            opened.open(path)
            for scheme, width in opened.turns():
                for fault in (UNNAMED, STRUCTURE, FAINT):
                    assert (path, scheme, opened.page.evaluate(fault)) == (path, scheme, [])
                assert not opened.page.evaluate(WIDER), (path, lang, width)
            assert opened.page.locator("img").count() == 0
        assert opened.complaints == []
