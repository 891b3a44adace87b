"""What tests in a browser share: one Chromium, and windows that remember what went wrong in them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from service.db import Database
from tests.live import open_pages

OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
SCHEMES, WIDTHS = ("light", "dark"), (1280, 360)
LOCALES = {"ja": "ja-JP", "en": "en-GB"}
PATIENCE = 60_000
"""Milliseconds that a page may take beside a busy machine, in all that is waited for."""

expect.set_options(timeout=PATIENCE)


@dataclass
class Window:
    """A page in a browser, with every complaint that it made: console, scripts, policy, dialogs."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> int:
        """Open a page of ours; return the status of the answer."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        return answer.status

    def turn(self, scheme: str, width: int) -> None:
        """Let it be day or night, and the window so wide, on the page that is open."""
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self.page.set_viewport_size({"width": width, "height": 800})

    def turns(self) -> Iterator[tuple[str, int]]:
        """Show the page that is open by day and by night, wide and narrow; give what is shown."""
        for scheme, width in product(SCHEMES, WIDTHS):
            self.turn(scheme, width)
            yield scheme, width

    def listen(self) -> None:
        """Write down complaints from now on."""

        def refuse(dialog: object) -> None:
            self.complaints.append(f"dialog: {dialog}")
            dialog.dismiss()  # type: ignore[attr-defined]

        self.page.on("dialog", refuse)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))


OpenWindow = Callable[..., Window]


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """A Chromium without a face."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[OpenWindow]:
    """Opens windows of a width, in a language and a colour scheme; `trusting` ones obey no policy."""
    contexts = []

    def open_window(
        address: str,
        *,
        lang: str = "en",
        scheme: str = "light",
        width: int = 1280,
        script: bool = True,
        trusting: bool = False,
    ) -> Window:
        context = browser.new_context(
            locale=LOCALES[lang],
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 800},
            java_script_enabled=script,
            bypass_csp=trusting,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        opened = Window(page=context.new_page(), address=address)
        opened.listen()
        return opened

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def demo_pages(demo_db: Database) -> Iterator[str]:
    """The address of the demo company's pages."""
    with open_pages(demo_db) as address:
        yield address
