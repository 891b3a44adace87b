"""A double of GitHub's issues; another one takes the same exam in tests/acceptance."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from connectors.ports import Means
from connectors.targets.github_issues import GitHubIssues
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door

ROWS = 3
"""The double gives no more than so many rows at once: GitHub gives a hundred, and names the next page."""
NOT_THERE = Reply(content={"message": "Not Found"}, status=404)


class GitHubDesk(DoubledDesk):
    """Issues of one repository, a pull request among them, and who works on them."""

    secret = "github_pat_of_koe"

    def __init__(self, board: Board) -> None:
        self.board = board
        self.issues: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.elsewhere: dict[int, int] = {}
        """Numbers of issues that were transferred to `acme/web`, by those that they had here."""
        self.made = 0
        self.repository: dict[str, Any] = {
            "full_name": "acme/app",
            "has_issues": True,
            "permissions": {"pull": True, "push": True},
        }
        self.target = self.opened(labels="Feedback")
        board.on("GET", r"/repos/acme/(app|web)")(lambda *_: Reply(content=self.repository))
        board.on("GET", r"/repos/acme/app/labels")(
            lambda request: self._page(
                request, [{"name": name} for name in ("bug", "docs", "ui", "feedback")]
            )
        )
        board.on("GET", r"/repos/acme/app/issues")(self._list)
        board.on("POST", r"/repos/acme/app/issues")(self._create)
        board.on("GET", r"/repos/acme/(app|web)/issues/(\d+)")(self._show)
        board.on("GET", r"/repositories/2/issues/(\d+)")(lambda request, one: self._show(request, "web", one))
        board.on("GET", r"/repos/acme/(app|web)/issues/(\d+)/comments")(
            lambda request, _, number: self._page(request, self.comments[int(number)])
        )
        board.on("POST", r"/repos/acme/(app|web)/issues/(\d+)/comments")(self._comment)
        board.on("GET", r"/search/issues")(self._search)

    def opened(self, **told: str) -> GitHubIssues:
        """Return the target with other settings."""
        settings = {"address": self.board.address, "project": "acme/app", **told}
        return GitHubIssues.open(settings, Means(http=door(), secret=self.secret))

    def there(self) -> Sequence[str]:
        return [f"acme/app#{number}" for number in self.issues]

    def title(self, reference: str) -> str:
        return str(self._of(reference)["title"])

    def text(self, reference: str) -> str:
        return str(self._of(reference)["body"])

    def notes(self, reference: str) -> Sequence[str]:
        return [comment["body"] for comment in self.comments[self._of(reference)["number"]]]

    def write(self, title: str, text: str) -> str:
        return f"acme/app#{self._keep({'title': title, 'body': text})['number']}"

    def change(self, reference: str, text: str) -> None:
        self._of(reference)["body"] = text

    def finish(self, reference: str) -> None:
        self._close(reference, "completed")

    def drop(self, reference: str) -> None:
        self._close(reference, "not_planned")

    def remove(self, reference: str) -> None:
        del self.issues[self._of(reference)["number"]]

    def transfer(self, reference: str) -> str:
        """Move an issue to another repository, and return by what it is found there."""
        issue = self._of(reference)
        here = issue["number"]
        del self.issues[here]
        self.elsewhere[here] = there = here + 40
        self.issues[there] = {**issue, **self._named("web", there)}
        self.comments[there] = self.comments[here]
        return f"acme/web#{there}"

    def _of(self, reference: str) -> dict[str, Any]:
        return self.issues[int(reference.rpartition("#")[2])]

    def _named(self, repository: str, number: int) -> dict[str, Any]:
        address = f"{self.board.address}/repos/acme/{repository}"
        page = f"https://github.example.com/acme/{repository}/issues/{number}"
        return {"number": number, "repository_url": address, "html_url": page}

    def _close(self, reference: str, reason: str) -> None:
        closed = {"state": "closed", "state_reason": reason, "closed_at": datetime.now(UTC).isoformat()}
        self._of(reference).update(closed)

    def _keep(self, told: dict[str, Any]) -> dict[str, Any]:
        self.made += 1
        held: dict[str, Any] = {"state": "open", "state_reason": None, "closed_at": None, "labels": []}
        self.issues[self.made] = {**held, **told, **self._named("app", self.made)}
        self.comments[self.made] = []
        return self.issues[self.made]

    def _create(self, request: Request) -> Reply:
        told = request.json
        errors = [
            {"resource": "Issue", "field": field, "code": code}
            for field, most, code in (("title", 256, "missing_field"), ("body", 65_536, "too_long"))
            if not 0 < len(told[field].strip()) <= most
        ]
        if errors:
            return Reply(content={"message": "Validation Failed", "errors": errors}, status=422)
        labels = told["labels"] if self.repository["permissions"]["push"] else []
        kept = {**told, "labels": [{"name": label} for label in labels]}
        return Reply(content=self._keep(kept), status=201)

    def _show(self, _: Request, repository: str, number: str) -> Reply:
        if repository == "app" and (moved := self.elsewhere.get(int(number))):
            there = f"{self.board.address}/repositories/2/issues/{moved}"
            return Reply(content={"message": "Moved Permanently", "url": there}, status=301)
        issue = self.issues.get(int(number))
        gone = Reply(content={"message": "This issue was deleted"}, status=410)
        return Reply(content=issue) if issue else gone if int(number) <= self.made else NOT_THERE

    def _list(self, request: Request) -> Reply:
        asked = request.query
        found = [
            issue
            for issue in self.issues.values()
            if issue["repository_url"].endswith("/app")
            and asked.get("state", "open") in (issue["state"], "all")
            and (asked.get("labels") is None or {"name": asked["labels"]} in issue["labels"])
        ]
        pull = {**self._named("app", 9), "title": "A pull request", "body": "", "state": "open"}
        pulls = [] if "labels" in asked else [{**pull, "pull_request": {"url": "…"}}]
        return self._page(request, pulls + (found if asked.get("direction") == "asc" else found[::-1]))

    def _comment(self, request: Request, _: str, number: str) -> Reply:
        body = request.json["body"]
        if int(number) in self.elsewhere or not body.strip() or len(body) > 65_536:
            return Reply(content={"message": "Validation Failed"}, status=422)
        self.comments[int(number)].append({"body": body})
        return Reply(content={"body": body}, status=201)

    def _search(self, request: Request) -> Reply:
        words = request.query["q"].split()
        assert words[-2:] == ["repo:acme/app", "is:issue"]
        assert not any(":" in word or '"' in word for word in words[:-2])
        found = [
            issue
            for issue in self.issues.values()
            if all(word in f"{issue['title']} {issue['body']}".lower() for word in words[:-2])
        ]
        return Reply(content={"items": found})

    def _page(self, request: Request, rows: Sequence[object]) -> Reply:
        number = int(request.query.get("page", "1"))
        again = "&".join(f"{name}={value}" for name, value in request.query.items() if name != "page")
        following = f'<{self.board.address}{request.path}?{again}&page={number + 1}>; rel="next"'
        headers = {"Link": following} if len(rows) > number * ROWS else {}
        return Reply(content=list(rows[(number - 1) * ROWS : number * ROWS]), headers=headers)


@contextmanager
def opened() -> Iterator[GitHubDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield GitHubDesk(board)
