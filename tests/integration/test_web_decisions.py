"""Decisions on the pages: accept, undo, dismiss, publish, and what the next run delivers."""

from pathlib import Path

import httpx
from sqlmodel import select

from service.db import Database
from service.models import MAIN, Delivery, Suggestion
from service.pipeline.run import run
from service.repositories import suggestions as suggestion_repository
from service.repositories import targets as target_repository
from tests.demo import demo_ports

OURS = {"Sec-Fetch-Site": "same-origin"}


def an_open_suggestion(db: Database, *actions: str) -> Suggestion:
    with db.begin() as session:
        found = suggestion_repository.list_suggestions(session, MAIN, status="open")
    return next(s for s in found if s.draft and (not actions or s.action in actions))


class TestDecisions:
    def test_accepting_lets_it_wait_for_a_target_and_the_next_run_delivers(
        self, demo_pages: httpx.Client, demo_db: Database, tmp_path: Path
    ) -> None:
        backlog = {"path": str(tmp_path / "backlog.jsonl")}
        with demo_db.begin() as session:
            target_repository.add_target(session, MAIN, "backlog", "backlog-file", backlog)
        suggestion = an_open_suggestion(demo_db, "fix_product")
        answer = demo_pages.post(f"/suggestions/{suggestion.id}/accept", headers=OURS)
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"/suggestions/{suggestion.id}#decision"
        page = demo_pages.get(f"/suggestions/{suggestion.id}").text
        assert "Accepted on" in page
        assert "backlog: waits to be sent" in page
        assert "data-undo" in page
        run(demo_db, MAIN, demo_ports(), only="deliver")
        page = demo_pages.get(f"/suggestions/{suggestion.id}").text
        assert "backlog: arrived" in page
        assert "data-undo" not in page
        assert (tmp_path / "backlog.jsonl").read_text("utf-8").count("\n") == 1

    def test_without_a_target_the_page_says_how_to_add_one(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        suggestion = an_open_suggestion(demo_db)
        demo_pages.post(f"/suggestions/{suggestion.id}/accept", headers=OURS)
        assert "koe target add" in demo_pages.get(f"/suggestions/{suggestion.id}").text

    def test_undo_takes_back_what_waits(
        self, demo_pages: httpx.Client, demo_db: Database, tmp_path: Path
    ) -> None:
        with demo_db.begin() as session:
            target_repository.add_target(
                session, MAIN, "backlog", "backlog-file", {"path": str(tmp_path / "b.jsonl")}
            )
        suggestion = an_open_suggestion(demo_db, "fix_product")
        for decision in ("accept", "accept", "reopen"):
            assert (
                demo_pages.post(f"/suggestions/{suggestion.id}/{decision}", headers=OURS).status_code == 303
            )
        with demo_db.begin() as session:
            assert suggestion_repository.get_suggestion(session, MAIN, suggestion.id).status == "open"
            assert list(session.exec(select(Delivery))) == []

    def test_dismissing_takes_a_reason_that_is_shown_afterwards(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        address = f"/suggestions/{an_open_suggestion(demo_db).id}"
        asked = demo_pages.post(f"{address}/dismiss", headers=OURS, data={"reason": " \n "})
        assert asked.status_code == 422
        assert "Write a sentence" in asked.text
        assert 'aria-invalid="true"' in asked.text
        long = demo_pages.post(f"{address}/dismiss", headers=OURS, data={"reason": "<b>" + "x" * 500})
        assert "500 characters" in long.text
        assert "&lt;b&gt;xxx" in long.text
        done = demo_pages.post(f"{address}/dismiss", headers=OURS, data={"reason": "直す予定です <i>\0"})
        assert done.status_code == 303
        assert "直す予定です &lt;i&gt;\ufffd" in demo_pages.get(address).text

    def test_publishing_asks_for_a_day_and_keeps_what_was_typed(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        suggestion = an_open_suggestion(demo_db, "write_article")
        address = f"/suggestions/{suggestion.id}"
        demo_pages.post(f"{address}/accept", headers=OURS)
        typed = {"url": "help.example.com/1", "day": "2999-01-01"}
        asked = demo_pages.post(f"{address}/published", headers=OURS | {"Accept-Language": "ja"}, data=typed)
        assert asked.status_code == 422
        assert "まだ来ていない日付です" in asked.text
        assert "https:// か http:// で始まる URL" in asked.text
        assert 'value="help.example.com/1"' in asked.text
        assert 'value="2999-01-01"' in asked.text
        right = {"url": "https://help.example.com/1", "day": "2026-04-01"}
        assert demo_pages.post(f"{address}/published", headers=OURS, data=right).status_code == 303
        page = demo_pages.get(address).text
        assert 'href="https://help.example.com/1"' in page
        assert "Its effect is measured" in page or "its effect is measured" in page

    def test_what_is_done_and_still_asked_about_is_opened_again_or_left(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        suggestion = an_open_suggestion(demo_db, "write_article")
        address = f"/suggestions/{suggestion.id}"
        with demo_db.begin() as session:
            done = session.get_one(Suggestion, suggestion.id)
            done.status, done.came_back = "done", {"code": "still_asked", "intervention": "x"}
            done.reasons = [{"code": "still_asked", "weeks": 5, "contacts": 12, "expected": 11}]
        listed = demo_pages.get("/suggestions", headers={"Accept-Language": "ja"}).text
        assert "問い合わせが減っていないものが 1 件あります" in listed
        page = demo_pages.get(address).text
        assert "In the 5 weeks since it was done there were 12 contacts; 11 were expected" in page
        assert "Should it be opened again?" in page
        assert demo_pages.post(f"{address}/leave", headers=OURS).status_code == 303
        left = demo_pages.get(address).text
        assert "Should it be opened again?" not in left
        assert "there were 12 contacts" not in left
        assert demo_pages.post(f"{address}/reopen", headers=OURS).status_code == 409

    def test_two_people_who_decide_at_once_are_told(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        address = f"/suggestions/{an_open_suggestion(demo_db).id}"
        demo_pages.post(f"{address}/dismiss", headers=OURS, data={"reason": "no"})
        late = demo_pages.post(f"{address}/accept", headers=OURS | {"Accept-Language": "ja"})
        assert late.status_code == 409
        assert "今の状態をご確認ください" in late.text
        assert f'href="{address}"' in late.text

    def test_the_address_of_a_form_leads_back_to_its_page(self, demo_pages: httpx.Client) -> None:
        answer = demo_pages.get("/suggestions/abc/dismiss?ui=ja")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/suggestions/abc?ui=ja")
