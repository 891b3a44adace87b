"""Freshdesk Solutions, as its documentation describes them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.ports import Article, Shelf
from tests.contract.sources import Asked, Example

API = "/api/v2/solutions"
UPDATED = datetime(2026, 5, 2, tzinfo=UTC)
AT = "2026-05-02T00:00:00Z"
LANGUAGES = Asked(
    target="/api/v2/settings/helpdesk",
    answer={"primary_language": "ja", "supported_languages": ["en"], "portal_languages": []},
)


def article(number: int, title: str, **more: object) -> dict[str, object]:
    return {
        "id": number,
        "title": title,
        "description": f"<p>{title}…</p>",
        "description_text": f"{title}…",
        "status": 2,
        "tags": [],
        "hits": 40,
        "thumbs_up": 7,
        "thumbs_down": 2,
        "updated_at": AT,
        **more,
    }


def folder(number: int, name: str, **more: object) -> Mapping[str, object]:
    return {"id": number, "name": name, "visibility": 1, "sub_folders_count": 0, **more}


def folders(*them: Mapping[str, object]) -> list[Asked]:
    return [
        Asked(target=f"{API}/categories?", answer=[{"id": 1, "name": "FAQ"}]),
        Asked(target=f"{API}/categories/1/folders?", answer=them),
    ]


def articles(number: int, *them: Mapping[str, object], language: str = "") -> Asked:
    place = f"/{language}" if language else ""
    return Asked(target=f"{API}/folders/{number}/articles{place}?", answer=them)


THERE = folders(folder(22, "社内", visibility=3), folder(21, "ログイン", sub_folders_count=1))
PASSWORD_THERE = article(101, "パスワードを再設定する")
PASSWORD = Article(
    external_id="101",
    title="パスワードを再設定する",
    text="<p>パスワードを再設定する…</p>",
    url="https://help.example.com/support/solutions/articles/101",
    lang="ja",
    section="ログイン",
    updated_at=UPDATED,
    views=40,
    helpful=7,
    unhelpful=2,
)
DRAFT = article(102, "二段階認証", status=1, tags=["koe", "koe-0123456789abcdef0123"], hits=0, thumbs_up=0)

EXAMPLE = Example(
    settings={"address": "{base}", "key": "a-key", "portal": "https://help.example.com/"},
    check=[*THERE, Asked(target=f"{API}/folders/21/subfolders?", answer=[folder(30, "二段階認証")])],
    walk=[
        *THERE,
        LANGUAGES,
        Asked(target=f"{API}/folders/21/subfolders?", answer=[folder(30, "二段階認証")]),
        articles(21, PASSWORD_THERE),
        articles(21, article(101, "Reset your password"), language="en"),
        articles(22, article(103, "請求の締め", description="")),
        articles(30, DRAFT),
        articles(30, DRAFT, language="en"),
    ],
    pages=6,
    walked=[
        PASSWORD,
        Article(
            external_id="101/en",
            title="Reset your password",
            text="<p>Reset your password…</p>",
            url="https://help.example.com/en/support/solutions/articles/101",
            lang="en",
            section="ログイン",
            updated_at=UPDATED,
        ),
        Article(
            external_id="103",
            title="請求の締め",
            text="請求の締め…",
            url="{base}/a/solutions/articles/103",
            lang="ja",
            audience="internal",
            section="社内",
            updated_at=UPDATED,
            views=40,
            helpful=7,
            unhelpful=2,
        ),
        Article(
            external_id="102",
            title="二段階認証",
            text="<p>二段階認証…</p>",
            url="{base}/a/solutions/articles/102",
            lang="ja",
            section="二段階認証",
            status="draft",
            updated_at=UPDATED,
            views=0,
            helpful=0,
            unhelpful=2,
            own=True,
        ),
        Shelf(external_ids=("101", "101/en", "103", "102")),
    ],
)
