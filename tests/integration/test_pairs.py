"""Themes of two languages that may be one: proposed by a run, decided on a page, obeyed by later runs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest
from sqlmodel import select

from service.db import Database
from service.errors import Conflict, NotFound, WrongUse
from service.models import MAIN, Theme, ThemePair
from service.pipeline import correct, pairing
from service.pipeline.run import run
from service.pipeline.undo import undo
from service.repositories import corrections, pairs, places
from service.repositories.pairs import Proposal
from service.repositories.themes import current_theme, evidence
from service.rules.corrections import Wanted
from tests.demo import demo_ports
from tests.waiting import one_waits, until

OURS = {"Sec-Fetch-Site": "same-origin"}


def proposals(db: Database, status: str = "open") -> list[Proposal]:
    with db.begin() as session:
        return pairs.proposals(session, MAIN, status=status)


def spans(db: Database, theme_id: str) -> set[str]:
    with db.begin() as session:
        return {voice.span.id for voice in evidence(session, MAIN, theme_id)}


def a_pair(db: Database) -> Proposal:
    """Return the likest pair: in the demo, Slack messages that do not come."""
    return proposals(db)[0]


class TestProposals:
    def test_a_run_proposes_pairs_with_what_they_share(self, demo_db: Database) -> None:
        found = proposals(demo_db)
        assert found
        assert all(each.theme.lang != each.other.lang for each in found)
        assert all(each.pair.shared for each in found)
        assert "Slack" in {shared["left"] for shared in a_pair(demo_db).pair.shared}

    def test_what_is_not_the_same_is_not_proposed_again(self, demo_db: Database) -> None:
        pair = a_pair(demo_db).pair
        with demo_db.begin() as session:
            pairing.keep_apart(session, MAIN, pair.id, by="Aki")
        run(demo_db, MAIN, demo_ports(), only="route")
        assert pair.id not in {each.pair.id for each in proposals(demo_db)}
        assert [each.pair.id for each in proposals(demo_db, "apart")] == [pair.id]
        with demo_db.begin() as session:
            pairing.reopen(session, MAIN, pair.id, by="Bo")
        assert pair.id in {each.pair.id for each in proposals(demo_db)}

    def test_keeping_two_apart_is_a_correction_that_is_taken_back_as_any_other(
        self, demo_db: Database
    ) -> None:
        pair = a_pair(demo_db).pair
        for _ in range(2):
            with demo_db.begin() as session:
                pairing.keep_apart(session, MAIN, pair.id, by="Aki")
        with demo_db.begin() as session:
            [made] = corrections.list_corrections(session, MAIN, op="cannot_link")
            assert (made.by, set(made.theme_ids)) == ("Aki", {pair.theme_id, pair.other_id})
            undo(session, MAIN, made.id, by="Bo")
        assert pair.id in {each.pair.id for each in proposals(demo_db)}
        with demo_db.begin() as session:
            pairing.keep_apart(session, MAIN, pair.id, by="Aki")
            pairing.reopen(session, MAIN, pair.id, by="Bo")
        with demo_db.begin() as session:
            assert corrections.list_corrections(session, MAIN, op="cannot_link") == []
            assert {each.undone_by for each in corrections.history(session, MAIN, limit=9)[0]} == {"Bo"}

    def test_a_pair_kept_apart_before_that_was_a_correction_is_opened_again(self, demo_db: Database) -> None:
        pair = a_pair(demo_db).pair
        with demo_db.begin() as session:
            kept = session.get_one(ThemePair, pair.id)
            pairs.decide(kept, "apart", by="Aki", at=datetime.now(UTC))
        with demo_db.begin() as session:
            pairing.reopen(session, MAIN, pair.id, by="Bo")
        found = next(each.pair for each in proposals(demo_db) if each.pair.id == pair.id)
        assert (found.decided_by, found.decided_at) == (None, None)

    def test_themes_that_a_person_kept_apart_before_are_not_proposed(self, demo_db: Database) -> None:
        pair = a_pair(demo_db).pair
        with demo_db.begin() as session:
            pairing.keep_apart(session, MAIN, pair.id, by="Aki")
            session.delete(session.get_one(ThemePair, pair.id))
        run(demo_db, MAIN, demo_ports(), only="route")
        assert pair.id not in {each.pair.id for each in proposals(demo_db)}

    def test_a_pair_is_open_again_only_when_nothing_decides_about_it_any_more(
        self, demo_db: Database
    ) -> None:
        pair = a_pair(demo_db).pair
        wanted = Wanted(op="cannot_link", theme_ids=(pair.theme_id, pair.other_id))
        with demo_db.begin() as session:
            twice = [correct.make(session, MAIN, wanted, by=by).correction.id for by in ("Aki", "Bo")]
            merged = correct.merge(session, MAIN, pair.theme_id, pair.other_id, by="Chi").id
        status = []
        for each in (merged, *twice):
            with demo_db.begin() as session:
                undo(session, MAIN, each, by="Aki")
            with demo_db.begin() as session:
                status.append(pairs.get_pair(session, MAIN, pair.id).status)
        assert status == ["apart", "apart", "open"]


class TestMerging:
    def test_a_merge_holds_in_later_runs_under_one_id(self, demo_db: Database) -> None:
        found = a_pair(demo_db)
        both = spans(demo_db, found.theme.id) | spans(demo_db, found.other.id)
        with demo_db.begin() as session:
            kept, gone = correct.merge(session, MAIN, found.theme.id, found.other.id, by="Aki").theme_ids
        assert spans(demo_db, kept) == both
        run(demo_db, MAIN, demo_ports(), seed=7)
        with demo_db.begin() as session:
            assert current_theme(session, MAIN, gone).id == kept
            theme = session.exec(select(Theme).where(Theme.id == kept)).one()
            assert not theme.retired
        assert len(spans(demo_db, kept) & both) > 0.8 * len(both)
        assert gone not in {theme.id for each in proposals(demo_db) for theme in (each.theme, each.other)}

    def test_taken_back_both_are_as_they_were_and_stay_so(self, demo_db: Database) -> None:
        found = a_pair(demo_db)
        before = {theme.id: spans(demo_db, theme.id) for theme in (found.theme, found.other)}
        with demo_db.begin() as session:
            merged = correct.merge(session, MAIN, found.theme.id, found.other.id, by="Aki")
        for _ in range(2):
            with demo_db.begin() as session:
                undo(session, MAIN, merged.id, by="Aki")
        assert {name: spans(demo_db, name) for name in before} == before
        assert found.pair.id in {each.pair.id for each in proposals(demo_db)}
        run(demo_db, MAIN, demo_ports(), seed=7)
        with demo_db.begin() as session:
            assert {current_theme(session, MAIN, name).id for name in before} == set(before)

    def test_what_cannot_be_merged_is_told(self, demo_db: Database) -> None:
        found = a_pair(demo_db)
        with demo_db.begin() as session:
            part = Theme(id="part", organisation_id=MAIN, parent_id=found.theme.id, title="A part", lang="en")
            session.add(part)
            session.flush()
            with pytest.raises(WrongUse, match="with itself"):
                correct.merge(session, MAIN, found.theme.id, found.theme.id, by="Aki")
            with pytest.raises(WrongUse, match="part of a theme"):
                correct.merge(session, MAIN, found.theme.id, part.id, by="Aki")
            with pytest.raises(NotFound):
                correct.merge(session, MAIN, found.theme.id, "none", by="Aki")
        with demo_db.begin() as session:
            correct.merge(session, MAIN, found.theme.id, found.other.id, by="Aki")
        with demo_db.begin() as session, pytest.raises(Conflict, match="are one already"):
            pairing.keep_apart(session, MAIN, found.pair.id, by="Bo")

    def test_a_merge_that_went_into_another_is_taken_back_last(self, demo_db: Database) -> None:
        found = a_pair(demo_db)
        third = next(
            theme
            for each in proposals(demo_db)[1:]
            for theme in (each.theme, each.other)
            if len(spans(demo_db, theme.id)) > 0
        )
        with demo_db.begin() as session:
            first = correct.merge(session, MAIN, found.theme.id, found.other.id, by="Aki")
        with demo_db.begin() as session:
            second = correct.merge(session, MAIN, first.theme_ids[0], third.id, by="Aki")
        held = {theme.id: spans(demo_db, theme.id) for theme in (found.theme, found.other, third)}
        if second.theme_ids[0] != first.theme_ids[0]:
            with demo_db.begin() as session, pytest.raises(Conflict, match="take that back first"):
                undo(session, MAIN, first.id, by="Aki")
        for each in (second, first):
            with demo_db.begin() as session:
                undo(session, MAIN, each.id, by="Aki")
        assert sum(map(len, held.values())) == sum(len(spans(demo_db, name)) for name in held)
        assert all(spans(demo_db, name) for name in held)
        with demo_db.begin() as session:
            assert corrections.list_corrections(session, MAIN, op="merge") == []


class TestPages:
    def test_a_person_merges_on_the_page_and_takes_it_back(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        pair = a_pair(demo_db).pair
        assert "/pairs" in demo_pages.get("/themes").text
        assert "Slack" in demo_pages.get("/pairs").text
        answer = demo_pages.post(f"/pairs/{pair.id}/merge", headers=OURS)
        assert answer.status_code == 303
        page = demo_pages.get(answer.headers["Location"].partition("#")[0]).text
        assert "Take it back" in page
        with demo_db.begin() as session:
            (merged,) = corrections.list_corrections(session, MAIN, op="merge")
        answer = demo_pages.post(
            f"/corrections/{merged.id}/undo", headers=OURS, data={"theme": merged.theme_ids[0]}
        )
        assert "Take it back" not in demo_pages.get(answer.headers["Location"].partition("#")[0]).text

    def test_who_clicks_twice_sees_the_same_theme(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        address = f"/pairs/{a_pair(demo_db).pair.id}/merge"
        once, again = (demo_pages.post(address, headers=OURS) for _ in range(2))
        assert (again.status_code, again.headers["Location"]) == (303, once.headers["Location"])
        with demo_db.begin() as session:
            assert len(corrections.list_corrections(session, MAIN, op="merge")) == 1

    def test_a_merge_and_the_taking_back_of_it_do_not_wait_for_each_other(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        pair = a_pair(demo_db).pair
        with demo_db.begin() as session:
            merged = correct.merge(session, MAIN, pair.theme_id, pair.other_id, by="Aki")
        with ThreadPoolExecutor() as pool:
            with demo_db.begin() as session:
                places.lock_places(session, MAIN)
                again = pool.submit(demo_pages.post, f"/pairs/{pair.id}/merge", headers=OURS)
                until(lambda: one_waits(demo_db))
                undo(session, MAIN, merged.id, by="Aki")
            assert again.result().status_code == 303

    def test_what_is_not_the_same_can_be_decided_again(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        pair = a_pair(demo_db).pair
        demo_pages.post(f"/pairs/{pair.id}/apart", headers=OURS)
        assert pair.id not in demo_pages.get("/pairs").text
        assert pair.id in demo_pages.get("/pairs?status=apart").text
        demo_pages.post(f"/pairs/{pair.id}/reopen", headers=OURS)
        assert pair.id in demo_pages.get("/pairs").text

    def test_with_nothing_to_decide_the_page_says_what_is_compared(self, empty_pages: httpx.Client) -> None:
        assert "loan words" in empty_pages.get("/pairs").text
        assert empty_pages.get("/pairs/x/merge").headers["Location"] == "/pairs"
        assert empty_pages.get("/corrections/x/undo").headers["Location"] == "/corrections"
        assert empty_pages.post("/pairs/x/merge", headers=OURS).status_code == 404
