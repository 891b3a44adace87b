"""Zammad's knowledge base: a draft for each suggestion, known by its internal note, that people publish.

- An answer is made as a draft in one request, its internal note with it; tags are added after that.
- A title stands once in a category and language: one that is taken gets a number.
- What is published has no draft beside it: an edit is an answer of its own, and so is a note.
- Comments in texts are not kept, and signs in brackets may embed a video: neither is ever sent.

Sources: those of `connectors.zammad_knowledge`; docs.zammad.org, "Answers"; the server's own source, for what
it takes and how titles, times and tags are checked.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Self

from connectors.asking import Api, needed
from connectors.drafts import free_title, html_before, title_beside
from connectors.errors import Refused, RetryLater
from connectors.guards import must_take, secret_of
from connectors.http import Http
from connectors.loose import Loose, is_number
from connectors.outgoing import MOST_EXISTING, Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import LABEL, label_of
from connectors.ports import Means, Pace, Setting
from connectors.target_port import KNOWLEDGE, Target
from connectors.told import MOST_NAMED, labels_setting, locale_setting, names_of, plainly, template_setting
from connectors.wording import WORDLESS, Block, check_template, text_of, text_of_note, title_of
from connectors.writing import Writer, unnamed
from connectors.zammad_account import ADDRESS, API, NEW_TOKEN, NO_ZAMMAD, address_of, headers_of
from connectors.zammad_knowledge import (
    ANSWER,
    CATEGORY,
    INTERNAL,
    UNTRIED,
    Knowledge,
    Reader,
    marks_of,
    standing_of,
)

LONGEST_TITLE = 250
ADVICE = {
    401: NEW_TOKEN,
    403: "the token needs the permission knowledge_base.editor, and the roles of its user must be editors of "
    "the category",
    404: NO_ZAMMAD,
}
FIELDS = re.compile(r"\b(title|body|content|category|kb_locale|locale)\b", re.IGNORECASE)
"""What a refusal may name; its other words may repeat what was sent."""
VIDEO = re.compile(r"\((?=\s*widget:)")
"""How a text begins that Zammad shows as a video."""


class ZammadKnowledge(Target):
    """Makes drafts in a category of a knowledge base."""

    slug = "zammad-knowledge"
    title = "Zammad knowledge base"
    title_ja = "Zammad ナレッジベース"
    category = "knowledge"
    takes = KNOWLEDGE
    secret_setting = "token"
    follows = True
    pace = Pace(requests=120, seconds=60, burst=10)
    settings = (
        ADDRESS,
        Setting(
            name="token",
            label={
                "en": "Access token of an editor of the knowledge base",
                "ja": "ナレッジベース編集者のアクセストークン",
            },
            secret=True,
        ),
        Setting(
            name="category",
            label={
                "en": "Category of new drafts: name, path (Parent/Name) or number",
                "ja": "下書きを作るカテゴリ（名前、親/名前、または番号）",
            },
            example="FAQ/Drafts by Koe",
        ),
        locale_setting("knowledge base", example="ja-jp"),
        labels_setting({"en": "Tags of new drafts", "ja": "タグ"}, usual=LABEL),
        template_setting({"en": "a draft", "ja": "下書き"}),
    )
    guide = (
        {
            "en": "Make a category for drafts in the knowledge base, or choose one, and note its name.",
            "ja": "ナレッジベースで下書き用のカテゴリを作るか選び、その名前を控えます。",
        },
        {
            "en": "As a user who may edit that category, open your avatar › Profile › Token Access › Create, "
            "and make a token with the permission knowledge_base.editor.",
            "ja": "そのカテゴリを編集できるユーザーで「アバター › プロフィール › トークンアクセス › 作成」を"
            "開き、権限 knowledge_base.editor のトークンを作ります。",
        },
        {
            "en": "Koe makes drafts and publishes nothing. What is for staff alone bears the tag "
            f"{INTERNAL}: publish it internally. It counts as done then; what is for customers, once it is "
            "published to everybody.",
            "ja": "Koe は下書きを作るだけで、公開はしません。社内向けの提案には、タグ "
            f"{INTERNAL} が付きます。内部公開にしてください。社内向けは内部公開で、お客様向けは一般公開で"
            "完了とみなします。",
        },
    )
    unverified = (
        UNTRIED,
        {
            "en": "Where languages are not told, the setting “locale” takes a number. Whether each version "
            "lets the API add tags; a draft is found without them, too.",
            "ja": "言語名が分からないとき、「書き込む言語」は番号で指定します。どの版でも API でタグを付け"
            "られるかどうか（タグがなくても下書きは見つけられます）。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, token: str, http: Http) -> None:
        address = address_of(settings)
        base, headers = f"{address}{API}", headers_of(token)
        self._category = needed(settings, "category")
        self._locale = settings.get("locale", "").strip().lower()
        self._tags = names_of(settings.get("labels", LABEL))
        self._template = check_template(settings.get("template", ""))
        self._address = address
        self._api = Api(http=http, base=base, headers=headers, advice=ADVICE)
        self._reader = Reader(self._api, address)
        self._writer = Writer(http=http, base=base, headers=headers, advice=ADVICE, explain=_explained)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that makes drafts in the setting `category` at `address`."""
        return cls(plainly(settings), token=secret_of(means, "token"), http=means.http)

    def check(self) -> str:
        found = self._reader.everything()
        base, category = self._chosen(found)
        locale = self._locale_for(found, base, "")
        self._api.get(f"knowledge_bases/{base}/categories/{category}/permissions")
        return (
            f"Drafts are made in the category {found.path(category, locale)} of {self._address} "
            f"(usually in {self._reader.code(found, locale) or f'language {locale}'})."
        )

    def find(self, suggestion_id: str) -> Receipt | None:
        found = self._reader.everything()
        answer = _marked(found, label_of(suggestion_id))
        return None if answer is None else self._receipt(found, answer)

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        found, label = self._reader.everything(), label_of(outgoing.suggestion_id)
        marks = (label, INTERNAL) if outgoing.audience == "internal" else (label,)
        if (answer := _marked(found, label)) is not None:
            self._tag(answer, marks)
            return self._receipt(found, answer)
        base, _ = self._chosen(found)
        return self._create(
            found,
            self._locale_for(found, base, outgoing.lang),
            title=title_of(outgoing, most=LONGEST_TITLE),
            written=text_of(outgoing, self._template),
            marks=marks,
        )

    def look(self, reference: str) -> Remote:
        told = self._asked(reference)
        if told is None:
            return Remote(reference=reference, state="gone")
        answer = told.answers[reference]
        status = standing_of(answer)
        is_done = status == "published" or (status == "internal" and INTERNAL in marks_of(answer))
        return Remote(
            reference=reference,
            state="dropped" if status == "archived" else "done" if is_done else "open",
            status=status,
            url=self._reader.editing(told, answer),
            at=answer[f"{status}_at"].written_time if is_done else None,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        found = self._reader.everything()
        base, category = self._chosen(found)
        hits = self._reader.search(words, kind="Answer::Translation", base=base, most=MOST_EXISTING)
        by_number = {
            one["id"].id: (answer, one)
            for named, answer in found.answers.items()
            for one in found.titles(ANSWER, named)
        }
        beside = [pair for pair in by_number.values() if pair[0]["category_id"].id == category]
        pairs = [*(by_number[one["id"].id] for one in hits if one["id"].id in by_number), *beside]
        texts = self._reader.texts(translation for _, translation in pairs[:MOST_EXISTING])
        return each_once(
            shown(
                self._receipt(found, answer),
                title=translation["title"].text,
                text=texts.get(translation["content_id"].id or ""),
                status=standing_of(answer),
            )
            for answer, translation in pairs
        )

    def note(self, reference: str, note: Note) -> Receipt:
        about = self._asked(reference)
        if about is None:
            raise Refused("the answer is not there any more", status=404)
        receipt = self._receipt(about, about.answers[reference])
        found, label = self._reader.everything(), label_of(f"note-{note.marker}")
        if _marked(found, label) is None:
            base, _ = self._chosen(found)
            titles = about.titles(ANSWER, reference)
            usual = self._locale_for(found, base, "")
            locale = (titles[0]["kb_locale_id"].id if titles else None) or usual
            self._create(
                found,
                locale if locale in found.locales_in(base) else usual,
                title=title_beside(about.title(ANSWER, reference) or reference, most=LONGEST_TITLE),
                written=text_of_note(note, receipt.url),
                marks=(label, INTERNAL),
            )
        return receipt

    def _create(
        self, found: Knowledge, locale: str, *, title: str, written: Sequence[Block], marks: Sequence[str]
    ) -> Receipt:
        base, category = self._chosen(found)
        taken = {
            (one["title"].text or "").lower()
            for named, answer in found.answers.items()
            for one in found.titles(ANSWER, named)
            if answer["category_id"].id == category and one["kb_locale_id"].id == locale
        }
        body = VIDEO.sub(f"({WORDLESS}", html_before("", written))
        translation = {
            "kb_locale_id": int(locale),
            "title": free_title(title, taken, most=LONGEST_TITLE),
            "content_attributes": {"body": body},
        }
        content = {
            "category_id": int(category),
            "internal_note": " ".join(marks),
            "translations_attributes": [translation],
        }
        made = self._writer.send("POST", f"knowledge_bases/{base}/answers", content)
        told = Knowledge(made["assets"])
        answer = told.answers.get(made["id"].id or "")
        if answer is None:
            told = self._reader.everything()
            answer = _marked(told, marks[0]) or unnamed("Zammad", "an answer")
        self._tag(answer, marks)
        return self._receipt(told, answer)

    def _tag(self, answer: Loose, marks: Sequence[str]) -> None:
        """Add the tags that an answer lacks; one that is refused is left out, for its note is a mark, too."""
        there = {one.text for one in answer["tags"]}
        for tag in dict.fromkeys((*self._tags, *marks)):
            if tag not in there:
                what = {"object": "KnowledgeBase::Answer", "o_id": answer["id"].value, "item": tag}
                with suppress(Refused):
                    self._writer.send("POST", "tags/add", what)

    def _asked(self, reference: str) -> Knowledge | None:
        """Return an answer with what is around it; None where it was deleted."""
        found = None
        if is_number(reference):
            place = f"knowledge_bases/{self._base}/answers/{reference}"
            found = self._api.find(place, alive=self._reader.everything)
        if found is None:
            return None
        told = Knowledge(found["assets"])
        if reference not in told.answers:
            raise RetryLater("Zammad told nothing of the answer")
        return told

    @cached_property
    def _base(self) -> str:
        """The number of a knowledge base: an answer is found in whichever it stands."""
        return next(iter(self._reader.everything().bases))

    def _chosen(self, found: Knowledge) -> tuple[str, str]:
        """Return the numbers of the knowledge base and of the category of new drafts."""
        fitting = [named for named in found.categories if self._category in _names_of(found, named)]
        if len(fitting) == 1:
            return found.categories[fitting[0]]["knowledge_base_id"].id or "", fitting[0]
        shown = [f"{found.path(named)} ({named})" for named in fitting or found.categories]
        told = f"the setting 'category' names {self._category!r}; "
        if fitting:
            raise Refused(f"{told}several are called so, use the number: {', '.join(shown[:MOST_NAMED])}")
        raise Refused(f"{told}there are {', '.join(shown[:MOST_NAMED]) or 'none that the token sees'}")

    def _locale_for(self, found: Knowledge, base: str, lang: str) -> str:
        """Return the language to write in: the setting's, else the suggestion's, else the main one."""
        there = list(found.locales_in(base))
        if not there:
            raise Refused("Zammad tells no language of the knowledge base; may the token edit it?")
        if len(there) == 1 and not self._locale:
            return there[0]
        codes = {named: self._reader.code(found, named) for named in there}
        if self._locale:
            if fitting := [named for named, code in codes.items() if self._locale in (named, code)]:
                return fitting[0]
            known = ", ".join(f"{code} ({named})" if code else named for named, code in codes.items())
            raise Refused(f"the setting 'locale' names {self._locale!r}; the knowledge base has {known}")
        wanted = lang.lower()
        exact = [named for named, code in codes.items() if code == wanted]
        alike = [named for named, code in codes.items() if code and _main(code) == _main(wanted)]
        return (exact or alike or there)[0]

    def _receipt(self, found: Knowledge, answer: Loose) -> Receipt:
        return Receipt(reference=answer["id"].id or "", url=self._reader.editing(found, answer))


def _marked(found: Knowledge, label: str) -> Loose | None:
    """Return the oldest answer with a mark, wherever it was moved to and whatever it says by now."""
    return next((answer for answer in found.answers.values() if label in marks_of(answer)), None)


def _names_of(found: Knowledge, category: str) -> set[str]:
    """Return by what a category may be told: its number, and in each language its name and its path."""
    names = {category, found.path(category)}
    for one in found.titles(CATEGORY, category):
        names |= {one["title"].text or category, found.path(category, one["kb_locale_id"].id or "")}
    return names


def _main(code: str) -> str:
    return code.partition("-")[0]


def _explained(refusal: Loose) -> str:
    """Return which fields a refusal names, without what they held."""
    told = " ".join(filter(None, (refusal["error"].text, refusal["error_human"].text)))
    if "is already used" in told:
        raise RetryLater("another answer of the category took the title meanwhile")
    return ", ".join(sorted({field.lower() for field in FIELDS.findall(told)}))
