"""What customers, colleagues and articles say is shown as they said it, and never run.

The texts come in through the real import and go through the whole loop; the pages are then opened with and
without the policy that would stop a script, and no dialog may open, and no script of theirs may stand there.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlmodel import select

from nlp.clusterers import open_clusterer
from service.db import Database
from service.imports import Options, import_file
from service.models import MAIN, Article, Item, Suggestion, Theme
from service.pipeline import decide
from service.pipeline.run import Ports, run
from tests.browser.conftest import OpenWindow, Window
from tests.demo import demo_ports
from tests.live import LISTS, open_pages
from tests.payloads import KNOWN

pytestmark = pytest.mark.browser

HOSTILE = '"><img src=x onerror=alert(1)>'
FOREIGN = """
() => {
  const faults = [];
  for (const script of document.scripts)
    if (!/^\\/static\\/[a-z]+\\.js$/.test(script.getAttribute("src"))) faults.push(script.outerHTML);
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (/^on|^style$|^srcdoc$/i.test(name)) faults.push(`${element.tagName} ${name}=${value}`);
      const leads = ["href", "action", "formaction", "src", "xlink:href"].includes(name);
      const ours = /^(\\/(?!\\/)|#|\\?|https?:)/.test(value);
      if (leads && !ours) faults.push(`${element.tagName} ${name}=${value}`);
    }
  }
  for (const name of ["iframe", "object", "embed", "base", "meta[http-equiv]", "style", "math", "img"])
    if (document.querySelector(name)) faults.push(name);
  return faults;
}
"""


def written(path: Path, rows: list[Mapping[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def a_ticket(number: int, copy: int, payload: str) -> dict[str, object]:
    return {
        "external_id": f"{number}-{copy} {payload}",
        "title": payload,
        "created_at": f"2026-04-{1 + number % 28:02d}T10:0{copy}:00+09:00",
        "customer_id": f"{copy} {payload}",
        "account_id": payload,
        "status": payload,
        "tags": [payload],
        "url": payload,
        "product_area": payload,
        "segment": payload,
        "messages": [
            {"author_role": "customer", "text": f"{payload} breaks the export of the report."},
            {
                "author_role": "agent",
                "text": f"Please open Settings and choose {payload}. Then save the page.",
            },
        ],
    }


def feed(db: Database, folder: Path) -> None:
    """Import the payloads in every field that takes text, from a file and a source of such a name."""
    rows = [a_ticket(n, copy, payload) for n, payload in enumerate(KNOWN) for copy in range(3)]
    articles = [
        {
            "external_id": p,
            "title": p,
            "body": f"{p}\n\nChoose {p}.",
            "section": p,
            "url": p,
            "audience": "public",
        }
        for p in KNOWN
    ]
    accounts = [
        {"account_id": p, "name": p, "plan": p, "revenue": "1200", "currency": "<b>", "segment": p}
        for p in KNOWN
    ]
    interventions = [
        {"theme": f"{HOSTILE}/{row['external_id']}", "occurred_at": "2026-04-15", "kind": "fix"}
        for row in rows[::3]
    ]
    for noun, said in (
        ("accounts", accounts),
        ("articles", articles),
        ("feedback", rows),
        ("interventions", interventions),
    ):
        path = written(folder / f"<img src=x onerror=alert({noun})>.jsonl", list(said))
        report = import_file(db, MAIN, noun, path, source=HOSTILE, options=Options())
        assert report.received == len(said)


@pytest.fixture
def hostile_db(db: Database, tmp_path: Path) -> Database:
    """A home in which everything that was said is an attack."""
    feed(db, tmp_path)
    parts = demo_ports(embedder="hashing")
    run(
        db,
        MAIN,
        Ports(
            embedders=parts.embedders,
            clusterer=open_clusterer("exact"),
            labeler=parts.labeler,
            connect=parts.connect,
        ),
    )
    with db.begin() as session:
        for number, suggestion in enumerate(session.exec(select(Suggestion).order_by(Suggestion.id))):
            if number % 3 == 0:
                decide.dismiss(session, MAIN, suggestion.id, by=HOSTILE, reason=HOSTILE)
            elif number % 3 == 1:
                decide.accept(session, MAIN, suggestion.id, by=HOSTILE)
    return db


def pages_of(db: Database) -> list[str]:
    """Return the address of every page that shows one of the payloads."""
    with db.begin() as session:
        items = session.exec(select(Item.id).order_by(Item.external_id))
        return [
            *(f"{path}?page={page}" for path in LISTS for page in (1, 2)),
            "/suggestions?status=",
            *(f"/themes/{theme_id}" for theme_id in session.exec(select(Theme.id))),
            *(f"/suggestions/{suggestion_id}" for suggestion_id in session.exec(select(Suggestion.id))),
            *(f"/articles/{article_id}" for article_id in session.exec(select(Article.id))),
            *(f"/items/{item_id}" for item_id in list(items)[::3]),
        ]


def faults(window: Window, path: str, *, refused: int = 500) -> list[str]:
    """Return what is foreign on a page, or the status that it should not have, from `refused` on."""
    status = window.open(path)
    found = [f"status {status}"] if status >= refused else window.page.evaluate(FOREIGN)
    return [f"{path}: {fault}" for fault in found]


def test_nothing_that_was_said_is_ever_run(hostile_db: Database, window: OpenWindow) -> None:
    paths = pages_of(hostile_db)
    assert len(paths) > 200
    with open_pages(hostile_db) as address:
        trusting = window(address, trusting=True)
        assert [fault for path in paths[::3] for fault in faults(trusting, path)] == []
        assert "alert(1)" in trusting.page.inner_text("body")
        assert trusting.complaints == []
        guarded = window(address, lang="ja")
        assert [fault for path in paths[::8] for fault in faults(guarded, path)] == []
        assert guarded.complaints == []


@pytest.mark.parametrize("payload", KNOWN[::12])
def test_nothing_that_is_asked_for_is_ever_run(db: Database, window: OpenWindow, payload: str) -> None:
    with open_pages(db) as address:
        opened = window(address, trusting=True)
        for path in ("/themes", "/suggestions", "/items"):
            for name in ("q", "kind", "stage", "lang", "source", "channel", "customer", "ui"):
                assert faults(opened, f"{path}?{urlencode({name: payload})}") == []
        assert [complaint for complaint in opened.complaints if complaint.startswith("dialog")] == []
