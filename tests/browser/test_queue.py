"""The writers' queue in a browser: worked by keyboard alone, in both languages, and read on a phone."""

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from service.db import Database
from service.models import MAIN, Suggestion
from service.repositories import queue, targets
from service.repositories.queue import Wanted
from tests.browser.conftest import OpenWindow

pytestmark = pytest.mark.browser

WORDS = {
    "en": {
        "accepted": "Accepted:",
        "dismissed": "Dismissed:",
        "saved": "Saved.",
        "back": "Taken back.",
        "own": "own words",
    },
    "ja": {
        "accepted": "承認しました：",
        "dismissed": "見送りました：",
        "saved": "保存しました。",
        "back": "元に戻しました。",
        "own": "自分の文",
    },
}
SENTENCES = {"en": "This is a sentence of my own.", "ja": "これは書き足した文です。"}


def waiting(db: Database) -> list[str]:
    with db.begin() as session:
        return queue.waiting(session, MAIN, Wanted())


def stands(db: Database, suggestion_id: str) -> Suggestion:
    with db.begin() as session:
        return session.exec(select(Suggestion).where(Suggestion.id == suggestion_id)).one()


def press(page: Page, *keys: str) -> None:
    """Press keys once the page that is shown has loaded: before, nothing of it hears them."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_three_suggestions_are_worked_by_keyboard_alone(
    demo_pages: str, demo_db: Database, window: OpenWindow, lang: str
) -> None:
    words, (first, second, third, fourth) = WORDS[lang], waiting(demo_db)[:4]
    opened = window(demo_pages, lang=lang)
    page = opened.page
    told = page.locator("#told")

    opened.open("/")
    press(page, "g", "q")
    page.wait_for_url("**/queue")
    press(page, "a")
    expect(told).to_contain_text(words["accepted"])
    expect(told).to_be_focused()
    page.wait_for_url(f"**/queue/{second}?**")
    assert stands(demo_db, first).status == "accepted"

    press(page, "u")
    expect(told).to_contain_text(words["back"])
    page.wait_for_url(f"**/queue/{first}?**")
    assert stands(demo_db, first).status == "open"
    press(page, "a")
    page.wait_for_url(f"**/queue/{second}?**")

    press(page, "e")
    body = page.locator("#body")
    expect(body).to_be_focused()
    press(page, "Control+End")
    page.keyboard.insert_text(f"\n{SENTENCES[lang]}")
    press(page, "Control+Enter")
    expect(told).to_contain_text(words["saved"])
    expect(page.locator(".own")).to_contain_text([SENTENCES[lang]])
    expect(page.locator(".own").last).to_contain_text(words["own"])
    press(page, "a")
    page.wait_for_url(f"**/queue/{third}?**")
    draft = stands(demo_db, second).draft
    assert draft
    assert SENTENCES[lang] in draft["body"]

    press(page, "d")
    expect(page.locator("#reason")).to_be_focused()
    press(page, "Escape")
    press(page, "d")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.insert_text("もう書いてあります" if lang == "ja" else "It is written already")
    page.locator("#reason").press("Tab")
    page.keyboard.press("Enter")
    expect(told).to_contain_text(words["dismissed"])
    page.wait_for_url(f"**/queue/{fourth}?**")
    assert [stands(demo_db, one).status for one in (first, second, third)] == [
        "accepted",
        "accepted",
        "dismissed",
    ]
    assert opened.complaints == []


def test_j_and_k_go_through_the_queue_and_s_puts_off(
    demo_pages: str, demo_db: Database, window: OpenWindow
) -> None:
    first, second, third = waiting(demo_db)[:3]
    opened = window(demo_pages)
    page = opened.page
    opened.open("/queue")
    press(page, "j")
    page.wait_for_url(f"**/queue/{second}")
    press(page, "j")
    page.wait_for_url(f"**/queue/{third}")
    press(page, "k")
    page.wait_for_url(f"**/queue/{second}")
    press(page, "s")
    page.wait_for_url(f"**/queue/{third}?**")
    expect(page.locator("#told")).to_contain_text("Put off until tomorrow")
    press(page, "k")
    page.wait_for_url(f"**/queue/{first}")
    assert stands(demo_db, second).status == "open", "it is put off for one reader alone"


def test_a_voice_lights_the_sentences_that_rest_on_it(
    demo_pages: str, demo_db: Database, window: OpenWindow
) -> None:
    opened = window(demo_pages)
    page = opened.page
    opened.open(f"/queue/{waiting(demo_db)[0]}")
    source = page.locator(".source").first
    page.locator("h1").hover()
    source.hover()
    expect(source).to_have_class("source lit")
    lit = page.locator(".sentence.lit")
    assert lit.count() >= 1
    for cites in lit.evaluate_all("found => found.map(one => one.dataset.cites)"):
        assert "source-1" in cites.split()
    page.locator(".sentence").last.locator("sup a").first.focus()
    expect(page.locator(".sentence").last).to_have_class("sentence lit")


def test_on_a_phone_the_draft_comes_first_and_the_actions_stand_below(
    demo_pages: str, demo_db: Database, window: OpenWindow
) -> None:
    opened = window(demo_pages, width=360, lang="ja")
    page = opened.page
    opened.open(f"/queue/{waiting(demo_db)[0]}")
    draft, sources = page.locator(".draft").bounding_box(), page.locator(".sources").bounding_box()
    actions = page.locator(".actions").bounding_box()
    assert draft
    assert sources
    assert actions
    assert draft["y"] + draft["height"] <= sources["y"]
    assert round(actions["y"] + actions["height"]) == 800
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("where", ["queue", "suggestions"])
def test_on_a_phone_every_one_of_many_targets_with_long_names_can_be_chosen(
    demo_pages: str, demo_db: Database, window: OpenWindow, where: str
) -> None:
    with demo_db.begin() as session:
        query = select(Suggestion).where(Suggestion.action == "write_article", Suggestion.status == "open")
        one = session.exec(query).first()
        assert one
        suggestion_id = one.id
        for number in range(10):
            name = f"{number}<b>&{'w' * 190}"
            targets.add_target(session, MAIN, name, "markdown-git", {"path": f"/nowhere/{number}"})
    opened = window(demo_pages, width=360, lang="ja")
    page = opened.page
    opened.open(f"/{where}/{suggestion_id}")
    summary = page.locator("[data-where] summary")
    summary.focus()
    page.keyboard.press("Enter")
    for box in (page.locator('input[name="to"]').last, page.locator('input[name="to"]').first):
        box.focus()
        expect(box).to_be_in_viewport()
        page.keyboard.press("Space")
        expect(box).not_to_be_checked()
    sheet = page.locator("[data-where] .sheet").bounding_box()
    assert sheet
    assert sheet["y"] >= 0
    assert page.locator("[data-where] .sheet").evaluate("one => one.scrollWidth <= one.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("[data-accept]").click()
    page.wait_for_load_state()
    assert len(stands(demo_db, suggestion_id).sent_to or ()) == 8
    assert opened.complaints == []


def test_the_queue_works_without_script(demo_pages: str, demo_db: Database, window: OpenWindow) -> None:
    first, second = waiting(demo_db)[:2]
    opened = window(demo_pages, script=False)
    page = opened.page
    opened.open("/queue")
    page.get_by_role("link", name="Edit the draft").click()
    page.get_by_label("Title").fill("Another title")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator(".draft .name")).to_have_text("Another title")
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url(f"**/queue/{second}?**")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(f"**/queue/{first}?**")
    assert stands(demo_db, first).status == "open"
