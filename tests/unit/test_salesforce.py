"""How Salesforce is walked, and what it is told when it refuses: with statuses that mean several things."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import Refused, RetryLater
from connectors.ports import Heard
from connectors.registry import open_source
from tests.site import address_of
from tests.sourcing import DOOR, opened
from tests.speaker import Call, Say, answers, speaker

FIRST = datetime(2026, 5, 1, tzinfo=UTC)
TOKEN = json.dumps({"access_token": "t0ken"}).encode()


def after_token(say: Say) -> Say:
    """Give a token to whoever asks for one, and answer all else otherwise."""

    def answer(call: Call) -> None:
        if call.head.startswith("POST /services/oauth2/token "):
            answers("200 OK", body=TOKEN)(call)
        else:
            say(call)

    return answer


def refusal(status: str, code: str, message: str = "") -> Say:
    return after_token(answers(status, body=json.dumps([{"errorCode": code, "message": message}]).encode()))


class Organisation:
    """An organisation with cases of which many changed at one instant."""

    def __init__(self, *changed: datetime) -> None:
        self.cases = [
            {"Id": f"500Ax{number:010}", "Description": "w", "SystemModstamp": at.isoformat()}
            for number, at in enumerate(changed)
        ]

    def say(self, call: Call) -> None:
        asked = parse_qs(urlsplit(call.head.split(" ")[1]).query).get("q", [""])[0]
        found = self.rows(asked) if " FROM Case WHERE " in asked else []
        answers("200 OK", body=json.dumps({"records": found, "done": True}).encode())(call)

    def rows(self, asked: str) -> list[dict[str, str]]:
        if first := re.search(r"SystemModstamp >= (\S+)", asked):
            found = [one for one in self.cases if self.at(one) >= datetime.fromisoformat(first[1])]
        else:
            place = re.search(r"> (\S+) OR \(SystemModstamp = \S+ AND Id > '(\w+)'", asked)
            assert place
            after = (datetime.fromisoformat(place[1]), place[2])
            found = [one for one in self.cases if (self.at(one), one["Id"]) > after]
        return found[:50]

    @staticmethod
    def at(case: dict[str, str]) -> datetime:
        return datetime.fromisoformat(case["SystemModstamp"])


class TestWalk:
    def test_loses_and_doubles_nothing_though_more_changed_at_once_than_a_page_holds(self) -> None:
        times = [FIRST] * 120 + [FIRST + timedelta(seconds=1 + n) for n in range(60)]
        held = Organisation(*times)
        found, cursor = [], None
        with speaker(after_token(held.say)) as server:
            source = opened("salesforce", address_of(server))
            for _ in range(20):
                page = source.page(None, cursor)
                found += [event.external_id for event in page.events if isinstance(event, Heard)]
                if (cursor := page.cursor) is None:
                    break
        assert found == [one["Id"] for one in held.cases]

    def test_what_an_organisation_does_not_have_is_left_out(self) -> None:
        def say(call: Call) -> None:
            if "EmailMessage" in call.head or "Opportunity" in call.head:
                refusal("400 Bad Request", "INVALID_TYPE")(call)
            else:
                answers("200 OK", body=b'{"records": [{"Id": "500Ax00000000001"}]}')(call)

        with speaker(after_token(say)) as server:
            source = opened("salesforce", address_of(server))
            assert "Opportunity, EmailMessage" in source.check()
            found = source.fetch("500Ax00000000001")
        assert isinstance(found, Heard)


class TestRefusals:
    def test_a_spent_limit_is_waited_for(self) -> None:
        with (
            speaker(refusal("403 Forbidden", "REQUEST_LIMIT_EXCEEDED")) as server,
            pytest.raises(RetryLater) as failed,
        ):
            opened("salesforce", address_of(server)).page(None, None)
        assert failed.value.after == timedelta(minutes=15)

    @pytest.mark.parametrize(
        ("status", "code", "message", "told"),
        [
            ("403 Forbidden", "API_DISABLED_FOR_ORG", "", "API Enabled"),
            (
                "400 Bad Request",
                "INVALID_FIELD",
                "No such column 'Plan__c' on entity 'Account'",
                "Plan__c",
            ),
            ("400 Bad Request", "MALFORMED_QUERY", "aya@example.com", "MALFORMED_QUERY"),
            ("400 Bad Request", "<aya@example.com>", "", "status 400"),
        ],
    )
    def test_each_says_what_to_do_and_repeats_nobodys_words(
        self, status: str, code: str, message: str, told: str
    ) -> None:
        with speaker(refusal(status, code, message)) as server, pytest.raises(Refused, match=told) as failed:
            opened("salesforce", address_of(server)).page(None, None)
        assert "aya" not in str(failed.value)

    @pytest.mark.parametrize(
        ("code", "told"),
        [("invalid_client_id", "consumer key"), ("invalid_grant", "My Domain"), ("inactive_user", "active")],
    )
    def test_a_token_that_is_not_given_says_what_to_do(self, code: str, told: str) -> None:
        body = json.dumps({"error": code, "error_description": "x"}).encode()
        with speaker(answers("400 Bad Request", body=body)) as server, pytest.raises(Refused, match=told):
            opened("salesforce", address_of(server)).check()

    def test_a_session_that_has_ended_is_begun_anew_once(self) -> None:
        ended = refusal("401 Unauthorized", "INVALID_SESSION_ID")
        with speaker(ended) as server:
            with pytest.raises(Refused, match="Manage user data via APIs"):
                opened("salesforce", address_of(server)).page(None, None)
            assert [call.head.split(" ")[0] for call in server.calls] == ["POST", "GET", "POST", "GET"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("plan_field", "Plan__c FROM User"),
        ("reason_field", "理由"),
        ("won_deals", "Renewal"),
        ("lost_deals", "Renewal=gone"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(name: str, value: str) -> None:
    with pytest.raises(Refused, match=name):
        open_source("salesforce", {"address": "https://example.my.salesforce.com", name: value}, DOOR)
