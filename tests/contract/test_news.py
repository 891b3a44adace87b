"""Every target that is told of events takes this exam; and how a channel of Slack writes them."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.errors import ConnectorError, Refused, RetryLater, Uncertain
from connectors.http import Http
from connectors.outgoing import News
from connectors.ports import Means
from connectors.registry import TARGETS, open_target
from connectors.target_port import STANDING, Target
from connectors.targets.memory import MemoryTarget
from connectors.targets.slack import Slack
from connectors.targets.webhook import Webhook
from tests.receiver import Fault, receiver, scripted
from tests.speaker import Call, Say, answers, resets, speaker

NEWS = News(
    event="alarm.raised",
    subject_id="5c1c0d4b7e6f4b0a9d21",
    at=datetime(2026, 5, 3, tzinfo=UTC),
    data={
        "alarm_id": "5c1c0d4b7e6f4b0a9d21",
        "theme_id": "t1",
        "theme_title": "写真が消える",
        "kind": "rising",
        "onset": "2026-05-01T09:00:00+09:00",
        "raised_at": "2026-05-03T09:00:00+09:00",
        "contacts": 42,
        "expected": 3.25,
        "items": [{"source": "desk", "external_id": "1"}],
        "link": "https://koe.example.com/alarms/5c1c",
    },
)
PAUSED = News(
    event="target.paused",
    subject_id="3f1c-20260503T000000000000",
    at=datetime(2026, 5, 3, tzinfo=UTC),
    data={
        "target_id": "3f1c",
        "target": "product *backlog* <!here>",
        "kind": "jira",
        "since": "2026-05-03T00:00:00Z",
        "reason": "it says @channel: <http://x|no>",
        "waiting": 1200,
        "link": "https://koe.example.com/deliveries?target=product",
    },
)
RESUMED = replace(
    PAUSED,
    event="target.resumed",
    data={name: told for name, told in PAUSED.data.items() if name not in ("reason", "waiting")},
)
SILENT = replace(
    PAUSED,
    event="source.paused",
    subject_id="4a1c-20260503T000000000000",
    data={
        "source_id": "4a1c",
        "source": "desk *one* <!here>",
        "kind": "zendesk",
        "since": "2026-05-03T00:00:00Z",
        "reason": "it says @channel: <http://x|no>",
        "link": None,
    },
)
AGAIN = replace(
    SILENT, event="source.resumed", data={n: told for n, told in SILENT.data.items() if n != "reason"}
)
WEEK = replace(
    PAUSED,
    event="digest.weekly",
    subject_id="2026-05-04",
    data={
        "week": "2026-05-04",
        "changes": 14,
        "told": {
            lang: {
                "headline": headline,
                "link": "https://koe.example.com/digest?week=2026-05-04",
                "changes": [
                    {
                        "kind": "Alarm",
                        "title": "photos *vanish* <!here>",
                        "said": "42 contacts, see http://x.example @channel",
                        "link": "https://koe.example.com/alarms/5c1c",
                    }
                ],
                "waits_title": "What waits",
                "waits": [{"said": "3 suggestions <!here>", "link": None}],
                "measures": "Contact rate: 12 per 100",
            }
            for lang, headline in (("en", "14 things changed"), ("ja", "14件の変化がありました。"))
        },
    },
)
LOCAL = ("127.0.0.1",)


class Told:
    """What a target was told, as the other side has it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []


@contextmanager
def memory(told: Told) -> Iterator[Target]:  # noqa: ARG001
    yield MemoryTarget.open({}, Means())


@contextmanager
def webhook(told: Told) -> Iterator[Target]:  # noqa: ARG001
    with receiver() as taker:
        yield Webhook.open({"url": taker.url}, Means(secret=taker.secret, http=Http(private_hosts=LOCAL)))


@contextmanager
def slack(told: Told, *says: Say, lang: str = "ja") -> Iterator[Target]:
    """A channel behind an address that takes Slack's messages, and answers as is said, then well."""
    coming = iter(says)

    def take(call: Call) -> None:
        told.bodies.append(call.body)
        next(coming, answers("200 OK", body=b"ok"))(call)

    with speaker(take) as server:
        address = f"http://127.0.0.1:{server.port}/services/T/B/x"
        yield Slack.open({"lang": lang}, Means(secret=address, http=Http(private_hosts=LOCAL)))


Open = Callable[[Told], AbstractContextManager[Target]]
OPENERS: Mapping[str, Open] = {"memory": memory, "webhook": webhook, "slack": slack}


@pytest.fixture(params=sorted(OPENERS))
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with OPENERS[request.param](Told()) as opened:
        yield opened


