"""Articles of a connected knowledge base: they walk in, change, and go away, and the router sees them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from connectors.own import mark
from connectors.ports import Article, Event, Shelf, Unpublished
from service.db import Database
from service.imports import Options, import_file
from service.models import MAIN, Coverage, Passage, Suggestion
from service.models import Article as Kept
from service.pipeline import embed, fetch
from service.pipeline.library import Library, library
from service.repositories import sources, walks
from tests.acting import ARTICLE, EMBEDDERS, World
from tests.walking import add, due_now, scripted

AT = datetime(2026, 5, 1, tzinfo=UTC)
LOGIN = Article(
    external_id="1",
    title="Cannot log in",
    text="<p>Cannot log in 3: press <b>Forgot</b>.</p>",
    url="https://help.example.com/1",
    lang="en",
    section="Login",
    updated_at=AT,
    views=10,
    helpful=7,
    unhelpful=3,
)
PASSWORD = Article(external_id="3", title=ARTICLE[0], text=ARTICLE[1], lang="ja", updated_at=AT)
INVOICE = Article(external_id="2", title="Invoices", text="Write to us.", lang="en", updated_at=AT)


def walk(db: Database, *pages: Sequence[Event]) -> int:
    """Let a knowledge base tell this, page by page; return how much came."""
    with db.begin() as session:
        names = {source.name for source in sources.list_sources(session, MAIN)}
    if "guide" not in names:
        add(db, "zendesk-guide", name="guide")
        with db.begin() as session:
            walks.begin(
                session, sources.get_source(session, MAIN, "guide"), since=None, now=datetime.now(UTC)
            )
    due_now(db)
    report = fetch.run(db, MAIN, lambda _: scripted([list(page) for page in pages]))
    assert report.failed == 0, report.notes
    return report.done


def kept(db: Database) -> dict[str, Kept]:
    with db.begin() as session:
        return {one.external_id: one for one in session.exec(select(Kept))}


class TestArticlesOfASource:
    def test_walk_in_as_plain_text_with_what_readers_thought(self, db: Database) -> None:
        assert walk(db, [LOGIN], [INVOICE, Shelf(external_ids=["1", "2"])]) == 2
        login = kept(db)["1"]
        assert (login.title, login.body) == ("Cannot log in", "Cannot log in 3: press Forgot.")
        assert (login.views, login.helpful, login.unhelpful) == (10, 7, 3)
        assert (login.audience, login.section, login.status) == ("public", "Login", "published")
        assert login.url == "https://help.example.com/1"

    def test_are_the_same_as_those_of_a_file_of_that_source(self, db: Database, tmp_path: Path) -> None:
        walk(db, [LOGIN])
        before = kept(db)["1"].id
        file = tmp_path / "articles.csv"
        file.write_text("external_id,title,body,updated_at\n1,Log in,Anew.,2026-05-02T00:00:00Z\n")
        report = import_file(db, MAIN, "articles", file, source="guide", options=Options())
        assert (report.stored, report.updated) == (0, 1)
        assert {one.id: one.title for one in kept(db).values()} == {before: "Log in"}
        walk(db, [replace(LOGIN, title="Log in here", updated_at=AT + timedelta(days=2))])
        assert {one.id: one.title for one in kept(db).values()} == {before: "Log in here"}

    def test_an_older_version_changes_nothing(self, db: Database) -> None:
        walk(db, [LOGIN])
        walk(db, [replace(LOGIN, title="Long ago", updated_at=AT - timedelta(days=1))])
        assert kept(db)["1"].title == "Cannot log in"

    def test_views_count_on_though_no_word_changed(self, db: Database) -> None:
        walk(db, [LOGIN])
        embed.run(db, MAIN, EMBEDDERS)
        walk(db, [replace(LOGIN, views=11)])
        assert kept(db)["1"].views == 11
        with db.begin() as session:
            assert session.exec(select(Passage)).all()

    def test_that_are_reworded_are_cut_anew(self, db: Database) -> None:
        walk(db, [LOGIN])
        embed.run(db, MAIN, EMBEDDERS)
        walk(db, [replace(LOGIN, text="Another way.", updated_at=AT + timedelta(days=1))])
        with db.begin() as session:
            assert not session.exec(select(Passage)).all()

    def test_without_a_title_hold_up_no_others(self, db: Database) -> None:
        walk(db, [replace(LOGIN, title="<br>"), INVOICE])
        assert set(kept(db)) == {"2"}
        with db.begin() as session:
            source = sources.get_source(session, MAIN, "guide")
            found = walks.walk_of(session, source.id)
        assert found is not None
        assert found.reasons == ["the article 1 has no title"]


class TestWithdrawnArticles:
    def test_go_and_others_stay(self, db: Database) -> None:
        walk(db, [LOGIN, INVOICE])
        walk(db, [Unpublished(external_id="1")])
        assert set(kept(db)) == {"2"}

    def test_are_those_that_are_not_on_the_shelf_any_more(self, db: Database) -> None:
        walk(db, [LOGIN, INVOICE, Shelf(external_ids=["1", "2"])])
        walk(db, [Shelf(external_ids=["2"])])
        assert set(kept(db)) == {"2"}

    def test_are_none_where_the_shelf_is_empty(self, db: Database) -> None:
        walk(db, [LOGIN])
        walk(db, [Shelf(external_ids=[])])
        assert set(kept(db)) == {"1"}

    def test_of_one_source_are_not_those_of_another(self, db: Database) -> None:
        walk(db, [LOGIN])
        add(db, "zendesk-guide", name="other")
        with db.begin() as session:
            other = sources.get_source(session, MAIN, "other")
            walks.begin(session, other, since=None, now=datetime.now(UTC))
        ports = {"other": scripted([[INVOICE, Shelf(external_ids=["2"])]]), "guide": scripted([[LOGIN]])}
        fetch.run(db, MAIN, lambda source: ports[source.name])
        assert set(kept(db)) == {"1", "2"}


class TestDrafts:
    @pytest.mark.parametrize(
        "draft",
        [
            replace(LOGIN, status="draft", own=True),
            replace(LOGIN, status="draft", text=f"<p>x</p>{mark('0123456789abcdef0123', hidden=True)}"),
            replace(LOGIN, status="draft", text="<p>x</p><p>[koe:0123456789abcdef0123]</p>"),
        ],
    )
    def test_of_koe_are_no_articles_until_people_publish_them(self, db: Database, draft: Article) -> None:
        assert walk(db, [draft]) == 0
        assert not kept(db)
        walk(db, [replace(draft, status="published")])
        assert "koe:" not in kept(db)["1"].body
        walk(db, [draft])
        assert not kept(db)


@pytest.fixture
def world(db: Database) -> World:
    """Themes whose articles come from a knowledge base that is asked alone."""
    made = World(db)
    with db.begin() as session:
        session.delete(session.get_one(Kept, "a1"))
    return made


class TestTheRouter:
    def test_sees_articles_come_and_go(self, db: Database, world: World) -> None:
        def suggested() -> Suggestion:
            embed.run(db, MAIN, EMBEDDERS)
            return world.route()["password"]

        assert suggested().action == "write_article"
        walk(db, [PASSWORD, INVOICE])
        found = suggested()
        assert (found.action, found.article_id) == ("make_findable", kept(db)["3"].id)
        walk(db, [Unpublished(external_id="3")])
        left = world.suggestions()["password"]
        assert (left.action, left.article_id) == ("make_findable", None)
        assert suggested().action == "write_article"
        with db.begin() as session:
            hits = session.exec(select(col(Coverage.articles))).all()
        assert {hit["article_id"] for one in hits for hit in one} <= {kept(db)["2"].id}

    def test_takes_no_draft_for_an_answer(self, db: Database, world: World) -> None:
        walk(db, [replace(PASSWORD, status="draft")])
        embed.run(db, MAIN, EMBEDDERS)
        assert world.route()["password"].action == "write_article"
        assert kept(db)["3"].status == "draft"
        with db.begin() as session:
            assert session.exec(select(Coverage)).first() is None

    def test_goes_on_where_an_article_goes_away_meanwhile(
        self, db: Database, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        walk(db, [PASSWORD, INVOICE])
        embed.run(db, MAIN, EMBEDDERS)

        def read_and_lose(session: Session, organisation_id: str) -> Library:
            found = library(session, organisation_id)
            walk(db, [Unpublished(external_id="3")])
            return found

        monkeypatch.setattr("service.pipeline.route.library", read_and_lose)
        assert world.route()["password"].article_id is None
        assert kept(db).keys() == {"2"}
