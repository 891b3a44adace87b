"""Confluence Cloud: the pages of a space, with views where the plan has them.

What changed is read from the list of pages, the newest change first; what is there at all from the same list.
Moving a page is no change of it: where it stands now is seen once a day.

- Lists hold texts in the storage format alone, and name of what stands above a page only the next one.
- Views are told for Confluence Premium; a refusal is one of all pages.

Sources: developer.atlassian.com, Confluence Cloud REST v2 "Page", "Folder", v1 "Analytics", "Content
restrictions".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Self

from connectors.asking import BY_ITSELF, Params, part
from connectors.atlassian import EMAIL, TOKEN
from connectors.confluence import ENDING, NEW_TOKEN, NO_SPACE, SITE, SPACE, V1, V2, Space
from connectors.errors import Refused
from connectors.loose import NOTHING, Loose
from connectors.ports import Article, Means, Pace, Page, Setting, Source
from connectors.readers import audience_in, audience_setting
from connectors.shelves import Place
from connectors.storage_format import html_of

PAGES = 25
"""Of one part: each may take a request for its views, and one for who may view it."""
DEEPEST = 30
"""Pages above a page that are looked at."""
CURRENT = (None, "current")
ADVICE = {401: NEW_TOKEN, 403: "let the account view the space and its pages", 404: NO_SPACE}
KINDS = {"page": "pages", "folder": "folders", "whiteboard": "whiteboards", "database": "databases"}
"""Where the API keeps what pages stand below."""
WEB = re.compile(r"/spaces/[^\s<>\"']{1,900}")


class ConfluencePages(Source):
    """A space of a Confluence Cloud site."""

    slug = "confluence"
    title = "Confluence Cloud"
    category = "knowledge"
    settings = (
        SITE,
        replace(EMAIL, needed="to_fetch"),
        replace(TOKEN, needed="to_fetch"),
        SPACE,
        audience_setting({"en": "space", "ja": "スペース"}, usual="internal"),
        Setting(
            name="drafts",
            label={
                "en": "Page under which drafts wait, by title or link",
                "ja": "下書きが置かれるページ（タイトルかリンク）",
            },
            needed="never",
            example="Drafts of Koe",
        ),
    )
    proofs = ()
    pace = Pace(requests=120, seconds=60, burst=10)
    guide = (
        {
            "en": "Make an Atlassian account for Koe that may view what the readers of the space may view, "
            "and create an API token for it (account settings, Security).",
            "ja": "スペースの読者と同じ範囲を閲覧できる Koe 用の Atlassian アカウントを作り、アカウント設定の"
            "「セキュリティ」で API トークンを作成します。",
        },
        {
            "en": "Say whether customers read the space or your own people alone. In a space for customers, "
            "pages that not everybody may view count as internal. Where drafts wait under a page of the "
            "space, name it: what stands below it is no answer yet.",
            "ja": "スペースを読むのがお客様か社内だけかを選びます。お客様向けのスペースでも、閲覧が制限された"
            "ページは社内向けとして扱います。下書きを置くページがあれば指定してください。その下のページは"
            "まだ回答に数えません。",
        },
    )
    unverified = (
        {
            "en": "What Confluence answers follows its documents; it was not seen on an account. Views are "
            "told in Confluence Premium alone. What another page or system fills in is not read, and blog "
            "posts are not taken.",
            "ja": "Confluence の応答は公式文書によるもので、実際のアカウントでは確かめていません。閲覧数は "
            "Confluence Premium でだけ分かります。ほかのページやシステムから埋め込まれた内容は読みません。"
            "ブログ投稿は取り込みません。",
        },
        {
            "en": "The language of a page is not told. A page that was moved, archived or deleted, or that "
            "other people may view by now, is noticed within a day.",
            "ja": "ページの言語は分かりません。移動・アーカイブ・削除や閲覧制限の変更には 1 日以内に"
            "気づきます。",
        },
    )

    def __init__(self, settings: Mapping[str, str], space: Space | None) -> None:
        self._opened = space
        self._audience = audience_in(settings, usual="internal")
        self._told = settings.get("drafts", "").strip()
        self._known: dict[str, Loose] = {}
        """Pages and folders that stand above others, by their numbers, as far as they were asked for."""
        self._limited: dict[str, bool] = {}
        """Whether not everybody may view them."""
        self._tells_views: bool | None = None

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        token = settings.get("token", "").strip()
        if not token:
            return cls(settings, None)
        return cls(settings, Space(settings, token=token, http=means.http, advice=ADVICE))

    def check(self) -> str:
        space, found = self._asked(), self._space
        if self._told:
            space.drafts(found, self._told)
        home = found["homepageId"].id
        if self._audience == "public" and home is not None:
            space.is_restricted(home)  # where that is not told, nothing could be public
        place = f"the space {found['name'].text or space.key} of {space.base}"
        if space.api.get(f"{V2}/pages", {**self._listing, "limit": 1})["results"].rows:
            return f"Confluence lets Koe read the pages of {place}."
        return f"Confluence answers, and shows no page of {place}. If there are any: {ADVICE[403]}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        place, api = Place.of(since, cursor), self._asked().api
        if place.next:
            found = api.get(place.next)
        else:
            order = "id" if place.since is None else "-modified-date"
            found = api.get(f"{V2}/pages", {**self._listing, "sort": order})
        rows = [row for row in found["results"].rows if row["id"].id and row["status"].text in CURRENT]
        changed = [row for row in rows if place.takes(row["version"]["createdAt"].written_time)]
        self._known |= {row["id"].id or "": row for row in rows}
        articles = [self._article(row) for row in changed]
        return place.page(
            articles,
            there=[one.external_id for one in articles],
            next_=found["_links"]["next"].text if len(changed) == len(rows) else None,
        )

    @property
    def _listing(self) -> Params:
        """What is asked of the list of pages."""
        asked: Params = {"space-id": self._space["id"].id or "", "status": "current"}
        return {**asked, "body-format": "storage", "limit": PAGES}

    def _article(self, page: Loose) -> Article:
        named, title = page["id"].id or "", page["title"].text or ""
        above = self._above(page)
        numbers = (named, *(one["id"].id for one in above))
        is_draft = self._drafts in numbers if self._drafts else ENDING.search(title) is not None
        is_internal = self._audience == "internal" or any(map(self._is_limited, filter(None, numbers)))
        section = above[0] if above else NOTHING
        return Article(
            external_id=named,
            title=ENDING.sub("", title),
            text=html_of(page["body"]["storage"]["value"].text or ""),
            url=self._address(page, named),
            audience="internal" if is_internal else "public",
            section=None if section["id"].id == self._space["homepageId"].id else section["title"].text,
            status="draft" if is_draft else "published",
            updated_at=page["version"]["createdAt"].written_time,
            views=self._views(named),
            own=ENDING.search(title) is not None,
        )

    def _above(self, page: Loose) -> Sequence[Loose]:
        """Return what stands above a page, the nearest first."""
        above: list[Loose] = []
        while (number := page["parentId"].id) and len(above) < DEEPEST:
            if number not in self._known:
                self._known[number] = self._parent(page["parentType"].text or "page", number)
            page = self._known[number]
            above.append(page)
        return above

    def _parent(self, kind: str, number: str) -> Loose:
        """Return a page or a folder; of one that is not shown no more is known than its number."""
        nothing = Loose({"id": number})
        if kind not in KINDS:
            return nothing
        found = self._perhaps(f"{V2}/{KINDS[kind]}/{part(number)}")
        return found if found is not None and found["id"].id == number else nothing

    def _is_limited(self, number: str) -> bool:
        """Say whether not everybody may view a page; of one that is not told so, not everybody may."""
        if number not in self._limited:
            try:
                self._limited[number] = self._asked().is_restricted(number)
            except Refused as error:
                if error.status not in BY_ITSELF:
                    raise
                self._limited[number] = True
        return self._limited[number]

    def _views(self, number: str) -> int | None:
        """Return how often a page was viewed; once that is refused it is not asked for any more."""
        if self._tells_views is False:
            return None
        told = self._perhaps(f"{V1}/analytics/content/{part(number)}/views")
        if self._tells_views is None:
            self._tells_views = told is not None
        return (told or NOTHING)["count"].count

    def _perhaps(self, path: str) -> Loose | None:
        """Return what stands at a path; None where it is refused."""
        try:
            return self._asked().api.get(path)
        except Refused:
            return None

    def _address(self, page: Loose, named: str) -> str:
        """Return where readers open a page, as their links do."""
        told = page["_links"]["webui"].text or ""
        return f"{self._asked().base}/wiki{told}" if WEB.fullmatch(told) else self._asked().address_of(named)

    @cached_property
    def _space(self) -> Loose:
        return self._asked().found()

    @cached_property
    def _drafts(self) -> str | None:
        """The number of the page of drafts, where people told of one."""
        return self._asked().drafts(self._space, self._told)["id"].id if self._told else None

    def _asked(self) -> Space:
        if self._opened is None:
            raise Refused("the setting 'token' is missing: Confluence tells nothing without it")
        return self._opened
