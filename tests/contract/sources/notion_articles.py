"""A database of articles in Notion, as its documentation describes it."""

from datetime import UTC, datetime

from connectors.ports import Article, Shelf, Unpublished
from tests.contract.sources import Asked, Example

UPDATED = datetime(2026, 5, 2, tzinfo=UTC)
AT = "2026-05-02T00:00:00.000Z"
ID = "0123456789abcdef0123456789abcdef"
SOURCE = "11111111-2222-3333-4444-555555555555"
QUERY = f"/v1/data_sources/{SOURCE}/query"
STATUSES = [{"name": name} for name in ("Draft", "Published", "Archived")]
PROPERTIES = {
    "Name": {"type": "title", "title": {}},
    "Status": {"type": "status", "status": {"options": STATUSES}},
}
DATABASE = Asked(target=f"/v1/databases/{ID}", answer={"data_sources": [{"id": SOURCE, "name": "Help"}]})


def words(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "plain_text": text}]


def described(**more: object) -> Asked:
    told = {"object": "data_source", "title": words("ヘルプ"), "properties": PROPERTIES, **more}
    return Asked(target=f"/v1/data_sources/{SOURCE}", answer=told)


def page(named: str, title: str, *, status: str | None = "Published", **more: object) -> dict[str, object]:
    return {
        "object": "page",
        "id": named,
        "last_edited_time": AT,
        "in_trash": False,
        "archived": False,
        "properties": {
            "Name": {"type": "title", "title": words(title)},
            "Status": {"type": "status", "status": {"name": status} if status else None},
            "Category": {"type": "select", "select": {"name": "ログイン"}},
            "Language": {"type": "multi_select", "multi_select": [{"name": "ja"}]},
            "Koe": {"type": "rich_text", "rich_text": []},
        },
        "url": f"https://www.notion.so/{named}",
        "public_url": None,
        **more,
    }


def listing(*pages: object, holds: str = "", further: str | None = None, **more: object) -> Asked:
    told = {"object": "list", "results": pages, "has_more": further is not None, "next_cursor": further}
    return Asked(method="POST", target=QUERY, holds=holds, answer={**told, **more})


def block(kind: str, text: str, *, named: str = "x", inside: bool = False, **more: object) -> object:
    held = {"rich_text": words(text), **more}
    return {"object": "block", "id": named, "type": kind, "has_children": inside, kind: held}


def blocks(named: str, *inside: object, further: str | None = None, after: str = "") -> Asked:
    going = f"&start_cursor={after}" if after else ""
    return Asked(
        target=f"/v1/blocks/{named}/children?page_size=100{going}",
        answer={"results": inside, "has_more": further is not None, "next_cursor": further},
    )


PASSWORD_THERE = page("a1", "パスワードを再設定する", public_url="https://acme.notion.site/a1")
PASSWORD = Article(
    external_id="a1",
    title="パスワードを再設定する",
    text="<h2>手順</h2><li>ログイン画面で…</li><div><p>スマホでも</p></div><p>終わり</p>",
    url="https://acme.notion.site/a1",
    lang="ja",
    audience="public",
    section="ログイン",
    updated_at=UPDATED,
)
TEXT = [
    blocks(
        "a1",
        block("heading_1", "手順"),
        block("to_do", "ログイン画面で…", named="b1", inside=True),
        further="z",
    ),
    blocks("b1", block("paragraph", "スマホでも")),
]
REST = blocks("a1", block("paragraph", "終わり"), block("divider", ""), after="z")

EXAMPLE = Example(
    settings={
        "address": "{base}",
        "token": "t0ken",
        "project": f"https://www.notion.so/acme/Help-{ID}?v=ffffffffffffffffffffffffffffffff",
        "source": "Help",
    },
    check=[DATABASE, listing(PASSWORD_THERE), described()],
    walk=[
        DATABASE,
        listing(
            page("a2", "請求の締め", status="Draft"),
            page("a3", "古い手順", status="Archived"),
            page("a4", "捨てた", in_trash=True),
            holds='"start_cursor": "c2"',
        ),
        listing(PASSWORD_THERE, further="c2"),
        described(),
        REST,
        *TEXT,
        blocks("a2"),
    ],
    pages=2,
    walked=[
        PASSWORD,
        Article(
            external_id="a2",
            title="請求の締め",
            url="https://www.notion.so/a2",
            lang="ja",
            audience="internal",
            section="ログイン",
            status="draft",
            updated_at=UPDATED,
        ),
        Unpublished(external_id="a3"),
        Unpublished(external_id="a4"),
        Shelf(external_ids=("a1", "a2")),
    ],
)
