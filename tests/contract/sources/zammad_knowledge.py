"""Zammad's knowledge base, as its documentation and its source describe it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from connectors.ports import Article, Shelf, Unpublished
from tests.contract.sources import Asked, Example

INIT = "/api/v1/knowledge_bases/init"
SEARCH = "/api/v1/knowledge_bases/search"
UPDATED = datetime(2026, 5, 2, tzinfo=UTC)
AT = "2026-05-01T00:00:00.000Z"
Assets = dict[str, dict[str, dict[str, object]]]


def answer(number: int, **more: object) -> dict[str, object]:
    return {
        "id": number,
        "category_id": 12,
        "internal_note": None,
        "internal_at": None,
        "published_at": AT,
        "archived_at": None,
        "updated_at": "2026-05-02T00:00:00.000Z",
        "tags": [],
        **more,
    }


def translation(number: int, of: int, title: str, *, locale: int = 4) -> dict[str, object]:
    return {
        "id": number,
        "title": title,
        "kb_locale_id": locale,
        "answer_id": of,
        "content_id": number + 100,
        "updated_at": "2026-05-02T00:00:00.000Z",
    }


def base(**more: object) -> dict[str, object]:
    return {"id": 1, "active": True, "custom_address": None, **more}


def everything(
    *answers: Mapping[str, object], titles: tuple[Mapping[str, object], ...] = (), **more: object
) -> Assets:
    """Return all there is, with the texts of these titles as they are told where they are asked for."""
    kinds: Mapping[str, Sequence[Mapping[str, object]]] = {
        "KnowledgeBase": [base(**more)],
        "KnowledgeBaseLocale": [
            {"id": 3, "knowledge_base_id": 1, "primary": False},
            {"id": 4, "knowledge_base_id": 1, "primary": True},
        ],
        "KnowledgeBaseTranslation": [
            {"id": 53, "title": "Acme help", "kb_locale_id": 3, "knowledge_base_id": 1},
            {"id": 54, "title": "Acme ヘルプセンター", "kb_locale_id": 4, "knowledge_base_id": 1},
        ],
        "KnowledgeBaseCategory": [{"id": 12, "knowledge_base_id": 1, "parent_id": None}],
        "KnowledgeBaseCategoryTranslation": [
            {"id": 62, "title": "Login", "kb_locale_id": 3, "category_id": 12},
            {"id": 63, "title": "ログイン", "kb_locale_id": 4, "category_id": 12},
        ],
        "KnowledgeBaseAnswer": answers,
        "KnowledgeBaseAnswerTranslation": titles,
        "KnowledgeBaseAnswerTranslationContent": [
            {"id": one["content_id"], "body": f"<p>{one['title']}</p>"} for one in titles
        ],
    }
    return {kind: {str(row["id"]): dict(row) for row in rows} for kind, rows in kinds.items() if rows}


def there(*answers: Mapping[str, object], titles: tuple[Mapping[str, object], ...], **more: object) -> Asked:
    return Asked(method="POST", target=INIT, answer=everything(*answers, titles=titles, **more))


LANGUAGES = [
    Asked(
        method="POST",
        target=SEARCH,
        holds='"query": "Acme"',
        answer={"result": [], "details": [{"id": 53, "url": "/help/en-us"}, {"id": 1, "url": "/help/de-de"}]},
    ),
    Asked(
        method="POST",
        target=SEARCH,
        answer={"result": [], "details": [{"id": 54, "url": "/help/ja-jp"}]},
    ),
]
PASSWORD = Article(
    external_id="1",
    title="パスワードを再設定する",
    text="<p>パスワードを再設定する</p>",
    url="{base}/help/ja-jp/12-/1-",
    lang="ja-jp",
    section="ログイン",
    updated_at=UPDATED,
)
SHOWN = (
    answer(1),
    answer(2, published_at=None, internal_at=AT),
    answer(3, published_at=None, internal_note="koe-0123456789abcdef0123"),
    answer(4, archived_at=AT),
)
TITLES = (
    translation(11, 1, "パスワードを再設定する"),
    translation(12, 1, "Réset your (password)!", locale=3),
    translation(13, 2, "請求の締め"),
    translation(14, 3, "下書き"),
    translation(15, 4, "古い手順"),
)

EXAMPLE = Example(
    settings={"address": "{base}", "token": "t0ken"},
    check=[there(*SHOWN, titles=TITLES)],
    walk=[there(*SHOWN, titles=TITLES), *LANGUAGES],
    walked=[
        PASSWORD,
        Article(
            external_id="1/3",
            title="Réset your (password)!",
            text="<p>Réset your (password)!</p>",
            url="{base}/help/en-us/12-login/1-reset-your-password",
            lang="en-us",
            section="Login",
            updated_at=UPDATED,
        ),
        Article(
            external_id="2",
            title="請求の締め",
            text="<p>請求の締め</p>",
            url="{base}/#knowledge_base/1/locale/ja-jp/answer/2",
            lang="ja-jp",
            audience="internal",
            section="ログイン",
            updated_at=UPDATED,
        ),
        Article(
            external_id="3",
            title="下書き",
            text="<p>下書き</p>",
            url="{base}/#knowledge_base/1/locale/ja-jp/answer/3",
            lang="ja-jp",
            section="ログイン",
            status="draft",
            updated_at=UPDATED,
            own=True,
        ),
        Unpublished(external_id="4"),
        Shelf(external_ids=("1", "1/3", "2", "3")),
    ],
)
