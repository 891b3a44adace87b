"""The page of dead letters in a browser: readable by everybody, and what is sent there runs nothing."""

from service.db import Database
from service.models import MAIN
from service.pipeline import ingest
from tests.browser.conftest import OpenWindow
from tests.browser.test_readable import FAINT, STRUCTURE, UNNAMED
from tests.calling import call, open_door
from tests.live import open_pages

WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def test_dead_letters_can_be_read_and_replayed(db: Database, window: OpenWindow) -> None:
    door = open_door(db)
    call(db, door, {"<img src=x onerror=alert(1)>": "<script>alert(1)</script>" + "x" * 500})
    for number in range(30):
        call(db, door, b"\xff%d" % number)
    ingest.run(db, MAIN)
    with open_pages(db) as address:
        for lang, begun in (("en", 1280), ("ja", 360)):
            opened = window(address, lang=lang, width=begun)
            opened.open("/dead-letters?replayed=2")
            assert opened.page.locator("tr.row").count() == 20
            for scheme, width in opened.turns():
                for fault in (UNNAMED, STRUCTURE, FAINT):
                    assert (scheme, opened.page.evaluate(fault)) == (scheme, [])
                assert not opened.page.evaluate(WIDER), (lang, width)
            assert opened.complaints == []
        opened = window(address, script=False)
        opened.open("/dead-letters")
        opened.page.get_by_role("button", name="Read all of desk again").click()
        assert opened.page.get_by_role("status").inner_text().startswith("31 are being read again.")
