"""What every source must do in whose conversations Koe may reply; each is taken through the same exam."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import Refused, RetryLater, Uncertain, Unknowable
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
KEYED = frozenset({"line"})
"""Kinds that say once what is said twice, and show nothing of it."""
READ = sorted(set(REPLIERS) - KEYED)
FILLS_IN_NOTHING = frozenset({"line", "request-tracker"})
TALKS = {"line": f"U{'a' * 32}/2026-05-01"}
"""What the conversation is called, where that is not 7."""
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
    """What Zendesk and Intercom say that it came by; None where they do not say."""
    contacts: Sequence[str] = ("5f",)
    """Who takes part in it at Intercom."""
    head: str = ""
    """The headers of what is asked."""
    keys: set[str] = field(default_factory=set)
    """Under which something was said at LINE."""
    asked_first: str = ""
    """The status that questions are answered with."""
    blocked: bool = False
    """Whether the person at LINE has blocked the account."""
    used: int = 10
    """How many of the 1,000 messages of this month LINE says that were sent."""

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


def intercom(double: Double, method: str, path: str, body: Any) -> Callable[[Call], None]:
    stamp = int(double.at.timestamp())
    if path.startswith("/me"):
        return told({"type": "admin", "id": "42", "app": {"id_code": "abc123", "name": "Example"}})
    if path.startswith("/conversations/search"):
        return told({"conversations": []})
    conversation = {
        "type": "conversation",
        "id": "7",
        "state": "closed",
        "created_at": stamp,
        "source": {
            "type": double.channel,
            "body": "落ちます。",
            "author": {"type": "user", "id": "5f"},
        },
        "contacts": {"contacts": [{"id": each} for each in double.contacts]},
    }
    lines = [({"type": "user", "id": "5f"}, each) for each in double.by_customer]
    if method == "POST":
        assert (body["message_type"], body["type"], body["admin_id"]) == ("comment", "admin", "42")
        lines = [({"type": "admin", "id": "42"}, body["body"])]
        return double.take(body["body"], {**conversation, "conversation_parts": parted(lines, stamp)})
    lines += [({"type": "admin", "id": "42"}, each) for each in double.said]
    return told({**conversation, "conversation_parts": parted(lines, stamp)})


def parted(lines: Sequence[tuple[Mapping[str, str], str]], stamp: int) -> Mapping[str, object]:
    """Return what was said as parts of a conversation of Intercom."""
    return {
        "conversation_parts": [
            {
                "id": str(100 + place),
                "part_type": "comment",
                "author": who,
                "body": each,
                "created_at": stamp,
            }
            for place, (who, each) in enumerate(lines)
        ]
    }


def line(double: Double, method: str, path: str, body: Any) -> Callable[[Call], None]:
    if path.startswith("/v2/bot/info"):
        return told({"userId": f"U{'d' * 32}", "displayName": "Example"})
    if path.startswith("/v2/bot/profile/"):
        assert path.endswith("/U" + "a" * 32)
        return answers("404 Not Found", body=b"{}") if double.blocked else told({"displayName": "Aya"})
    if path.startswith("/v2/bot/message/quota/consumption"):
        return told({"totalUsage": double.used})
    if path.startswith("/v2/bot/message/quota"):
        return told({"type": "limited", "value": 1000})
    assert (method, path, body["to"]) == ("POST", "/v2/bot/message/push", "U" + "a" * 32)
    [message] = body["messages"]
    assert message["type"] == "text"
    [key] = re.findall(r"(?im)^x-line-retry-key: ([0-9a-f-]{36})\r?$", double.head)
    sent = {"sentMessages": [{"id": "461230966842064897", "quoteToken": "q"}]}
    if key in double.keys:
        return answers("409 Conflict", body=json.dumps({"message": "accepted already", **sent}).encode())
    if not double.refuses:
        double.keys.add(key)
    return double.take(message["text"], sent)


DOUBLES: Mapping[str, Callable[[Double, str, str, Any], Callable[[Call], None]]] = {
    "zendesk": zendesk,
    "chatwoot": chatwoot,
    "intercom": intercom,
    "line": line,
    "request-tracker": request_tracker,
}


@contextmanager
def conversing(slug: str, double: Double, *, replies: str = "yes") -> Iterator[Replier]:
    """Give a source whose system is a double."""

    def say(call: Call) -> None:
        method, path, _ = call.head.split(" ", 2)
        double.head = call.head
        if double.asked_first and method == "GET":
            answers(double.asked_first, body=b"{}")(call)
            return
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
    def test_says_nothing_unless_that_is_switched_on(self, slug: str) -> None:
        double = Double()
        with conversing(slug, double, replies="no") as source:
            with pytest.raises(Refused, match="replies=yes"):
                source.reply(talk(slug), REPLY)
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

    def test_an_answer_that_is_lost_is_uncertain_and_nothing_is_said_twice(self, slug: str) -> None:
        double = Double(loses=True)
        with conversing(slug, double) as source:
            with pytest.raises(Uncertain):
                source.reply(talk(slug), REPLY)
            found = source.replied(talk(slug), REPLY)
            assert (found is None) == (slug in KEYED) == source.idempotent
            assert found or source.reply(talk(slug), REPLY).reference
        assert len(double.said) == 1

    def test_success_without_what_was_made_is_uncertain(self, slug: str) -> None:
        with conversing(slug, Double(talks_nonsense=True)) as source, pytest.raises(Uncertain):
            source.reply(talk(slug), REPLY)

    @pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "422 Unprocessable Entity"])
    def test_a_refusal_says_so_and_nothing_was_said(self, slug: str, status: str) -> None:
        double = Double(refuses=status)
        with conversing(slug, double) as source, pytest.raises(Refused):
            source.reply(talk(slug), REPLY)
        assert double.said == []

    def test_a_busy_system_is_asked_again_and_a_broken_one_may_have_taken_it(self, slug: str) -> None:
        with conversing(slug, Double(refuses="429 Too Many Requests")) as source, pytest.raises(RetryLater):
            source.reply(talk(slug), REPLY)
        with conversing(slug, Double(refuses="502 Bad Gateway")) as source, pytest.raises(Uncertain):
            source.reply(talk(slug), REPLY)

    def test_no_placeholder_of_the_system_is_left_in_it(self, slug: str) -> None:
        double = Double()
        with conversing(slug, double) as source:
            source.reply(talk(slug), Reply(text="{{ticket.requester.email}} {% x %}", since=NOW))
        if slug not in FILLS_IN_NOTHING:
            assert "{{" not in double.said[0]
            assert "{%" not in double.said[0]


@pytest.mark.parametrize("slug", READ)
class TestEveryReplierThatIsRead:
    def test_says_it_once_and_finds_it_again(self, slug: str) -> None:
        double = Double()
        with conversing(slug, double) as source:
            assert source.replied("7", REPLY) is None
            assert source.reply("7", REPLY).reference
            assert len(double.said) == 1
            found = source.replied("7", REPLY)
            assert found is not None
            assert source.replied("7", Reply(text="別の文面です。", since=REPLY.since)) is None

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


@pytest.mark.parametrize("slug", ["zendesk", "intercom"])
def test_what_takes_html_is_sent_text_in_which_nothing_acts(slug: str) -> None:
    double = Double()
    with conversing(slug, double) as source:
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


@pytest.mark.parametrize("channel", ["conversation", "email"])
def test_intercom_takes_replies_in_the_messenger_and_by_mail(channel: str) -> None:
    double = Double(channel=channel)
    with conversing("intercom", double) as source:
        assert heard(source).channel in source.replies_in
        receipt = source.reply("7", REPLY)
    assert receipt.url is not None
    assert receipt.url.endswith("/a/apps/abc123/conversations/7")
    assert len(double.said) == 1


@pytest.mark.parametrize("channel", ["whatsapp", "facebook", "sms", "push", "voice", "of tomorrow", None])
def test_intercom_takes_replies_in_nothing_else(channel: str | None) -> None:
    double = Double(channel=channel)
    with conversing("intercom", double) as source, pytest.raises(Refused, match="by mail alone"):
        source.reply("7", REPLY)
    assert double.said == []


@pytest.mark.parametrize("contacts", [[], ["5f", "60"]])
def test_intercom_takes_no_reply_where_several_customers_would_read_it(contacts: list[str]) -> None:
    double = Double(contacts=contacts)
    with conversing("intercom", double) as source, pytest.raises(Refused, match="exactly one customer"):
        source.reply("7", REPLY)
    assert double.said == []


def test_intercom_knows_the_conversations_of_its_region_by_their_addresses() -> None:
    kind = SOURCES["intercom"]
    assert issubclass(kind, Replier)
    assert kind.place({"address": "https://api.eu.intercom.io"}) == "https://app.eu.intercom.com/a/apps/"
    assert kind.place({}) == "https://app.intercom.com/a/apps/"


class TestLine:
    def test_says_anew_what_is_said_of_something_else(self) -> None:
        double, other = Double(), replace(REPLY, since=REPLY.since + timedelta(seconds=1))
        with conversing("line", double) as source:
            first = source.reply(TALKS["line"], REPLY)
            assert source.reply(TALKS["line"], REPLY) == first
            source.reply(TALKS["line"], other)
            source.reply(TALKS["line"], replace(REPLY, text="別の文面です。"))
        assert len(double.said) == 3

    def test_is_not_asked_to_say_again_what_it_may_have_forgotten_by_now(self) -> None:
        with conversing("line", Double()) as source:
            assert source.replied(TALKS["line"], replace(REPLY, since=NOW - timedelta(hours=22))) is None
            with pytest.raises(Unknowable):
                source.replied(TALKS["line"], replace(REPLY, since=NOW - timedelta(hours=23, minutes=1)))

    def test_is_sent_nothing_for_whoever_blocked_the_account(self) -> None:
        double = Double(blocked=True)
        with conversing("line", double) as source, pytest.raises(Refused, match="blocked"):
            source.reply(TALKS["line"], REPLY)
        assert double.said == []

    @pytest.mark.parametrize(
        "talk", [f"C{'c' * 32}/U{'a' * 32}/2026-05-01", f"R{'e' * 32}/2026-05-01", "7", f"U{'a' * 32}"]
    )
    def test_is_sent_nothing_into_groups(self, talk: str) -> None:
        double = Double()
        with conversing("line", double) as source:
            assert not source.reaches(talk)
            assert source.reaches(TALKS["line"])
            with pytest.raises(Refused, match="one person alone"):
                source.reply(talk, REPLY)
        assert double.said == []

    def test_says_that_the_messages_of_the_month_are_used_up(self) -> None:
        used_up = Double(used=1000)
        with conversing("line", used_up) as source, pytest.raises(Refused, match="1,000 messages of this"):
            source.may_reply()
        with conversing("line", Double(used=1000), replies="no") as source:
            assert source.check() == "LINE answers for Example."


def talk(slug: str) -> str:
    """Return what the conversation is called."""
    return TALKS.get(slug, "7")


@pytest.mark.parametrize("slug", ["intercom", "line"])
def test_who_refuses_what_is_asked_first_has_not_refused_the_reply(slug: str) -> None:
    double = Double(asked_first="401 Unauthorized")
    with conversing(slug, double) as source:
        with pytest.raises(RetryLater):
            source.reply(talk(slug), REPLY)
        double.asked_first = ""
        assert source.reply(talk(slug), REPLY).reference
    assert len(double.said) == 1


def heard(source: Replier) -> Heard:
    found = source.fetch("7")
    assert isinstance(found, Heard)
    return found
