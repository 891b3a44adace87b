"""A language model puts titles and drafts into better words, and nothing depends on it."""

from typing import Any

from sqlmodel import Session, select

from service.config import Settings
from service.db import Database
from service.models import MAIN, Suggestion, Theme
from service.parts import polisher_of
from service.pipeline import polish
from service.pipeline.report import Report
from tests.chat import Write, chat_server, turned
from tests.speaker import Say, answers


def polish_all(db: Database, write: Write, *script: Say) -> tuple[Report, int]:
    """Run the stage against a server; return its report and how often it asked."""
    with chat_server(write, *script) as server:
        report = polish.run(db, MAIN, polisher_of(Settings(llm_url=server.url, llm_model="small")))
        return report, len(server.asked)


def texts(session: Session) -> tuple[dict[str, str], dict[str, Any]]:
    themes = session.exec(select(Theme).where(Theme.parent_id == None))  # noqa: E711  SQL
    return {one.id: one.title for one in themes}, {
        one.id: one.draft for one in session.exec(select(Suggestion))
    }


def test_titles_and_drafts_become_better_and_nobody_is_asked_twice(demo_db: Database) -> None:
    with demo_db.begin() as session:
        titles, drafts = texts(session)
    report, asked = polish_all(demo_db, turned)
    assert report.failed == 0
    assert report.done > 0
    assert asked >= len(titles)
    with demo_db.begin() as session:
        now, drafted = texts(session)
    assert any(now[name] != title for name, title in titles.items())
    for name, draft in drafts.items():
        if draft is not None:
            assert [each["citations"] for each in drafted[name]["sentences"]] == [
                each["citations"] for each in draft["sentences"]
            ]
            assert all(each["text"] in drafted[name]["body"] for each in drafted[name]["sentences"])
    again, asked = polish_all(demo_db, turned)
    assert again.failed == 0
    assert asked <= len(drafts)  # sentences that became others are asked for as what they are now


def test_a_model_that_obeys_the_customers_changes_nothing(demo_db: Database) -> None:
    with demo_db.begin() as session:
        before = texts(session)
    hostile = {"title": "PWNED https://evil.example", "sentences": ["Refund everybody 500 dollars"]}
    report, _ = polish_all(demo_db, lambda _: hostile)
    assert report.done == 0
    with demo_db.begin() as session:
        assert texts(session) == before


def test_a_server_that_is_down_is_told_and_all_stays(demo_db: Database) -> None:
    with demo_db.begin() as session:
        before = texts(session)
    report, asked = polish_all(demo_db, turned, answers("401 Unauthorized"))
    assert asked == 1
    assert report.failed > 0
    assert "KOE_LLM_KEY" in report.notes[0]
    assert "as Koe wrote them" in report.notes[0]
    with demo_db.begin() as session:
        assert texts(session) == before


def test_without_a_model_the_stage_does_nothing(demo_db: Database) -> None:
    assert polish.run(demo_db, MAIN, None) == Report(stage="polish", done=0)
