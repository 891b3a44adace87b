"""What Request Tracker answers in the cases that the example of every source does not have."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from connectors.errors import ConnectorError, Refused
from connectors.ports import Changed, Heard, Withdrawn
from tests.contract.sources import Asked
from tests.contract.sources.request_tracker import API, OF_ONE, TICKET, change, listed, parts_of, search
from tests.contract.sources.request_tracker import part as part_of
from tests.site import address_of, site
from tests.sourcing import opened
from tests.speaker import Speaker, answers, speaker

SLUG = "request-tracker"
UPDATED = datetime(2026, 5, 2, tzinfo=UTC)
ITSELF = {**TICKET, "id": 7, "Type": "ticket"}
"""The ticket as it is told when it is asked for by its number."""
SEARCHED = Asked(target=search("id = 7"), answer=listed([TICKET], total=1))
OF_HISTORY = {
    "fields": "Type,Created,Creator",
    "query": '[{"field":"Type","operator":"IN","value":["Create","Correspond"]}]',
    "orderby": "id",
    "per_page": "100",
}
OF_GONE = {
    "fields": "ObjectId,Created",
    "query": "((Type = 'Status' AND NewValue = 'deleted') OR (Type = 'AddLink' AND Field = 'MergedInto'))"
    " AND ObjectType = 'RT::Ticket' AND Created >= '2026-05-01 10:00:00'",
    "orderby": "id",
    "per_page": "100",
}


def fetched(*asked: Asked) -> Heard | Withdrawn:
    with site(asked) as server:
        return opened(SLUG, address_of(server)).fetch("7")


def asked_for(server: Speaker, path: str) -> list[dict[str, list[str]]]:
    """Return what was asked of a path."""
    targets = [urlsplit(call.head.split(" ")[1]) for call in server.calls]
    return [parse_qs(target.query) for target in targets if target.path == f"{API}{path}"]


class TestOneTicket:
    @pytest.mark.parametrize(
        "told", [{"Status": "deleted"}, {"id": 5}, {"Type": "reminder"}], ids=["deleted", "merged", "a note"]
    )
    def test_is_withdrawn_when_it_is_no_voice_any_more(self, told: dict[str, object]) -> None:
        found = fetched(*OF_ONE, Asked(target=f"{API}/ticket/7", answer={**ITSELF, **told}), SEARCHED)
        assert found == Withdrawn(external_id="7", at=UPDATED)

    def test_that_is_not_there_yet_is_not_taken_for_deleted(self) -> None:
        with pytest.raises(Refused, match="has no ticket 7 that"):
            fetched(Asked(target=search("id > 0"), answer=listed([TICKET], total=1)))

    def test_that_is_not_there_since_rt_is_elsewhere_says_so(self) -> None:
        with pytest.raises(Refused, match="ends with /rt"):
            fetched()

    def test_that_koe_may_not_see_says_which_rights_are_missing(self) -> None:
        with speaker(answers("403 Forbidden", body=b'{"message":"Forbidden"}')) as server:
            source = opened(SLUG, address_of(server))
            with pytest.raises(Refused, match="SeeQueue and ShowTicket"):
                source.fetch("7")

    def test_is_never_asked_for_by_what_is_no_number(self) -> None:
        with speaker(answers("200 OK", body=b"{}")) as server:
            for named in ("7 OR id > 0", "../user/root", "", "７"):
                with pytest.raises(Refused, match="numbers"):
                    opened(SLUG, address_of(server)).fetch(named)
            assert not server.calls

    def test_that_goes_on_after_it_was_resolved_is_not_resolved(self) -> None:
        reopened = Asked(target=search("id = 7"), answer=listed([{**TICKET, "Status": "open"}], total=1))
        found = fetched(*OF_ONE, Asked(target=f"{API}/ticket/7", answer=ITSELF), reopened)
        assert isinstance(found, Heard)
        assert (found.status, found.resolved_at) == ("open", None)

    def test_with_hundreds_of_replies_is_read_whole(self) -> None:
        numbers = range(100, 350)
        hundreds = [numbers[begin : begin + 100] for begin in (0, 100, 200)]
        said = [
            Asked(
                target=f"{API}/ticket/7/history?" + urlencode(OF_HISTORY | {"page": page}),
                answer=listed([change(n, "Correspond", "aya", "2026-05-01T06:00:00Z") for n in some]),
            )
            for page, some in enumerate(hundreds, start=1)
        ]
        texts = [
            Asked(
                target=parts_of(some[0]),
                answer=listed([part_of(n, "text/plain", f"n{n}") for n in some[:99]]),
            )
            for some in hundreds
        ]
        found = fetched(*said, *texts, Asked(target=f"{API}/ticket/7", answer=ITSELF), SEARCHED)
        assert isinstance(found, Heard)
        assert [one.text for one in found.said] == [f"n{n}" for some in hundreds for n in some[:99]]


class TestWalk:
    def test_begins_early_enough_for_any_time_zone_and_takes_no_older_ticket(self) -> None:
        with site(
            [
                Asked(target=f"{API}/transactions", answer=listed([])),
                Asked(target=f"{API}/tickets", answer=listed([TICKET], total=1)),
            ]
        ) as server:
            page = opened(SLUG, address_of(server)).page(UPDATED + timedelta(seconds=1), None)
            (asked,) = asked_for(server, "/tickets")
        assert (list(page.events), page.cursor) == ([], None)
        assert asked["query"] == ["id > 0 AND LastUpdated >= '2026-05-01 10:00:01'"]
        assert asked["orderby"] == ["id"]

    def test_finds_what_was_deleted_beyond_what_koe_may_not_see(self) -> None:
        gone = {"id": "60", "type": "transaction", "ObjectId": "5", "Created": "2026-05-02T01:00:00Z"}
        with site(
            [
                *(
                    Asked(target=f"{API}/transactions?{urlencode(OF_GONE | {'page': page})}", answer=answer)
                    for page, answer in ((1, listed([{**gone, "ObjectId": "4"}])), (2, listed([gone])))
                ),
                Asked(target=f"{API}/transactions", answer=listed([])),
                Asked(target=f"{API}/tickets", answer=listed([], total=0)),
            ]
        ) as server:
            page = opened(SLUG, address_of(server)).page(UPDATED, None)
        assert list(page.events) == [Changed(external_id="4"), Changed(external_id="5")]

    def test_takes_twenty_tickets_at_once_and_tells_how_many_there_are(self) -> None:
        tickets: list[object] = [{**TICKET, "id": str(number)} for number in range(1, 46)]
        lists = [
            Asked(target=search(f"id > {last}"), answer=listed(tickets[last:], total=45 - last))
            for last in (0, 20, 40)
        ]
        silent = [
            Asked(target=f"{API}/ticket/", answer=listed([])),
            Asked(target=f"{API}/attachments", answer=listed([])),
        ]
        with site([*lists, *silent]) as server:
            source, cursor, sizes = opened(SLUG, address_of(server)), None, []
            for _ in range(3):
                page = source.page(None, cursor)
                cursor = page.cursor
                sizes.append((len(page.events), page.total))
        assert sizes == [(20, 45), (20, 45), (5, 45)]
        assert cursor is None

    def test_is_held_up_by_no_ticket_that_cannot_be_read(self) -> None:
        others = Asked(target=f"{API}/tickets", answer=listed([TICKET, {**TICKET, "id": "8"}], total=2))
        with site([others, *OF_ONE]) as server:
            page = opened(SLUG, address_of(server)).page(None, None)
        whole, later = page.events
        assert isinstance(whole, Heard)
        assert later == Changed(external_id="8")

    def test_takes_whom_nothing_is_told_of_for_staff(self) -> None:
        tickets = Asked(target=f"{API}/tickets", answer=listed([TICKET], total=1))
        with site([tickets, *(asked for asked in OF_ONE if "/user/" not in asked.target)]) as server:
            (ticket,) = opened(SLUG, address_of(server)).page(None, None).events
        assert isinstance(ticket, Heard)
        assert [one.author_role for one in ticket.said] == ["customer", "agent", "customer", "agent", "bot"]

    def test_does_not_end_where_tickets_are_counted_and_not_shown(self) -> None:
        for answer in (listed([], total=3), listed([TICKET], total=None)):
            with site([Asked(target=f"{API}/tickets", answer=answer)]) as server:
                source = opened(SLUG, address_of(server))
                with pytest.raises(ConnectorError, match="does not"):
                    source.page(None, None)
