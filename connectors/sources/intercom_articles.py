"""Intercom: the articles of its help centre in all their languages, with views and reactions.

The list is sorted by the last change, the newest first, and holds no statistics: each article is asked for by
itself. An article is known by its number in its default language, and by its number with the locale in each
other one.
Source: developers.intercom.com, "Articles", version 2.15.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Literal, Self

from connectors.asking import BY_ITSELF, Api, part
from connectors.errors import Refused
from connectors.intercom_account import ADDRESS, TOKEN, address_of, advice_on, has_more, headers_of, listed
from connectors.loose import Loose
from connectors.ports import Article, Means, Pace, Page, Source
from connectors.shelves import Place

ARTICLES = 40
"""Of one page: each takes a request of its own."""


class IntercomArticles(Source):
    """The help centre of an Intercom workspace."""

    slug = "intercom-articles"
    title = "Intercom Articles"
    category = "knowledge"
    settings = (ADDRESS, TOKEN)
    proofs = ()
    pace = Pace(requests=300, seconds=60, burst=20)
    guide = (
        {
            "en": "In Intercom, open Settings › Integrations › Developer Hub, make an app for your workspace "
            "(or open the one you have), and let it read articles and the help centre (Configure › "
            "Authentication › Edit).",
            "ja": "Intercom の「Settings › Integrations › Developer Hub」でワークスペース用のアプリを作り"
            "(既存のアプリでもかまいません)、「Configure › Authentication › Edit」で記事とヘルプセンターの"
            "読み取りを許可します。",
        },
        {
            "en": "Copy the access token from Configure › Authentication, and choose the address by where "
            "you sign in: app.intercom.com, app.eu.intercom.com or app.au.intercom.com.",
            "ja": "「Configure › Authentication」のアクセストークンをコピーします。アドレスは、ログイン先"
            "(app.intercom.com、app.eu.intercom.com、app.au.intercom.com)に合わせて選びます。",
        },
    )
    unverified = (
        {
            "en": "How often an article was viewed comes once a day, for a view is no change of it. Internal "
            "articles are not taken.",
            "ja": "閲覧数は記事の変更にあたらないため、1 日に一度取り込みます。社内向け記事(Internal "
            "articles)は取り込みません。",
        },
    )

    def __init__(self, api: Api | None) -> None:
        self._api = api

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address, token = address_of(settings), settings.get("token", "").strip()
        if not token:
            return cls(None)
        advice = advice_on("read articles and the help centre")
        return cls(Api(http=means.http, base=address, headers=headers_of(token), advice=advice))

    def check(self) -> str:
        workspace = self._asked().get("/me")["app"]["name"].text or "your workspace"
        found = self._asked().get("/articles", {"page": 1, "per_page": 1})
        if not isinstance(found["data"].value, list):
            raise Refused("Intercom answered with something that is no list of articles")
        total = found["total_count"].number or 0
        return f"Intercom answers for {workspace}, and lets Koe read its articles ({total:,.0f})."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        place = Place.of(since, cursor)
        number = int(place.next) if place.next and place.next.isdigit() else 1
        found = self._asked().get("/articles", {"page": number, "per_page": ARTICLES})
        rows = [row for row in found["data"] if row["id"].id]
        changed = [row for row in rows if place.takes(row["updated_at"].counted_time())]
        articles = [one for row in changed for one in self._articles(row)]
        there, total = [one.external_id for one in articles], found["total_count"].number
        numbers = {named.partition("/")[0] for named in (*place.seen, *there)}
        return place.page(
            articles,
            there=there,
            next_=str(number + 1) if has_more(found, number) and len(changed) == len(rows) else None,
            is_all=total == len(numbers),
        )

    def _articles(self, row: Loose) -> Iterator[Article]:
        """Yield an article in each of its languages; its default one stands in the article itself."""
        article = self._whole(row)
        named, usual = article["id"].id or "", (article["default_locale"].text or "").lower()
        yield self._article(named, article, article, usual)
        translated = article["translated_content"].value
        for locale in translated if isinstance(translated, dict) else ():
            content = article["translated_content"][locale]
            if content["title"].text and locale.lower() != usual:
                yield self._article(f"{named}/{locale}", article, content, locale)

    def _whole(self, row: Loose) -> Loose:
        """Return an article with its statistics; one that is refused by itself as it is listed."""
        try:
            found = self._asked().get(f"/articles/{part(row['id'].id or '')}")
        except Refused as error:
            if error.status not in BY_ITSELF:
                raise
            return row
        return found if found["id"].id == row["id"].id else row

    def _article(self, named: str, article: Loose, content: Loose, locale: str) -> Article:
        told = article["statistics"] if content is article else Loose()
        status: Literal["published", "draft"] = (
            "published" if content["state"].text == "published" else "draft"
        )
        return Article(
            external_id=named,
            title=content["title"].text or "",
            text=content["body"].text or "",
            url=content["url"].text,
            lang=locale or None,
            section=self._collections.get(article["parent_id"].id or ""),
            status=status,
            updated_at=content["updated_at"].counted_time() or article["updated_at"].counted_time(),
            views=told["views"].count,
            helpful=_reactions(told, "happy_reaction_percentage"),
            unhelpful=_reactions(told, "sad_reaction_percentage"),
        )

    @cached_property
    def _collections(self) -> Mapping[str, str]:
        found = listed(self._asked(), "/help_center/collections")
        return {one["id"].id or "": one["name"].text or "" for one in found}

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'token' is missing: Intercom tells nothing without it")
        return self._api


def _reactions(told: Loose, share: str) -> int | None:
    """Return how many of the reactions were such."""
    reactions, percent = told["reactions"].number, told[share].number
    return None if reactions is None or percent is None else round(reactions * percent / 100)
