"""The knowledge bases of a Zammad: answers in categories, told all at once, and their texts on request.

- An answer has a translation for each language it is written in. Languages are numbers there; what each is
  called stands in the address of the knowledge base's first page, as the search tells it.
- Whether an answer is internal, published or archived is told by times, which may lie in the future.
- `internal_note` is a field of an answer that no page shows and that is written together with it.

Sources: docs.zammad.org, "Knowledge Base"; the server's own source, for what each answer holds and who may
ask for it.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from connectors.asking import Api
from connectors.errors import Refused, RetryLater
from connectors.loose import NOTHING, Loose, is_number
from connectors.own import label_of
from connectors.ports import Words

ALL = "knowledge_bases/init"
SEARCH = "knowledge_bases/search"
BASE, CATEGORY, ANSWER = "KnowledgeBase", "KnowledgeBaseCategory", "KnowledgeBaseAnswer"
TITLES = {CATEGORY: "KnowledgeBaseCategoryTranslation", ANSWER: "KnowledgeBaseAnswerTranslation"}
OWNER = {CATEGORY: "category_id", ANSWER: "answer_id"}
NONE_SEEN = (
    "Zammad shows no knowledge base: make one under Manage › Knowledge Base, and give the token the "
    "permission knowledge_base.editor"
)
UNTRIED: Words = {
    "en": "Any version: Koe follows the documents and the source of 5 to 7. What the languages of the "
    "knowledge base are called is told by its search alone; where it does not tell, there are no links.",
    "ja": "すべてのバージョン（5～7 の文書とソースコードに基づいています）。ナレッジベースの言語名は検索の"
    "結果からしか分かりません。分からないときはリンクがありません。",
}
INTERNAL = label_of("internal")
"""What an answer of Koe's bears that is meant for staff alone."""
CODE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}")
"""A language as Zammad names it."""
LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "þ": "th", "ı": "i"})
"""What Zammad writes in addresses for letters that are no letter with an accent."""

Standing = Literal["draft", "internal", "published", "archived"]


class Knowledge:
    """All knowledge bases of a Zammad, as they were when they were asked for, without texts."""

    def __init__(self, told: Loose) -> None:
        """Hold what an answer tells as its assets: all there is, or one answer with what is around it."""
        self.bases = self._by_number(told, BASE)
        self.locales = self._by_number(told, "KnowledgeBaseLocale")
        self.names = self._by_number(told, "KnowledgeBaseTranslation")
        self.categories = self._by_number(told, CATEGORY)
        self.answers = self._by_number(told, ANSWER)
        self._titles = {kind: self._owned(told, kind) for kind in TITLES}

    def titles(self, kind: str, named: str) -> Sequence[Loose]:
        """Return what a category or an answer is called, in each of its languages."""
        return self._titles[kind].get(named, ())

    def title(self, kind: str, named: str, locale: str = "") -> str:
        """Return what it is called in a language, or in another where it has none in that one."""
        titles = self.titles(kind, named)
        fitting = [one for one in titles if one["kb_locale_id"].id == locale] or titles
        return (fitting[0]["title"].text or "") if fitting else ""

    def base_of(self, answer: Loose) -> str:
        """Return the number of the knowledge base that an answer stands in."""
        return self.categories.get(answer["category_id"].id or "", NOTHING)["knowledge_base_id"].id or ""

    def path(self, category: str, locale: str = "") -> str:
        """Return what a category and those above it are called, the highest first."""
        above: list[str] = []
        while category in self.categories and category not in above:
            above.insert(0, category)
            category = self.categories[category]["parent_id"].id or ""
        return "/".join(self.title(CATEGORY, one, locale) for one in above)

    def locales_in(self, base: str) -> Mapping[str, Loose]:
        """Return the languages of a knowledge base by their numbers, the main one first."""
        there = {k: one for k, one in self.locales.items() if one["knowledge_base_id"].id == base}
        return dict(sorted(there.items(), key=lambda one: not one[1]["primary"].flag))

    @staticmethod
    def _by_number(told: Loose, kind: str) -> dict[str, Loose]:
        held = told[kind].value
        rows = [Loose(one) for one in held.values()] if isinstance(held, dict) else []
        numbered = {named: row for row in rows if is_number(named := row["id"].id or "")}
        return dict(sorted(numbered.items(), key=lambda one: int(one[0])))

    def _owned(self, told: Loose, kind: str) -> dict[str, list[Loose]]:
        found: dict[str, list[Loose]] = {}
        for one in self._by_number(told, TITLES[kind]).values():
            found.setdefault(one[OWNER[kind]].id or "", []).append(one)
        return found


