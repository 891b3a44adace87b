"""A double of Intercom's articles: what it requires, and lists that show the newest change first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from connectors.ports import Means
from connectors.targets.intercom_articles import IntercomArticles
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door

AUTHOR = 991267497


class IntercomArticlesDesk(DoubledDesk):
    """Articles of a workspace, and the people who publish them."""

    secret = "a-token-of-intercom"
    drops = False

    def __init__(self, board: Board, **settings: str) -> None:
        self.board = board
        self.articles: dict[int, dict[str, Any]] = {}
        self.made, self.clock = 0, count(1_777_000_000)
        told = {
            "address": board.address,
            "author": "Support@example.com",
            "collection": "Drafts",
            **settings,
        }
        self.target = IntercomArticles.open(told, Means(http=door(), secret=self.secret))
        admins = {"type": "admin.list", "admins": [{"id": str(AUTHOR), "email": "support@example.com"}]}
        board.on("GET", "/me")(lambda _: Reply(content={"app": {"name": "Example", "id_code": "abc"}}))
        board.on("GET", "/admins")(lambda _: Reply(content=admins))
        board.on("GET", "/help_center/collections")(self._collections)
        board.on("GET", "/articles/search")(self._search)
        board.on("GET", "/articles")(self._list)
        board.on("POST", "/articles")(self._create)
        board.on("GET", r"/articles/(\d+)")(self._show)

    def there(self) -> Sequence[str]:
        return [str(number) for number in self.articles]

    def title(self, reference: str) -> str:
        return str(self.articles[int(reference)]["title"])

    def text(self, reference: str) -> str:
        return str(self.articles[int(reference)]["body"])

    def notes(self, reference: str) -> Sequence[str]:
        """Return the drafts that stand beside an article and lead to it."""
        place = f"/articles/{reference}/show"
        return [each["body"] for each in self.articles.values() if place in each["body"]]

    def write(self, title: str, text: str) -> str:
        return str(self._keep({"title": title, "body": f"<p>{text}</p>", "state": "published"})["id"])

    def change(self, reference: str, text: str) -> None:
        self.articles[int(reference)] |= {"body": f"<p>{text}</p>", "updated_at": next(self.clock)}

    def finish(self, reference: str) -> None:
        self.articles[int(reference)] |= {"state": "published", "updated_at": next(self.clock)}

    def remove(self, reference: str) -> None:
        del self.articles[int(reference)]

    def _keep(self, article: dict[str, Any]) -> dict[str, Any]:
        self.made += 1
        kept = {**article, "id": str(self.made), "workspace_id": "abc", "updated_at": next(self.clock)}
        self.articles[self.made] = kept
        return kept

    def _create(self, request: Request) -> Reply:
        article = request.json
        wrong = ""
        if article.get("author_id") != AUTHOR:
            wrong = "author_id must be in the main body or default locale translated_content object"
        elif not article.get("title", "").strip() or len(article["title"]) > 255:
            wrong = f"title {article.get('title')} is too long"
        elif article.get("parent_id") not in (None, 145):
            wrong = "parent_id is not found"
        if wrong:
            error = {"code": "parameter_invalid", "message": wrong}
            return Reply(content={"type": "error.list", "errors": [error]}, status=400)
        return Reply(content=self._keep({"state": "draft", "url": None, **article}))

    def _show(self, _: Request, number: str) -> Reply:
        if int(number) not in self.articles:
            return Reply(content={"type": "error.list", "errors": [{"code": "not_found"}]}, status=404)
        return Reply(content=self.articles[int(number)])

    def _list(self, request: Request) -> Reply:
        newest = sorted(self.articles.values(), key=lambda article: -article["updated_at"])
        return _page(request, newest)

    def _collections(self, request: Request) -> Reply:
        return _page(request, [{"id": 144, "name": "Login"}, {"id": 145, "name": "Drafts"}])

    def _search(self, request: Request) -> Reply:
        words = request.query["phrase"].lower().split()
        found = [
            article
            for article in self.articles.values()
            if any(word in article["title"].lower() for word in words)
        ]
        return Reply(content={"type": "list", "data": {"articles": found, "highlights": []}})


def _page(request: Request, rows: Sequence[object]) -> Reply:
    most, number = min(2, int(request.query["per_page"])), int(request.query["page"])
    pages = {"type": "pages", "page": number, "total_pages": -(-len(rows) // most)}
    start = (number - 1) * most
    return Reply(content={"data": rows[start : start + most], "total_count": len(rows), "pages": pages})


@contextmanager
def opened(**settings: str) -> Iterator[IntercomArticlesDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield IntercomArticlesDesk(board, **settings)
