"""What Zammad answers in the cases that the example of every source does not have."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import Refused
from connectors.ports import Changed, Heard, Withdrawn
from tests.contract.sources import Asked
from tests.contract.sources.zammad import API, ONE, SEARCH, SINCE, at_once, listed
from tests.site import address_of, site
from tests.sourcing import opened
from tests.speaker import Call, Speaker, answers, speaker

SLUG = "zammad"
BEFORE = "2026-04-30T03:00:00.000Z"


@contextmanager
def zammad(tickets: Callable[[], Sequence[int]]) -> Iterator[Speaker]:
    """Serve the list of what tickets are there at the time, page by page and by number."""

    def say(call: Call) -> None:
        asked = parse_qs(urlsplit(call.head.split(" ")[1]).query)
        size = int(asked["per_page"][0])
        begin = (int(asked["page"][0]) - 1) * size
        page = at_once(*tickets()[begin : begin + size], at=BEFORE)
        answers("200 OK", body=json.dumps(page).encode())(call)

    with speaker(say) as server:
        yield server


class TestAWalkThroughAllTickets:
    def walked(self, server: Speaker, then: Callable[[int], None]) -> list[str]:
        source, cursor, found = opened(SLUG, address_of(server)), None, list[str]()
        for number in range(1, 20):
            page = source.page(None, cursor)
            found += [event.external_id for event in page.events if isinstance(event, Withdrawn)]
            if (cursor := page.cursor) is None:
                return found
            then(number)
        pytest.fail("the walk has no end")

    def test_brings_each_once(self) -> None:
        held = list(range(1, 37))
        with zammad(lambda: held) as server:
            assert self.walked(server, lambda _: None) == [str(number) for number in held]

    @pytest.mark.parametrize("gone", [1, 12, 13, 30], ids=lambda gone: f"{gone} were deleted")
    def test_loses_none_where_others_are_deleted_meanwhile(self, gone: int) -> None:
        held = list(range(1, 61))

        def delete(number: int) -> None:
            if number == 3:
                del held[:gone]

        with zammad(lambda: held) as server:
            found = self.walked(server, delete)
        assert set(found) == {str(number) for number in range(1, 61)}


class TestAWalkThroughWhatChanged:
    def test_says_so_where_the_server_does_not_search_by_time(self) -> None:
        with (
            site([Asked(target=SEARCH, answer=at_once(1, 2, at=BEFORE))]) as server,
            pytest.raises(Refused, match="does not search by the time"),
        ):
            opened(SLUG, address_of(server)).page(SINCE, None)

    def test_asks_for_a_person_and_a_company_once(self) -> None:
        tickets = [listed(id=81), listed(id=82)]
        more = [Asked(target=f"{API}/ticket_articles/by_ticket/82", answer=[])]
        tags = [Asked(target=f"{API}/tags?object=Ticket&o_id=82", answer={"tags": []})]
        with site([Asked(target=SEARCH, answer=tickets), *ONE, *more, *tags]) as server:
            page = opened(SLUG, address_of(server)).page(SINCE, None)
            paths = [urlsplit(call.head.split(" ")[1]).path for call in server.calls]
        assert [type(event).__name__ for event in page.events] == ["Company", "Heard", "Heard"]
        assert paths.count(f"{API}/users/8") == paths.count(f"{API}/organizations/3") == 1

    def test_is_stopped_by_a_token_that_counts_no_more(self) -> None:
        def say(call: Call) -> None:
            known = "/tickets/search" in call.head
            body = json.dumps([listed()]).encode() if known else b"{}"
            answers("200 OK" if known else "401 Unauthorized", body=body)(call)

        with speaker(say) as server, pytest.raises(Refused, match="make a new token"):
            opened(SLUG, address_of(server)).page(SINCE, None)


class TestOneTicket:
    def test_is_told_where_nobody_may_be_known(self) -> None:
        """A customer's ticket stays theirs by number, whatever Koe may read of people."""
        ticket = Asked(target=f"{API}/tickets/81", answer=listed())
        with site([ticket, *ONE[:2]]) as server:
            found = opened(SLUG, address_of(server)).fetch("81")
        assert isinstance(found, Heard)
        assert (found.customer.id, found.customer.email, found.lang) == ("8", None, None)

    def test_is_not_taken_for_deleted_where_no_zammad_answers(self) -> None:
        with site([]) as server, pytest.raises(Refused, match="address"):
            opened(SLUG, address_of(server)).fetch("81")

    def test_that_is_not_for_koe_is_refused(self) -> None:
        with (
            speaker(answers("403 Forbidden", body=b"{}")) as server,
            pytest.raises(Refused, match=r"ticket\.agent"),
        ):
            opened(SLUG, address_of(server)).fetch("81")

    def test_is_never_asked_for_by_what_is_no_number(self) -> None:
        with speaker(answers("200 OK", body=b"{}")) as server:
            for named in ("../users/1", "81?x", "", "８１"):
                with pytest.raises(Refused, match="numbers"):
                    opened(SLUG, address_of(server)).fetch(named)
            assert not server.calls

    @pytest.mark.parametrize("state", ["pending close", "geschlossen", None])
    def test_that_is_not_closed_is_not_resolved(self, state: str | None) -> None:
        ticket = listed(state=state, close_at="2026-05-01T08:00:00.000Z")
        with site([Asked(target=f"{API}/tickets/81", answer=ticket), *ONE]) as server:
            found = opened(SLUG, address_of(server)).fetch("81")
        assert isinstance(found, Heard)
        assert found.resolved_at is None


def test_a_ticket_that_went_away_during_a_walk_holds_up_no_other() -> None:
    asked = [Asked(target=SEARCH, answer=[listed(id=82), listed()]), *ONE]
    with site(asked) as server:
        page = opened(SLUG, address_of(server)).page(SINCE, None)
    assert [event for event in page.events if isinstance(event, Changed)] == [Changed(external_id="82")]
    assert [event.external_id for event in page.events if isinstance(event, Heard)] == ["81"]


def test_a_token_that_is_shown_nothing_says_what_may_be_missing() -> None:
    asked = [
        Asked(target=f"{API}/users/me", answer={"email": "chris@example.com"}),
        Asked(target=f"{API}/tickets", answer=[]),
    ]
    with site(asked) as server:
        told = opened(SLUG, address_of(server)).check()
    assert "chris@example.com" in told
    assert "read access to the groups" in told
