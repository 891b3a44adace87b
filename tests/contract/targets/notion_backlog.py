"""A double of Notion, as strict as its pages say: types of properties, lengths, and a trash."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from typing import Any
from uuid import uuid4

from connectors.ports import Means
from connectors.registry import open_source, open_target
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door, utf16

DATABASE = "0123456789abcdef0123456789abcdef"
SOURCE = "11111111-2222-3333-4444-555555555555"
VIEW = "?v=ffffffffffffffffffffffffffffffff"
STATUSES = ("Draft", "Not started", "Won't do", "Done", "Published", "Rejected")
PROPERTIES: Mapping[str, Any] = {
    "Name": {"id": "title", "type": "title", "title": {}},
    "Koe": {"id": "a", "type": "rich_text", "rich_text": {}},
    "Status": {"id": "b", "type": "status", "status": {"options": [{"name": name} for name in STATUSES]}},
    "Team": {"id": "c", "type": "select", "select": {"options": [{"name": "Support"}]}},
    "Tags": {"id": "d", "type": "multi_select", "multi_select": {"options": []}},
    "Customers": {"id": "e", "type": "number", "number": {"format": "number"}},
    "Owner": {"id": "f", "type": "people", "people": {}},
}


def error(status: int, code: str, message: str = "") -> Reply:
    """Return a refusal as Notion words it."""
    return Reply(
        content={"object": "error", "status": status, "code": code, "message": message}, status=status
    )


class NotionDesk(DoubledDesk):
    """Pages of one data source, and who works on them."""

    secret = "ntn_a-secret"

    def __init__(self, board: Board, slug: str, *, usual: str, finished: str) -> None:
        """Answer on a board; new pages get one status, finished ones another."""
        self.board, self.slug, self.usual, self.finished = board, slug, usual, finished
        self.pages: dict[str, dict[str, Any]] = {}
        self.properties = {**PROPERTIES}
        self.sources = [{"id": SOURCE, "name": "Feedback"}]
        self.target = self.opened()
        board.asking = frozenset({f"/v1/data_sources/{SOURCE}/query"})
        self.on("GET", rf"/v1/databases/{DATABASE}", lambda _: Reply(content={"data_sources": self.sources}))
        self.on("GET", rf"/v1/data_sources/{SOURCE}", self._source)
        self.on("POST", rf"/v1/data_sources/{SOURCE}/query", self._query)
        self.on("POST", r"/v1/pages", self._create)
        self.on("GET", r"/v1/pages/([^/]+)", self._show)
        self.on("GET", r"/v1/blocks/([^/]+)/children", self._blocks)
        self.on("GET", r"/v1/comments", self._comments)
        self.on("POST", r"/v1/comments", self._comment)

    def on(self, method: str, path: str, handle: Any) -> None:
        """Let a function deal with requests that prove themselves and name their version."""

        def proven(request: Request, *caught: str) -> Reply:
            if request.headers.get("authorization") != f"Bearer {self.secret}":
                return error(401, "unauthorized", "API token is invalid.")
            if request.headers.get("notion-version") != "2025-09-03":
                return error(400, "missing_version")
            found: Reply = handle(request, *caught)
            return found

        self.board.on(method, path)(proven)

    def opened(self, **told: str) -> Any:
        """Return the target with other settings."""
        link = f"https://www.notion.so/acme/Backlog-{DATABASE}{VIEW}"
        usual = {"address": self.board.address, "project": link, "fields": "Team=Support; Tags=koe, 声"}
        return open_target(self.slug, {**usual, **told}, Means(http=door(), secret=self.secret))

    def source(self, **told: str) -> Any:
        """Return the source of articles of the same database."""
        usual = {"address": self.board.address, "project": DATABASE, "token": self.secret}
        return open_source("notion-articles", {**usual, **told}, Means(http=door()))

    def there(self) -> Sequence[str]:
        return [number for number, page in self.pages.items() if not page["in_trash"]]

    def title(self, reference: str) -> str:
        return _plain(self.pages[reference]["properties"]["Name"]["title"])

    def text(self, reference: str) -> str:
        """Return the words as a page shows them: a text is a text, whatever it holds."""
        return escape("\n".join(self.pages[reference]["lines"]), quote=False)

    def notes(self, reference: str) -> Sequence[str]:
        return list(self.pages[reference]["comments"])

    def write(self, title: str, text: str) -> str:
        properties = {"Name": {"type": "title", "title": _shown([{"text": {"content": title}}])}}
        return str(self._keep(properties, [text])["id"])

    def change(self, reference: str, text: str) -> None:
        self.pages[reference]["lines"] = [text]

    def finish(self, reference: str) -> None:
        self.set_status(reference, self.finished)

    def drop(self, reference: str) -> None:
        self.set_status(reference, "Won't do" if self.slug == "notion-backlog" else "Rejected")

    def set_status(self, reference: str, name: str) -> None:
        """Give a page another status."""
        self.pages[reference]["properties"]["Status"] = {"type": "status", "status": {"name": name}}

    def remove(self, reference: str) -> None:
        self.pages[reference] |= {"in_trash": True, "archived": True}

    def _keep(self, properties: Mapping[str, Any], lines: Sequence[str]) -> dict[str, Any]:
        page: dict[str, Any] = {"id": str(uuid4()), "object": "page", "in_trash": False, "archived": False}
        page["properties"] = {"Status": {"type": "status", "status": {"name": self.usual}}, **properties}
        page |= {"lines": list(lines), "comments": [], "created_time": datetime.now(UTC).isoformat()}
        self.pages[page["id"]] = page
        return page

    def _source(self, _: Request) -> Reply:
        title = [{"plain_text": "Backlog of Acme"}]
        return Reply(content={"title": title, "properties": self.properties, "in_trash": False})

    def _create(self, request: Request) -> Reply:
        asked = request.json
        if asked["parent"] != {"type": "data_source_id", "data_source_id": SOURCE}:
            return error(404, "object_not_found", "Could not find data source.")
        kept: dict[str, Any] = {}
        for name, value in asked["properties"].items():
            known = self.properties.get(name)
            if known is None:
                return error(400, "validation_error", f"{name} is not a property that exists.")
            if [*value] != [known["type"]]:
                return error(400, "validation_error", f"{name} is expected to be {known['type']}.")
            kept[name] = {"type": known["type"], **value}
        status = kept.get("Status", {}).get("status", {}).get("name", STATUSES[0])
        if status not in STATUSES:
            return error(400, "validation_error", f'Status option "{status}" does not exist.')
        texts = [kept["Name"]["title"], kept["Koe"]["rich_text"]]
        texts += [block[block["type"]]["rich_text"] for block in asked["children"]]
        if len(asked["children"]) > 100 or len(request.body) > 500_000 or not all(map(_allowed, texts)):
            return error(400, "validation_error", "body failed validation: body.children is too long.")
        kept["Name"]["title"] = _shown(kept["Name"]["title"])
        kept["Koe"]["rich_text"] = [
            {**piece, **said} for piece, said in zip(texts[1], _shown(texts[1]), strict=True)
        ]
        return Reply(content=self._keep(kept, [_plain(_shown(text)) for text in texts[2:]]))

    def _query(self, request: Request) -> Reply:
        asked = request.json
        found = [page for page in self.pages.values() if not page["in_trash"] and _fits(page, asked)]
        if "sorts" in asked and asked["sorts"][0]["direction"] == "descending":
            found.reverse()
        results = found[: asked.get("page_size", 100)]
        return Reply(content={"object": "list", "results": results, "has_more": False, "next_cursor": None})

    def _show(self, _: Request, number: str) -> Reply:
        page = self.pages.get(number)
        return Reply(content=page) if page else error(404, "object_not_found", "Could not find page.")

    def _blocks(self, _: Request, number: str) -> Reply:
        said = [{"rich_text": [{"plain_text": line}]} for line in self.pages[number]["lines"]]
        results = [{"id": str(uuid4()), "type": "paragraph", "paragraph": one} for one in said]
        return Reply(content={"results": results, "has_more": False, "next_cursor": None})

    def _comments(self, request: Request) -> Reply:
        said = self.pages[request.query["block_id"]]["comments"]
        begin = int(request.query.get("start_cursor", "0"))
        results = [{"rich_text": [{"plain_text": text}]} for text in said[begin : begin + 1]]
        further = str(begin + 1) if len(said) > begin + 1 else None
        return Reply(content={"results": results, "has_more": further is not None, "next_cursor": further})

    def _comment(self, request: Request) -> Reply:
        asked = request.json
        page = self.pages.get(asked["parent"]["page_id"])
        if page is None or not _allowed(asked["rich_text"]):
            return error(400, "validation_error")
        page["comments"].append(_plain(_shown(asked["rich_text"])))
        return Reply(content={"object": "comment", "id": str(uuid4())})


def _allowed(pieces: Sequence[Mapping[str, Any]]) -> bool:
    return len(pieces) <= 100 and all(0 < utf16(piece["text"]["content"]) <= 2000 for piece in pieces)


def _shown(pieces: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{"plain_text": piece["text"]["content"]} for piece in pieces]


def _plain(pieces: Sequence[Mapping[str, str]]) -> str:
    return "".join(piece["plain_text"] for piece in pieces)


def _fits(page: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Say whether a page fits the two filters that Koe uses."""
    wanted = asked.get("filter")
    if wanted is None:
        return True
    if "or" in wanted:
        title = _plain(page["properties"]["Name"]["title"]).lower()
        return any(each["title"]["contains"].lower() in title for each in wanted["or"])
    held = page["properties"].get(wanted["property"], {}).get("rich_text", [])
    equals: str = wanted["rich_text"]["equals"]
    return _plain(_shown(held)) == equals


@contextmanager
def opened() -> Iterator[NotionDesk]:
    """Run an empty one that serves as a backlog."""
    with listening(Board()) as board:
        yield NotionDesk(board, "notion-backlog", usual="Not started", finished="Done")
