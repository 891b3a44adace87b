"""A double of Linear; another one takes the same exam in tests/acceptance."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from connectors.ports import Means
from connectors.targets.linear import Linear
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door

TEAM = {"id": "6f0b2d4e-1a35-4c55-9d5c-0a4b7c1f2e11", "key": "ENG", "name": "Engineering"}
OTHER_TEAM = {"id": "0d9e6a52-77a1-4f0e-8a8e-3c5b1d2f4a22", "key": "OPS", "name": "Operations"}
LABELS: list[dict[str, Any]] = [
    {"id": "l1", "name": "Feedback", "team": None},
    {"id": "l2", "name": "Wish", "team": {"id": OTHER_TEAM["id"]}},
    {"id": "l3", "name": "App", "team": {"id": TEAM["id"]}},
]
TODO, DONE = {"name": "Todo", "type": "unstarted"}, {"name": "Released", "type": "completed"}
CANCELED = {"name": "Won't do", "type": "canceled"}


class Failure(Exception):
    """An error as Linear tells it."""

    def __init__(self, message: str, told: str, code: str = "INPUT_ERROR") -> None:
        super().__init__(message)
        self.errors = [
            {
                "message": message,
                "extensions": {
                    "code": code,
                    "statusCode": 400,
                    "userError": True,
                    "userPresentableMessage": told,
                },
            }
        ]


class LinearDesk(DoubledDesk):
    """Issues of one team, and who works on them."""

    secret = "lin_api_of_koe"

    def __init__(self, board: Board) -> None:
        self.board = board
        self.issues: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, str]] = {}
        self.failing_status = 400
        """With which Linear tells of errors; it is 200 as well."""
        self.limited = False
        self.late = 0
        """How many questions for an issue come before it can be seen."""
        self.keys: list[str] = []
        self.target = self.opened(labels="feedback, App")
        board.on("POST", "/graphql")(self._answer)

    def opened(self, key: str | None = None, **told: str) -> Linear:
        """Return the target with other settings."""
        settings = {"address": self.board.address, "project": "eng", **told}
        return Linear.open(settings, Means(http=door(), secret=key or self.secret))

    def there(self) -> Sequence[str]:
        return [issue["id"] for issue in self.issues.values() if not issue["trashed"]]

    def title(self, reference: str) -> str:
        return str(self.issues[reference]["title"])

    def text(self, reference: str) -> str:
        return str(self.issues[reference]["description"])

    def notes(self, reference: str) -> Sequence[str]:
        return [one["body"] for one in self.comments.values() if one["issueId"] == reference]

    def write(self, title: str, text: str) -> str:
        issue = {"id": str(uuid4()), "title": title, "description": text, "teamId": TEAM["id"]}
        return str(self._keep(issue)["id"])

    def change(self, reference: str, text: str) -> None:
        self.issues[reference]["description"] = text

    def finish(self, reference: str) -> None:
        self.issues[reference] |= {"state": DONE, "completedAt": "2026-05-04T05:06:07.890Z"}

    def drop(self, reference: str) -> None:
        self.issues[reference]["state"] = CANCELED

    def remove(self, reference: str) -> None:
        self.issues[reference]["trashed"] = True

    def empty_trash(self) -> None:
        """Let what was deleted go for good."""
        self.issues = {name: issue for name, issue in self.issues.items() if not issue["trashed"]}

    def _answer(self, request: Request) -> Reply:
        self.keys.append(request.headers["authorization"])
        asked, given = request.json["query"], request.json["variables"]
        fields: Mapping[str, Callable[[dict[str, Any]], object]] = {
            "teams": lambda given: {"nodes": [TEAM] if given["key"] == TEAM["key"] else []},
            "issueLabels": self._labels,
            "issue": self._show,
            "searchIssues": self._search,
            "issues": self._search,
            "issueCreate": self._create,
            "commentCreate": self._comment,
        }
        named = re.search(r"\{\s*(\w+)\(", asked)
        assert named is not None, asked
        try:
            if self.limited:
                raise Failure("Rate limit exceeded", "Too many requests", code="RATELIMITED")
            return Reply(content={"data": {named[1]: fields[named[1]](given)}})
        except Failure as failure:
            return Reply(content={"errors": failure.errors, "data": None}, status=self.failing_status)

    def _labels(self, given: dict[str, Any]) -> object:
        start = int(given["after"] or 0)
        more = {"hasNextPage": start + 2 < len(LABELS), "endCursor": str(start + 2)}
        return {"nodes": LABELS[start : start + 2], "pageInfo": more}

    def _show(self, given: dict[str, Any]) -> object:
        self.late -= 1
        if self.late >= 0:
            raise Failure("Entity not found: Issue", "Could not find referenced Issue.")
        if given["id"] in self.issues:
            return self.issues[given["id"]]
        for issue in self.issues.values():
            if issue["identifier"] == given["id"]:
                return issue
        raise Failure("Entity not found: Issue", "Could not find referenced Issue.")

    def _search(self, given: dict[str, Any]) -> object:
        words = given.get("words", "").lower().split()
        found = [
            issue
            for issue in self.issues.values()
            if given["team"] == issue["teamId"] and all(word in issue["title"].lower() for word in words)
        ]
        return {"nodes": found[: given["most"]]}

    def _create(self, given: dict[str, Any]) -> object:
        issue: dict[str, Any] = given["input"]
        if issue["id"] in self.issues:
            raise Failure("conflict on insert of Issue", "Entity Issue with this id already exists.")
        known = {label["id"] for label in LABELS} - {"l2"}
        if UUID(issue["id"]).version != 4 or not set(issue.get("labelIds", ())) <= known:
            raise Failure("Argument Validation Error", "labelIds must be of the team")
        if not 0 < len(issue["title"].strip()) <= 255 or issue["teamId"] != TEAM["id"]:
            raise Failure("Argument Validation Error", "title must be shorter")
        return {"success": True, "issue": self._keep(issue)}

    def _comment(self, given: dict[str, Any]) -> object:
        comment = given["input"]
        if comment["id"] in self.comments:
            raise Failure("conflict on insert of Comment", "Entity Comment already exists.")
        self.comments[comment["id"]] = comment
        return {"success": True}

    def _keep(self, issue: dict[str, Any]) -> dict[str, Any]:
        number = len(self.issues) + 1
        self.issues[issue["id"]] = {
            "identifier": f"ENG-{number}",
            "url": f"https://linear.app/acme/issue/ENG-{number}",
            "state": TODO,
            "trashed": None,
            "completedAt": None,
            **issue,
        }
        return self.issues[issue["id"]]


@contextmanager
def opened() -> Iterator[LinearDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield LinearDesk(board)
