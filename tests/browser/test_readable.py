"""Everybody can read the pages and use them: names, labels, languages, headings, contrast, any screen."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe

from service.db import Database
from service.models import MAIN
from service.repositories import pairs
from tests.browser.conftest import OpenWindow, Window
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
  const grounds = new Map([[null, parse(getComputedStyle(document.body).backgroundColor)]]);
  const ground = (element) => {
    if (!grounds.has(element)) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      const seen = colour.length === 3 || colour[3] > 0;
      grounds.set(element, seen ? colour : ground(element.parentElement));
    }
    return grounds.get(element);
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
GRAVE = ("serious", "critical")
"""What axe-core finds of this weight keeps somebody from using a page."""
GUIDELINES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
"""Rules of WCAG 2.2, levels A and AA, and what axe-core takes for good practice."""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NO_PAGES = ("/nowhere", "/items?theme=x&page=0")
"""Addresses of nothing: what is shown there instead must be readable too."""


FAULTS = ("complaints", "too_wide", "unnamed", "out_of_order", "foreign", "faint", "violations")
"""What keeps somebody from reading or using a page; words of another language, on English pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one page showed in one language, by day and by night, in a wide and a narrow window."""

    path: str
    lang: str
    said: str
    """The language that it says it is in."""
    unnamed: list[str]
    out_of_order: list[str]
    foreign: list[str]
    faint: list[tuple[str, str]]
    too_wide: list[int]
    violations: list[tuple[str, str]]
    """What axe-core finds that keeps somebody from using the page: its rule, and an element."""
    complaints: list[str]


def look_at(window: Window, path: str, lang: str) -> Seen:
    window.open(path)
    evaluate = window.page.evaluate
    said, unnamed, out_of_order = (evaluate(e) for e in ("document.documentElement.lang", UNNAMED, STRUCTURE))
    faint, too_wide = [], []
    for scheme, width in window.turns():
        faint += [(scheme, letters) for letters in evaluate(FAINT)]
        too_wide += [width] if evaluate(OVERFLOW) > 0 else []
    found = Axe().run(window.page, options=GUIDELINES).response["violations"]
    seen = Seen(
        path=path,
        lang=lang,
        said=said,
        unnamed=unnamed,
        out_of_order=out_of_order,
        foreign=evaluate(FOREIGN),
        faint=faint,
        too_wide=too_wide,
        violations=[
            (rule["id"], node["html"][:120])
            for rule in found
            if rule["impact"] in GRAVE
            for node in rule["nodes"]
        ],
        complaints=[*window.complaints],
    )
    window.complaints.clear()
    return seen


def a_theme_of_a_pair(db: Database) -> str:
    with db.begin() as session:
        return f"/themes/{pairs.proposals(session, MAIN)[0].theme.id}"


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("lang", "width", "scheme"), [("en", 1280, "light"), ("ja", 360, "dark")])
def test_everybody_can_read_and_use_every_kind_of_page(
    read_demo_db: Database, window: OpenWindow, lang: str, width: int, scheme: str
) -> None:
    paths = (*one_of_each(read_demo_db), a_theme_of_a_pair(read_demo_db), *NO_PAGES)
    with open_pages(read_demo_db) as address:
        opened = window(address, lang=lang, width=width, scheme=scheme)
        seen = []
        for path in paths:
            opened.turn(scheme, width)
            seen.append(look_at(opened, path, lang))
    assert len(seen) > 60
    assert [each.path for each in seen if each.said != lang] == []
    assert {fault: found for fault in FAULTS if (found := _found(seen, fault))} == {}


def _found(seen: Sequence[Seen], fault: str) -> list[tuple[str, object]]:
    """Return the pages with a fault, each with what it is; some is none on some pages."""
    passed = NO_PAGES if fault == "complaints" else ()
    found = [(each.path, getattr(each, fault)) for each in seen if each.path not in passed]
    wanted = fault != "foreign" or seen[0].lang == "en"
    return [(path, what) for path, what in found if what and wanted]


def test_an_empty_home_is_readable_too(db: Database, window: OpenWindow) -> None:
    with open_pages(db) as address:
        opened = window(address, lang="ja", width=360, scheme="dark")
        for path in ("/themes", "/suggestions", "/articles", "/items"):
            opened.open(path)
            for fault in (UNNAMED, STRUCTURE, FAINT):
                assert (path, opened.page.evaluate(fault)) == (path, [])
