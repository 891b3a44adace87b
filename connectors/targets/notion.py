"""Notion: a page of a database for each suggestion, as a backlog or as drafts of articles."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Self

from connectors.guards import must_take, secret_of
from connectors.notion import Choices, Pages
from connectors.notion_database import (
    ADDRESS,
    DATABASE,
    PACE,
    SOURCE,
    TOKEN,
    marker_setting,
    status_setting,
)
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote
from connectors.ports import Means, Setting, Words
from connectors.target_port import BACKLOG, KNOWLEDGE, Target
from connectors.told import dropped_setting, fields_setting, plainly, template_setting

SETTLES = timedelta(seconds=30)
ISSUES = {
    "marker": "Koe",
    "status": "Status",
    "new": "",
    "done": "Done, 完了",
    "dropped": "Won't do, Canceled, Cancelled, 対応しない",
}
ARTICLES = {
    "marker": "Koe",
    "status": "Status",
    "new": "Draft",
    "done": "Published, 公開",
    "dropped": "Rejected, 却下",
}
GUIDE: tuple[Words, ...] = (
    {
        "en": "Make an internal integration at notion.so/profile/integrations that may read and insert "
        "content and comments, and copy its secret.",
        "ja": "notion.so/profile/integrations で内部インテグレーションを作り、コンテンツとコメントの"
        "読み取りと挿入を許可して、シークレットをコピーします。",
    },
    {
        "en": "Open the database, choose “…” › Connections, and add the integration. Copy the link.",
        "ja": "データベースを開き、「…」›「コネクト」でこのインテグレーションを追加します。データベースの"
        "リンクをコピーします。",
    },
    {
        "en": "Add a text property “Koe” to the database, by which Koe finds its pages again, and see "
        "that it has a status.",
        "ja": "データベースにテキストのプロパティ「Koe」を追加します（Koe がページを見つける目印です）。"
        "ステータスのプロパティがあることも確かめます。",
    },
)
UNVERIFIED: tuple[Words, ...] = (
    {
        "en": "How soon a new page is found by its property: Koe waits 30 seconds before it believes that "
        "there is none. A note whose discussion was resolved is not seen any more.",
        "ja": "新しいページがプロパティで見つかるまでの時間（Koe は 30 秒待ってから、ないと判断します）。"
        "解決済みにしたコメントは見えなくなります。",
    },
    {
        "en": "A page that was moved to where the integration sees nothing counts as deleted.",
        "ja": "インテグレーションから見えない場所へ移されたページは、削除されたものとして扱います。",
    },
)


def _settings(usual: Mapping[str, str], template: Setting) -> Sequence[Setting]:
    """Return the settings, with what is usual for one use of a database."""
    return (
        ADDRESS,
        TOKEN,
        DATABASE,
        SOURCE,
        marker_setting(usual["marker"]),
        status_setting(usual["status"]),
        Setting(
            name="new",
            label={"en": "Status of new pages", "ja": "新しいページのステータス"},
            needed="never",
            default=usual["new"] or None,
        ),
        Setting(
            name="done",
            label={
                "en": "Statuses that mean that customers have it, with commas",
                "ja": "お客様に届いたことを意味するステータス（カンマ区切り）",
            },
            needed="never",
            default=usual["done"],
        ),
        dropped_setting({"en": "Statuses", "ja": "ステータス"}, usual=usual["dropped"]),
        fields_setting({"en": "Properties to fill in", "ja": "記入するプロパティ"}, example="Team=Support"),
        template,
    )


def _pages(settings: Mapping[str, object], means: Means, usual: Mapping[str, str]) -> Pages:
    token = secret_of(means, "token")
    told = plainly(settings)
    return Pages(told, Choices.told(told, usual), token=token, http=means.http)


class NotionBacklog(Target):
    """Makes pages in a database that serves as a backlog."""

    slug = "notion-backlog"
    title = "Notion (backlog)"
    title_ja = "Notion（バックログ）"
    category = "backlog"
    takes = BACKLOG
    secret_setting = "token"
    follows = True
    settles = SETTLES
    pace = PACE
    settings = _settings(ISSUES, template_setting({"en": "a page", "ja": "ページ"}))
    guide = GUIDE
    unverified = UNVERIFIED

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that makes pages in the database of the setting `project`."""
        return cls(_pages(settings, means, ISSUES))

    def check(self) -> str:
        return self._pages.check()

    def find(self, suggestion_id: str) -> Receipt | None:
        return self._pages.find(suggestion_id)

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        return self._pages.deliver(outgoing)

    def look(self, reference: str) -> Remote:
        return self._pages.look(reference)

    def existing(self, words: str) -> Sequence[Existing]:
        return self._pages.existing(words)

    def note(self, reference: str, note: Note) -> Receipt:
        return self._pages.note(reference, note)


class NotionArticles(Target):
    """Makes drafts in a database of articles; people publish them by their status."""

    slug = "notion-articles"
    title = "Notion (articles)"
    title_ja = "Notion（記事）"
    category = "knowledge"
    takes = KNOWLEDGE
    secret_setting = "token"
    follows = True
    settles = SETTLES
    pace = PACE
    settings = _settings(ARTICLES, template_setting({"en": "a draft", "ja": "下書き"}))
    guide = GUIDE
    unverified = UNVERIFIED

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that makes drafts in the database of the setting `project`."""
        return cls(_pages(settings, means, ARTICLES))

    def check(self) -> str:
        return self._pages.check()

    def find(self, suggestion_id: str) -> Receipt | None:
        return self._pages.find(suggestion_id)

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        return self._pages.deliver(outgoing)

    def look(self, reference: str) -> Remote:
        return self._pages.look(reference)

    def existing(self, words: str) -> Sequence[Existing]:
        return self._pages.existing(words)

    def note(self, reference: str, note: Note) -> Receipt:
        return self._pages.note(reference, note)
