"""Intercom Articles, as its documentation describes them."""

from datetime import UTC, datetime

from connectors.ports import Article, Shelf
from tests.contract.sources import Asked, Example

UPDATED = datetime(2026, 5, 2, tzinfo=UTC)
SECONDS = int(UPDATED.timestamp())


def article(number: int, **more: object) -> dict[str, object]:
    return {
        "type": "article",
        "id": str(number),
        "title": "パスワードを再設定する",
        "description": "",
        "body": "<p>ログイン画面で…</p>",
        "author_id": 991267497,
        "state": "published",
        "created_at": SECONDS - 60,
        "updated_at": SECONDS,
        "url": f"https://help.example.com/ja/articles/{number}",
        "parent_id": 145,
        "parent_type": "collection",
        "default_locale": "ja",
        **more,
    }


STATISTICS = {
    "type": "article_statistics",
    "views": 40,
    "conversions": 3,
    "reactions": 10,
    "happy_reaction_percentage": 70.0,
    "neutral_reaction_percentage": 10.0,
    "sad_reaction_percentage": 20.0,
}
TRANSLATED = {
    "type": "article_translated_content",
    "ja": {"title": "パスワードを再設定する", "body": "…", "state": "published"},
    "en": {"title": "Reset your password", "body": "<p>Press…</p>", "state": "draft", "updated_at": SECONDS},
    "fr": None,
}
PASSWORD = Article(
    external_id="1",
    title="パスワードを再設定する",
    text="<p>ログイン画面で…</p>",
    url="https://help.example.com/ja/articles/1",
    lang="ja",
    section="ログイン",
    updated_at=UPDATED,
    views=40,
    helpful=7,
    unhelpful=2,
)
COLLECTIONS = Asked(
    target="/help_center/collections",
    answer={"data": [{"id": "145", "name": "ログイン"}], "pages": {"page": 1, "total_pages": 1}},
)


def listing(number: int, pages: int, *articles: dict[str, object], total: int) -> Asked:
    return Asked(
        target=f"/articles?page={number}&per_page=40",
        answer={
            "type": "list",
            "data": articles,
            "total_count": total,
            "pages": {"type": "pages", "page": number, "per_page": 40, "total_pages": pages},
        },
    )


EXAMPLE = Example(
    settings={"address": "{base}", "token": "t0ken"},
    check=[
        Asked(target="/me", answer={"type": "admin", "app": {"name": "Example"}}),
        Asked(target="/articles?page=1&per_page=1", answer={"type": "list", "data": [], "total_count": 2}),
    ],
    walk=[
        listing(1, 2, article(1), total=2),
        listing(2, 2, article(2, state="draft", parent_id=None, body=None), total=2),
        Asked(target="/articles/1", answer=article(1, statistics=STATISTICS, translated_content=TRANSLATED)),
        COLLECTIONS,
    ],
    pages=2,
    walked=[
        PASSWORD,
        Article(
            external_id="1/en",
            title="Reset your password",
            text="<p>Press…</p>",
            lang="en",
            section="ログイン",
            status="draft",
            updated_at=UPDATED,
        ),
        Article(
            external_id="2",
            title="パスワードを再設定する",
            url="https://help.example.com/ja/articles/2",
            lang="ja",
            status="draft",
            updated_at=UPDATED,
        ),
        Shelf(external_ids=("1", "1/en", "2")),
    ],
)
