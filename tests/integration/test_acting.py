"""From themes to coverage, suggestions, deliveries and effects, on a database written by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from connectors.targets.memory import MemoryTarget
from service.db import Database
from service.models import (
    Article,
    Coverage,
    Effect,
    Intervention,
    Item,
    Span,
    Theme,
)
from service.pipeline import decide, deliver, measure, route
from service.repositories import suggestions
from tests.acting import ARTICLE, EMBEDDERS, MONDAY, ORG, World


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


class TestRouting:
    def test_takes_each_theme_where_it_belongs(self, world: World) -> None:
        taken = {theme: one.action for theme, one in world.route().items()}
        assert taken == {
            "export": "write_article",
            "crash": "fix_product",
            "password": "make_findable",
            "praise": "no_action",
        }

    def test_an_item_knows_which_articles_answer_it(self, world: World) -> None:
        world.route()
        with world.db.begin() as session:
            answered = session.get_one(Coverage, "password-0")
            unanswered = session.get_one(Coverage, "crash-0")
        assert answered.articles[0]["article_id"] == "a1"
        assert answered.answered == answered.articles[0]["score"] > 2 * unanswered.answered

    def test_every_sentence_of_every_draft_stands_where_it_is_cited(self, world: World) -> None:
        drafts = [one.draft for one in world.route().values() if one.draft]
        with world.db.begin() as session:
            texts = {("desk", one.external_id): one.text or "" for one in session.exec(select(Item))}
        texts["help", "password"] = "\n\n".join(ARTICLE)
        assert len(drafts) == 3
        for draft in drafts:
            for sentence in draft["sentences"]:
                assert sentence["citations"]
                for cited in sentence["citations"]:
                    text = texts[cited["source"], cited["external_id"]]
                    assert text[cited["start"] : cited["end"]] == sentence["text"]

    def test_an_article_is_drafted_from_what_agents_wrote(self, world: World) -> None:
        draft = world.route()["export"].draft
        assert draft is not None
        assert "1. 設定画面を開いてください。\n2. UTF-8を選択してください。" in draft["body"]

    def test_customers_who_read_the_article_and_ask_all_the_same_are_a_reason_to_edit_it(
        self, world: World
    ) -> None:
        assert world.route()["password"].action == "make_findable"
        with world.db.begin() as session:
            for number in range(4):
                world.look_at_article(session, f"c{number}", MONDAY + timedelta(days=number, hours=-2))
            world.look_at_article(session, "c0", MONDAY + timedelta(days=20))
            world.look_at_article(session, "somebody", MONDAY)
        taken = world.route()["password"]
        assert taken.action == "edit_article"
        assert {"code": "readers_come_back", "items": 4, "share": 0.8} in taken.reasons

    def test_searches_that_found_nothing_are_a_reason_to_make_the_article_findable(
        self, world: World
    ) -> None:
        world.give_middles()
        before = world.route()["password"]
        world.search("パスワードを忘れたので再設定", MONDAY, times=3)
        world.search("パスワードを忘れた", MONDAY + timedelta(days=1), times=2)
        world.search("パスワードを忘れた方", MONDAY, results=4)
        world.search("犬の散歩", MONDAY, times=9)
        after = world.route()
        assert {"code": "searched_in_vain", "items": 5} in after["password"].reasons
        assert after["password"].action == "make_findable"
        assert after["password"].confidence > before.confidence
        draft = after["password"].draft
        assert draft is not None
        assert (
            "## 検索しても見つからなかった言葉\n\n- パスワードを忘れたので再設定\n- パスワードを忘れた\n"
        ) in draft["body"]
        others = [one for theme, one in after.items() if theme != "password"]
        assert not [
            reason for one in others for reason in one.reasons if reason["code"] == "searched_in_vain"
        ]

    def test_searches_from_before_the_article_was_changed_say_nothing_of_it(self, world: World) -> None:
        world.give_middles()
        world.search("パスワードを忘れたので再設定", MONDAY, times=3)
        with world.db.begin() as session:
            session.get_one(Article, "a1").updated_at = MONDAY + timedelta(days=1)
        world.search("パスワードを忘れた", MONDAY + timedelta(days=2), times=2)
        assert {"code": "searched_in_vain", "items": 2} in world.route()["password"].reasons

    def test_gives_the_same_twice(self, world: World) -> None:
        first = {one.id: one.model_dump() for one in world.route().values()}
        assert {one.id: one.model_dump() for one in world.route().values()} == first

    def test_never_changes_what_was_decided(self, world: World) -> None:
        world.route()
        decided = world.accept("export")
        before = world.suggestions()["export"].model_dump()
        with world.db.begin() as session:
            for span in session.exec(select(Span).where(col(Span.item_id).startswith("export"))):
                span.kind = "praise"
        assert world.route()["export"].model_dump() == before
        assert before["id"] == decided

    def test_another_route_takes_the_place_of_an_open_suggestion(self, world: World) -> None:
        before = world.route()["password"]
        with world.db.begin() as session:
            session.get_one(Article, "a1").status = "archived"
        after = world.route()["password"]
        assert (before.action, after.action) == ("make_findable", "write_article")
        assert before.id != after.id
        with world.db.begin() as session:
            assert session.exec(select(Coverage)).first() is None

    def test_a_theme_that_is_gone_loses_its_open_suggestion(self, world: World) -> None:
        world.route()
        with world.db.begin() as session:
            session.get_one(Theme, "crash").retired = True
        assert "crash" not in world.route()

    def test_suggests_another_way_where_the_first_was_dismissed(self, world: World) -> None:
        suggestion = world.route()["password"]
        with world.db.begin() as session:
            decide.dismiss(session, ORG, suggestion.id, by="Aki", reason="It is found well enough.")
            session.get_one(Article, "a1").status = "archived"
        route.run(world.db, ORG, EMBEDDERS)
        with world.db.begin() as session:
            found = suggestions.list_suggestions(session, ORG, theme_id="password")
        assert {one.action: one.status for one in found} == {
            "make_findable": "dismissed",
            "write_article": "open",
        }


class TestDelivering:
    def test_sends_what_was_accepted_and_only_that(self, world: World) -> None:
        world.route()
        world.add_target()
        world.accept("crash")
        target = MemoryTarget()
        report = deliver.run(world.db, ORG, lambda _: target)
        assert (report.done, report.failed) == (1, 0)
        [kept] = target.kept
        assert (kept.theme_id, kept.customers, kept.contacts) == ("crash", 4, 4)
        assert kept.citations
        assert world.suggestions()["crash"].status == "delivered"
        assert deliver.run(world.db, ORG, lambda _: target).done == 0

    def test_an_item_named_by_its_customers_address_names_nobody_outside(self, world: World) -> None:
        with world.db.begin() as session:
            for item in session.exec(select(Item)):
                item.external_id = f"{item.id}@example.com"
        world.route()
        world.add_target()
        world.accept("crash")
        target = MemoryTarget()
        deliver.run(world.db, ORG, lambda _: target)
        assert {citation.external_id for citation in target.kept[0].citations} == {"[email]"}

    def test_goes_to_each_target_that_takes_it(self, world: World) -> None:
        world.route()
        world.add_target("one")
        world.add_target("two")
        world.add_target("kb", "markdown-git")
        world.accept("crash")
        world.accept("export")
        deliver.run(world.db, ORG, lambda _: MemoryTarget())
        assert [one.state for one in world.deliveries()] == ["delivered"] * 3

    def test_a_target_that_came_later_gets_what_was_accepted(self, world: World) -> None:
        world.route()
        world.accept("crash")
        world.add_target()
        deliver.run(world.db, ORG, lambda _: MemoryTarget())
        assert [one.state for one in world.deliveries()] == ["delivered"]

    def test_a_target_may_take_what_nobody_accepted_if_it_was_set_to(self, world: World) -> None:
        world.route()
        world.add_target(automatic=True)
        deliver.run(world.db, ORG, lambda _: MemoryTarget())
        assert [one.state for one in world.deliveries()] == ["delivered"]
        assert world.suggestions()["crash"].status == "delivered"

    def test_what_koe_is_not_sure_of_goes_nowhere_before_a_person_has_looked(self, world: World) -> None:
        world.route()
        with world.db.begin() as session:
            session.execute(text("UPDATE suggestion SET confidence = 0.49"))
        world.add_target(automatic=True)
        deliver.run(world.db, ORG, lambda _: MemoryTarget())
        assert world.deliveries() == []
        world.accept("crash")
        deliver.run(world.db, ORG, lambda _: MemoryTarget())
        assert [one.state for one in world.deliveries()] == ["delivered"]


class TestMeasuring:
    def _open(self, world: World, **named: str) -> None:
        with world.db.begin() as session:
            for name, theme in named.items():
                session.add(
                    Intervention(
                        id=name,
                        organisation_id=ORG,
                        intervention_id=name,
                        theme=theme,
                        occurred_at=MONDAY,
                        kind="fix",
                    )
                )

    def test_finds_the_theme_by_id_title_or_voice(self, world: World) -> None:
        self._open(
            world,
            by_id="crash",
            by_title="CSVの書き出しに失敗します",
            by_voice="desk/password-1",
            by_nothing="?",
        )
        report = measure.run(world.db, ORG)
        assert report.notes == ("These interventions mean no theme yet: by_nothing.",)
        with world.db.begin() as session:
            meant = {one.intervention_id: one.theme_id for one in session.exec(select(Effect))}
        assert meant == {"by_id": "crash", "by_title": "export", "by_voice": "password"}

    def test_follows_a_theme_that_went_on_in_another(self, world: World) -> None:
        self._open(world, fix="crash")
        with world.db.begin() as session:
            crash = session.get_one(Theme, "crash")
            crash.retired, crash.successor_id = True, "export"
        measure.run(world.db, ORG)
        with world.db.begin() as session:
            assert session.get_one(Effect, "fix").theme_id == "export"

    def test_says_that_it_cannot_tell(self, world: World) -> None:
        self._open(world, fix="crash")
        measure.run(world.db, ORG)
        measure.run(world.db, ORG)
        with world.db.begin() as session:
            [effect] = session.exec(select(Effect))
        assert (effect.verdict, effect.low, effect.high, effect.expected) == ("cannot_tell", None, None, None)
        assert [reason["code"] for reason in effect.reasons] == ["no_series"]
