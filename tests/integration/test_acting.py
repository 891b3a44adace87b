"""From themes to coverage, suggestions, deliveries and effects, on a database written by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from connectors.targets.memory import MemoryTarget
from nlp.embedders import Embedders, HashingEmbedder
from nlp.passages import passages
from service.db import Database
from service.errors import Conflict, NotFound, WrongUse
from service.models import (
    Article,
    Assignment,
    Coverage,
    Delivery,
    Effect,
    Event,
    Intervention,
    Item,
    Message,
    Passage,
    Run,
    Source,
    Span,
    Suggestion,
    Theme,
)
from service.models.columns import digest
from service.pipeline import decide, deliver, measure, route
from service.pipeline.outgoing import outgoing_of
from service.repositories import embeddings, interventions, suggestions, targets

ORG = "main"
MONDAY = datetime(2026, 3, 2, 3, tzinfo=UTC)
EMBEDDERS = Embedders(default=HashingEmbedder())
ARTICLE = (
    "パスワードを再設定する",
    "ログイン画面の「パスワードを忘れた」を押してください。\n届いたメールのリンクから新しいパスワードを設定します。",
)
GROUPS: dict[str, Sequence[tuple[str, str | None]]] = {
    "export": [
        (
            f"CSVの書き出しに失敗します。{word}",
            "文字コードの設定が原因です。\n1. 設定画面を開いてください。\n2. UTF-8を選択してください。",
        )
        for word in ("月末に困ります。", "急いでいます。", "昨日からです。", "毎回です。")
    ],
    "crash": [
        (f"写真を開くとアプリが落ちます。{word}", "既知の不具合です。次回のアップデートで修正予定です。")
        for word in ("機種変更後です。", "何度もです。", "朝からです。", "ずっとです。")
    ],
    "password": [
        (f"パスワードを忘れたので再設定したいです。{word}", "https://help.example/password をご覧ください。")
        for word in (
            "方法が分かりません。",
            "画面が見つかりません。",
            "メールが来ません。",
            "教えてください。",
        )
    ],
    "praise": [
        (f"いつも使いやすくて助かっています。{word}", None)
        for word in ("最高です。", "感謝。", "便利です。", "素敵。")
    ],
}
KINDS = {"export": "pain_point", "crash": "pain_point", "password": "question", "praise": "praise"}


class World:
    """Writes what the stages before would have written."""

    def __init__(self, db: Database) -> None:
        self.db = db
        with db.begin() as session:
            for name in ("desk", "help"):
                session.add(Source(id=name, organisation_id=ORG, name=name, kind="file", created_at=MONDAY))
            session.add(self._run(1))
            session.flush()
            for theme, texts in GROUPS.items():
                self._theme(session, theme, texts)
            self.add_article(session)

    def _run(self, ordinal: int) -> Run:
        return Run(
            id=f"run{ordinal}",
            organisation_id=ORG,
            ordinal=ordinal,
            state="live",
            input_digest="x",
            embedder=EMBEDDERS.default.name,
            clusterer="by hand",
            created_at=MONDAY,
        )

    def _theme(self, session: Session, theme: str, texts: Sequence[tuple[str, str | None]]) -> None:
        session.add(
            Theme(
                id=theme,
                organisation_id=ORG,
                title=texts[0][0].split("。")[0],
                keywords=["CSV"],
                lang="ja",
                kind=KINDS[theme],
            )
        )
        session.flush()
        for number, (asked, answered) in enumerate(texts):
            self.say(session, theme, number, asked, answered)

    def say(self, session: Session, theme: str, number: int, asked: str, answered: str | None = None) -> None:
        """Store a ticket that is in a theme, with an agent's answer."""
        name = f"{theme}-{number}"
        text = asked if answered is None else f"{asked}\n\n{answered}"
        given: dict[str, Any] = {"organisation_id": ORG, "item_id": name}
        session.add(
            Item(
                id=name,
                organisation_id=ORG,
                source_id="desk",
                external_id=name,
                channel="ticket" if theme != "praise" else "review",
                lang="ja",
                created_at=MONDAY + timedelta(days=number),
                customer_id=f"c{number}",
                status="solved",
                text=text,
                version="1",
            )
        )
        session.flush()
        session.add(Message(id=f"{name}-0", position=0, start=0, end=len(asked), **given))
        if answered is not None:
            start = len(asked) + 2
            session.add(
                Message(id=f"{name}-1", position=1, author_role="agent", start=start, end=len(text), **given)
            )
        content_hash = digest(asked, length=32)
        span = Span(
            id=name,
            start=0,
            end=len(asked),
            text=asked,
            lang="ja",
            kind=KINDS[theme],
            content_hash=content_hash,
            **given,
        )
        session.add(span)
        session.flush()
        session.add(
            Assignment(run_id="run1", span_id=name, organisation_id=ORG, group_number=0, theme_id=theme)
        )
        self.embed(session, asked, content_hash)

    def add_article(
        self,
        session: Session,
        name: str = "password",
        article_id: str = "a1",
        *,
        title: str = ARTICLE[0],
        body: str = ARTICLE[1],
    ) -> None:
        """Store an article, cut into its passages."""
        session.add(
            Article(
                id=article_id,
                organisation_id=ORG,
                source_id="help",
                external_id=name,
                title=title,
                body=body,
                url=f"https://help.example/{name}/",
                lang="ja",
                version="1",
            )
        )
        session.flush()
        for position, cut in enumerate(passages(title, body)):
            content_hash = digest(cut.text, length=32)
            session.add(
                Passage(
                    id=f"{article_id}-{position}",
                    organisation_id=ORG,
                    article_id=article_id,
                    position=position,
                    start=cut.start,
                    end=cut.end,
                    text=cut.text,
                    content_hash=content_hash,
                )
            )
            self.embed(session, cut.text, content_hash)

    def embed(self, session: Session, text: str, content_hash: str) -> None:
        embedder = EMBEDDERS.default
        embeddings.store(session, ORG, embedder.name, [content_hash], embedder.embed([text]))

    def look_at_article(self, session: Session, customer_id: str, at: datetime) -> None:
        """Let a customer open the article."""
        session.add(
            Event(
                id=digest(customer_id, at.isoformat()),
                organisation_id=ORG,
                source_id="help",
                occurred_at=at,
                kind="article_view",
                customer_id=customer_id,
                article="https://help.example/password/",
            )
        )

    def route(self) -> dict[str, Suggestion]:
        route.run(self.db, ORG, EMBEDDERS)
        return self.suggestions()

    def suggestions(self) -> dict[str, Suggestion]:
        with self.db.begin() as session:
            return {one.theme_id: one for one in suggestions.list_suggestions(session, ORG)}

    def accept(self, theme: str) -> str:
        suggestion_id = self.suggestions()[theme].id
        with self.db.begin() as session:
            decide.accept(session, ORG, suggestion_id, by="Aki")
        return suggestion_id

    def deliveries(self) -> list[Delivery]:
        with self.db.begin() as session:
            return list(session.exec(select(Delivery).order_by(col(Delivery.target_id))))

    def add_target(
        self, name: str = "backlog", kind: str = "backlog-file", *, automatic: bool = False
    ) -> None:
        with self.db.begin() as session:
            targets.add_target(session, ORG, name, kind, {"path": "/nowhere"}, automatic=automatic)


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


