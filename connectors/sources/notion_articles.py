"""Notion: the pages of a database of articles, published by their status.

What changed is asked for by the time of the last change; what is there at all by that of creation. The text
of a page is asked for by itself.
Sources: developers.notion.com, "Query a data source", "Page", "Page properties"; those of
`connectors.notion_database` and `connectors.notion_blocks`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Self

from connectors.asking import GONE
from connectors.errors import Refused
from connectors.loose import Loose
from connectors.notion_blocks import Blocks
from connectors.notion_database import (
    ADDRESS,
    CHOICES,
    DATABASE,
    NEW_SECRET,
    NOT_SHARED,
    PACE,
    SOURCE,
    TOKEN,
    Database,
    by,
    chosen_in,
    marker_setting,
    must_have_one,
    names_in,
    options_of,
    plain_of,
    status_setting,
)
from connectors.own import is_own
from connectors.ports import Article, BadRow, Means, Page, Setting, Source, Unpublished
from connectors.readers import audience_in, audience_setting
from connectors.shelves import Place
from connectors.told import names_of

PAGES = 15
"""Of one part: each takes a request of its own for its text, and more for what is in its blocks."""
MARKER, STATUS, SECTION, LANGUAGE = "Koe", "Status", "Category", "Language"
DONE = "Published, Done, 公開, 完了"
DROPPED = "Archived, Rejected, アーカイブ, 却下"
CHANGED = "last_edited_time"
MOST_LISTED = "Notion lists the first 10,000 pages of a database alone; what comes after them is left out"
ADVICE = {401: NEW_SECRET, 403: "let the integration read content", 404: NOT_SHARED}


class NotionArticles(Source):
    """A database of Notion whose pages are articles."""

    slug = "notion-articles"
    title = "Notion (articles)"
    title_ja = "Notion（記事）"
    category = "knowledge"
    settings = (
        ADDRESS,
        replace(TOKEN, needed="to_fetch"),
        DATABASE,
        SOURCE,
        audience_setting({"en": "database", "ja": "データベース"}, usual="internal"),
        status_setting(STATUS),
        Setting(
            name="done",
            label={
                "en": "Statuses of what is published, with commas between",
                "ja": "公開済みを意味するステータス（カンマ区切り）",
            },
            needed="never",
            default=DONE,
        ),
        Setting(
            name="dropped",
            label={
                "en": "Statuses of what is no article any more, with commas between",
                "ja": "記事でなくなったことを意味するステータス（カンマ区切り）",
            },
            needed="never",
            default=DROPPED,
        ),
        Setting(
            name="section",
            label={"en": "Property of the section", "ja": "セクションのプロパティ"},
            needed="never",
            default=SECTION,
        ),
        Setting(
            name="language",
            label={"en": "Property of the language", "ja": "言語のプロパティ"},
            needed="never",
            default=LANGUAGE,
        ),
        marker_setting(MARKER),
    )
    proofs = ()
    pace = PACE
    guide = (
        {
            "en": "Make an internal integration at notion.so/profile/integrations that may read content, and "
            "copy its secret.",
            "ja": "notion.so/profile/integrations で内部インテグレーションを作り、コンテンツの読み取りを許可"
            "して、シークレットをコピーします。",
        },
        {
            "en": "Open the database, choose “…” › Connections, and add the integration. Copy the link.",
            "ja": "データベースを開き、「…」›「コネクト」でこのインテグレーションを追加します。データベースの"
            "リンクをコピーします。",
        },
        {
            "en": "Pages with a status of what is published count as answers, all others as drafts; where "
            "the database has no status, all are published. A page that is shared to the web is for "
            "customers; say whether the others are, too.",
            "ja": "公開済みを意味するステータスのページを回答として、それ以外を下書きとして扱います。"
            "ステータスのないデータベースでは、すべて公開済みとします。Web で公開されたページはお客様向け"
            "です。それ以外のページもお客様向けかどうかを選びます。",
        },
    )
    unverified = (
        {
            "en": "What Notion answers follows its documents; it was not seen on an account. Views are not "
            "told. A page that was deleted goes within a day. What a page of more than 300 nested blocks "
            "holds beyond them is left out, and so are pages within a page.",
            "ja": "Notion の応答は公式文書によるもので、実際のアカウントでは確かめていません。閲覧数は"
            "分かりません。削除されたページは 1 日以内に消えます。入れ子のブロックが 300 を超えるページでは"
            "残りを取り込まず、ページの中のページも取り込みません。",
        },
    )

    def __init__(self, settings: Mapping[str, str], database: Database | None) -> None:
        self._opened = database
        self._audience = audience_in(settings, usual="internal")
        self._named = {
            name: settings.get(name, "").strip() or usual
            for name, usual in (
                ("marker", MARKER),
                ("status", STATUS),
                ("section", SECTION),
                ("language", LANGUAGE),
            )
        }
        self._done = names_of(settings.get("done", "").strip() or DONE)
        self._dropped = names_of(settings.get("dropped", "").strip() or DROPPED)

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        token = settings.get("token", "").strip()
        if not token:
            return cls(settings, None)
        return cls(settings, Database(settings, token=token, http=means.http, advice=ADVICE))

    def check(self) -> str:
        database, status = self._asked(), self._named["status"]
        title = plain_of(database.described()["title"]).strip() or "without a name"
        holds = "" if database.query({"page_size": 1})["results"].rows else " It holds no page yet."
        if not self._options:
            return f"Notion lets Koe read the database {title}; all of its pages count as published.{holds}"
        must_have_one(self._done, self._options, status)
        return f"Notion lets Koe read the database {title}; {status!r} tells what is published.{holds}"

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        place = Place.of(since, cursor)
        asked: dict[str, object] = {"page_size": PAGES, "sorts": [by("created_time", "ascending")]}
        if place.since is not None:
            after = {"on_or_after": place.since.astimezone(UTC).isoformat(timespec="milliseconds")}
            asked["filter"] = {"timestamp": CHANGED, CHANGED: after}
            asked["sorts"] = [by(CHANGED, "ascending")]
        if place.next:
            asked["start_cursor"] = place.next
        found = self._asked().query(asked)
        pages = [page for page in found["results"].rows if page["object"].text == "page"]
        events = [event for page in pages if (event := self._event(page)) is not None]
        is_cut = found["request_status"]["type"].text == "incomplete"
        return place.page(
            [*events, *([BadRow(line=1, reason=MOST_LISTED)] if is_cut else ())],
            there=[event.external_id for event in events if isinstance(event, Article)],
            next_=found["next_cursor"].text if found["has_more"].flag else None,
            is_all=not is_cut,
        )

    def _event(self, page: Loose) -> Article | Unpublished | None:
        """Return what a page is; one that is in the trash, or was decided against, is withdrawn."""
        named, held = page["id"].id, page["properties"]
        if named is None:
            return None
        status = chosen_in(held[self._named["status"]]) if self._options else ""
        if page["in_trash"].flag or page["archived"].flag or status in self._dropped:
            return Unpublished(external_id=named)
        try:
            text = Blocks(self._asked().api).html(named)
        except Refused as error:
            if error.status not in GONE:
                raise
            return Unpublished(external_id=named)
        shared = page["public_url"].text
        is_public = self._audience == "public" or shared is not None
        return Article(
            external_id=named,
            title=_title_of(held),
            text=text,
            url=shared or page["url"].text,
            lang=_told(held[self._named["language"]]),
            audience="public" if is_public else "internal",
            section=_told(held[self._named["section"]]),
            status="published" if not self._options or status in self._done else "draft",
            updated_at=page[CHANGED].written_time,
            own=is_own(_told(held[self._named["marker"]]) or ""),
        )

    @cached_property
    def _options(self) -> Sequence[str]:
        """The statuses that pages can have; none where the database has no status at all.

        Raises Refused where it has one that is called otherwise.
        """
        properties, status = self._asked().described()["properties"], self._named["status"]
        if properties[status]["type"].text in CHOICES:
            return options_of(properties[status]) or [""]
        others = [name for name in names_in(properties) if properties[name]["type"].text == "status"]
        if others or status != STATUS:
            there = ", ".join(others) or "no property of this name that is a status or a choice"
            raise Refused(f"the setting 'status' names {status!r}; the database has {there}")
        return ()

    def _asked(self) -> Database:
        if self._opened is None:
            raise Refused("the setting 'token' is missing: Notion tells nothing without it")
        return self._opened


def _title_of(held: Loose) -> str:
    """Return the title of a page; it may have none yet."""
    return "".join(plain_of(held[name]["title"]) for name in names_in(held))


def _told(held: Loose) -> str | None:
    """Return what a property tells in words: what is chosen, the first of several, or its text."""
    words = chosen_in(held) or held["multi_select"][0]["name"].text or plain_of(held["rich_text"])
    return words.strip() or None