class Reader:
    """Asks for the knowledge bases of a Zammad."""

    def __init__(self, api: Api, address: str) -> None:
        self._api = api
        self._address = address
        self._codes: dict[str, str | None] = {}
        """What languages are called, by their numbers, as far as it was asked for."""

    def everything(self) -> Knowledge:
        """Return all there is. Raises Refused where the token sees none, and RetryLater for nonsense."""
        told = self._api.post(ALL, {})
        if not told.value:
            raise Refused(NONE_SEEN)
        found = Knowledge(told)
        if not found.bases:
            raise RetryLater("Zammad told nothing of its knowledge base")
        return found

    def texts(self, translations: Iterable[Loose]) -> Mapping[str, str]:
        """Return the HTML of translations, by the numbers that they call it."""
        numbers = [int(named) for one in translations if is_number(named := one["content_id"].id or "")]
        if not numbers:
            return {}
        told = self._api.post(ALL, {"answer_translation_content_ids": numbers})
        held = told["KnowledgeBaseAnswerTranslationContent"].value
        rows = map(Loose, held.values() if isinstance(held, dict) else ())
        return {row["id"].id or "": row["body"].text or "" for row in rows}

    def search(self, words: str, *, kind: str, base: str, most: int) -> Sequence[Loose]:
        """Return what a search finds of a kind, the best first."""
        bare = " ".join(re.findall(r"\w+", words))[:200]
        if not (bare and is_number(base)):
            return ()
        asked = {
            "knowledge_base_id": int(base),
            "query": bare,
            "index": f"KnowledgeBase::{kind}",
            "flavor": "agent",
            "limit": most,
            "highlight_enabled": False,
        }
        return self._api.post(SEARCH, asked)["details"].rows

    def code(self, found: Knowledge, locale: str) -> str | None:
        """Return what a language is called, such as ja-jp; None where Zammad does not tell."""
        if locale not in self._codes:
            self._codes[locale] = self._code(found, locale)
        return self._codes[locale]

    def _code(self, found: Knowledge, locale: str) -> str | None:
        named = [one for one in found.names.values() if one["kb_locale_id"].id == locale]
        for one in named:
            base = one["knowledge_base_id"].id or ""
            word = max(re.findall(r"\w+", one["title"].text or ""), key=len, default="")
            try:
                hits = self.search(word, kind="Translation", base=base, most=50)
            except Refused:  # a server that lets nobody search takes drafts all the same
                return None
            for hit in hits:
                last = (hit["url"].text or "").rstrip("/").rpartition("/")[2].lower()
                if hit["id"].id == one["id"].id and CODE.fullmatch(last):
                    return last
        return None

    def editing(self, found: Knowledge, answer: Loose) -> str | None:
        """Return where people who work there open an answer; None where its language is not known."""
        titles = found.titles(ANSWER, answer["id"].id or "")
        code = self.code(found, titles[0]["kb_locale_id"].id or "") if titles else None
        if code is None:
            return None
        place = f"knowledge_base/{found.base_of(answer)}/locale/{code}/answer/{answer['id'].id}"
        return f"{self._address}/#{place}"

    def reading(self, found: Knowledge, answer: Loose, translation: Loose) -> str | None:
        """Return where customers read an answer in a language; None where the language is not known."""
        locale, category = translation["kb_locale_id"].id or "", answer["category_id"].id or ""
        code = self.code(found, locale)
        if code is None:
            return None
        above = f"{category}-{slug_of(found.title(CATEGORY, category, locale))}"
        page = f"{answer['id'].id}-{slug_of(translation['title'].text or '')}"
        custom = found.bases.get(found.base_of(answer), NOTHING)["custom_address"].text or "/help"
        own = custom.startswith("/")
        start = f"{self._address}{custom}" if own else f"{urlsplit(self._address).scheme}://{custom}"
        return f"{start.rstrip('/')}/{code}/{above}/{page}"


def standing_of(answer: Loose) -> Standing:
    """Return how an answer stands now."""
    now = datetime.now(UTC)
    states: Sequence[Standing] = ("archived", "published", "internal")
    for state in states:
        at = answer[f"{state}_at"].written_time
        if at is not None and at <= now:
            return state
    return "draft"


def marks_of(answer: Loose) -> frozenset[str]:
    """Return what an answer of Koe's is known by: words of its internal note, and its tags."""
    tags = (tag for one in answer["tags"] if (tag := one.text))
    return frozenset({*(answer["internal_note"].text or "").split(), *tags})


def slug_of(title: str) -> str:
    """Return a title as it stands in an address: what is no Latin letter is left out."""
    plain = unicodedata.normalize("NFD", title.lower().translate(LETTERS))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9_-]+", "-", bare)).strip("-")