class TestDeciding:
    def test_accepting_twice_is_accepting_once(self, world: World) -> None:
        world.route()
        world.add_target()
        assert world.accept("crash") == world.accept("crash")
        assert [one.state for one in world.deliveries()] == ["pending"]
        assert world.suggestions()["crash"].decided_by == "Aki"

    def test_a_decision_moves_the_theme_on(self, world: World) -> None:
        world.route()
        world.accept("crash")
        with world.db.begin() as session:
            assert session.get_one(Theme, "crash").stage == "decided"
            assert session.get_one(Theme, "export").stage == "understood"

    def test_dismissing_takes_back_what_waits(self, world: World) -> None:
        world.route()
        world.add_target()
        suggestion_id = world.accept("crash")
        with world.db.begin() as session:
            decide.dismiss(session, ORG, suggestion_id, by="Aki", reason="Known for years.")
        assert world.deliveries() == []
        with world.db.begin() as session, pytest.raises(Conflict, match="Aki dismissed"):
            decide.accept(session, ORG, suggestion_id, by="Ben")
        with world.db.begin() as session:
            decide.reopen(session, ORG, suggestion_id)
            decide.accept(session, ORG, suggestion_id, by="Ben")
        assert world.suggestions()["crash"].decided_by == "Ben"

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ("review_at = clock_timestamp()", "review_due"),
            ("premise = '{\"people\": -9}'", "premise_broken"),
            ("review_at = clock_timestamp() + interval '1 day'", None),
        ],
    )
    def test_what_was_decided_against_comes_back_on_its_day_or_once_its_premise_breaks(
        self, world: World, changed: str, code: str | None
    ) -> None:
        suggestion_id = world.route()["crash"].id
        with world.db.begin() as session:
            decide.dismiss(session, ORG, suggestion_id, by="Aki", reason="Known for years.")
        assert world.route()["crash"].status == "dismissed", "nothing has changed"
        with world.db.begin() as session:
            session.execute(text(f"UPDATE suggestion SET {changed} WHERE status = 'dismissed'"))
        came = world.route()["crash"]
        assert came.status == ("open" if code else "dismissed")
        assert (came.decided_by, came.decision_reason) == ("Aki", "Known for years.")
        told = {reason["code"] for reason in came.reasons}
        assert told & {"review_due", "premise_broken"} == ({code} if code else set())
        if code:
            world.accept("crash")
            assert world.suggestions()["crash"].came_back is None

    def test_what_changes_an_article_leads_to_it(self, world: World) -> None:
        found = world.route()
        with world.db.begin() as session:
            about = outgoing_of(session, found["password"], public_url="https://koe.example.com/")
            new = outgoing_of(session, found["crash"])
        assert (about.action, about.article_url) == ("make_findable", "https://help.example/password/")
        assert about.article_title
        assert about.link == f"https://koe.example.com/suggestions/{found['password'].id}"
        assert (new.article_url, new.link) == (None, None)

    def test_what_was_delivered_cannot_be_taken_back(self, world: World) -> None:
        world.route()
        world.add_target()
        suggestion_id = world.accept("crash")
        deliver.run(world.db, ORG, lambda _: MemoryTarget())
        with world.db.begin() as session, pytest.raises(Conflict, match="delivered already"):
            decide.dismiss(session, ORG, suggestion_id, by="Aki", reason="Too late.")

    def test_wants_a_reason_and_a_suggestion(self, world: World) -> None:
        suggestion_id = world.route()["crash"].id
        with world.db.begin() as session, pytest.raises(WrongUse):
            decide.dismiss(session, ORG, suggestion_id, by="Aki", reason=" ")
        with world.db.begin() as session, pytest.raises(NotFound):
            decide.accept(session, "another", suggestion_id, by="Aki")

    def test_what_is_published_opens_an_intervention_once(self, world: World) -> None:
        suggestion_id = world.route()["export"].id
        for days in (0, 5):
            with world.db.begin() as session:
                decide.published(
                    session,
                    ORG,
                    suggestion_id,
                    url="https://help.example/csv",
                    at=MONDAY + timedelta(days=days),
                    by="Aki",
                )
        with world.db.begin() as session:
            [opened] = interventions.list_interventions(session, ORG, theme_id="export")
        assert (opened.kind, opened.occurred_at, opened.suggestion_id) == ("article", MONDAY, suggestion_id)
        assert world.suggestions()["export"].status == "done"

    def test_a_decision_not_to_act_is_not_published(self, world: World) -> None:
        suggestion_id = world.route()["praise"].id
        with world.db.begin() as session, pytest.raises(Conflict):
            decide.published(session, ORG, suggestion_id, url=None, at=MONDAY, by="Aki")


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
        assert (effect.verdict, effect.low, effect.high, effect.weeks_needed) == (
            "cannot_tell",
            None,
            None,
            8,
        )
        assert [reason["code"] for reason in effect.reasons] == [
            "plain_before_after",
            "no_week_before",
            "no_week_after",
        ]
