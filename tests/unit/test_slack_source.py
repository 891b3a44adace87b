"""What Slack says in place of an answer, who is who in its channels, and its marks in words."""

from collections.abc import Mapping

import pytest

from connectors.errors import Refused, RetryLater
from connectors.ports import Heard
from connectors.ports import Source as SourcePort
from connectors.registry import open_source
from connectors.sources.slack_messages import readable
from service.imports.heard import read
from service.rules.records import FeedbackRecord
from service.rules.versions import Arrival, folded
from tests.contract.sources import Asked, Sent
from tests.contract.sources.slack import ALONE, HOME, event, message, ts
from tests.site import address_of, site
from tests.sourcing import DOOR, NOW, call_of
from tests.speaker import Speaker

SETTINGS = {"channels": "C1", "token": "xoxb-t0ken"}


def slack(server: Speaker, settings: Mapping[str, str] = SETTINGS) -> SourcePort:
    return open_source("slack", {**settings, "address": address_of(server)}, DOOR)


def everywhere(answer: object) -> list[Asked]:
    return [Asked(target="/api/", method=method, answer=answer) for method in ("GET", "POST")]


def history(*messages: object, more: str = "", after: str = "&limit=40") -> Asked:
    answer = {"ok": True, "messages": messages, "response_metadata": {"next_cursor": more}}
    return Asked(target=f"/api/conversations.history?channel=C1{after}", answer=answer)


def heard(source: SourcePort) -> list[Heard]:
    return [one for one in source.page(None, None).events if isinstance(one, Heard)]


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "advice"),
        [
            ({"error": "missing_scope", "needed": "channels:history"}, "lacks the scope channels:history"),
            ({"error": "not_in_channel"}, "not in the channel C1: invite it"),
            ({"error": "channel_not_found"}, "no channel C1"),
            ({"error": "token_revoked"}, "copy it anew"),
            ({"error": "not_allowed_token_type"}, "xoxp-"),
            ({"error": "something_new"}, "something_new"),
            ({"error": None}, "nothing that its API would"),
        ],
    )
    def test_say_what_to_do(self, error: Mapping[str, object], advice: str) -> None:
        with site([HOME, *everywhere({"ok": False, **error})]) as server:
            source = slack(server)
            for ask in (source.check, lambda: source.page(None, None), lambda: source.fetch(f"C1:{ts(0)}")):
                with pytest.raises(Refused, match=advice):
                    ask()

    @pytest.mark.parametrize("error", ["ratelimited", "internal_error", "service_unavailable"])
    def test_that_pass_are_waited_for(self, error: str) -> None:
        with site([HOME, *everywhere({"ok": False, "error": error})]) as server:
            source = slack(server)
            for ask in (source.check, lambda: source.page(None, None), lambda: source.fetch(f"C1:{ts(0)}")):
                with pytest.raises(RetryLater):
                    ask()

    def test_a_place_that_is_not_known_any_more_is_begun_anew(self) -> None:
        stale = Asked(
            target="/api/conversations.history?channel=C1&limit=40&cursor=old",
            answer={"ok": False, "error": "invalid_cursor"},
        )
        people = Asked(target="/api/users.info", answer={"ok": True, "user": {}})
        with site([HOME, stale, history(ALONE), people]) as server:
            page = slack(server).page(None, '["C1", "old"]')
            assert [one.external_id for one in page.events if isinstance(one, Heard)] == [f"C1:{ts(300)}"]
            assert page.cursor is None

    def test_a_channel_that_is_not_taken_any_more_ends_its_walk(self) -> None:
        with site([]) as server:
            assert slack(server).page(None, '["C7", "x"]').cursor is None
            with pytest.raises(Refused, match="C7"):
                slack(server).fetch(f"C7:{ts(0)}")


