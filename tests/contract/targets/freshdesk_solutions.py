"""A double of Freshdesk Solutions: folders of categories, and what is refused by field and code."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from connectors.ports import Means
from connectors.targets.freshdesk_solutions import FreshdeskSolutions
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door

API = "/api/v2/solutions"
CATEGORIES = [{"id": 1, "name": "Product"}, {"id": 2, "name": "FAQ"}]
FOLDERS = {
    1: [{"id": 11, "name": "Drafts", "visibility": 1}],
    2: [{"id": 21, "name": "Drafts", "visibility": 1}, {"id": 22, "name": "Internal", "visibility": 3}],
}
LONGEST_TAG = 32


class FreshdeskSolutionsDesk(DoubledDesk):
    """Articles in folders, and the agents who publish them."""

    secret = "a-key-of-freshdesk"
    drops = False

    def __init__(self, board: Board, **settings: str) -> None:
        self.board = board
        self.articles: dict[int, dict[str, Any]] = {}
        self.made = 0
        told = {"address": board.address, "folder": "FAQ/Drafts", **settings}
        self.target = FreshdeskSolutions.open(told, Means(http=door(), secret=self.secret))
        board.on("GET", f"{API}/categories")(lambda request: self._page(request, CATEGORIES))
        board.on("GET", rf"{API}/categories/(\d+)/folders")(
            lambda request, category: self._page(request, FOLDERS[int(category)])
        )
        board.on("GET", rf"{API}/folders/(\d+)/articles")(self._list)
        board.on("POST", rf"{API}/folders/(\d+)/articles")(self._create)
        board.on("GET", rf"{API}/articles/(\d+)")(self._show)
        board.on("GET", "/api/v2/search/solutions")(self._search)

    def there(self) -> Sequence[str]:
        return [str(number) for number in self.articles]

    def title(self, reference: str) -> str:
        return str(self.articles[int(reference)]["title"])

    def text(self, reference: str) -> str:
        return str(self.articles[int(reference)]["description"])

    def notes(self, reference: str) -> Sequence[str]:
        """Return the drafts that stand beside an article and lead to it."""
        place = f"/a/solutions/articles/{reference}<"
        return [each["description"] for each in self.articles.values() if place in each["description"]]

    def write(self, title: str, text: str) -> str:
        article = {"title": title, "description": f"<p>{text}</p>", "status": 2, "tags": [], "folder_id": 11}
        return str(self._keep(article)["id"])

    def change(self, reference: str, text: str) -> None:
        self.articles[int(reference)]["description"] = f"<p>{text}</p>"

    def finish(self, reference: str) -> None:
        self.articles[int(reference)] |= {"status": 2, "updated_at": "2026-05-04T00:00:00Z"}

    def remove(self, reference: str) -> None:
        del self.articles[int(reference)]

    def move(self, reference: str) -> None:
        """Put an article into another folder, and give it another name and text."""
        self.articles[int(reference)] |= {"folder_id": 11, "title": "Another name", "description": "Anew."}

    def _keep(self, article: dict[str, Any]) -> dict[str, Any]:
        self.made += 1
        kept = {**article, "id": self.made, "updated_at": "2026-05-03T00:00:00Z"}
        self.articles[self.made] = kept
        return kept

    def _create(self, request: Request, folder: str) -> Reply:
        article = request.json
        wrong = next((name for name in ("title", "description") if not article[name].strip()), "")
        wrong = wrong or ("title" if len(article["title"]) > 255 else "")
        wrong = wrong or ("tags" if any(len(tag) > LONGEST_TAG for tag in article["tags"]) else "")
        if wrong or article["type"] not in (1, 2):
            error = {"field": wrong or "type", "message": str(article), "code": "invalid_value"}
            return Reply(content={"description": "Validation failed", "errors": [error]}, status=400)
        return Reply(content=self._keep({**article, "folder_id": int(folder)}), status=201)

    def _show(self, _: Request, number: str) -> Reply:
        if int(number) not in self.articles:
            return Reply(status=404)
        return Reply(content=self.articles[int(number)])

    def _list(self, request: Request, folder: str) -> Reply:
        return self._page(request, [one for one in self.articles.values() if one["folder_id"] == int(folder)])

    def _search(self, request: Request) -> Reply:
        words = request.query["term"].lower().split()
        return Reply(
            content=[
                article
                for article in self.articles.values()
                if any(word in article["title"].lower() for word in words)
            ]
        )

    def _page(self, request: Request, rows: Sequence[object]) -> Reply:
        number = int(request.query["page"])
        link = f'<{self.board.address}{request.path}?page={number + 1}>; rel="next"'
        headers = {"Link": link} if len(rows) > number * 3 else {}
        return Reply(content=rows[(number - 1) * 3 : number * 3], headers=headers)


@contextmanager
def opened(**settings: str) -> Iterator[FreshdeskSolutionsDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield FreshdeskSolutionsDesk(board, **settings)
