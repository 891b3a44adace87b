"""MediaWiki, as version 1.39 answers."""

from datetime import UTC, datetime

from connectors.ports import Article, Shelf, Unpublished
from tests.contract.sources import Asked, Example

API = "/api.php?format=json&formatversion=2"
SAID = f"{API}&action=query&assertuser=Koe"
UPDATED = datetime(2026, 5, 2, tzinfo=UTC)
SPACES = {
    "0": {"id": 0, "name": ""},
    "4": {"id": 4, "name": "Example Wiki", "canonical": "Project"},
    "12": {"id": 12, "name": "ヘルプ", "canonical": "Help"},
}


def page(number: int, title: str, **more: object) -> dict[str, object]:
    return {
        "pageid": number,
        "ns": 12,
        "title": title,
        "pagelanguage": "ja",
        "fullurl": f"https://wiki.example.com/{number}",
        "revisions": [{"timestamp": "2026-05-02T00:00:00Z"}],
        **more,
    }


def shown(number: int, text: str) -> Asked:
    return Asked(
        target=f"{API}&action=parse&assertuser=Koe&pageid={number}&",
        answer={"parse": {"pageid": number, "text": text}},
    )


SIGNING_IN = [
    Asked(
        method="POST",
        target="/api.php",
        holds="action=login",
        answer={"login": {"result": "Success", "lgusername": "Koe"}},
    ),
    Asked(method="POST", target="/api.php", answer={"query": {"tokens": {"logintoken": "t+\\"}}}),
    Asked(target=f"{SAID}&meta=tokens", answer={"query": {"tokens": {"csrftoken": "c+\\"}}}),
    Asked(target=f"{SAID}&meta=siteinfo&siprop=namespaces", answer={"query": {"namespaces": SPACES}}),
]
LIST = f"{SAID}&generator=allpages&gapnamespace=12&gapfilterredir=nonredirects&gaplimit=20"
ABOUT = "&prop=info%7Crevisions&inprop=url&rvprop=timestamp&meta=siteinfo"
PASSWORD = Article(
    external_id="7",
    title="パスワードを再設定する",
    text="<p>ログイン画面で…</p>",
    url="https://wiki.example.com/7",
    lang="ja",
    updated_at=UPDATED,
)

EXAMPLE = Example(
    settings={
        "address": "{base}/api.php",
        "user": "Koe@koe",
        "password": "bot-passw0rd",
        "namespace": "help",
        "audience": "public",
        "drafts": "Koe/Drafts",
    },
    check=[
        *SIGNING_IN,
        Asked(target=f"{SAID}&meta=siteinfo", answer={"query": {"general": {"sitename": "W"}}}),
    ],
    walk=[
        *SIGNING_IN,
        Asked(
            target=f"{LIST}{ABOUT}&gapcontinue=Q",
            answer={
                "query": {
                    "pages": [page(8, "ヘルプ:Koe/Drafts/請求"), page(9, "ヘルプ:隠された頁")],
                    "general": {},
                }
            },
        ),
        Asked(
            target=f"{LIST}{ABOUT}",
            answer={
                "continue": {"gapcontinue": "Q", "continue": "gapcontinue||"},
                "query": {"pages": [page(7, "ヘルプ:パスワードを再設定する")], "general": {}},
            },
        ),
        shown(7, "<p>ログイン画面で…</p>"),
        shown(8, "<p>下書き</p>"),
        Asked(
            target=f"{API}&action=parse&assertuser=Koe&pageid=9&", answer={"error": {"code": "nosuchpageid"}}
        ),
    ],
    pages=2,
    walked=[
        PASSWORD,
        Article(
            external_id="8",
            title="Koe/Drafts/請求",
            text="<p>下書き</p>",
            url="https://wiki.example.com/8",
            lang="ja",
            status="draft",
            updated_at=UPDATED,
            own=True,
        ),
        Unpublished(external_id="9"),
        Shelf(external_ids=("7", "8")),
    ],
)
