"""Help Scout Docs: the articles of all collections, with views.

Lists hold no texts: each article is asked for by itself. No list tells what changed in all collections, so
each is read, and those articles are taken that changed.
Sources: that of `connectors.help_scout_docs`; developer.helpscout.com, Docs API: "Article Object", "List
Categories".
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Literal, NamedTuple, Self

from connectors.asking import GONE, Api, part
from connectors.errors import Refused
from connectors.help_scout_docs import ADDRESS, KEY, NEW_KEY, Docs, address_of, headers_of
from connectors.loose import NOTHING, Loose
from connectors.own import LABEL
from connectors.ports import Article, Means, Pace, Page, Source, Unpublished
from connectors.shelves import Place

ARTICLES = 40
"""Of one page: each takes a request of its own."""
TOO_LONG = 413
"""The status of an answer that is longer than what Koe reads: what is listed of it is taken."""
MAY_READ = "the owner of the key must be allowed to see Docs"
ADVICE = {401: NEW_KEY, 403: MAY_READ}


class Listed(NamedTuple):
    """The articles of a collection, as its list holds them."""

    rows: Mapping[str, Loose]
    """By their ids, in a fixed order."""
    shifted: bool
    """Whether the list shifted while it was read."""


class HelpScoutDocs(Source):
    """The Docs of a Help Scout account."""

    slug = "help-scout-docs"
    title = "Help Scout Docs"
    category = "knowledge"
    settings = (ADDRESS, replace(KEY, needed="to_fetch"))
    proofs = ()
    pace = Pace(requests=120, seconds=60, burst=20)
    guide = (
        {
            "en": "In Help Scout, open Your profile › Authentication › API Keys, and make a Docs API key.",
            "ja": "Help Scout の「Your profile › Authentication › API Keys」で Docs の API キーを作ります。",
        },
        {
            "en": "What stands in a private collection comes as an answer for staff. What is not published "
            "counts as no answer; what is deleted there goes here within a day.",
            "ja": "非公開のコレクションの記事は社内向けとして取り込みます。公開前の記事は回答に数えません。"
            "削除された記事は 1 日以内に Koe からも消えます。",
        },
    )
    unverified = (
        {
            "en": "Whether the key stands as the user of Basic authentication, and whether a view counts as "
            "a change of an article; where not, views come once a day. The language of an article and what "
            "readers think of it are not told.",
            "ja": "API キーを Basic 認証のユーザー名とするかどうか。閲覧が記事の変更にあたるかどうか"
            "（あたらないときは、閲覧数は 1 日に一度取り込みます）。記事の言語と読者の評価は分かりません。",
        },
    )

    def __init__(self, api: Api | None) -> None:
        self._api = api
        self._lists: dict[str, Listed] = {}
        """What collections hold, by their names, as far as it was asked for."""
        self._names: dict[str, Mapping[str, str]] = {}
        """What the categories of collections are called."""

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address, key = address_of(settings), settings.get("key", "").strip()
        if not key:
            return cls(None)
        return cls(Api(http=means.http, base=address, headers=headers_of(key), advice=ADVICE))

    def check(self) -> str:
        self._asked()
        there = len(self._collections)
        if there:
            return f"Help Scout answers, and lets Koe read its Docs ({there:,} collections)."
        return f"Help Scout answers, and shows no collection of its Docs. If there are any: {MAY_READ}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        place = Place.of(since, cursor)
        began = Loose.glimpse((place.next or "").encode())
        named, last = began[0].text or "", began[1].text or ""
        collections = [one for one in self._collections if one >= named]
        if not collections:
            return place.page([], there=(), next_=None)
        here, after = collections[0], last if collections[0] == named else ""
        collection = self._collections[here]
        listed = self._listed(here, collection)
        rest = {one: row for one, row in listed.rows.items() if one > after and place.takes(_changed(row))}
        part_of = [*rest][:ARTICLES]
        events = [self._event(one, rest[one], collection) for one in part_of]
        following = [here, part_of[-1]] if len(rest) > ARTICLES else [*collections[1:2]]
        return place.page(
            events,
            there=[one.external_id for one in events if isinstance(one, Article)],
            next_=json.dumps(following) if following else None,
            shifted=listed.shifted,
        )

    def _listed(self, named: str, collection: Loose) -> Listed:
        """Return what a collection holds."""
        if named not in self._lists:
            parts = [*self._docs.numbered(collection)]
            found = (row for one in parts for row in one["items"].rows)
            rows = {known: row for row in found if (known := row["id"].id)}
            shifted = parts[-1]["count"].count not in (None, len(rows))
            self._lists[named] = Listed({one: rows[one] for one in sorted(rows)}, shifted)
        return self._lists[named]

    def _event(self, named: str, row: Loose, collection: Loose) -> Article | Unpublished:
        """Return an article with its text; one that went away since it was listed is withdrawn."""
        try:
            found = self._asked().get(f"articles/{part(named)}")["article"]
        except Refused as error:
            if error.status in GONE:
                return Unpublished(external_id=named)
            if error.status != TOO_LONG:
                raise
            found = NOTHING
        article = found if found["id"].id == named else row
        is_published = article["status"].text == "published"
        status: Literal["published", "draft"] = "published" if is_published else "draft"
        return Article(
            external_id=named,
            title=article["name"].text or "",
            text=article["text"].text or "",
            url=article["publicUrl"].text,
            audience="public" if collection["visibility"].text == "public" else "internal",
            section=self._section(article, collection),
            status=status,
            updated_at=_changed(article),
            views=article["viewCount"].count,
            own=(article["slug"].text or "").startswith(f"{LABEL}-"),
        )

    def _section(self, article: Loose, collection: Loose) -> str | None:
        """Return what the first category of an article is called, or else its collection."""
        named = collection["id"].text or ""
        if named not in self._names:
            told = self._docs.categories(collection)
            self._names[named] = {one["id"].id or "": one["name"].text or "" for one in told}
        return self._names[named].get(article["categories"][0].id or "") or collection["name"].text

    @cached_property
    def _docs(self) -> Docs:
        return Docs(self._asked())

    @cached_property
    def _collections(self) -> Mapping[str, Loose]:
        """All collections by their ids, in a fixed order."""
        known = {named: one for one in self._docs.collections() if (named := one["id"].text)}
        return {named: known[named] for named in sorted(known)}

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'key' is missing: Help Scout tells nothing without it")
        return self._api


def _changed(article: Loose) -> datetime | None:
    """Return when an article changed last; one that never did tells when it was made."""
    return article["updatedAt"].written_time or article["createdAt"].written_time
