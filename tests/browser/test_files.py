"""The first run in a browser: a file is dropped, looked at, imported by a worker, and leads to themes."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.jobs.bell import Bell
from service.jobs.queue import Queue
from tests.browser.conftest import OpenWindow
from tests.browser.test_dead_letters import WIDER
from tests.browser.test_readable import FAINT, STRUCTURE, UNNAMED, look_at
from tests.cli import QUICK, Koe
from tests.demo import give_files
from tests.live import open_pages, serving

pytestmark = pytest.mark.browser

DROP = """([name, text]) => {
  const given = new DataTransfer();
  given.items.add(new File([text], name, { lastModified: Date.UTC(2026, 4, 4) }));
  for (const kind of ["dragover", "drop"]) {
    const said = { bubbles: true, cancelable: true, dataTransfer: given };
    document.body.dispatchEvent(new DragEvent(kind, said));
  }
}"""
SAID = {"en": "The export fails again.", "ja": "書き出しがまた失敗しました。"}
COLUMNS = {"en": "ticket,what they wrote,when", "ja": "番号,お客様の言葉,いつ"}
WORDS = {
    "en": ("No voices yet.", "Something is missing.", "4 can be imported", "Import", "See the themes"),
    "ja": ("まだ声がありません。", "足りないものがあります", "4行を取り込めます", "取り込む", "テーマを見る"),
}


@pytest.fixture
def address(db: Database, url: str, tmp_path: Path) -> Iterator[str]:
    """The pages with nothing in them, and a worker."""
    koe = Koe(folder=tmp_path, settings={"KOE_DATABASE_URL": url, **QUICK})
    settings = Settings(secret_key=SecretStr("a key for tests alone"), database_url=url)
    worker = koe.start("worker")
    with Bell(Queue(db)) as bell:
        app = create_app(
            db,
            settings,
            demo=True,
            ring=partial(bell.ring, "take_in"),
            ring_to_bring_in=partial(bell.ring, "bring_in"),
        )
        with serving(app) as served:
            yield served
    worker.kill()
    worker.communicate()


def readable(page: Page) -> None:
    for fault in (UNNAMED, STRUCTURE, FAINT):
        assert page.evaluate(fault) == []
    assert not page.evaluate(WIDER)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_file_that_is_dropped_leads_to_the_first_themes(
    address: str, window: OpenWindow, lang: str
) -> None:
    opened, (none, lacks, fits, do, see) = window(address, lang=lang), WORDS[lang]
    page = opened.page
    opened.open("/")
    expect(page.locator(".answer")).to_contain_text(none)
    readable(page)
    rows = "".join(f"{number},{SAID[lang]},2026-05-0{number}\n" for number in range(1, 5))
    page.evaluate(DROP, ["tickets.csv", f"{COLUMNS[lang]}\n{rows}"])
    page.wait_for_url("**/files/*")
    expect(page.locator("#looked")).to_contain_text(lacks)
    page.locator("#c1").select_option("text")
    expect(page.locator("#looked")).to_contain_text(fits)
    expect(page.locator("#c1")).to_have_value("text")
    page.locator("#c2").select_option("created_at")
    page.wait_for_url("**c2=created_at**")
    page.reload()
    expect(page.locator("#c2")).to_have_value("created_at")
    for _, _ in opened.turns():
        readable(page)
    page.get_by_role("button", name=do, exact=True).click()
    expect(page.get_by_role("link", name=see)).to_be_visible()
    for _, _ in opened.turns():
        readable(page)
    page.get_by_role("link", name=see).click()
    page.wait_for_url("**/themes?source=tickets")
    expect(page.locator("tr.row")).to_have_count(1)
    page.go_back()
    page.go_back()
    expect(page.get_by_role("link", name=see)).to_be_visible()
    assert opened.complaints == []


def test_without_scripts_a_file_is_chosen_sent_and_imported(
    address: str, window: OpenWindow, tmp_path: Path
) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("text\n" + f"{SAID['en']}\n" * 4, encoding="utf-8")
    page = window(address, script=False).page
    page.goto(f"{address}/files")
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_label("Keep them under the name").fill("desk")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_label("Keep them under the name")).to_have_value("desk")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".crumbs")).to_contain_text("desk")
    for _ in range(120):
        if page.get_by_role("link", name="See the themes").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("link", name="See the themes")).to_be_visible()


def test_several_files_and_one_that_is_too_large_are_told_before_they_are_sent(
    address: str, window: OpenWindow
) -> None:
    opened = window(address)
    opened.open("/files")
    page = opened.page
    page.locator(".drop").evaluate("(zone) => { zone.dataset.drop = '0.00001'; }")
    page.evaluate(DROP, ["large.csv", "text\n" + "It fails.\n" * 10])
    expect(page.locator("[data-too-large]")).to_be_visible()
    assert page.url.endswith("/files")


def test_a_webhook_shows_its_first_delivery_as_it_arrives(address: str, window: OpenWindow) -> None:
    opened = window(address)
    opened.open("/files")
    page = opened.page
    page.get_by_role("button", name="Make a webhook address").click()
    expect(page.locator("pre")).to_contain_text("curl -sS")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for number, held in enumerate((f"{address}/webhooks/webhook", "curl -sS")):
        page.get_by_role("button", name="Copy", exact=True).first.click()
        expect(page.get_by_role("button", name="Copied")).to_have_count(number + 1)
        assert page.evaluate("navigator.clipboard.readText()").startswith(held)
    secret = page.locator("p[role=status] code").inner_text()
    page.request.post(
        f"{address}/webhooks/webhook",
        data={"text": "The invoice is wrong again."},
        headers={"Authorization": f"Bearer {secret}"},
    )
    expect(page.locator("blockquote.voice")).to_contain_text("The invoice is wrong again.")
    assert opened.complaints == []


def test_the_pages_of_files_can_be_read_and_used_by_everybody(db: Database, window: OpenWindow) -> None:
    give_files(db)
    with open_pages(db) as address:
        for lang, width, scheme in (("en", 1280, "light"), ("ja", 360, "dark")):
            opened = window(address, lang=lang, width=width, scheme=scheme)
            for path in (
                "/",
                "/files",
                "/files/file-waiting",
                "/files/file-waiting?c9=x",
                "/files/file-done",
            ):
                found = look_at(opened, path, lang)
                assert found.complaints == found.unnamed == found.out_of_order == [], path
                assert (found.faint, found.too_wide, found.violations) == ([], [], []), path
                assert found.foreign == [] or lang == "ja", path
