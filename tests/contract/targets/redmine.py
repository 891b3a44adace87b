"""A double of Redmine; the real one takes the same exam in tests/acceptance/test_redmine.py."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from connectors.ports import Means
from connectors.targets.redmine import Redmine
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door

STATUSES = {1: ("New", False), 5: ("Closed", True), 6: ("Rejected", True)}
PROJECT = {
    "id": 1,
    "name": "Koe",
    "identifier": "koe-backlog",
    "trackers": [{"id": 1, "name": "Bug"}, {"id": 2, "name": "Feature"}],
    "issue_custom_fields": [{"id": 1, "name": "Severity"}],
}


class RedmineDesk(DoubledDesk):
    """Issues of one project, and who works on them."""

    secret = "a-key-of-redmine"

    def __init__(self, board: Board) -> None:
        self.board = board
        self.issues: dict[int, dict[str, Any]] = {}
        self.made = 0
        settings = {"address": board.address, "project": "koe-backlog", "tracker": "Feature"}
        told = {**settings, "fields": "Severity=High"}
        self.target = Redmine.open(told, Means(http=door(), secret=self.secret))
        board.on("GET", r"/projects/koe-backlog\.json")(lambda _: Reply(content={"project": PROJECT}))
        board.on("GET", r"/projects/koe-backlog/search\.json")(self._search)
        board.on("GET", r"/issues\.json")(self._list)
        board.on("POST", r"/issues\.json")(self._create)
        board.on("GET", r"/issues/(\d+)\.json")(self._show)
        board.on("PUT", r"/issues/(\d+)\.json")(self._change)

    def there(self) -> Sequence[str]:
        return [str(number) for number in self.issues]

    def title(self, reference: str) -> str:
        return str(self.issues[int(reference)]["subject"])

    def text(self, reference: str) -> str:
        return str(self.issues[int(reference)]["description"])

    def notes(self, reference: str) -> Sequence[str]:
        return [each["notes"] for each in self.issues[int(reference)]["journals"] if each["notes"]]

    def write(self, title: str, text: str) -> str:
        return str(self._keep({"subject": title, "description": text, "tracker_id": 1})["id"])

    def change(self, reference: str, text: str) -> None:
        self.issues[int(reference)]["description"] = text

    def finish(self, reference: str) -> None:
        self._close(reference, 5)

    def drop(self, reference: str) -> None:
        self._close(reference, 6)

    def remove(self, reference: str) -> None:
        del self.issues[int(reference)]

    def _close(self, reference: str, status: int) -> None:
        name, closed = STATUSES[status]
        self.issues[int(reference)] |= {
            "status": {"id": status, "name": name, "is_closed": closed},
            "closed_on": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def _keep(self, issue: dict[str, Any]) -> dict[str, Any]:
        self.made += 1
        kept = {**issue, "id": self.made, "journals": []}
        kept["status"] = {"id": 1, "name": "New", "is_closed": False}
        self.issues[self.made] = kept
        return kept

    def _create(self, request: Request) -> Reply:
        issue = request.json["issue"]
        missing = not any(field["value"] for field in issue.get("custom_fields", ()))
        if missing or not issue["subject"].strip() or len(issue["subject"]) > 255:
            return Reply(content={"errors": ["Severity cannot be blank"]}, status=422)
        return Reply(content={"issue": self._keep(issue)}, status=201)

    def _show(self, _: Request, number: str) -> Reply:
        if int(number) not in self.issues:
            return Reply(status=404)
        return Reply(content={"issue": self.issues[int(number)]})

    def _change(self, request: Request, number: str) -> Reply:
        if int(number) not in self.issues:
            return Reply(status=404)
        self.issues[int(number)]["journals"].append({"notes": request.json["issue"].get("notes", "")})
        return Reply(status=204)

    def _list(self, request: Request) -> Reply:
        wanted = request.query.get("v[description][]", "")
        found = [issue for issue in self.issues.values() if wanted in issue["description"]]
        return Reply(content={"issues": found[: int(request.query.get("limit", "25"))]})

    def _search(self, request: Request) -> Reply:
        words = request.query["q"].lower().split()
        found = [
            {
                "id": issue["id"],
                "title": f"Bug #{issue['id']} (New): {issue['subject']}",
                "description": issue["description"],
                "url": f"{self.board.address}/issues/{issue['id']}",
            }
            for issue in self.issues.values()
            if any(word in issue["subject"].lower() for word in words)
        ]
        return Reply(content={"results": found})


@contextmanager
def opened() -> Iterator[RedmineDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield RedmineDesk(board)
