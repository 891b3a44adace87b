"""MediaWiki: the pages of a namespace as readers see them, templates filled in.

A page is known by its number, which it keeps when it is moved. What changed is told by the recent changes,
moves among them; what was deleted is noticed by the list of all pages. Redirects are no articles.
Source: mediawiki.org, "API:Allpages", "API:RecentChanges", "API:Parsing wikitext", "API:Info".
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Self

from connectors.asking import needed
from connectors.errors import Refused
from connectors.loose import Loose, is_number
from connectors.mediawiki import ADDRESS, PASSWORD, USER, Wiki, base_in
from connectors.ports import Article, Means, Pace, Page, Setting, Source, Unpublished
from connectors.readers import audience_in, audience_setting
from connectors.shelves import Place

PAGES = 20
"""Of one part: each takes a request of its own for its text."""
DRAFTS = "Koe/Drafts"
GONE = frozenset({b"nosuchpageid", b"missingtitle", b"permissiondenied"})
"""Codes of a page that is not there any more, or not for us."""
WHAT = {"prop": "info|revisions", "inprop": "url", "rvprop": "timestamp", "meta": "siteinfo"}
"""Asked of pages. Something of the wiki itself beside them tells an empty list from no answer."""


class MediaWikiPages(Source):
    """A namespace of a wiki."""

    slug = "mediawiki"
    title = "MediaWiki"
    category = "knowledge"
    settings = (
        ADDRESS,
        replace(USER, needed="to_fetch"),
        replace(PASSWORD, needed="to_fetch"),
        Setting(
            name="namespace",
            label={
                "en": "Namespace of the articles, by name or number",
                "ja": "記事の名前空間（名前か番号）",
            },
            needed="never",
            default="0",
            example="Help",
        ),
        audience_setting({"en": "wiki", "ja": "ウィキ"}, usual="public"),
        Setting(
            name="drafts",
            label={"en": "Title under which drafts wait", "ja": "下書きが置かれるページ名"},
            needed="never",
            default=DRAFTS,
        ),
    )
    proofs = ()
    pace = Pace(requests=240, seconds=60, burst=20)
    guide = (
        {
            "en": "Signed in as a user who may read the pages, open Special:BotPasswords and make a bot "
            "password with the grant “Basic rights”.",
            "ja": "ページを読めるユーザーでログインし、「特別:ボットパスワード」を開いて、「基本的な権限」を"
            "許可したボットパスワードを作ります。",
        },
        {
            "en": "Say whether customers read the wiki or your own people alone: the wiki does not tell.",
            "ja": "ウィキを読むのがお客様か社内だけかを選びます。ウィキの側からは分かりません。",
        },
    )
    unverified = (
        {
            "en": "Versions other than 1.39. How often a page was viewed is not told. A page that was "
            "deleted goes within a day.",
            "ja": "1.39 以外のバージョン。閲覧数は分かりません。削除されたページは 1 日以内に消えます。",
        },
    )

    def __init__(self, settings: Mapping[str, str], wiki: Wiki | None) -> None:
        self._wiki = wiki
        self._told = settings.get("namespace", "").strip() or "0"
        self._drafts = (settings.get("drafts", "").strip() or DRAFTS).strip("/ ")
        self._audience = audience_in(settings, usual="public")

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        base, password = base_in(settings), settings.get("password", "").strip()
        if not password:
            return cls(settings, None)
        user = needed(settings, "user")
        return cls(settings, Wiki(http=means.http, base=base, user=user, password=password))

    def check(self) -> str:
        sitename = self._asked().query(meta="siteinfo")["general"]["sitename"].text or "the wiki"
        where = self._told if self._namespace else "the main namespace"
        return f"{sitename} lets Koe read its pages (of {where})."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        place = Place.of(since, cursor)
        if place.since is not None:
            return self._page_of_changes(place, place.since)
        going: Mapping[str, str | int] = {"gapcontinue": place.next} if place.next else {}
        listed: Mapping[str, str | int] = {
            "generator": "allpages",
            "gapnamespace": self._namespace,
            "gapfilterredir": "nonredirects",
            "gaplimit": PAGES,
        }
        found = self._asked().part(**listed, **WHAT, **going)
        events = [one for page in found["query"]["pages"] if (one := self._event(page)) is not None]
        return place.page(
            events,
            there=[one.external_id for one in events if isinstance(one, Article)],
            next_=found["continue"]["gapcontinue"].text,
        )

    def _page_of_changes(self, place: Place, since: datetime) -> Page:
        going: Mapping[str, str | int] = {"rccontinue": place.next} if place.next else {}
        found = self._asked().part(
            list="recentchanges",
            rcnamespace=self._namespace,
            rctype="edit|new|log",
            rcprop="ids|title|timestamp",
            rcend=since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            rclimit=PAGES,
            **going,
        )
        named = (row["pageid"].id for row in found["query"]["recentchanges"])
        numbers = list(dict.fromkeys(one for one in named if one and is_number(one) and one != "0"))
        events = list(self._now(numbers))
        return place.page(events, there=(), next_=found["continue"]["rccontinue"].text)

    def _now(self, numbers: list[str]) -> Iterator[Article | Unpublished]:
        """Yield pages as they are now, by their numbers."""
        if numbers:
            for page in self._asked().query(pageids="|".join(numbers), **WHAT)["pages"]:
                if (event := self._event(page)) is not None:
                    yield event

    def _event(self, page: Loose) -> Article | Unpublished | None:
        """Return what a page is; one that is not there, or no article any more, is withdrawn."""
        named = page["pageid"].id
        if named is None:
            return None
        if page["missing"].flag or page["redirect"].flag or page["ns"].number != self._namespace:
            return Unpublished(external_id=named)
        title = page["title"].text or ""
        bare = title.partition(":")[2] if self._namespace else title
        is_draft = f"{bare}/".startswith(f"{self._drafts}/")
        try:
            text = self._asked().shown(named)["text"].text or ""
        except Refused as error:
            if error.body not in GONE:
                raise
            return Unpublished(external_id=named)
        return Article(
            external_id=named,
            title=bare or title,
            text=text,
            url=page["fullurl"].text,
            lang=page["pagelanguage"].text,
            audience=self._audience,
            status="draft" if is_draft else "published",
            updated_at=page["revisions"][0]["timestamp"].written_time,
            own=is_draft,
        )

    @cached_property
    def _namespace(self) -> int:
        """The number of the namespace. Raises Refused where there is none of the name."""
        spaces = self._asked().query(meta="siteinfo", siprop="namespaces")["namespaces"].value
        known: dict[str, int] = {}
        for number, space in (spaces if isinstance(spaces, dict) else {}).items():
            if is_number(number):
                told = Loose(space)
                names = (number, told["name"].text, told["canonical"].text)
                known |= {name.lower(): int(number) for name in names if name}
        if self._told.lower() not in known:
            raise Refused(f"the setting 'namespace' names {self._told!r}; there are {', '.join(known)}")
        return known[self._told.lower()]

    def _asked(self) -> Wiki:
        if self._wiki is None:
            raise Refused("the setting 'password' is missing: without it nobody can be signed in")
        return self._wiki
