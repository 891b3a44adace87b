"""Chatwoot as a source, in what it alone does: pages of messages, tokens that see a part, old servers."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import Refused, Unproven
from connectors.ports import BadRow, Call, Event, Heard, Source
from connectors.registry import SOURCES, open_source
from tests.contract.sources import Asked
from tests.contract.sources.chatwoot import LISTED, TALKS, conversation, event, spoken
from tests.site import address_of, site
from tests.sourcing import DOOR, ELSEWHERE
from tests.speaker import Call as Request
from tests.speaker import answers, speaker


def opened(base: str = ELSEWHERE, **settings: str) -> Source:
    return open_source("chatwoot", {"address": base, "account": "1", "token": "secret", **settings}, DOOR)


def read(content: Mapping[str, object]) -> list[Event]:
    body = json.dumps(content).encode()
    return list(opened().read(Call(url="https://koe.example.com", headers={}, body=body)))


@pytest.mark.parametrize("size", [1, 20, 100])
def test_all_messages_are_fetched_whatever_the_size_of_a_page(size: int) -> None:
    held = [spoken(number, f"Message {number}", 0) for number in range(1, 46)][-20 * size :]

    def say(request: Request) -> None:
        target = request.head.split(" ")[1]
        if not urlsplit(target).path.endswith("/messages"):
            answers("200 OK", body=json.dumps(LISTED).encode())(request)
            return
        before = int(parse_qs(urlsplit(target).query).get("before", ["99"])[0])
        page = [one for one in held if int(str(one["id"])) < before][-size:]
        answers("200 OK", body=json.dumps({"payload": page}).encode())(request)

    with speaker(say) as server:
        found = opened(address_of(server)).fetch("10")
    assert isinstance(found, Heard)
    numbers = [int(one.external_id) for one in found.said]
    assert numbers == [one["id"] for one in held]


def test_a_server_that_answers_the_same_page_for_ever_is_asked_no_more() -> None:
    same = {"payload": [spoken(5, "Hello", 0)]}
    asked = [Asked(target=f"{TALKS}/10/messages", answer=same), Asked(target=f"{TALKS}/10", answer=LISTED)]
    with site(asked) as server:
        found = opened(address_of(server)).fetch("10")
        assert len(server.calls) == 3
    assert isinstance(found, Heard)
    assert [one.text for one in found.said] == ["Hello"]


@pytest.mark.parametrize(
    ("accounts", "says"),
    [
        ([{"id": 1, "role": "agent"}], "administrator"),
        ([{"id": 2, "role": "administrator"}], "no account 1"),
        ([], "no account 1"),
    ],
)
def test_a_token_that_sees_a_part_alone_is_refused_with_what_to_do(accounts: object, says: str) -> None:
    with (
        site([Asked(target="/api/v1/profile", answer={"accounts": accounts})]) as server,
        pytest.raises(Refused, match=says),
    ):
        opened(address_of(server)).check()


def test_a_call_of_another_account_says_so() -> None:
    told = event("message_created", spoken(1, "Hello", "incoming"), conversation=conversation())
    (row,) = read({**told, "account": {"id": 2}})
    assert isinstance(row, BadRow)
    assert row.reason == "it is of account 2, and this source of 1"


def test_the_account_is_a_number() -> None:
    with pytest.raises(Refused, match="'account'"):
        opened(account="1/../2")


def test_a_server_that_does_not_sign_yet_is_known_by_a_secret_address() -> None:
    assert SOURCES["chatwoot"].proofs == ("own", "url")
    call = Call(url="https://koe.example.com", headers={}, body=b"{}")
    with pytest.raises(Unproven, match="x-chatwoot-timestamp is missing"):
        SOURCES["chatwoot"].prove(call, ["secret"], datetime.now(UTC))
