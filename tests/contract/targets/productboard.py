"""A double of Productboard, as the pages of its API v2 say: answers in short, no new tags, no comments."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any
from uuid import UUID

from connectors.ports import Means
from connectors.targets.productboard import Productboard
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door, utf16

SITE = "https://acme.productboard.com"


class ProductboardDesk(DoubledDesk):
    """Notes of a workspace, and who works on them."""

    secret = "a-token-of-productboard"

    def __init__(self, board: Board) -> None:
        self.board = board
        self.all: dict[str, dict[str, Any]] = {}
        self.linked: dict[str, list[str]] = {}
        self.kind = "textNote"
        self.tags = {"koe"}
        self.made = 0
        self.target = self.opened()
        self.on("GET", "/v2/notes/configurations", self._configurations)
        self.on("GET", "/v2/notes", self._list)
        self.on("POST", "/v2/notes", self._create)
        self.on("GET", r"/v2/notes/([\w-]+)", self._show)
        self.on("GET", r"/v2/notes/([\w-]+)/relationships", self._relationships)
        self.on("GET", r"/v2/entities/(\w+)", self._entity)

    def on(self, method: str, path: str, handle: Any) -> None:
        """Let a function deal with requests that bring the token of the target."""

        def proven(request: Request, *caught: str) -> Reply:
            if request.headers.get("authorization") != f"Bearer {self.secret}":
                return Reply(status=401)
            found: Reply = handle(request, *caught)
            return found

        self.board.on(method, path)(proven)

    def opened(self, *, token: str | None = None, **told: str) -> Productboard:
        """Return the target with other settings."""
        settings = {"address": self.board.address, "labels": "koe", **told}
        return Productboard.open(settings, Means(http=door(), secret=token or self.secret))

    def there(self) -> Sequence[str]:
        return [number for number, note in self.all.items() if not record(note).startswith("note-")]

    def title(self, reference: str) -> str:
        return str(self.all[reference]["fields"]["name"])

    def text(self, reference: str) -> str:
        return str(self.all[reference]["fields"]["content"])

    def notes(self, reference: str) -> Sequence[str]:
        """Return the notes that lead to another."""
        later = [note for note in self.all.values() if record(note).startswith("note-")]
        url = self.all[reference]["links"]["html"]
        return [note["fields"]["content"] for note in later if url in note["fields"]["content"]]

    def write(self, title: str, text: str) -> str:
        return str(self._keep({"name": title, "content": f"<p>{escape(text)}</p>"}, {})["id"])

    def change(self, reference: str, text: str) -> None:
        self.all[reference]["fields"]["content"] = f"<p>{escape(text)}</p>"

    def finish(self, reference: str) -> None:
        self.link(reference, "Released")

    def drop(self, reference: str) -> None:
        self.all[reference]["fields"] |= {"archived": True, "processed": False}

    def remove(self, reference: str) -> None:
        del self.all[reference]

    def link(self, reference: str, *statuses: str) -> None:
        """Link features of these statuses to a note, and no others."""
        self.all[reference]["fields"]["processed"] = True
        self.linked[reference] = [*statuses]

    def _keep(self, fields: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
        self.made += 1
        number = str(UUID(int=self.made))
        links = {"self": f"{self.board.address}/v2/notes/{number}", "html": f"{SITE}/notes/{self.made}"}
        kept = {"id": number, "type": self.kind, "links": links, "metadata": metadata}
        usual = {"archived": False, "processed": False}
        created = f"2026-05-03T00:00:{self.made % 60:02}Z"
        self.all[number] = {**kept, "fields": {**usual, **fields}, "createdAt": created}
        return self.all[number]

    def _configurations(self, _: Request) -> Reply:
        kinds = ["conversationNote", self.kind, "opportunityNote"]
        rows = [{"type": kind, "fields": {"name": {}, "content": {}}} for kind in kinds]
        return Reply(content={"data": rows, "links": {"next": None}})

    def _list(self, request: Request) -> Reply:
        known = {"archived", "processed", "metadata[source][system]", "metadata[source][recordId]"}
        if request.query.keys() - known:
            return refusal(400, "parameter.unknown", "/query")
        wanted = request.query.get("metadata[source][recordId]")
        rows = [note for note in self.all.values() if wanted is None or record(note) == wanted]
        if request.query.get("archived") == "false":
            rows = [note for note in rows if not note["fields"]["archived"]]
        return Reply(content={"data": rows[::-1][:100], "links": {"next": None}})

    def _create(self, request: Request) -> Reply:
        note = request.json["data"]
        if note["type"] != self.kind or note.keys() - {"type", "fields", "metadata"}:
            return refusal(422, "validation.inclusion", "/data/type")
        fields = note["fields"]
        if not fields["name"].strip() or utf16(fields["name"]) > 255 or "\n" in fields["name"]:
            return refusal(422, "validation.length", "/data/fields/name")
        if utf16(fields["content"]) > 524_288:
            return refusal(422, "validation.length", "/data/fields/content")
        if {tag["name"] for tag in fields.get("tags", [])} - self.tags:
            return refusal(422, "selectOption.notFound", "/data/fields/tags/0")
        made = self._keep(fields, note["metadata"])
        return Reply(content={"data": {name: made[name] for name in ("id", "type", "links")}}, status=201)

    def _show(self, _: Request, number: str) -> Reply:
        if number not in self.all:
            return refusal(404, "note.notFound", "/id")
        return Reply(content={"data": self.all[number]})

    def _relationships(self, request: Request, number: str) -> Reply:
        """Give one relationship at a time, the customer first."""
        targets = [{"id": status, "type": "feature"} for status in self.linked.get(number, [])]
        company = {"type": "customer", "target": {"id": "c1", "type": "company"}}
        rows = [company, *({"type": "link", "target": target} for target in targets)]
        start = int(request.query.get("pageCursor", "0"))
        place = f"{self.board.address}/v2/notes/{number}/relationships?pageCursor={start + 1}"
        following = place if start + 1 < len(rows) else None
        return Reply(content={"data": rows[start : start + 1], "links": {"next": following}})

    def _entity(self, _: Request, name: str) -> Reply:
        fields = {"name": "A feature", "status": {"id": "s1", "name": name}}
        return Reply(content={"data": {"id": name, "type": "feature", "fields": fields}})


def record(note: Mapping[str, Any]) -> str:
    """Return what a note says it comes from."""
    return str(note["metadata"].get("source", {}).get("recordId", ""))


def refusal(status: int, code: str, pointer: str) -> Reply:
    """Return a refusal as the API tells it."""
    told = {"code": code, "title": "Refused", "detail": "写真が消える", "source": {"pointer": pointer}}
    return Reply(content={"id": "r1", "errors": [told]}, status=status)


@contextmanager
def opened() -> Iterator[ProductboardDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield ProductboardDesk(board)
