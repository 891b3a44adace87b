"""Searching: what is found by which words, how it is narrowed, and what the page says of it."""

import re
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlmodel import Session, col, delete, func, select

from nlp.embedders import Embedders, HashingEmbedder, open_embedders
from nlp.errors import ModelMissing
from nlp.ports import Vectors
from service.db import Database
from service.models import (
    MAIN,
    Article,
    Embedding,
    Item,
    Organisation,
    Passage,
    PassageWords,
    Source,
    Span,
    SpanWords,
    Theme,
    VectorSigns,
)
from service.pipeline import redact, wording
from service.repositories import embeddings, finding, glossary, passages
from service.repositories.finding import Narrowed
from service.rules.glossary import Wording
from service.search.looking import Slice, found_articles, found_themes, found_voices, search_for
from service.search.meaning import Reader
from service.web.search import PAGE
from tests.access import an_organisation
from tests.api import asking
from tests.processes import loaded

NOW = datetime(2026, 5, 4, tzinfo=UTC)


SIGNS = ("%", "_", "'", "\\", "a' | 'b", "😡", "!!!", ":*", "''", "' OR 1=1 --")
ODD = (*SIGNS, "x" * 10_000, "あ" * 3_000, "ﾛｸﾞｲﾝ")


def said(
    session: Session, *texts: str, lang: str | None = "en", source: str = "tickets", kind: str = "other"
) -> None:
    """Keep one ticket a text, each a minute older than the one before, and read it."""
    known = session.exec(select(Source).where(Source.name == source)).one_or_none()
    if known is None:
        known = Source(id=source, organisation_id=MAIN, name=source, kind="file", created_at=NOW)
        session.add(known)
    if session.get(Organisation, MAIN) is None:
        session.add(Organisation(id=MAIN, name="Main"))
    session.flush()
    count = session.exec(select(func.count()).select_from(Item)).one()
    for number, text in enumerate(texts, count):
        item = Item(
            id=f"i{number:05}",
            organisation_id=MAIN,
            source_id=known.id,
            external_id=str(number),
            channel="ticket",
            lang=lang,
            created_at=NOW - timedelta(minutes=number),
            version="1",
            text=text,
        )
        session.add(item)
        session.flush()
        session.add(
            Span(
                id=f"s{number:05}",
                organisation_id=MAIN,
                item_id=item.id,
                start=0,
                end=len(text),
                text=text,
                lang=lang,
                content_hash=str(number),
                kind=kind,
            )
        )
    session.flush()


def find(db: Database, query: str, **narrowed: object) -> list[str]:
    """Return the texts of the voices that are found, those that hold all words first."""
    wording.catch_up_with_voices(db, MAIN)
    with db.begin() as session:
        search = search_for(session, MAIN, query, Narrowed(**narrowed))  # type: ignore[arg-type]
        return [hit.row.span.text for hit in found_voices(search, Slice(size=50)).hits]


