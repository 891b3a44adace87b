"""A double of Zammad's knowledge base: everything told at once, titles that stand once, comments that go."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from connectors.ports import Means
from connectors.targets.zammad_knowledge import ZammadKnowledge
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door, proven

BASES = "/api/v1/knowledge_bases"
ENGLISH, JAPANESE = 3, 4
CODES = {ENGLISH: "en-us", JAPANESE: "ja-jp"}
CATEGORIES = {11: ("Product", None), 12: ("FAQ", None), 13: ("Drafts", 11), 14: ("Drafts", 12)}
"""Names and the numbers of those above."""
AT = "2026-05-03T00:00:00.000Z"


class ZammadKnowledgeDesk(DoubledDesk):
    """Answers of a knowledge base in two languages, and the people who publish and archive them."""

    secret = "a-token-of-zammad"
    searches = True
    edits = True

    def __init__(self, board: Board, **settings: str) -> None:
        self.board = board
        self.answers: dict[int, dict[str, Any]] = {}
        self.made = 20
        told = {"address": board.address, "category": "FAQ/Drafts", **settings}
        self.target = ZammadKnowledge.open(told, Means(http=door(), secret=self.secret))
        board.asking = frozenset({f"{BASES}/init", f"{BASES}/search"})
        routes = (
            ("POST", f"{BASES}/init", self._init),
            ("POST", f"{BASES}/search", self._search),
            ("GET", rf"{BASES}/1/categories/(\d+)/permissions", self._permissions),
            ("POST", f"{BASES}/1/answers", self._create),
            ("GET", rf"{BASES}/1/answers/(\d+)", self._show),
            ("POST", "/api/v1/tags/add", self._tag),
        )
        for method, pattern, handle in routes:
            board.on(method, pattern)(proven(handle, f"Token token={self.secret}"))

    def there(self) -> Sequence[str]:
        return [str(number) for number in self.answers]

    def title(self, reference: str) -> str:
        return str(self.answers[int(reference)]["title"])

    def text(self, reference: str) -> str:
        return str(self.answers[int(reference)]["body"])

    def notes(self, reference: str) -> Sequence[str]:
        """Return the drafts that stand beside an answer and lead to it."""
        place = f"/answer/{reference}<"
        return [each["body"] for each in self.answers.values() if place in each["body"]]

    def write(self, title: str, text: str) -> str:
        there = {"title": title, "body": f"<p>{text}</p>", "locale": ENGLISH, "category_id": 11}
        return str(self._keep({**there, "published_at": AT})["id"])

    def change(self, reference: str, text: str) -> None:
        self.answers[int(reference)]["body"] = f"<p>{text}</p>"

    def finish(self, reference: str) -> None:
        self.answers[int(reference)]["published_at"] = "2026-05-04T00:00:00.000Z"

    def drop(self, reference: str) -> None:
        """Publish it and take it back: only what was published can be archived."""
        self.finish(reference)
        self.answers[int(reference)]["archived_at"] = "2026-05-05T00:00:00.000Z"

    def remove(self, reference: str) -> None:
        del self.answers[int(reference)]

    def move(self, reference: str) -> None:
        """Put an answer into another category, and give it another name and text."""
        self.answers[int(reference)] |= {"category_id": 11, "title": "Another name", "body": "Anew."}

    def assets(self, numbers: Sequence[int], contents: Sequence[int] = ()) -> dict[str, Any]:
        """Return these answers, with all categories and languages, as the API tells them."""
        titles = {
            number: {
                "id": number,
                "title": name,
                "kb_locale_id": ENGLISH,
                "category_id": number,
            }
            for number, (name, _) in CATEGORIES.items()
        }
        answers = {number: self.answers[number] for number in numbers}
        named = {
            number: {
                "id": number + 1000,
                "title": one["title"],
                "kb_locale_id": one["locale"],
                "answer_id": number,
                "content_id": number + 2000,
            }
            for number, one in answers.items()
        }
        told = {
            "KnowledgeBase": {1: {"id": 1, "active": True, "custom_address": None}},
            "KnowledgeBaseLocale": {
                number: {"id": number, "knowledge_base_id": 1, "primary": number == ENGLISH}
                for number in (JAPANESE, ENGLISH)
            },
            "KnowledgeBaseTranslation": {
                number + 50: {
                    "id": number + 50,
                    "title": f"Knowledge (base) {number}",
                    "kb_locale_id": number,
                    "knowledge_base_id": 1,
                }
                for number in CODES
            },
            "KnowledgeBaseCategory": {
                number: {"id": number, "knowledge_base_id": 1, "parent_id": above}
                for number, (_, above) in CATEGORIES.items()
            },
            "KnowledgeBaseCategoryTranslation": titles,
        }
        if answers:  # kinds of which there is nothing are left out
            hidden = {"title", "body", "locale"}
            told |= {
                "KnowledgeBaseAnswer": {
                    number: {name: value for name, value in one.items() if name not in hidden}
                    for number, one in answers.items()
                },
                "KnowledgeBaseAnswerTranslation": named,
            }
        if contents:
            told["KnowledgeBaseAnswerTranslationContent"] = {
                number: {"id": number, "body": self.answers[number - 2000]["body"]} for number in contents
            }
        return told

    def _keep(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        self.made += 1
        empty = {"internal_note": None, "internal_at": None, "published_at": None, "archived_at": None}
        self.answers[self.made] = {**empty, "tags": [], **answer, "id": self.made, "updated_at": AT}
        return self.answers[self.made]

    def _init(self, request: Request) -> Reply:
        asked = request.json.get("answer_translation_content_ids", ())
        return Reply(content=self.assets(list(self.answers), asked))

    def _permissions(self, _: Request, category: str) -> Reply:
        if int(category) not in CATEGORIES:
            return refusal("Couldn't find the category", 404)
        return Reply(content={"roles_editor": []}) if self.edits else refusal("Not authorized", 403)

    def _create(self, request: Request) -> Reply:
        asked = request.json
        (translation,) = asked["translations_attributes"]
        title, locale = translation["title"], translation["kb_locale_id"]
        beside = [one for one in self.answers.values() if one["category_id"] == asked["category_id"]]
        wrong = ""
        if not title.strip() or len(title) > 250:
            wrong = f"Validation failed: Translations title {title} is too long (maximum is 250 characters)"
        elif any((one["title"], one["locale"]) == (title, locale) for one in beside):
            wrong = "Validation failed: Translations title is already used"
        elif locale not in CODES or asked["category_id"] not in CATEGORIES:
            wrong = "Invalid value for param 'category_id'"
        if wrong:
            return refusal(wrong, 422)
        kept = self._keep(
            {
                "title": title,
                "locale": locale,
                "body": re.sub(r"<!--.*?-->", "", translation["content_attributes"]["body"], flags=re.DOTALL),
                "category_id": asked["category_id"],
                "internal_note": asked["internal_note"],
            }
        )
        return Reply(content={"id": kept["id"], "assets": self.assets([kept["id"]])}, status=201)

    def _show(self, _: Request, number: str) -> Reply:
        if int(number) not in self.answers:
            return refusal("Couldn't find the answer", 404)
        return Reply(content={"id": int(number), "assets": self.assets([int(number)])})

    def _tag(self, request: Request) -> Reply:
        asked = request.json
        assert asked["object"] == "KnowledgeBase::Answer"
        tags = self.answers[asked["o_id"]]["tags"]
        tags += [asked["item"]] if asked["item"] not in tags else []
        return Reply(content=True, status=201)

    def _search(self, request: Request) -> Reply:
        asked = request.json
        if not self.searches:
            return refusal("Not authorized", 403)
        words = asked["query"].lower().split()
        details: list[dict[str, Any]] = []
        if asked["index"] == "KnowledgeBase::Translation":
            details = [
                {"id": number + 50, "url": f"/help/{code}"}
                for number, code in CODES.items()
                if words[0] in f"knowledge (base) {number}"
            ]
        elif asked["index"] == "KnowledgeBase::Answer::Translation":
            details = [
                {"id": number + 1000, "title": one["title"], "body": one["body"]}
                for number, one in self.answers.items()
                if any(word in one["title"].lower() for word in words)
            ]
        return Reply(content={"result": [], "details": details[: asked["limit"]]})


def refusal(told: str, status: int) -> Reply:
    """Return how Zammad refuses."""
    return Reply(content={"error": told, "error_human": told}, status=status)


@contextmanager
def opened(**settings: str) -> Iterator[ZammadKnowledgeDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield ZammadKnowledgeDesk(board, **settings)
