"""Issues in a GitHub that is not ours: the exam of targets, and the way through Koe's own pipeline."""

import json
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from connectors.http import Http
from connectors.ports import Means
from connectors.targets.github_issues import GitHubIssues
from service.db import Database
from tests.acceptance.delivering import goes_round
from tests.acceptance.emulating import VERSION, emulated, free_port, tell
from tests.contract.target_exam import Desk, TargetExam
from tests.site import address_of
from tests.speaker import Call, Speaker, answers, speaker

TEAM, KOE = "gh_team", "gh_koe"
SEED: dict[str, Any] = {
    "tokens": {
        TEAM: {"login": "acme", "scopes": ["repo", "user"]},
        KOE: {"login": "koe", "scopes": ["repo", "user"]},
    },
    "github": {"users": [{"login": "acme"}, {"login": "koe"}]},
}
PASSED_ON = ("host", "authorization", "accept", "content-type")
NUMBERS = count(1)


class EmulatedGitHub(Desk):
    """A new repository there, as its team uses it.

    GitHub deletes issues by GraphQL alone, which the emulator does not have. So the test stands in between:
    what was deleted is in no list any more, and answers 410 as GitHub says it does.
    """

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.removed: set[str] = set()
        made = self.ask("POST", "/user/repos", {"name": f"app-{next(NUMBERS)}"})
        self.repository = str(made["full_name"])
        self.ask("PUT", f"/repos/{self.repository}/collaborators/koe", {"permission": "push"})

    def serve(self, front: Speaker) -> None:
        """Let the target ask at this address."""
        self.told = {"address": address_of(front), "project": self.repository}
        self.target = GitHubIssues.open(
            self.told, Means(http=Http(private_hosts=("127.0.0.1",), most_body=32 << 20), secret=KOE)
        )

    def answer(self, call: Call) -> None:
        """Answer as the counterpart does, but for what was deleted."""
        method, target, _ = call.head.split(" ", 2)
        parts = urlsplit(target).path.split("/")
        if parts[4:5] == ["issues"] and parts[5:6] and parts[5] in self.removed:
            answers("410 Gone", body=b'{"message": "This issue was deleted"}')(call)
            return
        headers = {name: call.headers[name] for name in PASSED_ON if name in call.headers}
        found = self.client.request(method, target, headers=headers, content=call.body)
        told = found.json()
        if isinstance(told, list):
            told = [one for one in told if str(one.get("number")) not in self.removed]
        link = [f"Link: {found.headers['link']}"] if "link" in found.headers else []
        body = json.dumps(told).encode()
        answers(f"{found.status_code} {found.reason_phrase}", *link, body=body)(call)

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """Do something there as the team, and return what it answers."""
        answer = self.client.request(
            method, path, json=content, headers={"Authorization": f"Bearer {TEAM}"}
        ).raise_for_status()
        return answer.json() if answer.content else None

    def there(self) -> Sequence[str]:
        found = self.ask("GET", f"/repos/{self.repository}/issues?state=all&per_page=100&direction=asc")
        numbers = [str(issue["number"]) for issue in found]
        return [f"{self.repository}#{number}" for number in numbers if number not in self.removed]

    def title(self, reference: str) -> str:
        return str(self.issue(reference)["title"])

    def text(self, reference: str) -> str:
        return str(self.issue(reference)["body"])

    def notes(self, reference: str) -> Sequence[str]:
        return [comment["body"] for comment in self.ask("GET", f"{self.path(reference)}/comments")]

    def write(self, title: str, text: str) -> str:
        made = self.ask("POST", f"/repos/{self.repository}/issues", {"title": title, "body": text})
        return f"{self.repository}#{made['number']}"

    def change(self, reference: str, text: str) -> None:
        self.ask("PATCH", self.path(reference), {"body": text})

    def finish(self, reference: str) -> None:
        self.ask("PATCH", self.path(reference), {"state": "closed", "state_reason": "completed"})

    def drop(self, reference: str) -> None:
        self.ask("PATCH", self.path(reference), {"state": "closed", "state_reason": "not_planned"})

    def remove(self, reference: str) -> None:
        self.removed.add(reference.rpartition("#")[2])

    def issue(self, reference: str) -> dict[str, Any]:
        """Return an issue as the API tells it."""
        issue = self.ask("GET", self.path(reference))
        assert isinstance(issue, dict)
        return issue

    def path(self, reference: str) -> str:
        """Return where an issue is asked for."""
        return f"/repos/{reference.replace('#', '/issues/')}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    port, folder = free_port(), tmp_path_factory.mktemp("github")
    SEED["github"]["baseUrl"] = f"http://127.0.0.1:{port}"
    with emulated("github", SEED, port=port, folder=Path(folder)) as client:
        yield client


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[EmulatedGitHub]:
    made = EmulatedGitHub(client)
    with speaker(made.answer) as front:
        made.serve(front)
        yield made


class TestGitHub(TargetExam):
    """An emulated GitHub."""

    def test_what_bears_the_label_is_found_on_later_pages(self, desk: EmulatedGitHub) -> None:
        path = f"/repos/{desk.repository}/issues"
        for number in range(105):
            desk.ask("POST", path, {"title": f"No. {number}", "body": "…", "labels": ["koe"]})
        last = {"title": "The last", "body": "<!-- koe:last -->", "labels": ["koe"]}
        number = desk.ask("POST", path, last)["number"]
        found = desk.target.find("last")
        assert found is not None
        assert found.reference == f"{desk.repository}#{number}"


def test_a_suggestion_goes_there_once_and_is_followed(db: Database, desk: EmulatedGitHub) -> None:
    tell(
        [
            f"emulate {VERSION}, issues in GitHub",
            *goes_round(db, desk, "github-issues", desk.told, secret=KOE),
        ]
    )
