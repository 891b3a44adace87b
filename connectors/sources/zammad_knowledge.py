"""Zammad's knowledge base: its answers in all their languages, for customers and for staff.

An answer is known by its number in the language that it was first written in, and by its number with that of
the language in each other one; whatever is changed in one of them changes the time of the answer. What is
archived is no article any more.
Sources: those of `connectors.zammad_knowledge`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Self

from connectors.asking import Api
from connectors.errors import Refused
from connectors.loose import Loose
from connectors.own import LABEL
from connectors.ports import Article, Event, Means, Pace, Page, Setting, Source, Unpublished
from connectors.shelves import Place
from connectors.zammad_account import ADDRESS, API, NEW_TOKEN, NO_ZAMMAD, address_of, headers_of
from connectors.zammad_knowledge import ANSWER, CATEGORY, UNTRIED, Knowledge, Reader, marks_of, standing_of

ANSWERS = 50
"""Of one page: their texts are asked for at once."""
MAY_READ = (
    "the token needs the permission knowledge_base.reader, and the roles of its user must see the answers"
)
ADVICE = {401: NEW_TOKEN, 403: MAY_READ, 404: NO_ZAMMAD}


class ZammadKnowledge(Source):
    """The knowledge base of a Zammad server."""

    slug = "zammad-knowledge"
    title = "Zammad knowledge base"
    title_ja = "Zammad ナレッジベース"
    category = "knowledge"
    settings = (
        ADDRESS,
        Setting(
            name="token",
            label={
                "en": "Access token of a reader of the knowledge base",
                "ja": "ナレッジベース閲覧者のアクセストークン",
            },
            secret=True,
            needed="to_fetch",
        ),
    )
    proofs = ()
    pace = Pace(requests=120, seconds=60, burst=10)
    guide = (
        {
            "en": "As a user who sees the answers that Koe is to know, open your avatar › Profile › Token "
            "Access › Create, and make a token with the permission knowledge_base.reader.",
            "ja": "Koe に読ませたい回答が見えるユーザーで「アバター › プロフィール › トークンアクセス › "
            "作成」を開き、権限 knowledge_base.reader のトークンを作ります。",
        },
        {
            "en": "What is published internally comes as an answer for staff. Drafts count as no answer; "
            "what is archived there goes here as well.",
            "ja": "内部公開の回答は社内向けとして取り込みます。下書きは回答に数えません。アーカイブされた"
            "回答は Koe からも消えます。",
        },
    )
    unverified = (
        UNTRIED,
        {
            "en": "An answer whose language is not told is taken without it. How often an answer was viewed "
            "is not told at all.",
            "ja": "言語が分からない回答は、言語なしで取り込みます。閲覧数は分かりません。",
        },
    )

    def __init__(self, reader: Reader | None) -> None:
        self._reader = reader

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address, token = address_of(settings), settings.get("token", "").strip()
        if not token:
            return cls(None)
        api = Api(http=means.http, base=f"{address}{API}", headers=headers_of(token), advice=ADVICE)
        return cls(Reader(api, address))

    def check(self) -> str:
        there = len(_there(self._asked().everything()))
        if there:
            return f"Zammad answers, and lets Koe read its knowledge base ({there:,})."
        return f"Zammad answers, and shows no answer of its knowledge base. If there are any: {MAY_READ}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        place, found = Place.of(since, cursor), self._asked().everything()
        last = int(place.next) if place.next and place.next.isdigit() else 0
        rest = [
            answer
            for named, answer in found.answers.items()
            if int(named) > last and place.takes(answer["updated_at"].written_time)
        ]
        part_of = rest[:ANSWERS]
        events = self._events(found, part_of)
        return place.page(
            events,
            there=[one.external_id for one in events if isinstance(one, Article)],
            next_=part_of[-1]["id"].id if len(rest) > len(part_of) else None,
            total=len(found.answers) if place.since is None else None,
        )

    def _events(self, found: Knowledge, answers: Sequence[Loose]) -> list[Event]:
        titles = [one for answer in answers for one in found.titles(ANSWER, answer["id"].id or "")]
        texts = self._asked().texts(titles)
        return [event for answer in answers for event in self._told(found, answer, texts)]

    def _told(
        self, found: Knowledge, answer: Loose, texts: Mapping[str, str]
    ) -> Iterator[Article | Unpublished]:
        """Yield an answer in each of its languages; one that was archived is withdrawn."""
        standing, reader, named = standing_of(answer), self._asked(), answer["id"].id or ""
        for place, one in enumerate(found.titles(ANSWER, named)):
            locale = one["kb_locale_id"].id or ""
            external_id = f"{named}/{locale}" if place else named
            if standing == "archived":
                yield Unpublished(external_id=external_id)
                continue
            is_public = standing == "published"
            yield Article(
                external_id=external_id,
                title=one["title"].text or "",
                text=texts.get(one["content_id"].id or "", ""),
                url=reader.reading(found, answer, one) if is_public else reader.editing(found, answer),
                lang=reader.code(found, locale),
                audience="internal" if standing == "internal" else "public",
                section=found.title(CATEGORY, answer["category_id"].id or "", locale) or None,
                status="draft" if standing == "draft" else "published",
                updated_at=answer["updated_at"].written_time,
                own=any(mark.startswith(f"{LABEL}-") for mark in marks_of(answer)),
            )

    def _asked(self) -> Reader:
        if self._reader is None:
            raise Refused("the setting 'token' is missing: Zammad tells nothing without it")
        return self._reader


def _there(found: Knowledge) -> list[Loose]:
    return [answer for answer in found.answers.values() if standing_of(answer) != "archived"]
