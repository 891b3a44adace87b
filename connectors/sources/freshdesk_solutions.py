"""Freshdesk Solutions: the articles of all folders in all their languages, with views and votes.

No list tells what changed: all folders are read each time, and those articles taken that changed. An article
is known by its number in the first language, and by its number with the language in each other one.
Sources: that of `connectors.freshdesk_solutions`; developers.freshdesk.com/api, "Settings".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Literal, Self

from connectors.asking import Api, base_of, part
from connectors.errors import Refused
from connectors.freshdesk_solutions import (
    ADDRESS,
    KEY,
    NEW_KEY,
    NO_SOLUTIONS,
    PUBLISHED,
    Solutions,
    address_of,
    headers_of,
)
from connectors.loose import Loose, is_number
from connectors.own import LABEL
from connectors.ports import Article, Means, Pace, Page, Setting, Source
from connectors.shelves import Place

FOR_CUSTOMERS = frozenset({1, 2, 4, 6, 7})
"""The visibilities of folders that customers see: all, those who are signed in, or some of them."""
MAY_VIEW = "the agent whose key it is must be allowed to view solutions"
ADVICE = {401: NEW_KEY, 403: MAY_VIEW, 404: NO_SOLUTIONS}
CODE = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8}){0,2}")
"""A language as Freshdesk names it."""
NO_LANGUAGE = frozenset({400, 403, 404})
"""Statuses of a list in a language that the account does not have, or not for this agent."""


class FreshdeskSolutions(Source):
    """The solutions of a Freshdesk account."""

    slug = "freshdesk-solutions"
    title = "Freshdesk Solutions"
    category = "knowledge"
    settings = (
        ADDRESS,
        replace(KEY, needed="to_fetch"),
        Setting(
            name="portal",
            label={
                "en": "Address of your help centre, where it is another one",
                "ja": "ヘルプセンターのアドレス（Freshdesk と異なるとき）",
            },
            needed="never",
            example="https://help.example.com",
        ),
    )
    proofs = ()
    pace = Pace(requests=80, seconds=60, burst=20)
    guide = (
        {
            "en": "Copy the API key of an agent who may view all solutions from Profile settings. Where your "
            "help centre has an address of its own, say so: by it Koe knows the links in your replies.",
            "ja": "すべてのソリューションを閲覧できる担当者の「プロフィール設定」から API キーをコピー"
            "します。ヘルプセンターに独自のアドレスがあれば入力してください。返信の中のリンクをそれで見分けます。",
        },
        {
            "en": "What stands in a folder that agents alone see comes as an answer for staff. Drafts count "
            "as no answer; what is deleted there goes here within a day.",
            "ja": "担当者だけが見られるフォルダーの記事は社内向けとして取り込みます。下書きは回答に"
            "数えません。削除された記事は 1 日以内に Koe からも消えます。",
        },
    )
    unverified = (
        {
            "en": "What Freshdesk answers follows its documents; it was not seen on an account: whether a "
            "list in another language holds translated articles alone, how folders in folders are listed, "
            "and whether what is published tells of a draft beside it.",
            "ja": "Freshdesk の応答は公式文書によるもので、実際のアカウントでは確かめていません。"
            "他言語の一覧に翻訳済みの記事だけが含まれるか、フォルダーの中のフォルダーの一覧の形、公開済みの記事にある"
            "下書きを見分けられるかは分かりません。",
        },
    )

    def __init__(self, api: Api | None, portal: str) -> None:
        self._api = api
        self._portal = portal
        self._folder: tuple[str, Sequence[Loose]] = ("", ())
        """The folder that was read last, by its number, with its articles in the first language."""

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address, key = address_of(settings), settings.get("key", "").strip()
        portal = base_of(settings, "portal", usual=address)
        if not key:
            return cls(None, portal)
        return cls(Api(http=means.http, base=address, headers=headers_of(key), advice=ADVICE), portal)

    def check(self) -> str:
        self._asked()
        there = len(self._folders)
        if there:
            return f"Freshdesk answers, and lets Koe read its solutions ({there:,} folders)."
        return f"Freshdesk answers, and shows no folder of solutions. If there are any: {MAY_VIEW}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        place = Place.of(since, cursor)
        named, _, language = (place.next or "").partition("/")
        since_here = (int(named) if is_number(named) else 0, language)
        stops = [(number, one) for number in self._folders for one in ("", *self._languages)]
        rest = [stop for stop in stops if stop >= since_here]
        articles = [*self._articles(*rest[0], place)] if rest else []
        return place.page(
            articles,
            there=[one.external_id for one in articles],
            next_=f"{rest[1][0]}/{rest[1][1]}" if rest[1:] else None,
        )

    def _articles(self, number: int, language: str, place: Place) -> Iterator[Article]:
        """Yield those articles of a folder in a language that a walk takes."""
        folder = self._folders[number]
        first = self._first(folder)
        rows = self._translated(folder, language, first) if language else first
        for row in rows:
            if row["id"].id and place.takes(row["updated_at"].written_time):
                yield self._article(row, folder, language)

    def _first(self, folder: Loose) -> Sequence[Loose]:
        """Return the articles of a folder in the first language."""
        named = folder["id"].id or ""
        if self._folder[0] != named:
            self._folder = named, [*self._solutions.articles(folder)]
        return self._folder[1]

    def _translated(self, folder: Loose, language: str, first: Sequence[Loose]) -> Iterator[Loose]:
        """Yield the articles of a folder that say something else in another language."""
        untranslated = {_words(row) for row in first}
        try:
            found = [*self._solutions.articles(folder, language)]
        except Refused as error:
            if error.status not in NO_LANGUAGE:
                raise
            return
        yield from (row for row in found if _words(row) not in untranslated)

    def _article(self, row: Loose, folder: Loose, language: str) -> Article:
        named = row["id"].id or ""
        is_published, is_public = row["status"].number == PUBLISHED, _is_public(folder)
        own = any((tag.text or "").startswith(f"{LABEL}-") for tag in row["tags"])
        status: Literal["published", "draft"] = "published" if is_published else "draft"
        return Article(
            external_id=f"{named}/{language}" if language else named,
            title=row["title"].text or "",
            text=row["description"].text or row["description_text"].text or "",
            url=self._address(named, language, is_shown=is_published and is_public),
            lang=language or self._primary or row["hierarchy"][0]["data"]["language"].text,
            audience="public" if is_public else "internal",
            section=folder["name"].text,
            status=status,
            updated_at=row["updated_at"].written_time,
            views=None if language else row["hits"].count,
            helpful=None if language else row["thumbs_up"].count,
            unhelpful=None if language else row["thumbs_down"].count,
            own=own,
        )

    def _address(self, named: str, language: str, *, is_shown: bool) -> str:
        """Return where customers read an article, or else where agents do."""
        if not is_shown:
            return f"{self._asked().base}/a/solutions/articles/{part(named)}"
        among = f"/{part(language.lower())}" if language else ""
        return f"{self._portal}{among}/support/solutions/articles/{part(named)}"

    @cached_property
    def _folders(self) -> Mapping[int, Loose]:
        """All folders by their numbers, in their order."""
        known = {named: one for _, one in self._solutions.folders() if is_number(named := one["id"].id or "")}
        return {int(named): known[named] for named in sorted(known, key=int)}

    @cached_property
    def _solutions(self) -> Solutions:
        return Solutions(self._asked())

    @cached_property
    def _settings(self) -> Loose:
        """What the account tells of its languages; nothing where the agent may not see it."""
        try:
            return self._asked().get("api/v2/settings/helpdesk")
        except Refused as error:
            if error.status not in NO_LANGUAGE:
                raise
            return Loose()

    @property
    def _primary(self) -> str | None:
        return self._settings["primary_language"].text

    @property
    def _languages(self) -> Sequence[str]:
        """The languages beside the first one, in a fixed order."""
        told = {one.id or "" for one in self._settings["supported_languages"]}
        return sorted(one for one in told if CODE.fullmatch(one) and one != self._primary)

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'key' is missing: Freshdesk tells nothing without it")
        return self._api


def _is_public(folder: Loose) -> bool:
    return folder["visibility"].number in FOR_CUSTOMERS


def _words(row: Loose) -> tuple[str | None, str | None, str | None]:
    return row["id"].id, row["title"].text, row["description"].text
