"""Koe beside a Slack that is not ours: what stands in a channel is walked, thread by thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from connectors.errors import Refused
from service.db import Database
from service.parts import ask
from tests.acceptance.emulating import VERSION, Koe, emulated, free_port, listening_to, tell
from tests.site import address_of
from tests.speaker import Call, answers, speaker

BOT, BLIND, TEAM, CUSTOMER = "xoxb-koe", "xoxb-blind", "xoxp-team", "xoxp-hana"
HELD = 45
"""Messages before Koe comes: more than a page."""
WRITES = ["chat:write", "channels:read", "channels:history"]
READS = ["channels:read", "channels:history", "users:read", "users:read.email"]
SEED: dict[str, Any] = {
    "strict_scopes": True,
    "users": [
        {"name": "koe", "email": "koe@acme.example"},
        {"name": "team", "email": "team@acme.example"},
        {"name": "hana", "email": "hana@example.com"},
    ],
    "channels": [{"name": "feedback"}],
    "tokens": [
        {"token": BOT, "type": "bot", "user": "koe", "scopes": READS},
        {"token": BLIND, "type": "bot", "user": "koe", "scopes": ["users:read"]},
        {"token": TEAM, "type": "user", "user": "team", "scopes": WRITES},
        {"token": CUSTOMER, "type": "user", "user": "hana", "scopes": WRITES},
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """The counterpart, as people use it."""

    client: httpx.Client

    def ask(self, method: str, *, by: str = CUSTOMER, **asked: str) -> Any:
        """Ask a method, and return what it answers."""
        answer = self.client.post(
            f"/api/{method}", data=asked, headers={"Authorization": f"Bearer {by}"}
        ).json()
        assert answer["ok"], answer
        return answer

    def answer(self, call: Call) -> None:
        """Answer Koe as the counterpart does, which takes questions by POST alone; Slack takes GET, too."""
        target = urlsplit(call.head.split(" ")[1])
        found = self.client.post(
            target.path,
            content=target.query or call.body,
            headers={
                "Authorization": call.headers["authorization"],
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        answers(f"{found.status_code} {found.reason_phrase}", body=found.content)(call)


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[Slack]:
    port = free_port()
    seed = {"slack": {**SEED, "baseUrl": f"http://127.0.0.1:{port}"}}
    with emulated("slack", seed, port=port, folder=tmp_path) as client:
        yield Slack(client=client)


@pytest.fixture
def channel(slack: Slack) -> str:
    channels = slack.ask("conversations.list", by=BOT)["channels"]
    return next(str(one["id"]) for one in channels if one["name"] == "feedback")


@pytest.fixture
def koe(db: Database, slack: Slack, channel: str) -> Iterator[Koe]:
    with speaker(slack.answer) as front:
        told = {"channels": channel, "staff": "acme.example", "address": address_of(front)}
        with listening_to("slack", told, db=db, secret="the signing secret", token=BOT) as koe:
            yield koe


def test_what_stands_in_a_channel_becomes_voices(koe: Koe, slack: Slack, channel: str) -> None:
    def say(words: str, *, by: str = CUSTOMER, **more: str) -> str:
        return str(slack.ask("chat.postMessage", by=by, channel=channel, text=words, **more)["ts"])

    first, *others = [say(f"CSV の書き出しが {n} 回失敗します。") for n in range(HELD)]
    say("設定を見直してください。", by=TEAM, thread_ts=first)
    say("直りました。", thread_ts=first)
    told = [f"emulate {VERSION}, Slack"]

    koe.fetch()
    thread = f"{channel}:{first}"
    assert koe.items() == HELD
    assert koe.said(thread) == [
        ("customer", "CSV の書き出しが 0 回失敗します。"),
        ("agent", "設定を見直してください。"),
        ("customer", "直りました。"),
    ]
    told.append(f"walked: {HELD} threads on two pages; who is of the team is told by the e-mail address")

    slack.ask("chat.update", channel=channel, ts=others[-1], text="Excel の書き出しが失敗します。")
    say("また失敗しました。", thread_ts=first)
    new = say("ログインできません。")
    koe.fetch()
    assert koe.said(f"{channel}:{others[-1]}") == [("customer", "Excel の書き出しが失敗します。")]
    assert koe.said(thread)[-1] == ("customer", "また失敗しました。")
    assert koe.said(f"{channel}:{new}") == [("customer", "ログインできません。")]
    assert koe.items() == HELD + 1
    told.append("walked again: an edit, a later reply and a new message are there, and nothing twice")

    known = {**koe.source.settings, "token": BLIND}
    with pytest.raises(Refused, match="lacks the scope channels:history"):
        ask(koe.settings, koe.db, koe.source.organisation_id, "slack", known).check()
    told.append("a token without a scope: refused, and the scope is named")
    tell(told)
