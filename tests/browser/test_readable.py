"""Everybody can read the pages and use them: names, labels, languages, headings, contrast."""

from itertools import product
from typing import Literal

import pytest

from service.db import Database
from service.models import MAIN
from service.repositories import pairs
from tests.browser.conftest import OpenWindow
from tests.live import one_of_each, open_pages

pytestmark = pytest.mark.browser

UNNAMED = """
() => {
  const name = (element) =>
    (element.getAttribute("aria-label") || element.textContent || element.value || "").trim();
  const wanting = [];
  for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (![...control.labels].some((label) => label.textContent.trim())) wanting.push(control);
  for (const control of document.querySelectorAll("a, button, summary"))
    if (!name(control)) wanting.push(control);
  for (const region of document.querySelectorAll("nav, section, svg:not([aria-hidden])")) {
    const named = document.getElementById(region.getAttribute("aria-labelledby"));
    if (!region.getAttribute("aria-label") && !(named && named.textContent.trim())) wanting.push(region);
  }
  return wanting.map((element) => element.outerHTML.slice(0, 120));
}
"""
STRUCTURE = """
() => {
  const faults = [];
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) faults.push("an id is there twice");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  const levels = [...document.querySelectorAll("h1, h2, h3")].map((heading) => +heading.tagName[1]);
  if (levels.some((level, i) => i && level > levels[i - 1] + 1)) faults.push("a heading skips a level");
  for (const cell of document.querySelectorAll("th")) if (!cell.scope) faults.push("a th without scope");
  if (!document.title.trim()) faults.push("no title");
  for (const id of [...document.querySelectorAll("[aria-describedby]")].flatMap((element) =>
    element.getAttribute("aria-describedby").split(" ")))
    if (!document.getElementById(id)) faults.push(`described by ${id}, which is not there`);
  return faults;
}
"""
FOREIGN = """
() => {
  const kana = /[\\u3040-\\u30ff]/;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const said = walker.currentNode.parentElement.closest("[lang]").lang;
    if (kana.test(walker.currentNode.data) && said !== "ja") found.push(walker.currentNode.data.slice(0, 60));
  }
  return found;
}
"""
FAINT = """
() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return parse(getComputedStyle(document.body).backgroundColor);
  };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = parse(element instanceof SVGElement ? style.fill : style.color);
    const [high, low] = [luminance(ink), luminance(ground(element))].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faint.add(`${ratio.toFixed(2)} ${element.outerHTML.slice(0, 100)}`);
  }
  return [...faint];
}
"""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def a_theme_of_a_pair(db: Database) -> str:
    with db.begin() as session:
        return f"/themes/{pairs.proposals(session, MAIN)[0].theme.id}"


def test_whatever_can_be_used_has_a_name_and_pages_are_in_order(
    demo_pages: str, demo_db: Database, window: OpenWindow
) -> None:
    for lang in ("en", "ja"):
        opened = window(demo_pages, lang=lang)
        for path in (*one_of_each(demo_db), a_theme_of_a_pair(demo_db), "/nowhere", "/items?theme=x&page=0"):
            opened.open(path)
            assert opened.page.evaluate("document.documentElement.lang") == lang
            assert (path, opened.page.evaluate(UNNAMED)) == (path, [])
            assert (path, opened.page.evaluate(STRUCTURE)) == (path, [])


def test_japanese_words_on_an_english_page_are_said_to_be_japanese(
    demo_pages: str, demo_db: Database, window: OpenWindow
) -> None:
    opened = window(demo_pages, lang="en")
    for path in one_of_each(demo_db):
        opened.open(path)
        assert (path, opened.page.evaluate(FOREIGN)) == (path, [])


def test_all_letters_stand_out_by_day_and_by_night(
    demo_pages: str, demo_db: Database, window: OpenWindow
) -> None:
    opened = window(demo_pages)
    for path in one_of_each(demo_db):
        opened.open(path)
        for scheme, width in product(SCHEMES, (1280, 360)):
            opened.page.emulate_media(color_scheme=scheme)
            opened.page.set_viewport_size({"width": width, "height": 800})
            assert (path, scheme, opened.page.evaluate(FAINT)) == (path, scheme, [])


def test_an_empty_home_is_readable_too(db: Database, window: OpenWindow) -> None:
    with open_pages(db) as address:
        opened = window(address, lang="ja", width=360, scheme="dark")
        for path in ("/themes", "/suggestions", "/articles", "/items"):
            opened.open(path)
            for fault in (UNNAMED, STRUCTURE, FAINT):
                assert (path, opened.page.evaluate(fault)) == (path, [])
