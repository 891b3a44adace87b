"""Koe beside a GitHub that is not ours: what it holds and what it calls with become the same voices."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from service.db import Database
from tests.acceptance.emulating import VERSION, Koe, emulated, free_port, listening_to, tell
from tests.site import address_of
from tests.speaker import Call, answers, speaker
from tests.waiting import until

SECRET = "the secret of the webhook"
TEAM, CUSTOMER = "gh_team", "gh_hana"
ISSUES = "/repos/acme/app/issues"
HELD = 120
"""Issues before Koe comes: more than a page."""
SEED: dict[str, Any] = {
    "tokens": {
        TEAM: {"login": "acme", "scopes": ["repo", "user", "admin:repo_hook"]},
        CUSTOMER: {"login": "hana", "scopes": ["repo", "user"]},
    },
    "github": {
        "users": [{"login": "acme"}, {"login": "hana"}],
        "repos": [{"owner": "acme", "name": "app", "auto_init": True}],
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """The counterpart, as people use it."""

    client: httpx.Client

    def ask(self, method: str, path: str, content: object = None, *, by: str = CUSTOMER) -> Any:
        """Do something there, and return what it answers."""
        answer = self.client.request(
            method, path, json=content, headers={"Authorization": f"Bearer {by}"}
        ).raise_for_status()
        return answer.json() if answer.content else None

    def answer(self, call: Call) -> None:
        """Answer Koe as the counterpart does, and with the list of all comments, which it hides.

        There another route stands before that of the list, and answers 404.
        """
        _, target, _ = call.head.split(" ", 2)
        asked = urlsplit(target)
        if asked.path == f"{ISSUES}/comments":
            answers("200 OK", body=self._comments(parse_qs(asked.query).get("since", [""])[0]))(call)
            return
        headers = {name: call.headers[name] for name in ("host", "authorization", "accept")}
        found = self.client.get(target, headers=headers)
        link = [f"Link: {found.headers['link']}"] if "link" in found.headers else []
        answers(f"{found.status_code} {found.reason_phrase}", *link, body=found.content)(call)

    def _comments(self, since: str) -> bytes:
        pages = [f"{ISSUES}?state=all&per_page=100&page={page}" for page in (1, 2)]
        spoken = [one["number"] for page in pages for one in self.ask("GET", page) if one["comments"]]
        found = [one for number in spoken for one in self.ask("GET", f"{ISSUES}/{number}/comments")]
        return json.dumps([one for one in found if one["updated_at"] >= since[:19]]).encode()

    def open_issue(self, title: str, body: str, *, by: str = CUSTOMER) -> int:
        """Open an issue, and return its number."""
        return int(self.ask("POST", ISSUES, {"title": title, "body": body}, by=by)["number"])

    def comment(self, number: int, body: str, *, by: str = CUSTOMER) -> int:
        """Write a comment, and return its id."""
        return int(self.ask("POST", f"{ISSUES}/{number}/comments", {"body": body}, by=by)["id"])


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    port = free_port()
    SEED["github"]["baseUrl"] = f"http://127.0.0.1:{port}"
    with emulated("github", SEED, port=port, folder=tmp_path) as client:
        yield GitHub(client=client)


@pytest.fixture
def koe(db: Database, github: GitHub) -> Iterator[Koe]:
    with speaker(github.answer) as front:
        told = {"repository": "acme/app", "discussions": "no", "api": address_of(front)}
        with listening_to("github", told, db=db, secret=SECRET, token=TEAM) as koe:
            yield koe


def test_what_github_holds_and_what_it_calls_with_are_the_same_voices(koe: Koe, github: GitHub) -> None:
    numbers = [
        github.open_issue(f"書き出し {n}", f"CSV の書き出しが {n} 回失敗します。") for n in range(HELD)
    ]
    first = numbers[0]
    github.comment(first, "設定を見直してください。", by=TEAM)
    github.comment(first, "直りました。")
    told = [f"emulate {VERSION}, GitHub"]

    koe.fetch()
    assert koe.items() == HELD
    assert koe.said(first) == [
        ("customer", "CSV の書き出しが 0 回失敗します。"),
        ("agent", "設定を見直してください。"),
        ("customer", "直りました。"),
    ]
    item = koe.item(first)
    assert item is not None
    assert (item.raw_title, item.status) == ("書き出し 0", "open")
    assert item.url == f"{github.client.base_url}/acme/app/issues/{first}"
    told.append(f"walked: {koe.items()} issues, {len(koe.said(first))} messages in the first, two authors")

    hook = {"url": f"{koe.address}/webhooks/github", "secret": SECRET, "content_type": "json"}
    events = ["issues", "issue_comment"]
    made = github.ask("POST", "/repos/acme/app/hooks", {"config": hook, "events": events}, by=TEAM)
    where = f"/repos/acme/app/hooks/{made['id']}"
    github.ask("POST", f"{where}/pings", {}, by=TEAM)
    until(lambda: bool(github.ask("GET", f"{where}/deliveries", by=TEAM)))
    greeted = github.ask("GET", f"{where}/deliveries", by=TEAM)
    assert [(one["event"], one["status_code"]) for one in greeted] == [("ping", 200)]
    assert koe.calls() == 0
    told.append("ping: answered 200, kept nothing")

    new = github.open_issue("ログイン", "ログインできない")
    later = github.comment(new, "まだログインできない")
    github.comment(new, "調べています。", by=TEAM)
    koe.hear(3)
    before = [
        ("customer", "ログインできない"),
        ("customer", "まだログインできない"),
        ("agent", "調べています。"),
    ]
    assert koe.said(new) == before
    told.append("calls: an issue and two comments, signed, each with its author's role")

    github.ask("PATCH", f"{ISSUES}/{new}", {"body": "スマホからログインできない", "state": "closed"})
    github.ask("PATCH", f"{ISSUES}/comments/{later}", {"body": "昨日からログインできない"})
    koe.hear(5)
    until(lambda: koe.hears("昨日からログインできない", new))
    edited = [("customer", "スマホからログインできない"), ("customer", "昨日からログインできない"), before[2]]
    assert koe.said(new) == edited
    item = koe.item(new)
    assert item is not None
    assert item.status == "closed"
    assert item.resolved_at is not None
    told.append("edits: the issue and the comment say what they say there; closed is closed")

    koe.fetch()
    assert (koe.said(new), koe.repaired(), koe.items()) == (edited, 0, HELD + 1)
    told.append("walked again: nothing came twice, and no call had been lost")

    github.ask("DELETE", f"{ISSUES}/comments/{later}", by=TEAM)
    until(lambda: not koe.hears("昨日からログインできない", new))
    koe.fetch()
    assert koe.said(new) == [edited[0], edited[2]]
    told.append("a deleted comment: gone here too, and no walk brings it back")

    github.ask("PATCH", where, {"active": False}, by=TEAM)
    unheard = github.open_issue("通知", "通知が来ません")
    koe.fetch()
    assert koe.said(unheard) == [("customer", "通知が来ません")]
    assert koe.repaired() == 1
    told.append("while the webhook was off: found by the next walk, and counted as a gap of one")
    tell(told)
