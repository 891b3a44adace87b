"""Zendesk Guide, as its documentation describes it."""

from datetime import UTC, datetime

from connectors.ports import Article, Shelf
from connectors.zendesk_account import CENTRE
from tests.contract.sources import Asked, Example

UPDATED = datetime(2026, 5, 2, tzinfo=UTC)


def translation(locale: str, title: str, **more: object) -> dict[str, object]:
    return {
        "locale": locale,
        "title": title,
        "body": f"<p>{title}</p>",
        "html_url": f"https://help.example.com/hc/{locale}/articles/360001",
        "draft": False,
        "updated_at": "2026-05-01T00:00:00Z",
        **more,
    }


def article(number: int, **more: object) -> dict[str, object]:
    return {
        "id": number,
        "locale": "ja",
        "source_locale": "ja",
        "title": "パスワードを再設定する",
        "body": "<p>ログイン画面で…</p>",
        "html_url": f"https://help.example.com/hc/ja/articles/{number}",
        "section_id": 12,
        "user_segment_id": None,
        "user_segment_ids": [],
        "label_names": [],
        "vote_sum": 4,
        "vote_count": 10,
        "draft": False,
        "updated_at": "2026-05-02T00:00:00Z",
        **more,
    }


SECTIONS = Asked(
    target=f"{CENTRE}/sections.json",
    answer={"sections": [{"id": 12, "name": "ログイン"}], "meta": {"has_more": False}},
)
SEGMENTS = Asked(
    target=f"{CENTRE}/user_segments.json",
    answer={
        "user_segments": [
            {"id": 7, "user_type": "signed_in_users", "built_in": True},
            {"id": 8, "user_type": "staff", "built_in": True},
        ]
    },
)
PASSWORD = Article(
    external_id="360001",
    title="パスワードを再設定する",
    text="<p>パスワードを再設定する</p>",
    url="https://help.example.com/hc/ja/articles/360001",
    lang="ja",
    section="ログイン",
    updated_at=UPDATED,
    helpful=7,
    unhelpful=3,
)

EXAMPLE = Example(
    settings={"address": "{base}", "email": "agent@example.com", "token": "t0ken"},
    check=[
        Asked(target="/api/v2/users/me.json", answer={"user": {"id": 42, "role": "admin"}}),
        Asked(target=f"{CENTRE}/locales.json", answer={"locales": ["ja", "en-us"], "default_locale": "ja"}),
        Asked(target=f"{CENTRE}/incremental/articles.json?start_time=", answer={"articles": []}),
    ],
    walk=[
        Asked(
            target=f"{CENTRE}/articles.json?page%5Bsize%5D=30&include=translations&page%5Bafter%5D=xyz",
            answer={
                "articles": [
                    article(360002, user_segment_id=8, label_names=["billing"], vote_count=0, vote_sum=0),
                    article(360003, label_names=["koe-0123456789abcdef0123"], draft=True),
                ],
                "meta": {"has_more": False, "after_cursor": "end"},
            },
        ),
        Asked(
            target=f"{CENTRE}/articles.json?page%5Bsize%5D=30&include=translations",
            answer={
                "articles": [
                    article(
                        360001,
                        user_segment_id=7,
                        translations=[
                            translation("ja", "パスワードを再設定する"),
                            translation("en-us", "Reset your password", draft=True),
                        ],
                    )
                ],
                "meta": {"has_more": True, "after_cursor": "xyz"},
            },
        ),
        Asked(
            target=f"{CENTRE}/articles/360002/translations.json",
            answer={"translations": [translation("ja", "請求の締め", html_url=None)]},
        ),
        Asked(
            target=f"{CENTRE}/articles/360003/translations.json",
            answer={"translations": [translation("ja", "下書き", draft=True)]},
        ),
        SECTIONS,
        SEGMENTS,
    ],
    pages=2,
    walked=[
        PASSWORD,
        Article(
            external_id="360001/en-us",
            title="Reset your password",
            text="<p>Reset your password</p>",
            url="https://help.example.com/hc/en-us/articles/360001",
            lang="en-us",
            section="ログイン",
            status="draft",
            updated_at=UPDATED,
        ),
        Article(
            external_id="360002",
            title="請求の締め",
            text="<p>請求の締め</p>",
            url="https://help.example.com/hc/ja/articles/360002",
            lang="ja",
            audience="internal",
            section="ログイン",
            updated_at=UPDATED,
            helpful=0,
            unhelpful=0,
        ),
        Article(
            external_id="360003",
            title="下書き",
            text="<p>下書き</p>",
            url="https://help.example.com/hc/ja/articles/360001",
            lang="ja",
            section="ログイン",
            status="draft",
            updated_at=UPDATED,
            helpful=7,
            unhelpful=3,
            own=True,
        ),
        Shelf(external_ids=("360001", "360001/en-us", "360002", "360003")),
    ],
)
