"""A double of Azure DevOps, as strict as its pages say: JSON Patch, rules of fields, versions, queries."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from typing import Any

from connectors.ports import Means
from connectors.targets.azure_devops import AzureDevOps
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door, utf16

STATES = {"New": "Proposed", "Active": "InProgress", "Closed": "Completed", "Removed": "Removed"}
TYPES = ["User Story", "Bug"]
ALLOWED = ["High", "Low"]
PATCH = "application/json-patch+json"
PATHS = r"/fields/[\w.]+|/relations/-"


def field(name: str, number: str, *, required: bool = False, allowed: Sequence[str] = ()) -> dict[str, Any]:
    """Return a field of a type as the API tells it."""
    return {
        "name": name,
        "referenceName": number,
        "alwaysRequired": required,
        "defaultValue": None,
        "allowedValues": [*allowed],
    }


class AzureDevOpsDesk(DoubledDesk):
    """Work items of an organisation, and who works on them."""

    secret = "a-token-of-azure"

    def __init__(self, board: Board) -> None:
        self.board = board
        self.items: dict[str, dict[str, Any]] = {}
        self.fields = [
            field("Title", "System.Title", required=True),
            field("Area Path", "System.AreaPath"),
            field("State", "System.State", required=True, allowed=[*STATES]),
            field("Severity", "Custom.Severity", required=True, allowed=ALLOWED),
        ]
        self.unseen: set[str] = set()
        self.is_late = False
        self.made = 0
        self.target = self.opened()
        self._routes()

    def _routes(self) -> None:
        inside = "/(?:Product|Other)/_apis/wit"
        name = {"id": "p1", "name": "Product", "state": "wellFormed"}
        self.on("GET", "/_apis/projects/Product", lambda _: Reply(content=name))
        self.on("GET", f"{inside}/workitemtypes", lambda _: listed([{"name": name} for name in TYPES]))
        self.on("GET", f"{inside}/workitemtypes/User%20Story/fields", lambda _: listed(self.fields))
        states = [{"name": name, "category": category} for name, category in STATES.items()]
        self.on("GET", f"{inside}/workitemtypes/User%20Story/states", lambda _: listed(states))
        self.on("POST", f"{inside}/workitems/\\$User%20Story", self._create)
        self.on("POST", "/_apis/wit/wiql", self._query)
        self.on("GET", "/_apis/wit/workitems", self._list)
        self.on("GET", r"/_apis/wit/workitems/(\d+)", self._show)
        self.on("GET", r"/(\w+)/_apis/wit/workItems/(\d+)/comments", self._comments)
        self.on("POST", r"/(\w+)/_apis/wit/workItems/(\d+)/comments", self._comment)
        self.board.asking = frozenset({"/_apis/wit/wiql"})

    def on(self, method: str, path: str, handle: Any) -> None:
        """Let a function deal with requests that bring the token of the target and name a version."""
        proof = "Basic " + b64encode(f":{self.secret}".encode()).decode()

        def proven(request: Request, *caught: str) -> Reply:
            if request.headers.get("authorization") != proof:
                return Reply(status=401)
            if not request.query.get("api-version", "").startswith("7.1"):
                return refusal("The api-version must be given.", 400)
            found: Reply = handle(request, *caught)
            return found

        self.board.on(method, path)(proven)

    def opened(self, *, token: str | None = None, **told: str) -> AzureDevOps:
        """Return the target with other settings."""
        usual = {"address": self.board.address, "project": "Product", "type": "User Story", "labels": "voice"}
        settings = {**usual, "fields": "Severity=High", **told}
        return AzureDevOps.open(settings, Means(http=door(), secret=token or self.secret))

    def there(self) -> Sequence[str]:
        return [*self.items]

    def title(self, reference: str) -> str:
        return str(self.items[reference]["fields"]["System.Title"])

    def text(self, reference: str) -> str:
        return str(self.items[reference]["fields"]["System.Description"])

    def notes(self, reference: str) -> Sequence[str]:
        return [str(each["text"]) for each in self.items[reference]["comments"]]

    def write(self, title: str, text: str) -> str:
        fields = {"System.Title": title, "System.Description": f"<div>{escape(text)}</div>"}
        return str(self._keep(fields, [])["id"])

    def change(self, reference: str, text: str) -> None:
        self.items[reference]["fields"]["System.Description"] = f"<div>{escape(text)}</div>"

    def finish(self, reference: str) -> None:
        self.close(reference, "Closed", "Acceptance tests pass")

    def drop(self, reference: str) -> None:
        self.close(reference, "Removed", "Removed from the backlog")

    def close(self, reference: str, state: str, reason: str) -> None:
        """Give an item its last state, with a reason."""
        self.items[reference]["fields"] |= {
            "System.State": state,
            "System.Reason": reason,
            "Microsoft.VSTS.Common.ClosedDate": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.47Z"),
        }

    def remove(self, reference: str) -> None:
        del self.items[reference]

    def _keep(self, fields: Mapping[str, Any], links: Sequence[Any]) -> dict[str, Any]:
        self.made += 1
        usual = {
            "System.State": "New",
            "System.Reason": "New",
            "System.WorkItemType": "User Story",
            "System.TeamProject": "Product",
        }
        kept = {"id": self.made, "rev": 1, "fields": {**usual, **fields}, "comments": [], "links": [*links]}
        self.items[str(self.made)] = kept
        if self.is_late:
            self.unseen.add(str(self.made))
        return kept

    def _create(self, request: Request) -> Reply:
        if request.headers.get("content-type") != PATCH:
            return refusal("The request indicated a Content-Type that is not supported.", 415)
        if (changed := changes(request.json)) is None:
            return refusal("The patch document is not valid.", 400)
        fields, links = changed
        if (error := self._rule(fields)) is not None:
            return error
        if request.query.get("validateOnly") == "true":
            return Reply(content={"id": None, "fields": fields})
        made = self._keep(fields, links)
        return Reply(content={"id": made["id"], "rev": 1, "fields": made["fields"]})

    def _rule(self, fields: Mapping[str, str]) -> Reply | None:
        """Return the refusal of fields that break a rule."""
        for one in self.fields:
            name, allowed = one["referenceName"], one["allowedValues"]
            if one["alwaysRequired"] and not fields.get(name) and name != "System.State":
                return ruled(name, one["name"], "Required")
            if allowed and fields.get(name, allowed[0]) not in allowed:
                return ruled(name, one["name"], f"LimitedToValues: {fields[name]}")
        title = fields["System.Title"]
        if utf16(title) > 255 or "\n" in title or utf16(fields.get("System.Description", "")) > 1_000_000:
            return ruled("System.Title", "Title", f"InvalidTooLong: {title}")
        return ruled("System.Tags", "Tags", "Invalid") if "," in fields.get("System.Tags", "") else None

    def _query(self, request: Request) -> Reply:
        words = request.json["query"]
        begins = "SELECT [System.Id] FROM WorkItems WHERE "
        where, _, order = words.removeprefix(begins).partition(" ORDER BY ")
        matches = understood(where)
        if not words.startswith(begins) or matches is None or not order:
            return refusal("TF51006: The query statement is not valid.", 400)
        found = [
            {"id": one["id"]} for key, one in self.items.items() if key not in self.unseen and matches(one)
        ]
        shown = found[::-1] if order.endswith("DESC") else found
        return Reply(content={"queryType": "flat", "workItems": shown[: int(request.query["$top"])]})

    def _list(self, request: Request) -> Reply:
        ids, names = request.query["ids"].split(","), request.query["fields"].split(",")
        if len(ids) > 200 or request.query.get("errorPolicy") != "omit":
            return refusal("TF401232: Work item does not exist.", 404)
        found = [self.items.get(number) for number in ids]
        return listed([one and {"id": one["id"], "fields": only(one["fields"], names)} for one in found])

    def _show(self, request: Request, number: str) -> Reply:
        if (found := self.items.get(number)) is None:
            return refusal(f"TF401232: Work item {number} does not exist.", 404)
        names = request.query.get("fields", ",".join(found["fields"])).split(",")
        return Reply(content={"id": found["id"], "rev": 1, "fields": only(found["fields"], names)})

    def _comments(self, request: Request, project: str, number: str) -> Reply:
        found = self.items.get(number)
        if found is None or found["fields"]["System.TeamProject"] != project:
            return refusal(f"TF401232: Work item {number} does not exist.", 404)
        start = int(request.query.get("continuationToken", "0"))
        rows = found["comments"][::-1][start : start + 2]
        is_more = start + 2 < len(found["comments"])
        return Reply(content={"comments": rows, "continuationToken": str(start + 2) if is_more else None})

    def _comment(self, request: Request, project: str, number: str) -> Reply:
        found = self.items.get(number)
        if found is None or found["fields"]["System.TeamProject"] != project:
            return refusal(f"TF401232: Work item {number} does not exist.", 404)
        if request.headers.get("content-type") != "application/json" or not request.json["text"]:
            return refusal("The comment is not valid.", 400)
        found["comments"].append({"id": len(found["comments"]) + 1, "text": request.json["text"]})
        return Reply(content=found["comments"][-1])


def changes(patch: Any) -> tuple[dict[str, str], list[Any]] | None:
    """Return the fields and links that a patch adds; nothing for any other patch."""
    if any(one["op"] != "add" or not re.fullmatch(PATHS, one["path"]) for one in patch):
        return None
    links = [one["value"] for one in patch if one["path"] == "/relations/-"]
    fields = {one["path"].removeprefix("/fields/"): one["value"] for one in patch if "fields" in one["path"]}
    return fields, links


def understood(where: str) -> Any:
    """Return what decides whether an item fits a condition; None where it is none that is known here."""
    if tag := re.fullmatch(r"\[System\.Tags\] CONTAINS '([\w-]+)'", where):
        return lambda item: tag[1] in item["fields"].get("System.Tags", "")
    if where == "[System.TeamProject] = 'Product'":
        return lambda item: item["fields"]["System.TeamProject"] == "Product"
    one = r"\[System\.Title\] CONTAINS '\w+'"
    if re.fullmatch(rf"\[System\.TeamProject\] = 'Product' AND \({one}(?: OR {one})*\)", where) is None:
        return None
    words = re.findall(r"CONTAINS '(\w+)'", where)
    return lambda item: any(word in item["fields"]["System.Title"].lower() for word in words)


def only(fields: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the fields that were asked for; those without a value are left out there."""
    return {name: value for name, value in fields.items() if name in names}


def listed(rows: Sequence[Any]) -> Reply:
    """Return a list as the API tells it."""
    return Reply(content={"count": len(rows), "value": [*rows]})


def refusal(message: str, status: int) -> Reply:
    """Return a refusal as the API tells it."""
    return Reply(content={"$id": "1", "message": message, "typeKey": "Refused"}, status=status)


def ruled(number: str, name: str, error: str) -> Reply:
    """Return a refusal by a rule of a field."""
    told = {
        "customProperties": {"RuleValidationErrors": [{"fieldReferenceName": number, "errorMessage": error}]},
        "message": f"TF401320: Rule Error for field {name}. Error code: {error}.",
    }
    return Reply(content=told, status=400)


@contextmanager
def opened() -> Iterator[AzureDevOpsDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield AzureDevOpsDesk(board)
