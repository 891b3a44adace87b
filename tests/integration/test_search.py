"""Searching: what is found by which words, how it is narrowed, and what the page says of it."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlmodel import Session, col, delete, func, select

from service.db import Database
from service.models import (
    MAIN,
    Article,
    Item,
    Organisation,
    Passage,
    PassageWords,
    Source,
    Span,
    SpanWords,
    Theme,
)
from service.pipeline import redact, wording
from service.repositories import finding, glossary, passages
from service.repositories.finding import Narrowed
from service.rules.glossary import Wording
from service.search.looking import Slice, found_articles, found_themes, found_voices, search_for
from service.web.search import PAGE
from tests.access import an_organisation

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