class TestPeople:
    UNSEEN = Asked(
        target="/api/users.info", answer={"ok": False, "error": "missing_scope", "needed": "users:read"}
    )

    def test_need_not_be_seen(self) -> None:
        with site([HOME, history(ALONE), history(after="&limit=1"), self.UNSEEN]) as server:
            source = slack(server)
            (one,) = heard(source)
            assert (one.customer.id, one.customer.email) == ("U3", None)
            heard(source)
            assert len([call for call in server.calls if "users.info" in call.head]) == 1
            assert "may not see who people are" in slack(server).check()

    def test_must_be_seen_where_staff_is_known_by_address(self) -> None:
        with site([HOME, history(ALONE), history(after="&limit=1"), self.UNSEEN]) as server:
            source = slack(server, {**SETTINGS, "staff": "example.com"})
            for ask in (source.check, lambda: source.page(None, None)):
                with pytest.raises(Refused, match="users:read"):
                    ask()

    def test_are_asked_for_once(self) -> None:
        seen = Asked(
            target="/api/users.info",
            answer={"ok": True, "user": {"profile": {"email": "aya@example.com"}}},
        )
        with site([HOME, history(ALONE, message(310, "直りません", user="U3")), seen]) as server:
            assert [one.customer.email for one in heard(slack(server))] == ["aya@example.com"] * 2
            assert len([call for call in server.calls if "users.info" in call.head]) == 1

    def test_of_a_team_that_is_ours_are_no_customers(self) -> None:
        ours = message(0, "お知らせします", user="U2", team="T1")
        people = Asked(target="/api/users.info", answer={"ok": True, "user": {}})
        with site([HOME, history(ours), people]) as server:
            (one,) = heard(slack(server, {**SETTINGS, "staff": "T1"}))
            assert [said.author_role for said in one.said] == ["agent"]
            assert one.customer.id is None
            (one,) = heard(slack(server))
            assert [said.author_role for said in one.said] == ["customer"]


class TestThreads:
    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_are_of_the_customer_who_began_them(self, order: tuple[int, int]) -> None:
        source = open_source("slack", {"channels": "C1"})
        reply = message(40, "うちもです", user="U4", thread_ts=ts(0), parent_user_id="U1")
        calls = [Sent(content=event(**one), tells=[]) for one in (message(0, "入れません"), reply)]
        records = [
            Arrival(sequence, FeedbackRecord.model_validate_json(one.body))
            for sequence, place in enumerate(order)
            for one in read(source.read(call_of(calls[place])), received_at=NOW).records
        ]
        item = folded(records)
        assert item.customer_id == "U1"
        assert [one.text for one in item.messages] == ["入れません", "うちもです"]


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value"), [("channels", "general"), ("channels", "C1 #help"), ("staff", "people")]
    )
    def test_that_name_nothing_are_refused_by_name(self, name: str, value: str) -> None:
        with pytest.raises(Refused, match=name):
            open_source("slack", {**SETTINGS, name: value})

    def test_may_list_in_any_way(self) -> None:
        assert open_source("slack", {"channels": "C1,C2、 C3\nG4", "staff": "@example.com T1"})


class TestReadable:
    @pytest.mark.parametrize(
        ("written", "words"),
        [
            ("<@U1> さん", "@U1 さん"),
            ("<@U1|aya>", "@aya"),
            ("<#C1|help> と <#C2>", "#help と #C2"),
            ("<!here> <!subteam^S1|@support> <!subteam^S1>", "@here @support @subteam"),
            ("<!date^1392734382^{date}|2014年2月18日>", "2014年2月18日"),
            ("<https://example.com/a?b=1&amp;c=2>", "https://example.com/a?b=1&amp;c=2"),
            ("<https://example.com|example.com>", "https://example.com"),
            ("<https://example.com|こちら>", "こちら (https://example.com)"),
            ("<mailto:aya@example.com|aya@example.com>", "aya@example.com"),
            ("a &lt;b&gt; c &amp;amp; < d", "a &lt;b&gt; c &amp;amp; < d"),
            ("<>", "<>"),
        ],
    )
    def test_tells_marks_in_words(self, written: str, words: str) -> None:
        assert readable(written) == words

    def test_leaves_marks_that_never_end(self) -> None:
        assert readable("<@" * 20_000) == "<@" * 20_000
