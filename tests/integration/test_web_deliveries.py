"""The pages of deliveries: what waits, why something failed, and another try."""

import re
from datetime import timedelta

import httpx
import pytest

from connectors.errors import Refused, RetryLater
from service.db import Database
from service.models import MAIN
from service.pipeline import deliver
from service.repositories import targets
from tests.outbox import Outbox, accept_suggestions

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def outbox(db: Database) -> Outbox:
    return Outbox(db=db)


class TestTheList:
    def test_an_empty_one_says_how_to_begin(self, empty_pages: httpx.Client, outbox: Outbox) -> None:
        assert "koe target add webhook" in empty_pages.get("/deliveries").text
        outbox.target()
        assert "Accept a suggestion" in empty_pages.get("/deliveries").text

    def test_what_failed_stands_there_with_its_reason_and_filters_narrow(
        self, empty_pages: httpx.Client, outbox: Outbox
    ) -> None:
        accept_suggestions(outbox.db, 3)
        outbox.target("tickets").before = [Refused("the <b>token</b> was revoked")]
        outbox.target("backlog")
        outbox.run()
        page = empty_pages.get("/deliveries").text
        assert "One delivery was refused or given up" in page
        assert "the &lt;b&gt;token&lt;/b&gt; was revoked" in page
        assert page.count("data-row") == 6
        assert empty_pages.get("/deliveries?state=paused").text.count("data-row") == 1
        assert empty_pages.get("/deliveries?target=tickets&state=delivered").text.count("data-row") == 2
        for nothing in ("target=nowhere", "state=lost"):
            assert "No delivery fits" in empty_pages.get(f"/deliveries?{nothing}").text
        japanese = empty_pages.get("/deliveries", headers={"Accept-Language": "ja"}).text
        assert "拒否された" in japanese

    def test_when_all_has_arrived_it_says_so(self, empty_pages: httpx.Client, outbox: Outbox) -> None:
        accept_suggestions(outbox.db, 1)
        target = outbox.target()
        with outbox.db.begin() as session:
            deliver.fill_outbox(session, MAIN)
        assert "One delivery is on its way or waits" in empty_pages.get("/deliveries").text
        outbox.run()
        assert len(target.kept) == 1
        assert "Everything that was accepted has arrived" in empty_pages.get("/deliveries").text

    def test_a_target_that_is_left_alone_is_named_and_can_be_tried_at_once(
        self, empty_pages: httpx.Client, outbox: Outbox
    ) -> None:
        accept_suggestions(outbox.db, 6)
        outbox.target("tickets").before = [Refused("the token was revoked")] * 5
        outbox.run()
        page = empty_pages.get("/deliveries").text
        assert "tickets is left alone until" in page
        assert "Try all 6 again" in page
        answer = empty_pages.post("/deliveries/replay", headers=OURS, data={"target": "tickets"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/deliveries?target=tickets")
        outbox.run()
        outbox.run()
        assert set(outbox.states()) == {"delivered"}
        assert "left alone" not in empty_pages.get("/deliveries").text
        for name in ("x", "\0"):
            answer = empty_pages.post("/deliveries/replay", headers=OURS, data={"target": name})
            assert answer.status_code == 404

    def test_a_pause_that_was_asked_for_moves_the_next_try_of_all(
        self, empty_pages: httpx.Client, outbox: Outbox
    ) -> None:
        accept_suggestions(outbox.db, 3)
        outbox.target().before = [RetryLater("too many requests", after=timedelta(hours=5))]
        outbox.run()
        shown = re.findall(r'data-label="Next try">([^<]+)<', empty_pages.get("/deliveries").text)
        assert len(shown) == 3
        assert len(set(shown)) == 1


class TestOne:
    def test_shows_every_attempt_and_is_tried_again(self, empty_pages: httpx.Client, outbox: Outbox) -> None:
        accept_suggestions(outbox.db, 1)
        target = outbox.target("tickets")
        target.before = [RetryLater("busy for a moment"), Refused("the token was revoked")]
        outbox.run()
        outbox.later(minutes=1)
        outbox.run()
        [paused] = outbox.deliveries()
        address = f"/deliveries/{paused.id}"
        page = empty_pages.get(address).text
        assert page.index("busy for a moment") < page.rindex("the token was revoked")
        assert f'action="{address}/replay"' in page
        assert 'href="/suggestions/fix-0000"' in page
        assert f'href="{address}"' in empty_pages.get("/suggestions/fix-0000").text
        answer = empty_pages.post(f"{address}/replay", headers=OURS)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}#state")
        assert "Try again now" not in empty_pages.get(address).text
        outbox.run()
        page = empty_pages.get(address).text
        assert "tickets: arrived" in page
        assert len(target.kept) == 1

    def test_one_of_a_target_that_was_removed_is_shown_and_cannot_be_sent(
        self, empty_pages: httpx.Client, outbox: Outbox
    ) -> None:
        accept_suggestions(outbox.db, 1)
        outbox.target("tickets").before = [Refused("the token was revoked")]
        outbox.run()
        with outbox.db.begin() as session:
            deliver.remove_target(session, targets.get_target(session, MAIN, "tickets"), give_up=True)
        [dead] = outbox.deliveries()
        page = empty_pages.get(f"/deliveries/{dead.id}")
        assert (page.status_code, "the target was removed" in page.text) == (200, True)
        assert "Try again now" not in page.text
        assert empty_pages.get("/suggestions/fix-0000").status_code == 200
        assert empty_pages.post(f"/deliveries/{dead.id}/replay", headers=OURS).status_code == 409

    def test_there_is_none_of_an_unknown_id(self, empty_pages: httpx.Client) -> None:
        assert empty_pages.get("/deliveries/x").status_code == 404
        assert empty_pages.post("/deliveries/x/replay", headers=OURS).status_code == 404
        answer = empty_pages.get("/deliveries/abc/replay?ui=ja")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/deliveries/abc?ui=ja")
