"""Takes a picture of every page of the demo, in both languages, by day and by night, wide and on a phone.

Run by `make screenshots`; needs Chromium. Pages are found by following links from home on, one for each form
of address. The pictures lie in `build/screenshots`; with `--docs`, those of the documents are made anew.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.chromium import find_chromium

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "build" / "screenshots"
IN_DOCS = ROOT / "docs" / "pictures"
LANGUAGES = {"en": "en-GB", "ja": "ja-JP"}
SCHEMES, WIDTHS = ("light", "dark"), (1280, 360)
READY = re.compile(rb"(http://127\.0\.0\.1:\d+)")
ID = re.compile(r"[0-9a-f]{12,}")
NAMED = ("accounts", "customers")
"""What stands in an address before a name that is one of many."""
FILE = re.compile(r"/(static|lists|feeds|api|docs)/|\.[a-z]{3,4}$")
"""Addresses that give a file, or what programs read."""
SHOWN = {"/": "home", "/themes/*": "theme"}
"""The pages that the documents show, by the form of their address."""


@contextmanager
def demo() -> Iterator[str]:
    """Start the demo in a home of its own; give its address once it is ready."""
    with tempfile.TemporaryDirectory(prefix="koe-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        environment = os.environ | {"KOE_HOME": f"{folder}/home"}
        command = [sys.executable, "-m", "service", "demo"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, cwd=ROOT) as process:
            try:
                yield next(
                    found[1].decode() for line in process.stdout or () if (found := READY.search(line))
                )
            finally:
                process.terminate()


def form_of(path: str) -> str:
    """Return the form of an address: what differs from one of many to the next is a star."""
    parts = path.split("/")
    said = zip(["", *parts], parts, strict=False)
    return "/".join("*" if ID.fullmatch(part) or before in NAMED else part for before, part in said)


def pages(page: Page, address: str) -> dict[str, str]:
    """Return an address for each form of address that links lead to, in the order in which they are met."""
    found, waiting = {"/": "/"}, deque(["/"])
    while waiting:
        page.goto(address + waiting.popleft())
        for link in page.eval_on_selector_all("a[href]:not([download])", "all => all.map((a) => a.href)"):
            parts = urlsplit(urldefrag(urljoin(page.url, link)).url)
            path = parts.path
            inside = f"{parts.scheme}://{parts.netloc}" == address and not FILE.search(path)
            if inside and form_of(path) not in found:
                found[form_of(path)] = path
                waiting.append(path)
    return found


def decide(page: Page, address: str) -> None:
    """Accept the first suggestions, so that pages of what was decided have something to show."""
    for _ in range(2):
        page.goto(f"{address}/suggestions")
        page.locator("tr.row a").first.click()
        page.get_by_role("button", name="Accept").first.click()
        page.wait_for_load_state()


def shoot(browser: Browser, address: str, found: dict[str, str], *, docs: bool) -> None:
    """Take the pictures."""
    for lang, scheme, width in product(LANGUAGES, SCHEMES, WIDTHS):
        page = browser.new_page(
            locale=LANGUAGES[lang],
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 800},
            reduced_motion="reduce",
        )
        folder = FOLDER / f"{lang}-{scheme}-{width}"
        folder.mkdir(parents=True, exist_ok=True)
        for form, path in found.items():
            name = form.strip("/").replace("/", "-").replace("*", "one") or "home"
            page.goto(address + path)
            page.screenshot(path=folder / f"{name}.png", full_page=True)
            if docs and form in SHOWN and (scheme, width) == ("light", 1280):
                IN_DOCS.mkdir(exist_ok=True)
                page.screenshot(path=IN_DOCS / f"{SHOWN[form]}.{lang}.png")
        page.close()
        sys.stdout.write(f"{len(found)} pages  {folder.relative_to(ROOT)}\n")


def main(*, docs: bool) -> None:
    """Start the demo, find its pages, and take the pictures."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("No Chromium was found. Install it, or set KOE_TEST_CHROMIUM to its path.")
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(locale=LANGUAGES["en"])
        decide(page, address)
        shoot(browser, address, pages(page, address), docs=docs)
        browser.close()


if __name__ == "__main__":
    main(docs="--docs" in sys.argv[1:])
