"""Pages of Confluence Cloud, as its documentation describes them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.ports import Article, Shelf
from tests.contract.sources import Asked, Example

V1, V2 = "/wiki/rest/api", "/wiki/api/v2"
UPDATED = datetime(2026, 5, 2, tzinfo=UTC)
AT = "2026-05-02T00:00:00.000Z"
SPACE = Asked(
    target=f"{V2}/spaces?keys=KB",
    answer={"results": [{"id": "7", "key": "KB", "name": "Help", "homepageId": "10"}]},
)
LIST = f"{V2}/pages?space-id=7&status=current&body-format=storage"
WHOLE = f"{LIST}&limit=25&sort=id"
CHANGES = f"{LIST}&limit=25&sort=-modified-date"
OPEN: Mapping[str, object] = {"restrictions": {"user": {"results": []}, "group": {"results": []}}}
LIMITED: Mapping[str, object] = {
    "restrictions": {"user": {"results": []}, "group": {"results": [{"name": "staff"}]}}
}


def row(number: int, title: str, *, text: str = "<p>…</p>", parent: str = "10", **more: object) -> object:
    return {
        "id": str(number),
        "status": "current",
        "title": title,
        "spaceId": "7",
        "parentId": parent,
        "parentType": "page",
        "version": {"number": 2, "createdAt": AT},
        "body": {"storage": {"representation": "storage", "value": text}},
        "_links": {"webui": f"/spaces/KB/pages/{number}/Title"},
        **more,
    }


def page(number: str, title: str, *, parent: str | None = "10") -> Asked:
    """Return a page as it is told by itself, without its text."""
    told = {"id": number, "title": title, "spaceId": "7", "parentId": parent, "parentType": "page"}
    return Asked(target=f"{V2}/pages/{number}", answer=told)


def viewed_by(number: str, held: Mapping[str, object]) -> Asked:
    return Asked(target=f"{V1}/content/{number}/restriction/byOperation/read", answer=held)


LOGIN = page("20", "ログイン")
STAFF = Asked(
    target=f"{V2}/folders/30",
    answer={"id": "30", "title": "社内", "parentId": "10", "parentType": "page"},
)
DRAFTS = Asked(
    target=f"{V2}/pages?space-id=7&title=Drafts+of+Koe&status=current",
    answer={"results": [{"id": "40", "title": "Drafts of Koe", "spaceId": "7"}]},
)
VIEWS = Asked(target=f"{V1}/analytics/content/101/views", answer={"id": 101, "count": 40})
PASSWORD = Article(
    external_id="101",
    title="パスワードを再設定する",
    text="<p>ログイン画面で…</p><p>メールが届かないとき</p><div><p>迷惑メールも…</p></div>",
    url="{base}/wiki/spaces/KB/pages/101/Title",
    section="ログイン",
    updated_at=UPDATED,
    views=40,
)
PASSWORD_THERE = row(
    101,
    "パスワードを再設定する",
    parent="20",
    text='<p>ログイン画面で…</p><ac:structured-macro ac:name="expand">'
    '<ac:parameter ac:name="title">メールが届かないとき</ac:parameter>'
    "<ac:rich-text-body><p>迷惑メールも…</p></ac:rich-text-body></ac:structured-macro>",
)
ROUNDS = row(102, "請求の締め", parent="30", parentType="folder", _links={})
DRAFT = row(103, "二段階認証 (koe-0123456789ab)", parent="40")
NEXT = f"{V2}/pages?cursor=abc"

EXAMPLE = Example(
    settings={
        "address": "{base}",
        "email": "koe@example.com",
        "token": "t0ken",
        "project": "KB",
        "audience": "public",
        "drafts": "Drafts of Koe",
    },
    check=[
        SPACE,
        DRAFTS,
        viewed_by("10", OPEN),
        Asked(target=f"{LIST}&limit=1", answer={"results": [PASSWORD_THERE], "_links": {}}),
    ],
    walk=[
        SPACE,
        DRAFTS,
        LOGIN,
        STAFF,
        page("10", "Help", parent=None),
        page("40", "Drafts of Koe"),
        Asked(target=WHOLE, answer={"results": [PASSWORD_THERE, ROUNDS], "_links": {"next": NEXT}}),
        Asked(target=NEXT, answer={"results": [DRAFT], "_links": {"base": "{base}/wiki"}}),
        *(viewed_by(number, OPEN) for number in ("10", "20", "40", "101", "102", "103")),
        viewed_by("30", LIMITED),
        VIEWS,
    ],
    pages=2,
    walked=[
        PASSWORD,
        Article(
            external_id="102",
            title="請求の締め",
            text="<p>…</p>",
            url="{base}/wiki/pages/viewpage.action?pageId=102",
            audience="internal",
            section="社内",
            updated_at=UPDATED,
        ),
        Article(
            external_id="103",
            title="二段階認証",
            text="<p>…</p>",
            url="{base}/wiki/spaces/KB/pages/103/Title",
            section="Drafts of Koe",
            status="draft",
            updated_at=UPDATED,
            own=True,
        ),
        Shelf(external_ids=("101", "102", "103")),
    ],
)
