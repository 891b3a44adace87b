"""Issues in a Linear that is not ours: the exam of targets, and the way through Koe's own pipeline."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from connectors.errors import Refused
from connectors.http import Http
from connectors.ports import Means
from connectors.targets.linear import Linear
from service.db import Database
from tests.acceptance.delivering import goes_round
from tests.acceptance.emulating import VERSION, emulated, free_port, tell
from tests.contract.target_exam import Desk, TargetExam, outgoing
from tests.site import address_of
from tests.speaker import Call, Speaker, answers, speaker

TEAM, KOE, BLIND = "lin_api_team", "lin_api_koe", "lin_api_blind"
KEY = "VOC"
STATES = [
    {"name": "Todo", "type": "unstarted"},
    {"name": "Done", "type": "completed"},
    {"name": "Canceled", "type": "canceled"},
]
SEED: dict[str, Any] = {
    "strict_scopes": True,
    "users": [
        {"email": "team@acme.example", "name": "Team", "admin": True},
        {"email": "koe@acme.example", "name": "Koe"},
    ],
    "teams": [{"key": KEY, "name": "Voice", "states": STATES}],
    "labels": [{"name": "Feedback", "team": KEY}, {"name": "Another", "team": "ENG"}],
    "tokens": [
        {"token": TEAM, "user": "team@acme.example", "scopes": ["read", "write", "admin"]},
        {"token": KOE, "user": "koe@acme.example", "scopes": ["read", "write"]},
        {"token": BLIND, "user": "koe@acme.example", "scopes": ["read"]},
    ],
}
ISSUES = f'{{ issues(first: 250, filter: {{team: {{eq: "{KEY}"}}}}) {{ nodes {{ id }} }} }}'


class EmulatedLinear(Desk):
    """A team there, as its people use it.

    The emulator makes all ids itself, knows no trash, and answers a question for what is not there with null.
    So the test stands in between: it keeps the ids that Koe chose, refuses one that is there already, and
    tells of what is not there, each in Linear's own words.
    """

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.chosen: dict[str, str] = {}
        """The emulator's ids by those that Koe chose."""
        for issue in self.ask(ISSUES)["issues"]["nodes"]:
            self.ask("mutation($id: String!) { issueDelete(id: $id) { success } }", id=issue["id"])

    def serve(self, front: Speaker) -> None:
        """Let the target ask at this address."""
        self.told = {"address": address_of(front), "project": KEY, "labels": "feedback"}
        self.target = self.opened()

    def opened(self, *, key: str = KOE, **told: str) -> Linear:
        """Return the target with other settings."""
        door = Http(private_hosts=("127.0.0.1",), most_body=32 << 20)
        return Linear.open({**self.told, **told}, Means(http=door, secret=key))

    def answer(self, call: Call) -> None:
        """Answer as the counterpart does, but for ids that Koe chose."""
        asked = json.loads(call.body)
        given = asked["variables"]
        made = given.get("input", {})
        chosen = made.pop("id", None)
        if chosen in self.chosen:
            _refuse(call, "conflict on insert of Issue")
            return
        for named in (given, made):
            named |= {name: self.chosen.get(value, value) for name, value in named.items() if _is_id(name)}
        asked["query"] = asked["query"].replace(" trashed ", " ")
        headers = {"authorization": call.headers["authorization"]}
        found = self.client.post("/graphql", json=asked, headers=headers)
        told = found.json()
        if chosen and found.is_success:
            self.chosen[chosen] = told["data"].get("issueCreate", {}).get("issue", {}).get("id", chosen)
        if (told.get("data") or {"issue": ""}).get("issue", "") is None:
            _refuse(call, "Entity not found: Issue")
            return
        body = json.dumps(told)
        for ours, theirs in self.chosen.items():
            body = body.replace(theirs, ours)
        answers(f"{found.status_code} {found.reason_phrase}", body=body.encode())(call)

    def ask(self, query: str, **variables: object) -> Any:
        """Do something there as the team, and return what it answers."""
        asked = {"query": query, "variables": variables}
        answer = self.client.post("/graphql", json=asked, headers={"Authorization": TEAM}).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def there(self) -> Sequence[str]:
        ours = {theirs: chosen for chosen, theirs in self.chosen.items()}
        found = [issue["id"] for issue in self.ask(ISSUES)["issues"]["nodes"]]
        return [ours.get(name, name) for name in found]

    def title(self, reference: str) -> str:
        return str(self.issue(reference)["title"])

    def text(self, reference: str) -> str:
        return str(self.issue(reference)["description"])

    def notes(self, reference: str) -> Sequence[str]:
        return [comment["body"] for comment in self.issue(reference)["comments"]["nodes"]]

    def write(self, title: str, text: str) -> str:
        query = "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { issue { id } } }"
        team = self.ask(f'{{ team(id: "{KEY}") {{ id }} }}')["team"]["id"]
        made = self.ask(query, input={"teamId": team, "title": title, "description": text})
        return str(made["issueCreate"]["issue"]["id"])

    def change(self, reference: str, text: str) -> None:
        self.update(reference, description=text)

    def finish(self, reference: str) -> None:
        self.update(reference, stateId="Done")

    def drop(self, reference: str) -> None:
        self.update(reference, stateId="Canceled")

    def remove(self, reference: str) -> None:
        named = self.chosen.get(reference, reference)
        self.ask("mutation($id: String!) { issueDelete(id: $id) { success } }", id=named)

    def update(self, reference: str, **changed: str) -> None:
        """Change an issue."""
        query = "mutation($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) "
        self.ask(f"{query} {{ success }} }}", id=self.chosen.get(reference, reference), input=changed)

    def issue(self, reference: str) -> dict[str, Any]:
        """Return an issue as the API tells it."""
        query = "query($id: String!) { issue(id: $id) { title description"
        query += " labels { nodes { name } } comments { nodes { body } } } }"
        issue = self.ask(query, id=self.chosen.get(reference, reference))["issue"]
        assert isinstance(issue, dict)
        return issue


