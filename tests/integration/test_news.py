"""What happened is told once each, to those targets that chose to hear of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete
from sqlmodel import col, select

from service.db import Database
from service.models import MAIN, Assignment, Correction, Delivery, Effect, Suggestion, Target, Theme
from service.pipeline import decide, deliver, measure
from service.pipeline.correct import carry_out_waiting, make
from service.pipeline.run import run
from service.pipeline.undo import undo
from service.repositories import targets
from service.rules.corrections import Wanted
from tests.demo import demo_ports
from tests.outbox import Outbox, accept_suggestions
from tests.previewing import Company

ALL = "theme.created, suggestion.created, delivery.delivered"


def webhook(db: Database, name: str, events: str | None = None) -> None:
    settings = {"url": f"https://example.com/{name}"} | ({"events": events} if events else {})
    with db.begin() as session:
        targets.add_target(session, MAIN, name, "webhook", settings)


def told(db: Database, event: str) -> list[tuple[str, str]]:
    """Return to whom what was told of an event: target and subject."""
    with db.begin() as session:
        query = select(Target.name, Delivery.subject_id).join(
            Target, col(Target.id) == col(Delivery.target_id)
        )
        return sorted(session.exec(query.where(Delivery.event == event)))


class TestThemes:
    @pytest.fixture
    def company(self, db: Database) -> Company:
        webhook(db, "curious", ALL)
        webhook(db, "usual")
        return Company(db)

    def test_a_run_tells_of_each_theme_that_it_finds_and_a_later_one_of_the_new_ones(
        self, company: Company
    ) -> None:
        first = set(company.where().values())
        assert told(company.db, "theme.created") == sorted(("curious", theme) for theme in first)
        company.run()
        assert len(told(company.db, "theme.created")) == len(first)
        company.said |= company.apart("a")
        company.run()
        part = company.where()["a9"]
        new = set(told(company.db, "theme.created")) - {("curious", theme) for theme in first}
        assert new == {("curious", part)}
        with company.db.begin() as session:
            [news] = session.exec(select(Delivery).where(Delivery.subject_id == part))
            theme = session.get_one(Theme, part)
        assert news.payload is not None
        assert news.payload["data"] == {
            "theme_id": part,
            "theme_title": theme.title,
            "titles": theme.titles,
            "lang": theme.lang,
            "kind": theme.kind,
            "keywords": theme.keywords,
            "origin": "model",
        }

    def test_one_that_a_person_makes_is_told_once_however_often_it_comes_back(self, company: Company) -> None:
        before = len(told(company.db, "theme.created"))
        with company.db.begin() as session:
            spans = session.exec(select(Assignment.span_id).order_by(col(Assignment.span_id))).all()
        wanted = Wanted(op="create", span_ids=tuple(spans[:3]), title="By hand")
        for _ in range(2):
            with company.db.begin() as session:
                made = make(session, MAIN, wanted, by="Aki").correction
                undo(session, MAIN, made.id, by="Aki")
        assert len(told(company.db, "theme.created")) == before + 1
        with company.db.begin() as session:
            [news] = session.exec(select(Delivery).where(col(Delivery.subject_id).in_(made.theme_ids)))
        assert news.payload is not None
        assert news.payload["data"]["origin"] == "person"

    def test_what_a_preview_would_bring_is_told_when_it_is_taken(self, company: Company) -> None:
        before = len(told(company.db, "theme.created"))
        company.preview(company.apart("a"))
        assert len(told(company.db, "theme.created")) == before
        company.accept()
        assert len(told(company.db, "theme.created")) == before + 1


class TestChangedThemes:
    @pytest.fixture
    def company(self, db: Database) -> Company:
        webhook(db, "curious", "theme.updated")
        webhook(db, "usual")
        return Company(db)

    def updates(self, company: Company) -> list[Mapping[str, object]]:
        """Return what the curious one was told of changed themes."""
        assert all(name == "curious" for name, _ in told(company.db, "theme.updated"))
        with company.db.begin() as session:
            query = select(Delivery).where(Delivery.event == "theme.updated").order_by(col(Delivery.next_at))
            return [one.payload["data"] for one in session.exec(query) if one.payload]

    def test_of_a_first_run_and_of_one_that_changes_nothing_none_is_told(self, company: Company) -> None:
        company.run()
        company.run()
        assert self.updates(company) == []

    def test_one_that_became_part_of_another_in_a_run_is_told_once(self, company: Company) -> None:
        gone, kept = company.where()["b0"], company.where()["a0"]
        company.said |= company.together("a", "b")
        company.run()
        found = {str(one["theme_id"]): one for one in self.updates(company)}
        assert found[gone]["changed"] == ["successor_id", "retired"]
        assert (found[gone]["successor_id"], found[gone]["origin"]) == (kept, "model")
        assert len(found) == len(self.updates(company))
        company.run()
        assert len(self.updates(company)) == len(found)

    def test_what_a_person_decides_is_told_and_that_it_was_taken_back(self, company: Company) -> None:
        theme = company.where()["a0"]
        with company.db.begin() as session:
            wanted = Wanted(op="rename", theme_ids=(theme,), title="By hand")
            made = make(session, MAIN, wanted, by="Aki").correction
        [renamed] = self.updates(company)
        assert (renamed["theme_title"], renamed["changed"], renamed["origin"]) == (
            "By hand",
            ["title"],
            "person",
        )
        with company.db.begin() as session:
            undo(session, MAIN, made.id, by="Aki")
        with company.db.begin() as session:
            make(session, MAIN, Wanted(op="ignore", theme_ids=(theme,)), by="Aki")
        changes = [one["changed"] for one in self.updates(company)]
        assert sorted(map(str, changes)) == ["['ignored']", "['title']", "['title']"]

    def test_what_a_person_decided_in_a_file_is_told_once(self, company: Company) -> None:
        theme, other = company.where()["a0"], company.where()["b0"]
        with company.db.begin() as session:
            for name, op, ids, title in (
                ("named", "rename", [theme], "By hand"),
                ("ended", "merge", ["none", other], None),
            ):
                session.add(
                    Correction(
                        id=name,
                        organisation_id=MAIN,
                        op=op,
                        theme_ids=ids,
                        title=title,
                        by="Aki",
                        at=datetime(2026, 5, 1, tzinfo=UTC),
                    )
                )
        for _ in range(2):
            carry_out_waiting(company.db, MAIN)
        [renamed] = self.updates(company)
        assert (renamed["theme_title"], renamed["changed"], renamed["origin"]) == (
            "By hand",
            ["title"],
            "person",
        )

    def test_a_preview_tells_of_none_until_it_is_taken(self, company: Company) -> None:
        company.preview(company.together("a", "b"))
        assert self.updates(company) == []
        company.accept()
        assert company.where()["a0"] in {one["successor_id"] for one in self.updates(company)}


def test_a_verdict_is_told_when_it_comes_and_when_it_changes(demo_db: Database) -> None:
    webhook(demo_db, "curious", "effect.measured")
    webhook(demo_db, "usual")
    measure.run(demo_db, MAIN)
    assert told(demo_db, "effect.measured") == [], "what was known before is no news"
    with demo_db.begin() as session:
        count = len(session.exec(select(Effect)).all())
        session.execute(delete(Effect))
    measure.run(demo_db, MAIN)
    first = told(demo_db, "effect.measured")
    assert (len(first), {name for name, _ in first}) == (count, {"curious"})
    measure.run(demo_db, MAIN)
    assert told(demo_db, "effect.measured") == first
    with demo_db.begin() as session:
        changed = session.exec(select(Effect)).first()
        assert changed is not None
        verdict, changed.verdict = changed.verdict, "increased"
    measure.run(demo_db, MAIN)
    [(_, subject)] = set(told(demo_db, "effect.measured")) - set(first)
    with demo_db.begin() as session:
        [news] = session.exec(select(Delivery).where(Delivery.subject_id == subject))
    assert news.payload is not None
    data = news.payload["data"]
    assert (data["verdict"], data["before"]) == (verdict, "increased")
    assert data["intervention_id"]


def test_a_suggestion_is_told_when_it_comes_and_not_when_it_is_brought_up_to_date(demo_db: Database) -> None:
    with demo_db.begin() as session:
        for suggestion in session.exec(select(Suggestion)):
            session.delete(suggestion)
    webhook(demo_db, "curious", ALL)
    webhook(demo_db, "usual")
    for _ in range(2):
        run(demo_db, MAIN, demo_ports(), only="route")
    with demo_db.begin() as session:
        known = session.exec(select(Suggestion.id)).all()
    assert known
    assert told(demo_db, "suggestion.created") == sorted(("curious", suggestion) for suggestion in known)


def test_an_arrival_is_told_to_those_who_chose_it_and_that_news_arrived_to_nobody(db: Database) -> None:
    accept_suggestions(db, 2)
    outbox = Outbox(db=db)
    backlog = outbox.target()
    backlog.after = [RuntimeError("cut off")]
    webhook(db, "curious", ALL)
    hears = outbox.ports["curious"] = type(backlog)()
    with pytest.raises(RuntimeError):
        outbox.run()
    for _ in range(4):
        outbox.later(hours=1)
        outbox.run()
    arrivals = Counter(news.data["suggestion_id"] for news in hears.heard)
    assert arrivals == {"fix-0000": 1, "fix-0001": 1}
    assert {news.data["target"] for news in hears.heard} == {"backlog"}
    assert len(told(db, "delivery.delivered")) == 2
    assert hears.kept == [], "suggestions themselves were not chosen"


def test_whoever_chose_news_alone_is_given_no_suggestion(db: Database) -> None:
    [name] = accept_suggestions(db, 1)
    webhook(db, "curious", "theme.created")
    webhook(db, "usual")
    with db.begin() as session:
        suggestion = session.get_one(Suggestion, name)
        decide.put_in_outbox(session, suggestion)
        deliver.fill_outbox(session, MAIN)
    assert told(db, "suggestion.accepted") == [("usual", name)]
