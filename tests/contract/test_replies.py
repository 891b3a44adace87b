"""What every source must do in whose conversations Koe may reply; each is taken through the same exam."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import Refused, RetryLater, Uncertain
from connectors.outgoing import Reply
from connectors.ports import Heard
from connectors.registry import SOURCES, open_source
from connectors.replying import Replier
from tests.contract.sources import example_of
from tests.site import address_of
from tests.sourcing import DOOR
from tests.speaker import Call, answers, resets, speaker

NOW = datetime.now(UTC)
TEXT = "この件は修正が完了しました。\n\nhttps://help.example.com/1 をご覧ください & お試しください。"
REPLIERS = sorted(slug for slug, kind in SOURCES.items() if issubclass(kind, Replier))
STAMP = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(kw_only=True)
class Double:
    """A system with one conversation, number 7, as far as replies are concerned."""

    said: list[str] = field(default_factory=list)
    """What staff said in it, as the system keeps it."""
    by_customer: list[str] = field(default_factory=list)
    at: datetime = NOW
    refuses: str = ""
    """The status that a reply is refused with."""
    loses: bool = False
    """Whether the answer to a reply is lost, though it is taken."""
    talks_nonsense: bool = False
    """Whether a reply is answered with success and nothing else."""
    channel: str | None = "email"
    """What Zendesk says that it came by; None where it does not say."""

    def take(self, said: str, answer: object) -> Callable[[Call], None]:
        """Keep a reply, and return how it is answered."""
        if self.refuses:
            return answers(self.refuses, body=b"{}")
        self.said.append(said)
        return resets if self.loses else told({} if self.talks_nonsense else answer)


def told(content: object) -> Callable[[Call], None]:
    return answers("200 OK", "Content-Type: application/json", body=json.dumps(content).encode())


def zendesk(double: Double, method: str, path: str, body: Any) -> Callable[[Call], None]:
    stamp = double.at.strftime(STAMP)
    if method == "PUT":
        comment = body["ticket"]["comment"]
        assert comment["public"] is True
        events = [{"type": "Change", "id": 1}, {"type": "Comment", "id": 500}]
        return double.take(comment["html_body"], {"ticket": {"id": 7}, "audit": {"events": events}})
    if "/users/me" in path:
        return told({"user": {"id": 42, "role": "admin"}})
    if "/comments" in path:
        users = [{"id": 9, "role": "end-user"}, {"id": 42, "role": "agent"}]
        lines = [(9, each) for each in ["落ちます。", *double.by_customer]]
        lines += [(42, each) for each in double.said]
        comments = [
            {"id": 100 + place, "author_id": who, "body": each, "public": True, "created_at": stamp}
            for place, (who, each) in enumerate(lines)
        ]
        return told({"comments": comments, "users": users, "meta": {"has_more": False}, "links": {}})
    return told(
        {
            "ticket": {
                "id": 7,
                "status": "solved",
                "requester_id": 9,
                "subject": "件",
                "via": {"channel": double.channel},
                "created_at": stamp,
            }
        }
    )


def chatwoot(double: Double, method: str, path: str, body: Any) -> Callable[[Call], None]:
    stamp = int(double.at.timestamp())
    if method == "POST":
        assert (body["message_type"], body["private"]) == ("outgoing", False)
        return double.take(body["content"], {"id": 500, "content": body["content"]})
    if "/profile" in path:
        return told({"accounts": [{"id": 1, "role": "administrator"}]})
    if "/messages" in path:
        lines = [(0, each) for each in ["落ちます。", *double.by_customer]]
        lines += [(1, each) for each in double.said]
        messages = [
            {"id": 100 + place, "message_type": kind, "content": each, "created_at": stamp, "private": False}
            for place, (kind, each) in enumerate(lines)
        ]
        return told({"payload": [] if "before" in path else messages})
    if path.split("?")[0].endswith("/conversations"):
        return told({"data": {"payload": [], "meta": {"all_count": 0}}})
    return told({"id": 7, "status": "resolved", "created_at": stamp, "meta": {"sender": {"id": 9}}})


def request_tracker(double: Double, method: str, path: str, body: Any) -> Callable[[Call], None]:
    stamp = double.at.strftime(STAMP)
    if method == "POST" and "correspond" in path:
        assert body["ContentType"] == "text/plain"
        return double.take(body["Content"], ["Correspondence added"])
    lines = [("aya", each) for each in ["落ちます。", *double.by_customer]]
    lines += [("koe", each) for each in double.said]
    requestor = [{"type": "user", "id": "aya", "EmailAddress": "aya@example.com"}]
    ticket = {
        "id": "7",
        "Type": "ticket",
        "Status": "resolved",
        "Subject": "件",
        "Created": stamp,
        "LastUpdated": stamp,
        "Requestor": requestor,
        "Queue": {"Name": "General"},
    }
    if "/history" in path:
        items = [
            {"id": str(100 + place), "Type": "Correspond", "Created": stamp, "Creator": {"id": who}}
            for place, (who, _) in enumerate(lines)
        ]
        return told({"items": items, "total": len(items)})
    if "/attachments" in path:
        items = [
            {"ContentType": "text/plain", "Content": each, "TransactionId": str(100 + place)}
            for place, (_, each) in enumerate(lines)
        ]
        return told({"items": items, "total": len(items)})
    if "/user/" in path:
        return told({"Privileged": 1})
    if "/queues" in path:
        return told({"items": [{"Name": "General"}], "total": 1})
    if path.split("?")[0].endswith("/rt"):
        return told({"Version": "5.0.3"})
    return told({"items": [ticket], "total": 1} if "/tickets" in path else ticket)


DOUBLES: Mapping[str, Callable[[Double, str, str, Any], Callable[[Call], None]]] = {
    "zendesk": zendesk,
    "chatwoot": chatwoot,
    "request-tracker": request_tracker,
}


@contextmanager
def conversing(slug: str, double: Double, *, replies: str = "yes") -> Iterator[Replier]:
    """Give a source whose system is a double."""

    def say(call: Call) -> None:
        method, path, _ = call.head.split(" ", 2)
        DOUBLES[slug](double, method, path, json.loads(call.body) if call.body else None)(call)

    with speaker(say) as server:
        given = {k: v.replace("{base}", address_of(server)) for k, v in example_of(slug).settings.items()}
        opened = open_source(slug, {**given, "replies": replies}, DOOR)
        assert isinstance(opened, Replier)
        yield opened


REPLY = Reply(text=TEXT, since=NOW - timedelta(seconds=5))


def test_every_source_that_can_reply_takes_the_exam() -> None:
    assert sorted(DOUBLES) == REPLIERS


@pytest.mark.parametrize("slug", REPLIERS)
class TestEveryReplier:
    def test_says_it_once_and_finds_it_again(self, slug: str) -> None:
        double = Double()
        with conversing(slug, double) as source:
            assert source.replied("7", REPLY) is None
            assert source.reply("7", REPLY).reference
            assert len(double.said) == 1
            found = source.replied("7", REPLY)
            assert found is not None
            assert source.replied("7", Reply(text="別の文面です。", since=REPLY.since)) is None

    def test_says_nothing_unless_that_is_switched_on(self, slug: str) -> None:
        double = Double()
        with conversing(slug, double, replies="no") as source:
            with pytest.raises(Refused, match="replies=yes"):
                source.reply("7", REPLY)
            with pytest.raises(Refused, match="replies=yes"):
                source.may_reply()
            assert "may reply" not in source.check()
        assert double.said == []
        with conversing(slug, double) as source:
            assert "may reply" in source.check()
            assert source.may_reply()

    def test_a_setting_that_is_neither_yes_nor_no_is_refused(self, slug: str) -> None:
        with pytest.raises(Refused, match="replies"), conversing(slug, Double(), replies="maybe"):
            pass

    def test_an_answer_that_is_lost_is_uncertain_and_what_was_said_is_found(self, slug: str) -> None:
        double = Double(loses=True)
        with conversing(slug, double) as source:
            with pytest.raises(Uncertain):
                source.reply("7", REPLY)
            assert source.replied("7", REPLY) is not None

    def test_success_without_what_was_made_is_uncertain(self, slug: str) -> None:
        with conversing(slug, Double(talks_nonsense=True)) as source, pytest.raises(Uncertain):
            source.reply("7", REPLY)

    def test_what_a_customer_said_or_what_was_said_long_before_is_not_the_reply(self, slug: str) -> None:
        with conversing(slug, Double(by_customer=[f"お礼です。\n> {TEXT}"])) as source:
            assert source.replied("7", REPLY) is None
        with conversing(slug, Double(said=[TEXT], at=NOW - timedelta(days=3))) as source:
            assert source.replied("7", REPLY) is None

    def test_it_is_found_where_the_agent_had_raised_the_conversation(self, slug: str) -> None:
        with conversing(slug, Double(by_customer=[TEXT])) as source:
            assert source.replied("7", REPLY) is not None
            assert source.replied("7", Reply(text="…", since=REPLY.since)) is None

    def test_a_signature_after_it_and_html_around_it_make_no_difference(self, slug: str) -> None:
        double = Double(said=[TEXT.replace("&", "&amp;").replace("\n\n", "<br/><br/>") + "\n-- \nサポート"])
        with conversing(slug, double) as source:
            assert source.replied("7", REPLY) is not None

    @pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "422 Unprocessable Entity"])
    def test_a_refusal_says_so_and_nothing_was_said(self, slug: str, status: str) -> None:
        double = Double(refuses=status)
        with conversing(slug, double) as source, pytest.raises(Refused):
            source.reply("7", REPLY)
        assert double.said == []

    def test_a_busy_system_is_asked_again_and_a_broken_one_may_have_taken_it(self, slug: str) -> None:
        with conversing(slug, Double(refuses="429 Too Many Requests")) as source, pytest.raises(RetryLater):
            source.reply("7", REPLY)
        with conversing(slug, Double(refuses="502 Bad Gateway")) as source, pytest.raises(Uncertain):
            source.reply("7", REPLY)

    def test_no_placeholder_of_the_system_is_left_in_it(self, slug: str) -> None:
        double = Double()
        with conversing(slug, double) as source:
            source.reply("7", Reply(text="{{ticket.requester.email}} {% x %}", since=NOW))
        if slug != "request-tracker":  # it fills in none
            assert "{{" not in double.said[0]
            assert "{%" not in double.said[0]


def test_zendesk_is_sent_text_in_which_nothing_acts() -> None:
    double = Double()
    with conversing("zendesk", double) as source:
        source.reply("7", Reply(text="<script>alert(1)</script>\n\n[x](javascript:y)", since=NOW))
    assert "<script>" not in double.said[0]
    assert "&lt;script&gt;" in double.said[0]


def test_zendesk_is_sent_the_numbers_of_a_list_and_knows_them_again() -> None:
    double, reply = Double(), Reply(text="手順です。\n\n2. 開く\n10. 閉じる", since=REPLY.since)
    with conversing("zendesk", double) as source:
        source.reply("7", reply)
        assert source.replied("7", reply) is not None
    assert "2. 開く<br/>10. 閉じる" in double.said[0]


@pytest.mark.parametrize("channel", ["email", "web", "API", "web_service"])
def test_zendesk_takes_replies_where_customers_get_them_by_mail(channel: str) -> None:
    with conversing("zendesk", Double(channel=channel)) as source:
        assert heard(source).channel in source.replies_in


@pytest.mark.parametrize("channel", ["chat", "line", "sms", "any_channel", "voice", "of tomorrow", None])
def test_zendesk_takes_replies_in_no_other_channel_least_of_all_in_one_that_koe_does_not_know(
    channel: str | None,
) -> None:
    with conversing("zendesk", Double(channel=channel)) as source:
        assert heard(source).channel not in source.replies_in


def heard(source: Replier) -> Heard:
    found = source.fetch("7")
    assert isinstance(found, Heard)
    return found