class TestEveryTargetThatHears:
    def test_is_told_and_says_under_which_name(self, target: Target) -> None:
        first = target.tell(NEWS)
        assert target.tell(NEWS) == first
        assert target.tell(replace(NEWS, subject_id="another")) != first

    def test_refuses_what_it_does_not_hear_of(self, target: Target) -> None:
        with pytest.raises(Refused, match=r"not of weather\.changed"):
            target.tell(replace(NEWS, event="weather.changed"))

    def test_is_told_of_targets_and_sources_that_refuse_and_that_work_again(self, target: Target) -> None:
        names = {target.tell(each).reference for each in (PAUSED, RESUMED, PAUSED, SILENT, AGAIN, SILENT)}
        assert len(names) == 4

    def test_says_that_it_can_be_reached(self, target: Target) -> None:
        assert target.check().endswith(".")

    def test_holds_any_title(self, target: Target) -> None:
        for title in ("", "🦊", "長" * 300, "line\nbreak\u2028\x85", "<!channel> & <http://x|y>", None):
            target.tell(replace(NEWS, data={**NEWS.data, "theme_title": title}))


@pytest.mark.parametrize(
    "event", ["theme.created", "theme.updated", "suggestion.created", "delivery.delivered", "effect.measured"]
)
class TestWhatAWebhookChooses:
    def test_it_is_told_of_what_it_chose_signed_under_a_key_of_its_own(self, event: str) -> None:
        chosen = {"events": f"{event}, alarm.raised"}
        with receiver(scripted(Fault.LOST)) as taker:
            means = Means(secret=taker.secret, http=Http(private_hosts=LOCAL))
            target = Webhook.open({"url": taker.url, **chosen}, means)
            news = replace(NEWS, event=event)
            with pytest.raises(Uncertain):
                target.tell(news)
            assert target.tell(news).reference != target.tell(NEWS).reference
        assert Webhook.chosen(chosen) == {event, "alarm.raised"}
        assert [told["type"] for told in taker.executed.values()] == [event, "alarm.raised"]

    def test_where_nothing_is_chosen_it_is_not_among_the_usual(self, event: str) -> None:
        assert event not in Webhook.chosen({})
        usual = {"suggestion.accepted", "alarm.raised", *STANDING}
        assert Webhook.chosen({}) == usual


@pytest.mark.parametrize("events", ["", "theme.created,", "weather.changed", "theme.created;alarm.raised"])
def test_an_event_that_there_is_not_is_told_with_those_that_there_are(events: str) -> None:
    with pytest.raises(Refused, match=r"'events' names .*there are .*suggestion\.accepted, .*theme\.created"):
        Webhook.open({"url": "https://example.com", "events": events}, Means(secret="whsec_" + "a" * 32))


def test_whoever_hears_of_nothing_refuses_all_news(tmp_path: Path) -> None:
    files = open_target("backlog-file", {"path": str(tmp_path / "b.jsonl")})
    assert files.hears == frozenset()
    with pytest.raises(Refused, match=r"not told of alarm\.raised"):
        files.tell(NEWS)


class TestWebhook:
    def test_news_are_signed_under_their_own_key_and_never_change(self) -> None:
        with receiver(scripted(Fault.LOST)) as taker:
            target = Webhook.open(
                {"url": taker.url}, Means(secret=taker.secret, http=Http(private_hosts=LOCAL))
            )
            with pytest.raises(Uncertain):
                target.tell(NEWS)
            receipt = target.tell(NEWS)
            first, second = taker.attempts
        assert first.proven
        assert first.body == second.body
        assert first.key == second.key == receipt.reference
        [event] = taker.executed.values()
        assert event == {"type": "alarm.raised", "timestamp": "2026-05-03T00:00:00Z", "data": NEWS.data}


@pytest.mark.parametrize(
    ("lang", "headline", "more"), [("en", "14 things changed", "13 more"), ("ja", "14件の変化", "ほか13件")]
)
def test_a_channel_reads_once_a_week_what_changed_and_no_word_of_it_acts(
    lang: str, headline: str, more: str
) -> None:
    told = Told()
    with slack(told, lang=lang) as target:
        target.tell(WEEK)
    text = json.loads(told.bodies[0])["text"]
    assert headline in text.split("\n")[0]
    assert "<https://koe.example.com/alarms/5c1c|photos " in text
    assert f"|{more}>" in text
    assert "Contact rate" in text
    for live in ("<!here>", "@channel", "http://x.example", "*vanish*"):
        assert live not in text


