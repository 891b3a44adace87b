"""What MediaWiki refuses by codes, and what ends with a session, against its double."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.errors import ConnectorError, Refused, RetryLater, Uncertain
from connectors.http import Http
from connectors.ports import Means
from connectors.targets.mediawiki import MediaWiki
from tests.board import Reply, Request
from tests.contract.target_exam import HOSTILE, SUGGESTION, outgoing
from tests.contract.targets.mediawiki import MediaWikiDesk, opened

PATIENT = Http(private_hosts=("127.0.0.1",), seconds=60)


@pytest.fixture
def desk() -> Iterator[MediaWikiDesk]:
    with opened(PATIENT) as made:
        yield made


def answer_edits(desk: MediaWikiDesk, content: dict[str, Any], *, times: int = 99) -> None:
    """Let the next edits be answered so, and nothing be saved."""
    kept, left = list(desk.board.routes), [times]

    def answer(request: Request) -> Reply:
        if dict(request.fields)["action"] == "edit" and left[0]:
            left[0] -= 1
            return Reply(content=content)
        return desk.write_as_it_is(request)

    desk.board.routes[:] = [route for route in kept if route[0] != "POST"]
    desk.board.on("POST", r"/api\.php")(answer)


class TestCodes:
    @pytest.mark.parametrize(
        ("code", "error", "words"),
        [
            ("ratelimited", RetryLater, "busy"),
            ("readonly", RetryLater, "busy"),
            ("internal_api_error_DBQueryError", Uncertain, "failed"),
            ("protectedpage", Refused, "the page is protected"),
            ("abusefilter-disallowed", Refused, "takes it for abuse"),
            ("something-new", Refused, r"refused \(something-new\)"),
            ("badtoken", Refused, "Special:BotPasswords"),
        ],
    )
    def test_say_what_to_do_next(
        self, desk: MediaWikiDesk, code: str, error: type[ConnectorError], words: str
    ) -> None:
        answer_edits(desk, {"error": {"code": code, "info": "what was sent"}})
        with pytest.raises(error, match=words) as told:
            desk.target.deliver(outgoing(desk.target))
        assert "what was sent" not in str(told.value)
        assert desk.there() == []

    def test_a_captcha_is_no_success(self, desk: MediaWikiDesk) -> None:
        answer_edits(desk, {"edit": {"captcha": {"id": "1"}, "result": "Failure"}})
        with pytest.raises(Refused, match="captcha"):
            desk.target.deliver(outgoing(desk.target))

    def test_an_answer_that_says_nothing_of_the_edit_is_unsure(self, desk: MediaWikiDesk) -> None:
        answer_edits(desk, {"warnings": {}})
        with pytest.raises(Uncertain):
            desk.target.deliver(outgoing(desk.target))


class TestSessions:
    def test_one_that_ended_is_begun_anew_and_the_edit_is_saved_once(self, desk: MediaWikiDesk) -> None:
        answer_edits(desk, {"error": {"code": "badtoken"}}, times=1)
        receipt = desk.target.deliver(outgoing(desk.target))
        assert desk.there() == [receipt.reference]
        logins = [one for one in desk.board.asked if one.writes and dict(one.fields).get("action") == "login"]
        assert len(logins) == 2

    def test_too_many_tries_to_sign_in_mean_later(self, desk: MediaWikiDesk) -> None:
        desk.sign_in_answer = {"login": {"result": "Throttled", "wait": 300}}
        target = MediaWiki.open(desk.settings, Means(http=PATIENT, secret=desk.secret))
        with pytest.raises(RetryLater, match="some minutes"):
            target.check()


class TestNames:
    @pytest.mark.parametrize(
        ("title", "name"),
        [
            ("a/b [c] {d|e} <f> #g", "a／b ［c］ ｛d｜e｝ ＜f＞ ＃g"),
            ("100%25 &amp; R&D ~~~~ ~", "100％25 ＆amp; R&D ～～～～ ~"),
            ("..", SUGGESTION),
            ("snake_case \u202edetrever", "snake case detrever"),
        ],
    )
    def test_say_the_same_in_signs_that_a_title_may_hold(
        self, desk: MediaWikiDesk, title: str, name: str
    ) -> None:
        receipt = desk.target.deliver(outgoing(desk.target, title=title))
        assert desk.title(receipt.reference) == name

    def test_leave_plain_words_as_they_are_and_lock_up_the_others(self, desk: MediaWikiDesk) -> None:
        body = "It's fine, 写真が消えます。\n\n1. Open it, then save it.\n2. See [[x]]\n3. RFC 1\n"
        receipt = desk.target.deliver(outgoing(desk.target, body=body + HOSTILE))
        lines = desk.text(receipt.reference).split("\n")
        assert lines[:5] == [
            "<nowiki>It's fine, 写真が消えます。</nowiki>",
            "",
            "# Open it, then save it.",
            "# <nowiki>See [[x]]</nowiki>",
            "# <nowiki>RFC 1</nowiki>",
        ]
