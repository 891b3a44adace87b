"""A double of Zendesk Guide: what it refuses, and that drafts stand in lists alone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from connectors.ports import Means
from connectors.targets.zendesk_guide import ZendeskGuide
from connectors.zendesk_account import CENTRE
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door

SECTION = 12
NEEDED = ("permission_group_id", "user_segment_id")


class ZendeskGuideDesk(DoubledDesk):
    """Articles of a help centre, and the people who publish them."""

    secret = "a-token-of-zendesk"
    drops = False
    keeps_labels = True

    def __init__(self, board: Board, **settings: str) -> None:
        self.board = board
        self.articles: dict[int, dict[str, Any]] = {}
        self.made = 360_000
        told = {"address": board.address, "email": "agent@example.com", "section": "Drafts", **settings}
        self.target = ZendeskGuide.open(told, Means(http=door(), secret=self.secret))
        answers = {
            f"{CENTRE}/sections.json": {
                "sections": [{"id": 1, "name": "Login"}, {"id": SECTION, "name": "Drafts"}]
            },
            f"{CENTRE}/locales.json": {"locales": ["en-us", "ja"], "default_locale": "en-us"},
            "/api/v2/guide/permission_groups.json": {
                "permission_groups": [
                    {"id": 5, "name": "Managers", "built_in": True},
                    {"id": 6, "name": "Editors", "built_in": False},
                ]
            },
            f"{CENTRE}/user_segments.json": {
                "user_segments": [
                    {"id": 7, "name": "Signed-in users", "user_type": "signed_in_users", "built_in": True},
                    {"id": 8, "name": "Agents and admins", "user_type": "staff", "built_in": True},
                ]
            },
        }
        for place, content in answers.items():
            board.on("GET", place)(lambda _, content=content: Reply(content=content))
        board.on("GET", rf"{CENTRE}/articles\.json")(self._list)
        board.on("GET", rf"{CENTRE}/articles/search\.json")(self._search)
        board.on("GET", rf"{CENTRE}/sections/(\d+)/articles\.json")(self._list)
        board.on("POST", rf"{CENTRE}/sections/(\d+)/articles\.json")(self._create)
        board.on("GET", rf"{CENTRE}/articles/(\d+)\.json")(self._show)
        board.on("GET", rf"{CENTRE}/articles/(\d+)/translations\.json")(self._translations)

    def there(self) -> Sequence[str]:
        return [str(number) for number in self.articles]

    def title(self, reference: str) -> str:
        return str(self.articles[int(reference)]["title"])

    def text(self, reference: str) -> str:
        return str(self.articles[int(reference)]["body"])

    def notes(self, reference: str) -> Sequence[str]:
        """Return the drafts that stand beside an article and lead to it."""
        address = self.articles[int(reference)]["html_url"]
        return [
            each["body"]
            for number, each in self.articles.items()
            if address in each["body"] and number != int(reference)
        ]

    def write(self, title: str, text: str) -> str:
        return str(self._keep({"title": title, "body": f"<p>{text}</p>", "section_id": 1})["id"])

    def change(self, reference: str, text: str) -> None:
        self.articles[int(reference)]["body"] = f"<p>{text}</p>"

    def finish(self, reference: str) -> None:
        self.articles[int(reference)] |= {"draft": False, "updated_at": "2026-05-04T00:00:00Z"}

    def remove(self, reference: str) -> None:
        del self.articles[int(reference)]

    def move(self, reference: str) -> None:
        """Put an article into another section, and give it another name."""
        self.articles[int(reference)] |= {"section_id": 1, "title": "Another name"}

    def _keep(self, article: dict[str, Any]) -> dict[str, Any]:
        self.made += 1
        kept = {
            "locale": "en-us",
            "draft": False,
            "label_names": [],
            **article,
            "id": self.made,
            "updated_at": datetime.now(UTC).isoformat(),
        }
        kept["html_url"] = f"{self.board.address}/hc/{kept['locale']}/articles/{self.made}"
        self.articles[self.made] = kept
        return kept

    def _create(self, request: Request, section: str) -> Reply:
        article = request.json["article"]
        for name in NEEDED:
            if name not in article:
                told = (
                    f"Bad attribute. You must provide {name}. Set to 'null' to make it visible to everyone."
                )
                return Reply(content={"title": "Invalid attribute", "message": told}, status=400)
        if article["locale"] not in ("en-us", "ja") or int(section) not in (1, SECTION):
            return Reply(content={"title": "Invalid attribute", "message": "locale is missing"}, status=400)
        if article["permission_group_id"] not in (5, 6) or article["user_segment_id"] not in (None, 7, 8):
            return Reply(content={"error": "RecordNotFound", "description": "Not found"}, status=404)
        if not article["title"].strip() or len(article["title"]) > 255:
            details = {"title": [{"description": f"Title: {article['title']} is too long"}]}
            return Reply(content={"error": "RecordInvalid", "details": details}, status=422)
        labels = article["label_names"] if self.keeps_labels else []
        kept = self._keep({**article, "label_names": labels, "section_id": int(section)})
        return Reply(content={"article": kept}, status=201)

    def _list(self, request: Request, section: str = "") -> Reply:
        labels = set(filter(None, request.query.get("label_names", "").split(",")))
        found = [
            article
            for article in self.articles.values()
            if labels <= set(article["label_names"]) and section in ("", str(article["section_id"]))
        ]
        at, most = int(request.query.get("page[after]", "0")), min(3, int(request.query["page[size]"]))
        meta = {"has_more": at + most < len(found), "after_cursor": str(at + most)}
        return Reply(content={"articles": found[at : at + most], "meta": meta})

    def _search(self, request: Request) -> Reply:
        words = request.query["query"].lower().split()
        found = [
            article
            for article in self.articles.values()
            if not article["draft"] and any(word in article["title"].lower() for word in words)
        ]
        return Reply(content={"results": found})

    def _show(self, _: Request, number: str) -> Reply:
        if int(number) not in self.articles:
            return Reply(content={"error": "RecordNotFound"}, status=404)
        return Reply(content={"article": self.articles[int(number)]})

    def _translations(self, _: Request, number: str) -> Reply:
        if int(number) not in self.articles:
            return Reply(content={"error": "RecordNotFound"}, status=404)
        article = self.articles[int(number)]
        shown = {
            name: article[name] for name in ("locale", "draft", "html_url", "title", "body", "updated_at")
        }
        return Reply(content={"translations": [shown]})


@contextmanager
def opened(**settings: str) -> Iterator[ZendeskGuideDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield ZendeskGuideDesk(board, **settings)
