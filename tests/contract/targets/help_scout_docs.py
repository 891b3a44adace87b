"""A double of Help Scout Docs: names that stand once in a collection, and lists without texts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from connectors.ports import Means
from connectors.targets.help_scout_docs import HelpScoutDocs
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door

COLLECTIONS = [
    {"id": "c1", "name": "Guides", "visibility": "public"},
    {"id": "c2", "name": "Drafts", "visibility": "public"},
    {"id": "c3", "name": "Internal", "visibility": "private"},
]
LISTED = ("id", "number", "collectionId", "slug", "status", "name", "publicUrl")


class HelpScoutDocsDesk(DoubledDesk):
    """Articles in collections, and the people who publish them."""

    secret = "a-key-of-docs"
    drops = False

    def __init__(self, board: Board, **settings: str) -> None:
        self.board = board
        self.articles: dict[str, dict[str, Any]] = {}
        self.made = 0
        told = {"address": f"{board.address}/v1", "collection": "Drafts", **settings}
        self.target = HelpScoutDocs.open(told, Means(http=door(), secret=self.secret))
        board.on("GET", "/v1/collections")(self._collections)
        board.on("GET", r"/v1/collections/(\w+)/articles")(self._list)
        board.on("GET", r"/v1/collections/\w+/categories")(lambda one: _page(one, "categories", []))
        board.on("GET", "/v1/search/articles")(self._search)
        board.on("POST", "/v1/articles")(self._create)
        board.on("GET", r"/v1/articles/(\w+)")(self._show)

    def there(self) -> Sequence[str]:
        return list(self.articles)

    def title(self, reference: str) -> str:
        return str(self.articles[reference]["name"])

    def text(self, reference: str) -> str:
        return str(self.articles[reference]["text"])

    def notes(self, reference: str) -> Sequence[str]:
        """Return the drafts that stand beside an article and lead to it."""
        address = self.articles[reference]["publicUrl"]
        return [each["text"] for each in self.articles.values() if address in each["text"]]

    def write(self, title: str, text: str) -> str:
        article = {"name": title, "text": f"<p>{text}</p>", "collectionId": "c1", "status": "published"}
        return str(self._keep({**article, "slug": f"slug-{self.made}"})["id"])

    def change(self, reference: str, text: str) -> None:
        self.articles[reference]["text"] = f"<p>{text}</p>"

    def finish(self, reference: str) -> None:
        self.articles[reference] |= {"status": "published", "lastPublishedAt": "2026-05-04T00:00:00Z"}

    def remove(self, reference: str) -> None:
        del self.articles[reference]

    def move(self, reference: str) -> None:
        """Put an article into another collection, and give it another name."""
        self.articles[reference] |= {"collectionId": "c1", "name": "Another name"}

    def _keep(self, article: dict[str, Any]) -> dict[str, Any]:
        self.made += 1
        named = f"a{self.made}"
        address = f"https://docs.example.com/article/{self.made}"
        self.articles[named] = {**article, "id": named, "number": self.made, "publicUrl": address}
        return self.articles[named]

    def _create(self, request: Request) -> Reply:
        article = request.json
        within = [one for one in self.articles.values() if one["collectionId"] == article["collectionId"]]
        wrong = ""
        if not article["name"].strip() or len(article["name"]) > 255:
            wrong = f"Name {article['name']} is too long"
        elif any(one["name"].lower() == article["name"].lower() for one in within):
            wrong = f"Name {article['name']} must be unique in the collection"
        if wrong:
            return Reply(content={"code": 400, "error": wrong}, status=400)
        assert request.query == {"reload": "true"}
        return Reply(content={"article": self._keep(article)}, status=201)

    def _show(self, _: Request, named: str) -> Reply:
        if named not in self.articles:
            return Reply(content={"code": 404, "error": "Not Found"}, status=404)
        return Reply(content={"article": self.articles[named]})

    def _list(self, request: Request, collection: str) -> Reply:
        found = [
            {name: article[name] for name in LISTED}
            for article in self.articles.values()
            if article["collectionId"] == collection
        ]
        shown = found if request.query["status"] == "all" else []
        return _page(request, "articles", shown)

    def _collections(self, request: Request) -> Reply:
        return _page(request, "collections", COLLECTIONS)

    def _search(self, request: Request) -> Reply:
        words = request.query["query"].lower().split()
        found = [
            {"id": article["id"], "name": article["name"], "status": article["status"], "url": "x"}
            for article in self.articles.values()
            if any(word in article["name"].lower() for word in words)
        ]
        return Reply(content={"articles": {"page": 1, "pages": 1, "items": found}})


def _page(request: Request, name: str, rows: Sequence[object]) -> Reply:
    number = int(request.query["page"])
    shown = {"page": number, "pages": -(-len(rows) // 2), "count": len(rows)}
    return Reply(content={name: {**shown, "items": rows[(number - 1) * 2 : number * 2]}})


@contextmanager
def opened(**settings: str) -> Iterator[HelpScoutDocsDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield HelpScoutDocsDesk(board, **settings)