class TestSlack:
    def text(self, lang: str = "ja", **changes: object) -> str:
        told = Told()
        with slack(told, lang=lang) as target:
            target.tell(replace(NEWS, data={**NEWS.data, **changes}))
        body = json.loads(told.bodies[0])
        assert list(body) == ["text"]
        return str(body["text"])

    def test_an_alarm_is_two_lines_in_the_language_of_the_channel(self) -> None:
        link = "<https://koe.example.com/alarms/5c1c|写真が消える>"
        assert self.text() == f"*いつもより増えています*: {link}\n2026年5月1日から42件（いつもなら約3.2件）"
        assert self.text("en") == f"*More than usual*: {link}\n42 since 1 May 2026 (usually about 3.2)"

    @pytest.mark.parametrize("link", [None, "https://koe.example.com/alarms/5c1c"])
    @pytest.mark.parametrize(
        "title",
        [
            "<!channel> & <http://x.example|here>",
            "<@U123> <#C123|ops>",
            "@here @channel @everyone",
            "*bold* _slanted_ ~struck~ `code` ```block```",
            "see https://x.example/a?b=c, www.x.example or x.example",
            ":rotating_light: #incidents",
            "[here](https://x.example) ![](https://x.example/p.png)",
        ],
    )
    def test_nothing_in_a_title_is_a_mention_a_link_or_a_mark(self, title: str, link: str | None) -> None:
        first = self.text("en", theme_title=title, link=link).split("\n")[0]
        shown = first.removeprefix("*More than usual*: ")
        if link is not None:
            shown = shown.removeprefix(f"<{link}|").removesuffix(">")
        acting = r"[<>|*_~`]|[@#]\w|:\w+:|https?:/|\w\.\w|\]\(|&(?!amp;|lt;|gt;)"
        assert re.findall(acting, shown) == []

    def test_a_title_is_read_as_it_is(self) -> None:
        text = self.text("en", theme_title="Error: R&D's “photos” are gone (a/b), 50% of\nthem!", link=None)
        assert text.startswith("*More than usual*: Error: R&amp;D's “photos” are gone (a/b), 50% of them!\n")

    def test_a_long_title_is_cut_between_its_letters(self) -> None:
        assert self.text("en", theme_title="&" * 300, link=None).count("&amp;") == 200

    def test_what_is_about_no_theme_is_named_too(self) -> None:
        assert "What was set aside as spam" in self.text("en", theme_title=None, kind="spam")
        assert "迷惑メールとして除いたもの" in self.text(theme_title=None, kind="spam")

    @pytest.mark.parametrize(
        ("say", "error"),
        [
            (answers("429 Too Many Requests", "Retry-After: 30"), RetryLater),
            (answers("503 Service Unavailable"), RetryLater),
            (answers("500 Internal Server Error"), Uncertain),
            (answers("404 Not Found", body=b"no_service"), Refused),
            (answers("403 Forbidden", body=b"invalid_token"), Refused),
            (answers("200 OK", body=b"<!doctype html><title>Sign in</title>"), Uncertain),
            (resets, Uncertain),
        ],
    )
    def test_what_failed_is_told_without_the_address_which_is_a_secret(
        self, say: Say, error: type[ConnectorError]
    ) -> None:
        with slack(Told(), say) as target:
            with pytest.raises(error, match=r"^127\.0\.0\.1:\d+ ") as raised:
                target.tell(NEWS)
            assert "services" not in str(raised.value)
            target.tell(NEWS)

    @pytest.mark.parametrize(
        ("settings", "address", "named"),
        [
            ({}, None, "'url'"),
            ({}, "ftp://example.com", "'url'"),
            ({"lang": "fr"}, "https://example.com", "'lang'"),
        ],
    )
    def test_names_the_setting_that_is_wrong(
        self, settings: dict[str, object], address: str | None, named: str
    ) -> None:
        with pytest.raises(Refused, match=named):
            open_target("slack", settings, Means(secret=address))

    def test_is_known_and_takes_no_suggestion(self) -> None:
        assert TARGETS["slack"].takes == frozenset()


@pytest.mark.parametrize(
    ("lang", "paused", "resumed"),
    [
        ("en", "*A target refuses Koe*", "*A target takes deliveries again*"),
        ("ja", "*送付先が Koe を受け付けません*", "*送付先への送付を再開しました*"),
    ],
)
def test_a_channel_reads_of_a_target_in_its_language_and_no_word_of_another_system_acts(
    lang: str, paused: str, resumed: str
) -> None:
    told = Told()
    with slack(told, lang=lang) as target:
        target.tell(PAUSED)
        target.tell(RESUMED)
    first, second = (json.loads(body)["text"] for body in told.bodies)
    assert (first.startswith(paused), second.startswith(resumed)) == (True, True)
    assert "1,200" in first
    for text in (first, second):
        assert "<https://koe.example.com/deliveries?target=product|" in text
        for live in ("<!here>", "@channel", "<http://x", "*backlog*"):
            assert live not in text
