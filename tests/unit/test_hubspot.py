"""What HubSpot's limits ask of a walk: what a search shows, an app may read, and is refused of one ticket."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import Refused
from connectors.ports import Changed, Customer, Heard, Source
from tests.contract.sources import Asked, example_of
from tests.contract.sources.hubspot import MAILED, MESSAGES, SEARCH, TICKET
from tests.site import address_of, site
from tests.sourcing import opened
from tests.speaker import Call, answers, speaker

SINCE = datetime(2026, 5, 1, tzinfo=UTC)
TICKETS = "/crm/v3/objects/tickets"


@dataclass
class Account:
    """An account that shows no more of a search than HubSpot does, and only what its app has a scope for."""

    times: Sequence[datetime]
    """When each ticket was changed, by its number."""
    asked: list[str] = field(default_factory=list)
    """What was asked for on the way."""
    allowed: tuple[str, ...] = (TICKETS,)

    def say(self, call: Call) -> None:
        method, target, _ = call.head.split(" ", 2)
        path = target.partition("?")[0]
        if not path.startswith(self.allowed):
            answers("403 Forbidden", body=b'{"category":"MISSING_SCOPES"}')(call)
            return
        found = self.search(json.loads(call.body)) if method == "POST" else self.list(target)
        answers("200 OK", body=json.dumps(found).encode())(call)

    def list(self, target: str) -> object:
        first = int(target.rpartition("after=")[2]) if "after=" in target else 0
        self.asked.append(f"list {first}")
        return self.page(range(len(self.times)), first)

    def search(self, query: dict[str, object]) -> object:
        ((filters),) = [group["filters"] for group in query["filterGroups"]]  # type: ignore[attr-defined]
        since = datetime.fromtimestamp(int(filters[0]["value"]) / 1000, UTC)
        first = int(str(query.get("after", 0)))
        assert first + 20 <= 10_000, "HubSpot refuses what lies beyond"
        self.asked.append(f"search {since:%d %H:%M} {first}")
        return self.page([number for number, at in enumerate(self.times) if at >= since], first)

    def page(self, of: Sequence[int], first: int) -> object:
        shown = [
            {"id": str(number), "properties": {"hs_lastmodifieddate": self.times[number].isoformat()}}
            for number in of[first : first + 20]
        ]
        more = {"paging": {"next": {"after": str(first + 20)}}} if first + 20 < len(of) else {}
        return {"results": shown, **more}


@contextmanager
def serving(account: Account) -> Iterator[Source]:
    with speaker(account.say) as server:
        yield opened("hubspot", address_of(server))


def walked(source: Source, since: datetime | None, *, cursor: str | None = None) -> list[str]:
    """Return the tickets that a walk finds from a cursor on."""
    found: list[str] = []
    while True:
        page = source.page(since, cursor)
        found += [event.external_id for event in page.events if isinstance(event, Heard)]
        if (cursor := page.cursor) is None:
            return found


class TestWalk:
    def test_since_ever_lists_all_tickets(self) -> None:
        account = Account([SINCE] * 45)
        with serving(account) as source:
            assert walked(source, None) == [str(number) for number in range(45)]
        assert account.asked == ["list 0", "list 20", "list 40"]

    def test_goes_on_where_a_search_shows_no_more(self) -> None:
        account = Account([SINCE + timedelta(minutes=number // 10) for number in range(10_030)])
        near_the_end = json.dumps({"from": int(SINCE.timestamp() * 1000), "after": "9980"})
        with serving(account) as source:
            found = walked(source, SINCE, cursor=near_the_end)
        assert account.asked == ["search 01 00:00 9980", "search 01 16:39 0", "search 01 16:39 20"]
        assert found == [str(number) for number in (*range(9980, 10_000), *range(9990, 10_030))]

    def test_lists_all_where_more_were_changed_at_one_instant_than_a_search_shows(self) -> None:
        account = Account([SINCE] * 10_030)
        at_the_end = json.dumps({"from": int(SINCE.timestamp() * 1000), "after": "9980"})
        with serving(account) as source:
            page = source.page(SINCE, at_the_end)
            source.page(SINCE, page.cursor)
        assert account.asked == ["search 01 00:00 9980", "list 0"]


class TestMissingScopes:
    def test_leave_out_what_they_are_for(self) -> None:
        with serving(Account([SINCE])) as source:
            (ticket,) = source.page(SINCE, None).events
            told = source.check()
        assert isinstance(ticket, Heard)
        assert (ticket.customer, ticket.url) == (Customer(), None)
        for scope in ("crm.objects.contacts.read", "sales-email-read", "conversations.read"):
            assert scope in told

    def test_are_named_where_nothing_can_be_done_without(self) -> None:
        with serving(Account([], allowed=("/nothing",))) as source:
            for ask in (source.check, lambda: source.page(SINCE, None), lambda: source.fetch("1")):
                with pytest.raises(Refused, match="“tickets”"):
                    ask()


class TestTicket:
    def test_that_was_merged_into_another_is_gone(self) -> None:
        with speaker(answers("200 OK", body=json.dumps(TICKET).encode())) as server:
            gone = opened("hubspot", address_of(server)).fetch("986")
        assert (type(gone).__name__, gone.external_id) == ("Withdrawn", "986")


def test_a_ticket_whose_talk_is_more_than_koe_reads_is_left_for_later_alone() -> None:
    example = example_of("hubspot")
    both = Asked(method="POST", target=SEARCH, answer={"total": 2, "results": [TICKET, MAILED]})
    too_much = Asked(target=MESSAGES, answer={}, status="413 Content Too Large")
    with site([both, too_much, *example.walk]) as server:
        page = opened("hubspot", address_of(server)).page(example.since, None)
    assert Changed(external_id="987") in page.events
    assert [one.external_id for one in page.events if isinstance(one, Heard)] == ["988"]


def test_a_talk_that_was_deleted_meanwhile_holds_up_no_ticket() -> None:
    gone = Asked(target=MESSAGES, answer={}, status="404 Not Found")
    mails = Asked(method="POST", target="/crm/v4/associations/tickets/emails/", answer={"results": []})
    with site([gone, mails, *example_of("hubspot").fetch]) as server:
        found = opened("hubspot", address_of(server)).fetch("987")
    assert isinstance(found, Heard)
    assert len(found.said) == 1, "its description is left"
