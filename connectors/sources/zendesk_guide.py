"""Zendesk Guide: the articles of a help centre in all their languages, with what readers voted.

An article is known by its number in the language it was written in, and by its number with the locale in
each other one. What changed is told by the incremental export; what is there at all by the list.
Sources: developer.zendesk.com, "Articles", "Translations", "User segments", "Understanding incremental
article exports".
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Literal, Self

from connectors.asking import BY_ITSELF, Api, part
from connectors.errors import Refused
from connectors.loose import Loose
from connectors.ports import Article, Means, Pace, Page, Setting, Source
from connectors.shelves import Place
from connectors.zendesk_account import ADDRESS, CENTRE, EMAIL, TOKEN, address_of, headers_of, listed

ARTICLES = 30
"""Of one page: each may take a request of its own for its translations."""
LABEL = "koe-"
"""How the labels of drafts begin that Koe made."""
SETTLED = timedelta(minutes=2)
"""The export begins in the past."""
STAFF = frozenset({"admin", "agent"})


class ZendeskGuide(Source):
    """The help centre of a Zendesk account."""

    slug = "zendesk-guide"
    title = "Zendesk Guide"
    category = "knowledge"
    settings: tuple[Setting, ...] = (ADDRESS, EMAIL, TOKEN)
    proofs = ()
    pace = Pace(requests=150, seconds=60, burst=10)
    guide = (
        {
            "en": "In the Admin Center, open Apps and integrations › APIs › API tokens, and make a token. "
            "Its agent must see all articles that Koe is to know; a Guide admin does.",
            "ja": "管理センターの「アプリおよびインテグレーション › API › API トークン」でトークンを"
            "作ります。Koe に読ませたい記事をすべて見られる担当者(Guide 管理者など)のものにしてください。",
        },
        {
            "en": "Articles come in every language. Drafts count as no answer; what is archived there goes "
            "here as well, within a day.",
            "ja": "記事はすべての言語で取り込みます。下書きは回答に数えません。アーカイブされた記事は"
            " 1 日以内に Koe からも消えます。",
        },
    )
    unverified = (
        {
            "en": "Whether the list brings drafts, and the translations with each article (where not, they "
            "are asked for one by one). How often an article was viewed is not told by the API.",
            "ja": "一覧に下書きが含まれるかどうかと、各記事の翻訳が一緒に届くかどうか(届かないときは"
            " 1 件ずつ取得します)。閲覧数は API では分かりません。",
        },
    )

    def __init__(self, api: Api | None) -> None:
        self._api = api

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address, token = address_of(settings), settings.get("token", "").strip()
        if not token:
            return cls(None)
        return cls(Api(http=means.http, base=address, headers=headers_of(settings, token)))

    def check(self) -> str:
        user = self._asked().get("/api/v2/users/me.json")["user"]
        if user["role"].text not in STAFF:
            raise Refused("Zendesk tells changes of articles to agents alone; use the token of one")
        locales = [
            one for each in self._asked().get(f"{CENTRE}/locales.json")["locales"] if (one := each.text)
        ]
        self._changed(datetime.now(UTC))
        return f"Zendesk answers, and lets Koe read the help centre ({', '.join(locales) or 'no language'})."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        place = Place.of(since, cursor)
        if place.since is not None:
            return self._page_of_changes(place, place.since)
        asked: dict[str, str | int] = {"page[size]": ARTICLES, "include": "translations"}
        if place.next:
            asked["page[after]"] = place.next
        found = self._asked().get(f"{CENTRE}/articles.json", asked)
        articles = [one for article in found["articles"] for one in self._articles(article)]
        more = found["meta"]["has_more"].flag and any(found["articles"])
        return place.page(
            articles,
            there=[one.external_id for one in articles],
            next_=found["meta"]["after_cursor"].text if more else None,
        )

    def _page_of_changes(self, place: Place, since: datetime) -> Page:
        """Return the next few of what changed; the export itself comes in parts of a thousand."""
        began, _, done = (place.next or "").partition("+")
        start = datetime.fromtimestamp(int(began), UTC) if began.isdigit() else since
        at = int(done) if done.isdigit() else 0
        found = self._changed(start)
        part_of = [*found["articles"]][at : at + ARTICLES]
        articles = [one for article in part_of for one in self._articles(article)]
        rest, end = len([*found["articles"]]) - at - len(part_of), found["end_time"].id
        if rest > 0:
            following: str | None = f"{int(start.timestamp())}+{at + ARTICLES}"
        else:
            more = found["next_page"].text and end and end.isdigit() and int(end) > start.timestamp()
            following = f"{end}+0" if more else None
        return place.page(articles, there=(), next_=following)

    def _changed(self, since: datetime) -> Loose:
        start = min(since, datetime.now(UTC) - SETTLED)
        asked: Mapping[str, str | int] = {"start_time": int(start.timestamp()), "include": "translations"}
        return self._asked().get(f"{CENTRE}/incremental/articles.json", asked)

    def _articles(self, article: Loose) -> Iterator[Article]:
        """Yield an article in each of its languages."""
        named = article["id"].id
        if named is None:
            return
        written = (article["source_locale"].text or article["locale"].text or "").lower()
        for translation in self._translations(named, article):
            locale = (translation["locale"].text or written).lower()
            is_first = locale == written
            yield Article(
                external_id=named if is_first else f"{named}/{locale}",
                title=translation["title"].text or "",
                text=translation["body"].text or "",
                url=translation["html_url"].text or article["html_url"].text,
                lang=locale,
                audience=self._audience(article),
                section=self._sections.get(article["section_id"].id or ""),
                status="draft" if translation["draft"].flag else "published",
                updated_at=_later(article["updated_at"], translation["updated_at"]),
                helpful=_votes(article, 1) if is_first else None,
                unhelpful=_votes(article, -1) if is_first else None,
                own=any((label.text or "").startswith(LABEL) for label in article["label_names"]),
            )

    def _translations(self, named: str, article: Loose) -> Iterator[Loose]:
        if any(article["translations"]):
            yield from article["translations"]
            return
        try:
            found = self._asked().get(f"{CENTRE}/articles/{part(named)}/translations.json")
        except Refused as error:
            if error.status not in BY_ITSELF:
                raise
            yield article  # one that is refused by itself holds up no other
            return
        yield from found["translations"]

    def _audience(self, article: Loose) -> Literal["public", "internal"]:
        """Say whether customers can read an article, if only those who are signed in."""
        named = [article["user_segment_id"].id, *(one.id for one in article["user_segment_ids"])]
        segments = {one for one in named if one is not None}
        return "public" if not segments or segments & self._for_customers else "internal"

    @cached_property
    def _for_customers(self) -> frozenset[str]:
        """The segments that hold customers. Only a Guide admin sees them; else each is taken for staff's."""
        try:
            found = [*listed(self._asked(), f"{CENTRE}/user_segments.json", "user_segments")]
        except Refused as error:
            if error.status not in (403, 404):
                raise
            return frozenset()
        return frozenset(one["id"].id or "" for one in found if one["user_type"].text == "signed_in_users")

    @cached_property
    def _sections(self) -> Mapping[str, str]:
        found = listed(self._asked(), f"{CENTRE}/sections.json", "sections")
        return {one["id"].id or "": one["name"].text or "" for one in found}

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the settings 'email' and 'token' are missing: Zendesk tells nothing without them")
        return self._api


def _later(first: Loose, second: Loose) -> datetime | None:
    return max(filter(None, (first.written_time, second.written_time)), default=None)


def _votes(article: Loose, sign: int) -> int | None:
    """Return how many voted an article up (1) or down (-1): told are the number of all, and their sum."""
    total, balance = article["vote_count"].number, article["vote_sum"].number
    return None if total is None or balance is None else max(0, int((total + sign * balance) / 2))
