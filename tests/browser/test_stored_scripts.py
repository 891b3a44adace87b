"""What customers, colleagues and articles say is shown as they said it, and never run.

The texts come in through the real import and go through the whole loop; the pages are then opened with and
without the policy that would stop a script, and no dialog may open, and no script of theirs may stand there.
"""

import json
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlmodel import select

from nlp.clusterers import open_clusterer
from service.db import Database
from service.imports import Options, import_file
from service.models import MAIN, Account, Article, Item, Suggestion, Theme
from service.pipeline import decide
from service.pipeline.run import Ports, run
from tests.browser.conftest import OpenWindow, Window
from tests.demo import demo_ports
from tests.live import LISTS, open_pages

pytestmark = pytest.mark.browser

PAYLOADS = (
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=data:,alert(1)></script>",
    "<script>alert(1)//",
    "<<script>alert(1)//<</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</svg><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror='alert(1)'>",
    "<img src=`x` onerror=alert(1)>",
    "<IMG SRC=javascript:alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:alert(1)><text y=20>click</text></a></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)></select>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=javascript:alert(1)//>",
    "<form action=javascript:alert(1)><button>send</button></form>",
    "<button formaction=javascript:alert(1)>send</button>",
    "<a href=javascript:alert(1)>click</a>",
    "<a href='java\tscript:alert(1)'>click</a>",
    "<a href=&#106;avascript:alert(1)>click</a>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<dialog open onclose=alert(1)><form method=dialog><button>x</button></form></dialog>",
    "<xss onpointerenter=alert(1) style=position:fixed;inset:0>x</xss>",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    '" autofocus onfocus=alert(1) x="',
    "' autofocus onfocus=alert(1) x='",
    "` onmouseover=alert(1) x=`",
    '"/onload=alert(1)/x="',
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "{{7*7}}{{''.__class__.__mro__}}",
    "{% import 'os' as os %}{{ os }}",
    "${alert(1)}<%= alert(1) %>#{alert(1)}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "＜script＞alert(1)＜/script＞",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "[click](javascript:alert(1)) ![x](javascript:alert(1))",
    "# <img src=x onerror=alert(1)>\n- <script>alert(1)</script>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
)
HOSTILE = '"><img src=x onerror=alert(1)>'
FOREIGN = """
() => {
  const faults = [];
  for (const script of document.scripts)
    if (script.getAttribute("src") !== "/static/koe.js") faults.push(script.outerHTML);
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
    rows = [a_ticket(n, copy, payload) for n, payload in enumerate(PAYLOADS) for copy in range(3)]
    articles = [
        {
            "external_id": p,
            "title": p,
            "body": f"{p}\n\nChoose {p}.",
            "section": p,
            "url": p,
            "audience": "public",
        }
        for p in PAYLOADS
    ]
    accounts = [
        {"account_id": p, "name": p, "plan": p, "revenue": "1200", "currency": "<b>", "segment": p}
        for p in PAYLOADS
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


def write_everywhere(db: Database) -> None:
    """Write the payloads into what the pages show, past everything that an import takes out."""
    with db.begin() as session:
        for theme, payload in zip(session.exec(select(Theme)), cycle(PAYLOADS)):
            theme.title, theme.keywords, theme.lang = payload, [payload], payload[:20]
        for article, payload in zip(session.exec(select(Article)), cycle(PAYLOADS)):
            article.title = article.body = article.section = article.url = article.lang = payload
        for item, payload in zip(session.exec(select(Item)), cycle(PAYLOADS)):
            item.text, item.status, item.lang = payload + (item.text or ""), payload, payload[:20]
        for account, payload in zip(session.exec(select(Account)), cycle(PAYLOADS)):
            account.name = account.plan = payload
        for suggestion, payload in zip(session.exec(select(Suggestion)), cycle(PAYLOADS)):
            suggestion.published_url, suggestion.lang = payload, payload[:20]
            if suggestion.draft:
                suggestion.draft = suggestion.draft | {"title": payload, "body": f"# {payload}\n- {payload}"}


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


def faults(window: Window, path: str) -> list[str]:
    window.open(path)
    return [f"{path}: {fault}" for fault in window.page.evaluate(FOREIGN)]


def test_nothing_that_was_said_is_ever_run(hostile_db: Database, window: OpenWindow) -> None:
    paths = pages_of(hostile_db)
    assert len(paths) > 200
    with open_pages(hostile_db) as address:
        trusting = window(address, trusting=True)
        assert [fault for path in paths[::3] for fault in faults(trusting, path)] == []
        assert "alert(1)" in trusting.page.inner_text("body")
        write_everywhere(hostile_db)
        assert [fault for path in paths for fault in faults(trusting, path)] == []
        assert trusting.complaints == []
        guarded = window(address, lang="ja")
        assert [fault for path in paths[::8] for fault in faults(guarded, path)] == []
        assert guarded.complaints == []


@pytest.mark.parametrize("payload", PAYLOADS[::12])
def test_nothing_that_is_asked_for_is_ever_run(db: Database, window: OpenWindow, payload: str) -> None:
    with open_pages(db) as address:
        opened = window(address, trusting=True)
        for path in ("/themes", "/suggestions", "/items"):
            for name in ("q", "kind", "stage", "lang", "source", "channel", "customer", "ui"):
                assert faults(opened, f"{path}?{urlencode({name: payload})}") == []
        assert [complaint for complaint in opened.complaints if complaint.startswith("dialog")] == []
