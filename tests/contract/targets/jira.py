"""A double of Jira Cloud, as strict as its pages say: documents of nodes, labels, a search that is late."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from types import MappingProxyType
from typing import Any

from connectors.adf import words_of
from connectors.loose import Loose
from connectors.ports import Means
from connectors.targets.jira import Jira
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door, proven, utf16

EMAIL = "koe@example.com"
API = "/rest/api/3"
SITE = "https://acme.atlassian.net"
STATUSES = {
    "To Do": "new",
    "In Progress": "indeterminate",
    "Done": "done",
}
INLINE = {"text", "hardBreak"}
INSIDE = {
    "doc": {"paragraph", "heading", "bulletList", "orderedList"},
    "paragraph": INLINE,
    "heading": INLINE,
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": {"paragraph"},
}
"""Which nodes may stand in which, of those that Koe uses."""
ATTRIBUTES = {"heading": {"level"}, "orderedList": {"order"}}


def field(
    name: str,
    kind: str,
    *,
    number: str,
    required: bool = False,
    allowed: Sequence[str] = (),
    schema: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return a field as createmeta tells it; the values that are allowed have ids from 1 on."""
    values = [{"id": str(n), "value": value} for n, value in enumerate(allowed, start=1)]
    return {
        "fieldId": number,
        "key": number,
        "name": name,
        "required": required,
        "hasDefaultValue": False,
        "schema": {"type": kind, **schema},
        **({"allowedValues": values} if values else {}),
    }


FIELDS = [
    field("Project", "project", number="project", required=True),
    field("Issue Type", "issuetype", number="issuetype", required=True),
    field("Summary", "string", number="summary", required=True, schema={"system": "summary"}),
    field("Description", "string", number="description", schema={"system": "description"}),
    field("Labels", "array", number="labels", schema={"items": "string", "system": "labels"}),
    field("Reporter", "user", number="reporter", required=True, schema={"system": "reporter"}),
    field("Severity", "option", number="customfield_1", required=True, allowed=["High", "Low"]),
]


