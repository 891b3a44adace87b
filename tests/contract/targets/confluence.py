"""A double of Confluence Cloud, as its pages say: XHTML is well formed, titles unique in a space."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

from connectors.ports import Means, Source
from connectors.sources.confluence import ConfluencePages
from connectors.targets.confluence import Confluence
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door, proven

EMAIL = "koe@example.com"
V1, V2 = "/wiki/rest/api", "/wiki/api/v2"
SPACE = {"id": "7", "key": "KB", "name": "Help", "homepageId": "1"}
DRAFTS = "100"
ENDING = re.compile(r" \(koe-[0-9a-f]{12}\)$")
MOST = 3
"""Pages in one part of a list, so that there are several."""
RIGHTS = [{"operation": "create", "targetType": kind} for kind in ("page", "comment")]


class ConfluenceDesk(DoubledDesk):
    """Pages of one space in their tree."""

    secret = "a-token-of-confluence"
    drops = False

    def __init__(self, board: Board) -> None:
        self.board = board
        self.pages: dict[str, dict[str, Any]] = {}
        self.made = int(DRAFTS)
        self.rights = [*RIGHTS]
        self.viewers: list[Mapping[str, str]] = [{"accountId": "editors"}]
        self._keep("Drafts of Koe", "", parent=None, number=DRAFTS)
        self.target = self.opened()
        page = rf"{V2}/pages/([^/]+)"
        self.on("GET", rf"{V2}/spaces", self._spaces)
        self.on("GET", rf"{V2}/spaces/7/operations", lambda _: Reply(content={"operations": self.rights}))
        self.on("GET", rf"{V2}/pages", self._list)
        self.on("POST", rf"{V2}/pages", self._create)
        self.on("GET", page, self._show)
        self.on("GET", rf"{page}/ancestors", self._ancestors)
        self.on("GET", rf"{page}/footer-comments", self._comments)
        self.on("POST", rf"{V2}/footer-comments", self._comment)
        self.on("GET", rf"{V1}/content/([^/]+)/restriction/byOperation/read", self._restriction)
        self.on("GET", rf"{V1}/search", self._search)

    def on(self, method: str, path: str, handle: Any) -> None:
        """Let a function deal with requests that come from the account of the target."""
        proof = "Basic " + b64encode(f"{EMAIL}:{self.secret}".encode()).decode()
        self.board.on(method, path)(proven(handle, proof))

    def opened(self, **told: str) -> Confluence:
        """Return the target with other settings."""
        usual = {"address": f"{self.board.address}/wiki", "email": EMAIL, "project": "KB"}
        settings = {**usual, "drafts": "Drafts of Koe", **told}
        return Confluence.open(settings, Means(http=door(), secret=self.secret))

    def source(self, **told: str) -> Source:
        """Return the source of the same space."""
        usual = {"address": self.board.address, "email": EMAIL, "token": self.secret, "project": "KB"}
        return ConfluencePages.open({**usual, **told}, Means(http=door()))

    def there(self) -> Sequence[str]:
        return [number for number, page in self.pages.items() if number != DRAFTS and _is_there(page)]

    def title(self, reference: str) -> str:
        return ENDING.sub("", self.pages[reference]["title"])

    def text(self, reference: str) -> str:
        return str(self.pages[reference]["text"])

    def notes(self, reference: str) -> Sequence[str]:
        return list(self.pages[reference]["comments"])

    def write(self, title: str, text: str) -> str:
        return str(self._keep(title, f"<p>{text}</p>", parent=None)["id"])

    def change(self, reference: str, text: str) -> None:
        self.pages[reference]["text"] = f"<p>{text}</p>"

    def finish(self, reference: str) -> None:
        self.pages[reference]["parentId"] = None

    def remove(self, reference: str) -> None:
        self.pages[reference]["status"] = "trashed"

    def _keep(
        self, title: str, text: str, *, parent: str | None, number: str | None = None
    ) -> dict[str, Any]:
        self.made += 1
        page = {"id": number or str(self.made), "status": "current", "title": title, "parentId": parent}
        self.pages[str(page["id"])] = {**page, "spaceId": "7", "text": text, "comments": []}
        return self.pages[str(page["id"])]

    def _spaces(self, request: Request) -> Reply:
        return Reply(content={"results": [SPACE] if request.query["keys"] == "KB" else []})

    def _list(self, request: Request) -> Reply:
        asked = request.query
        assert asked["space-id"] == "7"
        pages = [page for page in self.pages.values() if page["status"] == asked["status"]]
        if "title" in asked:
            pages = [page for page in pages if page["title"] == asked["title"]]
        pages = [*reversed(pages)]
        begin = int(asked.get("cursor", "0"))
        most = min(int(asked.get("limit", "25")), MOST)
        query = "&".join(f"{name}={value}" for name, value in asked.items() if name != "cursor")
        going = {"next": f"{V2}/pages?{query}&cursor={begin + most}"} if len(pages) > begin + most else {}
        rows = [_row(page, with_body="body-format" in asked) for page in pages[begin : begin + most]]
        return Reply(content={"results": rows, "_links": going})

    def _create(self, request: Request) -> Reply:
        asked = request.json
        title, text = asked["title"], asked["body"]["value"]
        if asked["spaceId"] != "7" or asked["parentId"] not in self.pages or not _is_storage(text):
            return refused("INVALID_REQUEST_PARAMETER")
        taken = any(page["title"] == title and _is_there(page) for page in self.pages.values())
        if taken or not title.strip() or len(title) > 255:
            return refused("INVALID_TITLE")
        return Reply(content=_row(self._keep(title, text, parent=asked["parentId"]), with_body=True))

    def _show(self, _: Request, number: str) -> Reply:
        page = self.pages.get(number)
        return Reply(content=_row(page, with_body=False)) if page else Reply(content={}, status=404)

    def _ancestors(self, _: Request, number: str) -> Reply:
        found, parent = [], self.pages[number]["parentId"]
        while parent:
            found.append({"id": parent, "type": "page"})
            parent = self.pages[parent]["parentId"]
        return Reply(content={"results": found[::-1]})

    def _comments(self, _: Request, number: str) -> Reply:
        if number not in self.pages:
            return Reply(content={}, status=404)
        said = self.pages[number]["comments"]
        return Reply(content={"results": [{"body": {"storage": {"value": text}}} for text in said]})

    def _comment(self, request: Request) -> Reply:
        asked = request.json
        if not _is_storage(asked["body"]["value"]):
            return refused("INVALID_REQUEST_PARAMETER")
        self.pages[asked["pageId"]]["comments"].append(asked["body"]["value"])
        return Reply(content={"id": "1"})

    def _restriction(self, _: Request, number: str) -> Reply:
        viewers = self.viewers if number == DRAFTS else []
        held = {"user": {"results": viewers}, "group": {"results": []}}
        return Reply(content={"operation": "read", "restrictions": held})

    def _search(self, request: Request) -> Reply:
        found = re.search(r'title ~ "([^"]*)"', request.query["cql"])
        words = found[1].lower().split() if found else []
        pages = [page for page in self.pages.values() if all(word in page["title"].lower() for word in words)]
        results = [
            {"content": _row(page, with_body=False), "excerpt": f"@@@hl@@@{page['text'][3:-4]}@@@endhl@@@"}
            for page in pages
            if page["id"] != DRAFTS
        ]
        return Reply(content={"results": results})


def _row(page: Mapping[str, Any], *, with_body: bool) -> dict[str, Any]:
    shown = {name: page[name] for name in ("id", "status", "title", "parentId", "spaceId")}
    return {**shown, **({"body": {"storage": {"value": page["text"]}}} if with_body else {})}


def _is_there(page: Mapping[str, Any]) -> bool:
    return bool(page["status"] == "current")


def _is_storage(text: str) -> bool:
    """Say whether a text is well-formed XHTML without any macro."""
    try:
        tree = ElementTree.fromstring(f"<root>{text}</root>")
    except ElementTree.ParseError:
        return False
    return all(one.tag in ("root", "p", "ul", "ol", "li", "br", "a", "h2", "h3", "h4") for one in tree.iter())


def refused(code: str) -> Reply:
    """Return a refusal, whose sentence repeats what was sent."""
    error = {"status": 400, "code": code, "title": "A page with this title already exists: 写真が消える"}
    return Reply(content={"errors": [error]}, status=400)


@contextmanager
def opened() -> Iterator[ConfluenceDesk]:
    """Run one with an empty page of drafts."""
    with listening(Board()) as board:
        yield ConfluenceDesk(board)
