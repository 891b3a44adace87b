"""What Freshdesk sends and answers in the cases that the example of every source does not have."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import Refused
from connectors.ports import BadRow, Call, Changed, Event, Heard, Withdrawn
from tests.contract.sources import Asked
from tests.contract.sources.freshdesk import (
    AGENT,
    API,
    COMPANY,
    LIST,
    SINCE,
    TALK,
    conversation,
    ticket,
    unseen,
)
from tests.site import address_of, site
from tests.sourcing import opened
from tests.speaker import Call as Request
from tests.speaker import answers, speaker

SLUG = "freshdesk"
AT = "2026-05-01T03:00:00Z"


def read(body: bytes) -> list[Event]:
    return list(opened(SLUG).read(Call(url="https://koe.example.com", headers={}, body=body)))


class TestACall:
    @pytest.mark.parametrize(
        "body",
        [
            b'{"ticket_id":"7","description":"She said "no""}',
            b'{"ticket_id": 7, "ticket_description": "line\nbreak"',
            b"ticket_id=7&ticket_subject=Login",
            b'<freshdesk_webhook><ticket_id type="integer">7</ticket_id></freshdesk_webhook>',
            b'{"subject":"\x83\x8d\x83O","url":"https://example.freshdesk.com/helpdesk/tickets/7"}',
            b'{"ticket_id":"INC-8","url":"https://example.freshdesk.com/a/tickets/7"}',
            b'{"parent_ticket_id":8,"ticket_id":"7""}',
            b"\xef\xbb\xbf" + b'{"ticket_id":7}',
        ],
        ids=["quotes", "line break", "form", "XML", "Shift_JIS", "address", "parent", "BOM"],
    )
    def test_names_its_ticket_whatever_its_words_do_to_it(self, body: bytes) -> None:
        assert read(body) == [Changed(external_id="7")]

    @pytest.mark.parametrize(
        "body", [b"", b"{}", b'{"ticket_id":"{{ticket.id}}"}', b'{"ticket_id":-7}', b"ticket_id=" + b"7" * 19]
    )
    def test_that_names_none_says_what_the_rule_should_send(self, body: bytes) -> None:
        (told,) = read(body)
        assert isinstance(told, BadRow)
        assert "{{ticket.id}}" in told.reason


class TestAWalk:
    def test_through_everything_begins_long_ago_for_else_only_30_days_are_listed(self) -> None:
        with site([Asked(target=LIST, answer=[])]) as server:
            opened(SLUG, address_of(server)).page(None, None)
            assert [call.head.split(" ")[1][: len(LIST) + 10] for call in server.calls] == [
                f"{LIST}2010-01-01"
            ]

    def test_goes_on_where_gone_tickets_are_not_listed(self) -> None:
        def say(request: Request) -> None:
            refused = "filter=" in request.head
            body = b"{}" if refused else json.dumps(unseen(9, at=AT)).encode()
            answers("400 Bad Request" if refused else "200 OK", body=body)(request)

        with speaker(say) as server:
            page = opened(SLUG, address_of(server)).page(SINCE, None)
        assert [event.external_id for event in page.events if isinstance(event, Withdrawn)] == ["9"]

    def test_never_asks_for_more_pages_than_there_are(self) -> None:
        """More tickets than are listed may change at once: what is left out of them is told."""
        cursor = json.dumps(["2026-05-01T03:00:00+00:00", 300])
        with site([Asked(target=LIST, answer=unseen(*range(24), at=AT))]) as server:
            page = opened(SLUG, address_of(server)).page(SINCE, cursor)
        (told,) = [event for event in page.events if isinstance(event, BadRow)]
        assert "7,200 tickets changed at 2026-05-01 03:00:00" in told.reason
        assert page.cursor is not None
        at, number = json.loads(page.cursor)
        assert (datetime.fromisoformat(at), number) == (datetime(2026, 5, 1, 3, 0, 1, tzinfo=UTC), 1)

    def test_asks_for_a_company_once(self) -> None:
        other = Asked(target=f"{API}/tickets/8/conversations", answer=[])
        listed = Asked(target=f"{LIST}2026-05-01T00%3A00%3A00Z&order_by=updated_at", answer=[])
        gone = [
            Asked(target=listed.target + f"&order_type=asc&per_page=100&filter={one}", answer=[])
            for one in ("deleted", "spam")
        ]
        with site(
            [*gone, Asked(target=LIST, answer=[ticket(), ticket(id=8)]), TALK, other, COMPANY]
        ) as server:
            page = opened(SLUG, address_of(server)).page(SINCE, None)
            paths = [urlsplit(call.head.split(" ")[1]).path for call in server.calls]
        assert [type(event).__name__ for event in page.events] == ["Company", "Heard", "Heard"]
        assert paths.count(f"{API}/companies/5") == 1

    def test_tells_a_ticket_whose_company_is_not_for_koe(self) -> None:
        with site([Asked(target=LIST, answer=[ticket()]), TALK]) as server:
            page = opened(SLUG, address_of(server)).page(None, None)
        assert [type(event).__name__ for event in page.events] == ["Heard"]


class TestOneTicket:
    def test_with_hundreds_of_replies_is_read_whole(self) -> None:
        said = [conversation(number, f"Reply {number}", created_at=None) for number in range(1, 251)]

        def say(request: Request) -> None:
            target = urlsplit(request.head.split(" ")[1])
            number = int(parse_qs(target.query).get("page", ["1"])[0])
            is_talk = target.path.endswith("/conversations")
            page: object = said[(number - 1) * 100 : number * 100] if is_talk else ticket()
            answers("200 OK", body=json.dumps(page).encode())(request)

        with speaker(say) as server:
            found = opened(SLUG, address_of(server)).fetch("7")
        assert isinstance(found, Heard)
        assert len(found.said) == 251

    @pytest.mark.parametrize("more", [{"deleted": True}, {"spam": True}])
    def test_that_was_deleted_or_is_spam_is_withdrawn(self, more: dict[str, bool]) -> None:
        with site([Asked(target=f"{API}/tickets/7?", answer=ticket(**more))]) as server:
            found = opened(SLUG, address_of(server)).fetch("7")
        assert found == Withdrawn(external_id="7", at=datetime(2026, 5, 2, tzinfo=UTC))

    def test_that_an_agent_began_begins_with_the_agents_words(self) -> None:
        with site([Asked(target=f"{API}/tickets/7?", answer=ticket(source=10)), TALK]) as server:
            found = opened(SLUG, address_of(server)).fetch("7")
        assert isinstance(found, Heard)
        assert [one.author_role for one in found.said] == ["agent", "agent", "customer"]

    @pytest.mark.parametrize(("number", "status"), [(2, "open"), (3, "pending"), (6, "6"), (None, None)])
    def test_that_goes_on_is_not_resolved(self, number: int | None, status: str | None) -> None:
        with site([Asked(target=f"{API}/tickets/7?", answer=ticket(status=number)), TALK]) as server:
            found = opened(SLUG, address_of(server)).fetch("7")
        assert isinstance(found, Heard)
        assert (found.status, found.resolved_at) == (status, None)

    def test_is_not_taken_for_deleted_where_no_freshdesk_answers(self) -> None:
        with site([]) as server, pytest.raises(Refused, match="address of your Freshdesk"):
            opened(SLUG, address_of(server)).fetch("7")

    def test_is_never_asked_for_by_what_is_no_number(self) -> None:
        with speaker(answers("200 OK", body=b"{}")) as server:
            for named in ("../agents/me", "7?x", "", "７"):
                with pytest.raises(Refused, match="numbers"):
                    opened(SLUG, address_of(server)).fetch(named)
            assert not server.calls


@pytest.mark.parametrize(
    ("scope", "told"), [(1, "all tickets"), (2, "only the tickets"), (3, "only the tickets")]
)
def test_a_key_that_shows_a_part_says_so(scope: int, told: str) -> None:
    agent = Asked(
        target=AGENT.target, answer={"ticket_scope": scope, "contact": {"email": "koe@example.com"}}
    )
    with site([agent, Asked(target=LIST, answer=[])]) as server:
        assert told in opened(SLUG, address_of(server)).check()