def _is_id(name: str) -> bool:
    return name in ("id", "issueId")


def _refuse(call: Call, message: str) -> None:
    """Refuse as Linear does."""
    extensions = {"code": "INPUT_ERROR", "statusCode": 400, "userError": True}
    errors = [{"message": message, "extensions": extensions}]
    answers("200 OK", body=json.dumps({"errors": errors, "data": None}).encode())(call)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    port = free_port()
    seed = {"linear": {**SEED, "baseUrl": f"http://127.0.0.1:{port}"}}
    with emulated("linear", seed, port=port, folder=tmp_path_factory.mktemp("linear")) as client:
        yield client


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[EmulatedLinear]:
    made = EmulatedLinear(client)
    with speaker(made.answer) as front:
        made.serve(front)
        yield made


class TestLinear(TargetExam):
    """An emulated Linear."""

    def test_shows_what_is_there_already(self, desk: Desk) -> None:
        """The emulator has no search, and other filters: it refuses the question, which is told as such."""
        desk.write("Photos vanish after the update", "Every photo is gone.")
        with pytest.raises(Refused, match="status 400"):
            desk.target.existing("photos vanish")

    def test_bears_the_label_of_the_team_and_no_other_can_be_chosen(self, desk: EmulatedLinear) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        assert desk.issue(receipt.reference)["labels"] == {"nodes": [{"name": "Feedback"}]}
        for told, words in (
            ({"labels": "Another"}, "names 'Another'; the team has .*Feedback"),
            ({"project": "NONE"}, "names no team"),
        ):
            with pytest.raises(Refused, match=words):
                desk.opened(**told).check()

    def test_a_key_that_may_not_write_makes_nothing(self, desk: EmulatedLinear) -> None:
        target = desk.opened(key=BLIND)
        assert "Voice (VOC)" in target.check()
        with pytest.raises(Refused, match="status 400"):
            target.deliver(outgoing(target))
        assert desk.there() == []


def test_a_suggestion_goes_there_once_and_is_followed(db: Database, desk: EmulatedLinear) -> None:
    tell([f"emulate {VERSION}, issues in Linear", *goes_round(db, desk, "linear", desk.told, secret=KOE)])
