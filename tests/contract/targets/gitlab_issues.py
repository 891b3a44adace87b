"""A double of GitLab's issues, as its documentation describes them."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from connectors.ports import Means
from connectors.targets.gitlab_issues import GitLabIssues
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door

LABELS = ("bug", "docs", "Feedback")
MOST_TEXT = 1_048_576
NOT_THERE = Reply(content={"message": "404 Not found"}, status=404)


class GitLabDesk(DoubledDesk):
    """Issues of one project, and who works on them."""

    secret = "glpat-of-koe"

    def __init__(self, board: Board) -> None:
        self.board = board
        self.issues: dict[tuple[str, int], dict[str, Any]] = {}
        self.comments: dict[tuple[str, int], list[dict[str, str]]] = {}
        self.made = 0
        self.hidden = False
        """Whether moved issues lie where the token sees nothing."""
        self.project: dict[str, Any] = {
            "id": 14,
            "path_with_namespace": "acme/app",
            "issues_access_level": "enabled",
            "permissions": {"project_access": {"access_level": 20}, "group_access": None},
        }
        self.target = self.opened(labels="feedback", dropped="wontfix, 対応しない")
        project = r"/api/v4/projects/(acme%2F(?:app|web)|14)"
        board.on("GET", project)(lambda *_: Reply(content=self.project))
        board.on("GET", r"/api/v4/projects/acme%2Fold/issues/(\d+)")(self._redirect)
        board.on("GET", f"{project}/labels")(
            lambda request, _: self._page(request, [{"name": name} for name in LABELS])
        )
        board.on("GET", f"{project}/issues")(self._list)
        board.on("POST", f"{project}/issues")(self._create)
        board.on("GET", rf"{project}/issues/(\d+)")(self._show)
        board.on("GET", rf"{project}/issues/(\d+)/notes")(
            lambda request, place, number: self._page(request, self.comments[_key(place, number)])
        )
        board.on("POST", rf"{project}/issues/(\d+)/notes")(self._comment)
        board.on("POST", "/api/graphql")(self._graph)

    def opened(self, **told: str) -> GitLabIssues:
        """Return the target with other settings."""
        settings = {"address": self.board.address, "project": "acme/app", **told}
        return GitLabIssues.open(settings, Means(http=door(), secret=self.secret))

    def there(self) -> Sequence[str]:
        return [f"acme/{place}#{number}" for place, number in self.issues]

    def title(self, reference: str) -> str:
        return str(self.of(reference)["title"])

    def text(self, reference: str) -> str:
        return str(self.of(reference)["description"])

    def notes(self, reference: str) -> Sequence[str]:
        return [one["body"] for one in self.comments[_key(*reference.split("#"))]]

    def write(self, title: str, text: str) -> str:
        return str(self._keep({"title": title, "description": text})["references"]["full"])

    def change(self, reference: str, text: str) -> None:
        self.of(reference)["description"] = text

    def finish(self, reference: str) -> None:
        self.of(reference).update({"state": "closed", "closed_at": "2026-05-04T05:06:07.890Z"})

    def drop(self, reference: str) -> None:
        self.finish(reference)
        self.of(reference)["labels"] = ["koe", "WontFix"]

    def remove(self, reference: str) -> None:
        del self.issues[_key(*reference.split("#"))]

    def move(self, reference: str) -> str:
        """Move an issue to another project, and return what it is called there."""
        moved = self._keep({**self.of(reference)}, "web")
        self.of(reference).update({"state": "closed", "moved_to_id": moved["id"]})
        return str(moved["references"]["full"])

    def of(self, reference: str) -> dict[str, Any]:
        """Return an issue as it is kept."""
        return self.issues[_key(*reference.split("#"))]

    def _keep(self, told: dict[str, Any], place: str = "app") -> dict[str, Any]:
        self.made += 1
        key = (place, self.made)
        self.comments[key] = []
        self.issues[key] = {
            "state": "opened",
            "closed_at": None,
            "moved_to_id": None,
            "labels": [],
            "_links": {"closed_as_duplicate_of": None},
            **told,
            "id": 300 + self.made,
            "iid": self.made,
            "references": {"full": f"acme/{place}#{self.made}"},
            "web_url": f"https://gitlab.example.com/acme/{place}/-/issues/{self.made}",
        }
        return self.issues[key]

    def _create(self, request: Request, _: str) -> Reply:
        told = request.json
        refused = {
            name: [f"is too long (maximum is {most} characters)"]
            for name, most in (("title", 255), ("description", MOST_TEXT))
            if len(told[name]) > most
        }
        if refused or not told["title"].strip():
            return Reply(content={"message": refused or {"title": ["can't be blank"]}}, status=400)
        labels = told["labels"].split(",") if self.project["permissions"]["project_access"] else []
        kept = {**told, "labels": labels, "description": _obeyed(told["description"])}
        return Reply(content=self._keep(kept), status=201)

    def _show(self, _: Request, place: str, number: str) -> Reply:
        issue = self.issues.get(_key(place, number))
        return Reply(content=issue) if issue else NOT_THERE

    def _redirect(self, _: Request, number: str) -> Reply:
        there = f"{self.board.address}/api/v4/projects/14/issues/{number}"
        return Reply(content=f"This resource has been moved permanently to {there}.", status=301)

    def _list(self, request: Request, _: str) -> Reply:
        asked = request.query
        words = asked.get("search", "").lower().split()
        found = [
            issue
            for (place, _), issue in self.issues.items()
            if place == "app"
            and asked.get("state", "all") in (issue["state"], "all")
            and asked.get("labels", "koe") in [*issue["labels"], *([] if "labels" in asked else ["koe"])]
            and all(word in f"{issue['title']} {issue['description']}".lower() for word in words)
        ]
        return self._page(request, found if asked.get("sort") == "asc" else found[::-1])

    def _comment(self, request: Request, place: str, number: str) -> Reply:
        body = _obeyed(request.json["body"])
        self.comments[_key(place, number)].append({"body": body})
        return Reply(content={"body": body}, status=201)

    def _graph(self, request: Request) -> Reply:
        wanted = int(request.json["variables"]["id"].removeprefix("gid://gitlab/Issue/"))
        found = [issue for issue in self.issues.values() if issue["id"] == wanted and not self.hidden]
        named = {"reference": found[0]["references"]["full"]} if found else None
        return Reply(content={"data": {"issue": named}})

    def _page(self, request: Request, rows: Sequence[object]) -> Reply:
        number, most = int(request.query.get("page", "1")), int(request.query.get("per_page", "20"))
        assert most <= 100
        return Reply(content=list(rows[(number - 1) * most : number * most]))


def _key(place: str, number: str) -> tuple[str, int]:
    """Return by what an issue is kept; the project is known by its number, too."""
    return ("web" if place.endswith("web") else "app"), int(number)


def _obeyed(text: str) -> str:
    """Return a text without its commands, which GitLab carries out."""
    return re.sub(r"^/(close|label|assign)\b.*$", "", text, flags=re.MULTILINE)


@contextmanager
def opened() -> Iterator[GitLabDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield GitLabDesk(board)
