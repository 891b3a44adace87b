"""Help Scout Docs, as its documentation describes them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from connectors.ports import Article, Shelf
from tests.contract.sources import Asked, Example

UPDATED = datetime(2026, 5, 2, tzinfo=UTC)
AT = "2026-05-02T00:00:00Z"
MADE = datetime(2026, 4, 1, tzinfo=UTC)


def row(named: str, title: str, **more: object) -> dict[str, object]:
    """Return an article as lists hold it."""
    return {
        "id": named,
        "slug": "a-slug",
        "status": "published",
        "hasDraft": False,
        "name": title,
        "publicUrl": f"https://docs.example.com/article/{named}",
        "popularity": 4.3,
        "viewCount": 40,
        "createdAt": "2026-04-01T00:00:00Z",
        "updatedAt": AT,
        **more,
    }


def whole(listed: Mapping[str, object], *, categories: Sequence[str] = (), text: str = "<p>…</p>") -> Asked:
    """Return an article as it is told by itself."""
    told = {**listed, "text": text, "categories": categories, "keywords": ["koe"]}
    return Asked(target=f"/v1/articles/{listed['id']}", answer={"article": told})


def part_of(name: str, rows: Sequence[object], *, number: int = 1, pages: int = 1, count: int) -> object:
    return {name: {"page": number, "pages": pages, "count": count, "items": rows}}


def collections(*them: Mapping[str, object]) -> Asked:
    return Asked(
        target="/v1/collections?visibility=all", answer=part_of("collections", them, count=len(them))
    )


def articles(
    collection: str, *rows: object, number: int = 1, pages: int = 1, count: int | None = None
) -> Asked:
    return Asked(
        target=f"/v1/collections/{collection}/articles?status=all&sort=number&order=asc&page={number}&",
        answer=part_of(
            "articles", rows, number=number, pages=pages, count=len(rows) if count is None else count
        ),
    )


def categories(collection: str, *them: object) -> Asked:
    return Asked(
        target=f"/v1/collections/{collection}/categories?",
        answer=part_of("categories", them, count=len(them)),
    )


GUIDES = {"id": "c1", "name": "ガイド", "visibility": "public"}
STAFF = {"id": "c2", "name": "社内", "visibility": "private"}
PASSWORD_THERE = row("a1", "パスワードを再設定する")
DRAFT = row("a2", "二段階認証", status="notpublished", slug="koe-0123456789abcdef0123", updatedAt=None)
ROUNDS = row("a3", "請求の締め", publicUrl=None, viewCount=0)
PASSWORD = Article(
    external_id="a1",
    title="パスワードを再設定する",
    text="<p>ログイン画面で…</p>",
    url="https://docs.example.com/article/a1",
    section="ログイン",
    updated_at=UPDATED,
    views=40,
)

EXAMPLE = Example(
    settings={"address": "{base}/v1", "key": "a-key"},
    check=[collections(GUIDES, STAFF)],
    walk=[
        collections(STAFF, GUIDES),
        articles("c1", DRAFT, number=1, pages=2, count=2),
        articles("c1", PASSWORD_THERE, number=2, pages=2, count=2),
        articles("c2", ROUNDS),
        categories("c1", {"id": "k1", "name": "ログイン"}),
        categories("c2"),
        whole(PASSWORD_THERE, categories=["k1"], text="<p>ログイン画面で…</p>"),
        whole(DRAFT, categories=["gone"]),
        whole(ROUNDS),
    ],
    pages=2,
    walked=[
        PASSWORD,
        Article(
            external_id="a2",
            title="二段階認証",
            text="<p>…</p>",
            url="https://docs.example.com/article/a2",
            section="ガイド",
            status="draft",
            updated_at=MADE,
            views=40,
            own=True,
        ),
        Article(
            external_id="a3",
            title="請求の締め",
            text="<p>…</p>",
            audience="internal",
            section="社内",
            updated_at=UPDATED,
            views=0,
        ),
        Shelf(external_ids=("a1", "a2", "a3")),
    ],
)