class JiraDesk(DoubledDesk):
    """Issues of one project, and who works on them."""

    secret = "a-token-of-jira"

    def __init__(self, board: Board, *, under: str = "") -> None:
        """Answer on a board, under a path."""
        self.board = board
        self.under = under
        self.issues: dict[str, dict[str, Any]] = {}
        self.moved: dict[str, str] = {}
        self.unseen: set[str] = set()
        self.fields = [*FIELDS]
        self.rights = {"BROWSE_PROJECTS", "CREATE_ISSUES", "ADD_COMMENTS"}
        self.is_late = False
        self.made = 0
        self.target = self.opened()
        board.asking = frozenset({f"{under}{API}/search/jql"})
        self._routes()

    def _routes(self) -> None:
        api = self.under + API
        project = f"{api}/project/PROD"
        self.on("GET", project, lambda _: Reply(content={"id": "1", "key": "PROD", "name": "Product"}))
        self.on("GET", f"{api}/mypermissions", self._rights)
        self.on("GET", f"{api}/serverInfo", lambda _: Reply(content={"baseUrl": SITE}))
        types = f"{api}/issue/createmeta/PROD/issuetypes"
        self.on("GET", types, self._types)
        self.on("GET", f"{types}/10001", self._fields)
        self.on("POST", f"{api}/search/jql", self._search)
        self.on("POST", f"{api}/issue", self._create)
        self.on("GET", api + r"/issue/([A-Z]+-\d+)", self._show)
        self.on("GET", api + r"/issue/([A-Z]+-\d+)/comment", self._comments)
        self.on("POST", api + r"/issue/([A-Z]+-\d+)/comment", self._comment)
        self.on("POST", api + r"/issue/([A-Z]+-\d+)/remotelink", self._link)

    def on(self, method: str, path: str, handle: Any) -> None:
        """Let a function deal with requests that come from the account of the target."""
        proof = "Basic " + b64encode(f"{EMAIL}:{self.secret}".encode()).decode()
        self.board.on(method, path)(proven(handle, proof))

    def opened(self, **told: str) -> Jira:
        """Return the target with other settings."""
        usual = {
            "address": self.board.address + self.under,
            "email": EMAIL,
            "project": "PROD",
            "type": "Task",
        }
        settings = {**usual, "labels": "voice", "fields": "Severity=High", **told}
        return Jira.open(settings, Means(http=door(), secret=self.secret))

    def there(self) -> Sequence[str]:
        return [*self.issues]

    def title(self, reference: str) -> str:
        return str(self.issues[reference]["fields"]["summary"])

    def text(self, reference: str) -> str:
        """Return the words as the page of an issue writes them: a text is a text, whatever it holds."""
        return escape(words_of(Loose(self.issues[reference]["fields"]["description"])), quote=False)

    def notes(self, reference: str) -> Sequence[str]:
        return [words_of(Loose(body)) for body in self.issues[reference]["comments"]]

    def write(self, title: str, text: str) -> str:
        return str(self._keep({"summary": title, "description": paragraph(text), "labels": []})["key"])

    def change(self, reference: str, text: str) -> None:
        self.issues[reference]["fields"]["description"] = paragraph(text)

    def finish(self, reference: str) -> None:
        self.close(reference, "Done")

    def drop(self, reference: str) -> None:
        self.close(reference, "Won't Do")

    def close(self, reference: str, resolution: str) -> None:
        """Close an issue with a resolution."""
        self.issues[reference]["fields"] |= {
            **status("Done"),
            "resolution": {"name": resolution},
            "resolutiondate": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        }

    def remove(self, reference: str) -> None:
        del self.issues[reference]

    def move(self, reference: str, key: str) -> None:
        """Give an issue the key of another project; its old one still leads to it."""
        self.issues[key] = {**self.issues.pop(reference), "key": key}
        self.moved[reference] = key

    def _keep(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        self.made += 1
        key = f"PROD-{self.made}"
        kept = {**status("To Do"), "resolution": None, "resolutiondate": None, **fields}
        self.issues[key] = {"key": key, "id": str(10_000 + self.made), "fields": kept, "comments": []}
        self.issues[key]["links"] = {}
        if self.is_late:
            self.unseen.add(key)
        return self.issues[key]

    def _rights(self, request: Request) -> Reply:
        asked = request.query["permissions"].split(",")
        return Reply(
            content={"permissions": {name: {"havePermission": name in self.rights} for name in asked}}
        )

    def _types(self, request: Request) -> Reply:
        types = [
            {"id": "10000", "name": "Sub-task", "subtask": True},
            {"id": "10002", "name": "Bug", "subtask": False},
            {"id": "10001", "name": "Task", "subtask": False},
        ]
        return _part(request, "issueTypes", types, most=2)

    def _fields(self, request: Request) -> Reply:
        return _part(request, "fields", self.fields, most=3)

    def _create(self, request: Request) -> Reply:
        fields = request.json["fields"]
        known = {one["fieldId"]: one for one in self.fields}
        errors = dict.fromkeys(fields.keys() - known, "Field cannot be set. It is not on the screen.")
        for name, one in known.items():
            if one["required"] and name not in fields and name != "reporter":
                errors[name] = f"{one['name']} is required."
            if "allowedValues" in one and name in fields:
                given = fields[name] if isinstance(fields[name], list) else [fields[name]]
                if any(each.get("id") not in {v["id"] for v in one["allowedValues"]} for each in given):
                    errors[name] = "Option id 'null' is not valid"
        errors |= {} if document_error(fields["description"]) is None else {"description": "Not valid"}
        title = fields["summary"]
        if not title.strip() or "\n" in title or utf16(title) > 255:
            errors["summary"] = f"Summary can't exceed 255 characters: {title}"
        if any(re.search(r"\s", label) for label in fields["labels"]):
            errors["labels"] = f"The label {fields['labels']} can't contain spaces."
        if errors:
            return Reply(content={"errorMessages": [], "errors": errors}, status=400)
        made = self._keep(fields)
        return Reply(content={"id": made["id"], "key": made["key"]}, status=201)

    def _found(self, key: str) -> dict[str, Any] | None:
        return self.issues.get(self.moved.get(key, key))

    def _show(self, request: Request, key: str) -> Reply:
        if (found := self._found(key)) is None:
            return _not_there()
        asked = request.query["fields"].split(",")
        fields = {name: value for name, value in found["fields"].items() if name in asked}
        return Reply(content={"key": found["key"], "id": found["id"], "fields": fields})

    def _comments(self, request: Request, key: str) -> Reply:
        if (found := self._found(key)) is None:
            return _not_there()
        return _part(request, "comments", [{"body": body} for body in found["comments"]], most=1)

    def _comment(self, request: Request, key: str) -> Reply:
        if (found := self._found(key)) is None:
            return _not_there()
        if document_error(request.json["body"]) is not None:
            return Reply(content={"errorMessages": [], "errors": {"comment": "Not valid"}}, status=400)
        found["comments"].append(request.json["body"])
        return Reply(content={"id": str(len(found["comments"]))}, status=201)

    def _link(self, request: Request, key: str) -> Reply:
        if (found := self._found(key)) is None:
            return _not_there()
        link = request.json
        if not link["object"]["title"] or utf16(link["object"]["title"]) > 255:
            return Reply(content={"errorMessages": [], "errors": {"title": "too long"}}, status=400)
        is_new = link["globalId"] not in found["links"]
        found["links"][link["globalId"]] = link["object"]
        return Reply(content={"id": 1}, status=201 if is_new else 200)

    def _search(self, request: Request) -> Reply:
        """Answer as the new search does: ids alone where no field is named, and what it knows by now."""
        asked = request.json
        where, _, _ = asked["jql"].partition(" ORDER BY ")
        matches = _understood(where)
        if matches is None or asked.keys() - {"jql", "fields", "maxResults", "nextPageToken"}:
            return Reply(content={"errorMessages": [f"Error in the JQL Query: {where}"]}, status=400)
        found = [one for key, one in self.issues.items() if key not in self.unseen and matches(one)]
        rows = [
            {"id": one["id"], "key": one["key"], "fields": _only(one["fields"], asked["fields"])}
            if asked.get("fields")
            else {"id": one["id"]}
            for one in found
        ]
        return Reply(content={"issues": rows[: asked["maxResults"]], "isLast": True})


def paragraph(text: str) -> dict[str, Any]:
    """Return a document that people wrote."""
    inside = [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]
    return {"type": "doc", "version": 1, "content": inside}


def status(name: str) -> dict[str, Any]:
    """Return a status as it stands among an issue's fields."""
    return {"status": {"name": name, "statusCategory": {"key": STATUSES[name], "name": name}}}


def document_error(document: Any) -> str | None:
    """Return what is wrong with a document."""
    if not isinstance(document, dict) or document.get("version") != 1 or document.get("type") != "doc":
        return "is no document"
    if utf16(json.dumps(document, ensure_ascii=False, separators=(",", ":"))) > 32_767:
        return "is too long"
    return next(_wrong({key: value for key, value in document.items() if key != "version"}), None)


def _wrong(node: dict[str, Any]) -> Iterator[str]:
    kind = node["type"]
    if kind == "text":
        if not node["text"] or node.keys() - {"type", "text", "marks"}:
            yield "a text is empty"
        for each in node.get("marks", []):
            if each.keys() != {"type", "attrs"} or each["type"] != "link" or not each["attrs"]["href"]:
                yield "a mark is unknown"
        return
    if node.keys() - {"type", "content", "attrs"} or set(node.get("attrs", {})) != ATTRIBUTES.get(
        kind, set()
    ):
        yield f"{kind} has what it may not have"
    if kind in ("bulletList", "orderedList", "listItem") and not node["content"]:
        yield f"{kind} is empty"
    for child in node.get("content", []):
        if child["type"] not in INSIDE.get(kind, set()):
            yield f"{child['type']} may not stand in {kind}"
        else:
            yield from _wrong(child)


def _understood(where: str) -> Any:
    """Return what decides whether an issue fits a question; None where it is no JQL that is known here."""
    if label := re.fullmatch(r'labels = "([\w-]+)"', where):
        return lambda issue: label[1].lower() in (one.lower() for one in issue["fields"]["labels"])
    if where == 'project = "PROD" AND statusCategory != Done':
        return lambda issue: issue["fields"]["status"]["statusCategory"]["key"] != "done"
    asked = re.fullmatch(r'project = "PROD" AND \((text ~ "\w+"(?: OR text ~ "\w+")*)\)', where)
    if asked is None or re.search(r'"(AND|OR|NOT)"', asked[1]):
        return None
    words = re.findall(r'"(\w+)"', asked[1])
    return lambda issue: any(word in issue["fields"]["summary"].lower() for word in words)


def _only(fields: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in names}


def _part(request: Request, name: str, rows: Sequence[Any], *, most: int) -> Reply:
    """Return a part of a list; the system gives fewer rows than it was asked for."""
    start = int(request.query["startAt"])
    shown = rows[start : start + most]
    return Reply(content={name: shown, "startAt": start, "maxResults": most, "total": len(rows)})


def _not_there() -> Reply:
    told = "Issue does not exist or you do not have permission to see it."
    return Reply(content={"errorMessages": [told], "errors": {}}, status=404)


@contextmanager
def opened() -> Iterator[JiraDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield JiraDesk(board)