class TestWords:
    def test_what_holds_all_words_comes_before_what_holds_some(self, db: Database) -> None:
        with db.begin() as session:
            said(session, "my password", "reset my password now", "nothing of that", "a reset")
        found = find(db, "password reset")
        assert found[0] == "reset my password now"
        assert set(found) == {"my password", "reset my password now", "a reset"}

    def test_a_rare_word_tells_more_than_a_common_one(self, db: Database) -> None:
        with db.begin() as session:
            said(session, *(f"login trouble number{one}" for one in range(20)), "about the invoice here")
        assert find(db, "login invoice ")[0] == "about the invoice here"

    def test_the_last_word_may_still_be_typed(self, db: Database) -> None:
        with db.begin() as session:
            said(session, "password", "passport", "pass the salt")
        assert set(find(db, "passw")) == {"password"}
        assert set(find(db, "passw ")) == set()

    def test_japanese_is_found_without_spaces_in_any_width_and_form(self, db: Database) -> None:
        with db.begin() as session:
            said(session, "請求書がまだ届きません", "ﾊﾟｽﾜｰﾄﾞを忘れた", "引っ越しの手続き", lang="ja")
        assert find(db, "請求書が届かない")[0] == "請求書がまだ届きません"
        assert find(db, "パスワード") == ["ﾊﾟｽﾜｰﾄﾞを忘れた"]
        assert find(db, "引越") == ["引っ越しの手続き"]

    def test_the_glossary_finds_what_means_the_same_as_soon_as_it_says_so(self, db: Database) -> None:
        with db.begin() as session:
            said(session, "サインインできません", "ログインできません", lang="ja")
        assert find(db, "ログイン ") == ["ログインできません"]
        with db.begin() as session:
            glossary.add(session, MAIN, Wording(term="サインイン"))
            glossary.add(session, MAIN, Wording(term="ログイン", kind="synonym", stands_for="サインイン"))
        assert set(find(db, "ログイン ")) == {"ログインできません", "サインインできません"}

    @pytest.mark.parametrize("query", ODD)
    def test_signs_are_only_signs(self, db: Database, query: str) -> None:
        with db.begin() as session:
            said(session, "hello % _ world", "it's \\ here")
        assert find(db, query) == []

    def test_words_that_hold_signs_are_found(self, db: Database) -> None:
        with db.begin() as session:
            said(session, "l'eau ne coule plus", "node.js v1.2.3 breaks", lang="fr")
        assert find(db, "l'eau ") == ["l'eau ne coule plus"]
        assert find(db, "1.2.3 node.js ") == ["node.js v1.2.3 breaks"]

    def test_what_is_common_is_counted_up_to_a_bound_and_shown_newest_first(
        self, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in (("MOST_COUNTED", 10), ("SAMPLE", 8), ("NEWEST", 5)):
            monkeypatch.setattr(finding, name, value)
        monkeypatch.setattr("service.search.looking.MOST_COUNTED", 10)
        monkeypatch.setattr(finding, "ROWS", "SELECT 30 WHERE :table > ''")
        with db.begin() as session:
            said(session, *(f"login fails again {one}" for one in range(30)))
        assert find(db, "login ")[:2] == ["login fails again 0", "login fails again 1"]
        with db.begin() as session:
            search = search_for(session, MAIN, "login ", Narrowed())
            found = found_voices(search, Slice(size=3))
        assert (found.whole, found.is_more, len(found.hits)) == (10, True, 3)
        assert len(find(db, "login zebra ")) == 5


class TestNarrowing:
    @pytest.fixture(autouse=True)
    def voices(self, db: Database) -> None:
        with db.begin() as session:
            said(session, "the app crashes", kind="pain_point")
            said(session, "app をください", lang="ja", source="chats", kind="request")
            said(session, "app bitte", lang="de", source="chats", kind="request")
            said(session, "app", lang=None)

    def test_to_a_language(self, db: Database) -> None:
        assert find(db, "app", lang="en") == ["the app crashes"]
        assert find(db, "app", lang="ja") == ["app をください"]
        assert set(find(db, "app", lang="other")) == {"app bitte", "app"}

    def test_to_a_kind_and_a_source(self, db: Database) -> None:
        assert find(db, "app", kind="pain_point") == ["the app crashes"]
        assert set(find(db, "app", source="chats")) == {"app をください", "app bitte"}
        assert find(db, "app", source="nowhere") == []

    def test_to_a_time(self, db: Database) -> None:
        assert find(db, "app", since=NOW) == ["the app crashes"]
        assert "the app crashes" not in find(db, "app", until=NOW)
        assert find(db, "app", since=NOW, until=NOW) == []


class TestKeeping:
    def test_what_has_no_words_yet_gets_them_once_and_in_any_number_of_steps(
        self, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wording, "BATCH", 2)
        with db.begin() as session:
            said(session, *(f"login {one}" for one in range(5)))
        assert wording.catch_up_with_voices(db, MAIN) == 5
        assert wording.catch_up_with_voices(db, MAIN) == 0
        with db.begin() as session:
            session.execute(delete(SpanWords).where(col(SpanWords.id) == "s00003"))
        assert wording.catch_up_with_voices(db, MAIN) == 1

    def test_a_new_voice_is_found_as_soon_as_it_is_redacted(self, db: Database) -> None:
        with db.begin() as session:
            said(session, "before")
            session.add(
                Item(
                    id="new",
                    organisation_id=MAIN,
                    source_id="tickets",
                    external_id="new",
                    channel="review",
                    created_at=NOW,
                    version="1",
                    raw_title="The printer jams every morning",
                )
            )
        redact.run(db, MAIN)
        with db.begin() as session:
            search = search_for(session, MAIN, "printer jam", Narrowed())
            assert [hit.row.item.id for hit in found_voices(search, Slice(size=5)).hits] == ["new"]

    def test_what_is_set_aside_is_not_found(self, db: Database) -> None:
        with db.begin() as session:
            said(session, "login one", "login two")
            session.get_one(Item, "i00001").set_aside = "spam"
        assert find(db, "login") == ["login one"]

    def test_articles_have_words_after_a_run(self, read_demo_db: Database) -> None:
        with read_demo_db.begin() as session:
            count = select(func.count())
            assert (
                session.exec(count.select_from(PassageWords)).one()
                == session.exec(count.select_from(Passage)).one()
                > 0
            )
            assert passages.wordless(session, MAIN, after="", limit=5) == []


class TestNouns:
    def test_articles_are_found_by_their_best_passage(self, read_demo_db: Database) -> None:
        with read_demo_db.begin() as session:
            article = session.exec(select(Article).where(Article.lang == "en").order_by(Article.id)).first()
            assert article
            search = search_for(session, MAIN, article.title, Narrowed(lang="en"))
            hits = found_articles(search, Slice(size=5)).hits
        assert hits[0].row.article.id == article.id
        assert len({hit.row.article.id for hit in hits}) == len(hits)

    def test_themes_are_found_by_their_titles_and_by_what_is_said_in_them(
        self, read_demo_db: Database
    ) -> None:
        with read_demo_db.begin() as session:
            theme = session.exec(
                select(Theme).where(~col(Theme.retired), col(Theme.parent_id).is_(None), Theme.lang == "ja")
            ).first()
            assert theme
            search = search_for(session, MAIN, theme.title, Narrowed())
            found = found_themes(search, Slice(size=5))
            assert found.hits[0].row.theme.id == theme.id
            assert all(hit.row.said for hit in found.hits[:1])
            narrowed = search_for(session, MAIN, theme.title, Narrowed(lang="en"))
            assert theme.id not in {hit.row.theme.id for hit in found_themes(narrowed, Slice(size=9)).hits}

    def test_another_organisation_finds_nothing(self, demo_db: Database) -> None:
        north = an_organisation(demo_db, "north")
        with demo_db.begin() as session:
            for query in ("password", "ログイン", "CSV"):
                search = search_for(session, north, query, Narrowed())
                part = Slice(size=5)
                assert [
                    look(search, part).total for look in (found_voices, found_themes, found_articles)
                ] == [0, 0, 0]


class TestPage:
    def test_it_leads_from_the_field_of_every_page_to_everything_that_was_found(
        self, demo_pages: httpx.Client
    ) -> None:
        assert 'action="/search"' in demo_pages.get("/glossary").text
        page = demo_pages.get("/search?q=password").text
        assert "<mark>password</mark>" in page.lower()
        for noun in ("themes", "voices", "articles"):
            assert f"/search?q=password&amp;in={noun}" in page

    def test_a_number_opens_to_as_many_voices(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/search?q=password").text
        (count,) = re.findall(r'in=voices">(\d+) voices</a>', page)
        listed = demo_pages.get("/search?q=password&in=voices").text
        assert f"{count} voices for" in listed
        assert listed.count("<li data-row") == min(int(count), PAGE)

    def test_pages_follow_each_other_without_a_voice_twice(self, demo_pages: httpx.Client) -> None:
        pages = [demo_pages.get(f"/search?q=app&in=voices&page={page}").text for page in (1, 2)]
        first, second = (set(re.findall(r'name="span" value="(\w+)"', page)) for page in pages)
        assert len(first) == PAGE
        assert second
        assert not first & second

    def test_what_was_typed_is_shown_as_it_was_typed_and_never_run(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/search", params={"q": '"><script>alert(1)</script>'}).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

    @pytest.mark.parametrize("query", ODD)
    def test_whatever_is_typed_is_answered(self, demo_pages: httpx.Client, query: str) -> None:
        for noun in ("", "themes", "voices", "articles"):
            assert demo_pages.get("/search", params={"q": query, "in": noun}).status_code == 200

    def test_where_nothing_is_found_it_says_what_to_do(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/search?q=xylophone&in=voices&kind=praise").text
        assert "Nothing was found for “xylophone”." in page
        assert "Search without filters" in page
        assert "/glossary" in page
        assert "no word in it" in demo_pages.get("/search?q=?!").text

    def test_a_sign_that_no_text_holds_is_refused_in_words(self, demo_pages: httpx.Client) -> None:
        assert demo_pages.get("/search?q=%00").status_code == 400

    def test_without_a_word_it_asks_for_one(self, empty_pages: httpx.Client) -> None:
        assert "Type a word" in empty_pages.get("/search").text
        assert "Nothing was found" in empty_pages.get("/search?q=login").text

    def test_chosen_voices_lead_to_a_theme_of_their_own(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/search?q=slack&in=voices").text
        chosen = re.findall(r'name="span" value="(\w+)"', page)[:2]
        form = demo_pages.get("/themes/new", params={"q": "slack", "span": chosen}).text
        assert re.findall(r'name="span" value="(\w+)" checked', form) == chosen
        assert 'value="slack"' in form


class TestMeaning:
    """By the embedder that the demo's voices were read by, and by one that needs no weights."""

    def test_what_shares_no_word_is_found_by_what_it_means(self, read_demo_db: Database) -> None:
        reader = Reader(open_embedders)
        reader.wait(120)
        with read_demo_db.begin() as session:
            search = search_for(session, MAIN, "cannot sign in", Narrowed(), reader=reader)
            found = found_voices(search, Slice(size=50)).hits
            themes = found_themes(search, Slice(size=5)).hits
            articles = found_articles(search, Slice(size=5)).hits
        meant = [hit.row.span.text.lower() for hit in found if hit.how == "meaning"]
        assert any("log" in text or "password" in text for text in meant)
        assert themes
        assert articles
        with read_demo_db.begin() as session:
            alone = search_for(session, MAIN, "cannot sign in", Narrowed(), reader=reader, by_words=False)
            assert {hit.how for hit in found_voices(alone, Slice(size=50)).hits} == {"meaning"}
            ja = search_for(session, MAIN, "アプリが落ちる", Narrowed(), reader=reader, by_words=False)
            assert {hit.row.span.lang for hit in found_voices(ja, Slice(size=9)).hits} == {"ja"}
            narrowed = search_for(
                session, MAIN, "cannot sign in", Narrowed(kind="praise"), reader=reader, by_words=False
            )
            assert {hit.row.span.kind for hit in found_voices(narrowed, Slice(size=9)).hits} <= {"praise"}

    def test_every_vector_has_its_signs(self, read_demo_db: Database) -> None:
        with read_demo_db.begin() as session:
            count = select(func.count())
            vectors = session.exec(count.select_from(Embedding)).one()
            assert session.exec(count.select_from(VectorSigns)).one() == vectors > 0

    def test_one_text_that_many_write_does_not_fill_the_list(self, db: Database) -> None:
        embedder = HashingEmbedder()
        with db.begin() as session:
            said(session, *["nothing to report"] * 20, "nothing much to say")
            for span in session.exec(select(Span)):
                span.content_hash = "one" if span.text == "nothing to report" else "other"
            known = {"one": "nothing to report", "other": "nothing much to say"}
            vectors = embedder.embed(list(known.values()))
            embeddings.store(session, MAIN, embedder.name, list(known), vectors)
        wording.catch_up_with_voices(db, MAIN)
        reader = Reader(lambda: Embedders(default=embedder))
        reader.wait(10)
        with db.begin() as session:
            search = search_for(session, MAIN, "nothing to say", Narrowed(), reader=reader, by_words=False)
            shown = [hit.row.span.content_hash for hit in found_voices(search, Slice(size=50)).hits]
        assert sorted(shown) == ["one"] * 3 + ["other"]


class TestReader:
    def test_words_do_not_wait_for_models_that_are_being_loaded(self) -> None:
        loaded = threading.Event()

        def slowly() -> Embedders:
            loaded.wait(30)
            return Embedders(default=HashingEmbedder())

        reader = Reader(slowly)
        assert reader.read("login").state == "warming"
        loaded.set()
        reader.wait(30)
        reading = reader.read("login")
        assert (reading.state, [one.embedder for one in reading.meant]) == ("ready", [HashingEmbedder().name])

    def test_models_that_cannot_be_loaded_are_told_and_left_alone_for_a_while(self) -> None:
        tried: list[int] = []

        def in_vain() -> Embedders:
            tried.append(1)
            raise ModelMissing("The weights are not there.")

        reader = Reader(in_vain)
        reader.wait(10)
        assert [reader.read("login").state for _ in range(3)] == ["off"] * 3
        assert len(tried) == 1

    def test_nothing_personal_reaches_a_model(self) -> None:
        seen: list[str] = []

        class Watched(HashingEmbedder):
            def embed_batch(self, texts: Sequence[str]) -> Vectors:
                seen.extend(texts)
                return super().embed_batch(texts)

        reader = Reader(lambda: Embedders(default=Watched()))
        reader.wait(10)
        reader.read("mail from taro.yamada@example.com about 090-1234-5678")
        assert seen[-1].startswith("mail from [email]")
        assert "090" not in seen[-1]

    def test_nothing_is_loaded_before_somebody_searches(self) -> None:
        program = """
from service.app import create_app
from service.config import Settings
from service.db import Database
create_app(Database.at("postgresql+psycopg://"), Settings())
"""
        heavy = ("torch", "sentence_transformers", "sudachipy", "mcp")
        assert loaded(program, heavy) == "[]"


class TestApi:
    def test_a_program_finds_what_a_person_finds(self, demo_db: Database) -> None:
        with asking(demo_db, "read") as api:
            voices = api.get("/api/v1/search", params={"q": "password", "limit": 5}).json()
            assert voices["total"] >= len(voices["data"]) == 5
            voice = voices["data"][0]["voice"]
            start, end = voice["places"][0]
            assert voice["text"][start:end].lower() == "password"
            for noun, name in (("themes", "theme"), ("articles", "article")):
                found = api.get("/api/v1/search", params={"q": "password", "in": noun}).json()["data"]
                assert found[0][name]["title"]
            only = {"q": "password", "by": "words", "lang": "en", "kind": "question"}
            narrowed = api.get("/api/v1/search", params=only).json()
            assert narrowed["meaning"] == "off"
            assert {hit["voice"]["kind"] for hit in narrowed["data"]} == {"question"}

    @pytest.mark.parametrize(
        "wrong", [{}, {"q": ""}, {"q": "\0"}, {"q": "a", "in": "runs"}, {"q": "a", "limit": 0}, {"x": 1}]
    )
    def test_what_cannot_be_used_is_told(self, demo_db: Database, wrong: dict[str, str]) -> None:
        with asking(demo_db, "read") as api:
            assert api.get("/api/v1/search", params=wrong).status_code in (400, 422)
