"""Files that are given to the pages: looked at, changed, imported by the worker, and deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import func, select

from service.access.caller import Scope
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.jobs.queue import Queue
from service.jobs.sweep import sweep
from service.models import MAIN, Article, InboxEntry, Item, Source, Upload
from service.pipeline import bring_in
from service.pipeline.report import Stopped
from service.repositories import locks, sources
from service.rules.digests import Rhythm
from tests.access import OURS, a_token, an_organisation, by
from tests.calling import open_door
from tests.live import serving
from tests.uploading import TICKETS, Giver, workbook
from tests.waiting import until

KEY = "a key for tests alone"


@contextmanager
def giving(
    db: Database, url: str, scope: Scope = "write", *, organisation_id: str = MAIN, upload_mb: int = 4
) -> Iterator[Giver]:
    """The pages, as a program of a scope gives files to them."""
    settings = Settings(secret_key=SecretStr(KEY), database_url=url, upload_mb=upload_mb)
    rung: list[str] = []
    token = a_token(db, scope, organisation_id=organisation_id, name=f"{organisation_id} {scope}")
    with (
        serving(create_app(db, settings, ring_to_bring_in=rung.append)) as address,
        httpx.Client(base_url=address, headers={**OURS, **by(token)}, trust_env=False, timeout=60) as client,
    ):
        yield Giver(client=client, db=db, rung=rung)


@pytest.fixture
def giver(db: Database, url: str) -> Iterator[Giver]:
    with giving(db, url) as someone:
        yield someone


def count(db: Database, table: type[InboxEntry] | type[Item] | type[Upload] | type[Article]) -> int:
    with db.begin() as session:
        return session.exec(select(func.count()).select_from(table)).one()


class TestGiving:
    def test_shows_how_a_file_would_be_read_and_stores_nothing_of_it(self, giver: Giver) -> None:
        page = giver.see(giver.given("tickets.csv", TICKETS))
        assert "3 rows: what customers said" in page
        assert "3 can be imported, 0 would be refused." in page
        assert "recognised: utf-8" in page
        assert '<option value="comma" selected>commas' in page
        assert '<input id="source" name="source" maxlength="200" value="tickets">' in page
        assert (
            '<option value="text" selected>Text</option>'
            in page.partition('id="c2"')[2].partition("</td>")[0]
        )
        assert "The login fails every morning." in page
        assert count(giver.db, InboxEntry) == 0
        assert "3行：お客様の声" in giver.see(giver.given("tickets.csv", TICKETS), lang="ja")

    def test_masks_personal_data_in_what_it_shows(self, giver: Giver) -> None:
        page = giver.see(giver.given("tickets.csv", TICKETS))
        assert "aki@example.com" not in page
        assert "[email]" in page

    def test_shows_what_cells_hold_and_runs_none_of_it(self, giver: Giver) -> None:
        nasty = '<script>alert(1)</script>,"=HYPERLINK(""http://evil"")",<img src=x onerror=alert(1)>\n'
        place = giver.given("<b>.csv", "text,title,<i>\n" + nasty)
        raw = giver.client.get(place).text
        assert "<script>alert" not in raw
        assert "<img" not in raw
        assert "<i>" not in raw
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in raw
        assert "=HYPERLINK" in raw

    @pytest.mark.parametrize(
        ("name", "content", "english", "japanese"),
        [
            ("tickets.zip", b"PK\x03\x04", "Unpack it first", "展開してから"),
            ("tickets.xls", b"\xd0\xcf\x11\xe0", "Save it as .xlsx or CSV", ".xlsx か CSV"),
            ("tickets.exe", b"MZ", "does not read this kind of file", "この種類のファイルは読めません"),
            ("tickets.csv", b"", "This file is empty.", "ファイルが空です"),
        ],
    )
    def test_says_what_to_do_about_a_file_that_it_does_not_take(
        self, giver: Giver, name: str, content: bytes, english: str, japanese: str
    ) -> None:
        answer = giver.give(name, content)
        assert answer.status_code == 422
        assert name in answer.text
        assert english in unescape(answer.text)
        assert japanese in unescape(giver.give(name, content, lang="ja").text)
        assert count(giver.db, Upload) == 0

    def test_says_so_where_no_file_was_chosen(self, giver: Giver) -> None:
        answer = giver.client.post("/files", files={"file": ("", b"")}, headers={"Accept-Language": "en"})
        assert (answer.status_code, "Choose a file first." in answer.text) == (422, True)

    def test_takes_no_two_files_at_once(self, giver: Giver) -> None:
        two = [("file", ("a.csv", b"text\na\n")), ("file", ("b.csv", b"text\nb\n"))]
        assert giver.client.post("/files", files=two).status_code == 400
        assert count(giver.db, Upload) == 0

    def test_refuses_what_is_larger_than_it_may_be_before_reading_it(self, giver: Giver) -> None:
        answer = giver.give("large.csv", b"text\n" + b"x" * (5 << 20))
        assert answer.status_code == 413
        assert "larger than Koe takes" in answer.text

    def test_keeps_a_large_file_in_pieces(self, giver: Giver) -> None:
        content = b"text\n" + b"The export fails again.\n" * 150_000
        place = giver.given("large.csv", content)
        pieces = giver.pieces(place)
        assert b"".join(pieces) == content
        assert max(map(len, pieces)) == 1 << 20
        assert "More than 50,000 rows" in giver.see(place)

    def test_a_file_keeps_no_folder_in_its_name(self, giver: Giver) -> None:
        for name in ("../../etc/cron.d/x.csv", "C:\\secret\\x.csv", ".x.csv"):
            assert giver.upload(giver.given(name, TICKETS)).name == "x.csv"


class TestChanging:
    def test_shows_what_a_change_would_do_and_keeps_what_was_typed(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", TICKETS)
        of = giver.see(place).partition('name="of" value="')[2].partition('"')[0]
        page = giver.see(place, of=of, noun="feedback", source="desk", c1="text", channel="chat")
        assert 'value="desk"' in page
        assert '<option value="chat" selected>' in page
        assert page.count("selected>Text<") == 1
        twice = giver.see(place, of=of, noun="feedback", c1="text", c2="text")
        assert "Two columns are the same thing." in twice
        missing = giver.see(place, of=of, noun="feedback", c0="external_id")
        assert "Text or Title or subject or Messages" in missing

    def test_takes_columns_anew_where_the_rows_are_something_else(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", TICKETS)
        of = giver.see(place).partition('name="of" value="')[2].partition('"')[0]
        page = giver.see(place, of=of, noun="articles", c0="", c1="", c2="")
        assert '<option value="body" selected>Body' in page

    def test_reads_japanese_files_of_windows_and_other_delimiters(self, giver: Giver) -> None:
        cells = "件名;本文;受付日時\nログイン;ログインできません。;2026/05/03\n".encode("cp932")
        page = giver.see(giver.given("問い合わせ.csv", cells))
        assert "recognised: cp932" in page
        assert '<option value="semicolon" selected>' in page
        assert "ログインできません。" in page
        assert "This file cannot be read like this." in giver.see(
            giver.given("tickets.csv", TICKETS), encoding="utf-16"
        )

    def test_reads_the_sheet_that_was_chosen(self, giver: Giver) -> None:
        book = workbook({"cover": [["nothing here"]], "data": [["text"], ["It prints twice."]]})
        place = giver.given("book.xlsx", book)
        assert "It prints twice." not in giver.see(place)
        chosen = giver.see(place, sheet="data")
        assert "It prints twice." in chosen
        assert giver.start(place, {"sheet": "data", "source": "book"}).status_code == 303
        giver.work()
        assert giver.upload(place).report["stored"] == 1

    def test_tells_what_would_be_refused_in_the_readers_language(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", "text,date\nIt fails.,yesterday\n,2026-05-03\n")
        assert "Row 2: Created: “yesterday” is no date" in giver.see(place)
        japanese = giver.see(place, lang="ja")
        assert "2行目：受付日時：「yesterday」は日付ではありません" in japanese
        assert "1行も取り込めません" in japanese

    def test_a_zone_that_is_none_is_told_beside_its_field(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", TICKETS)
        answer = giver.start(place, {"timezone": "Nowhere", "source": "desk"})
        assert answer.status_code == 422
        assert 'id="timezone-error"' in answer.text
        assert 'value="Nowhere"' in answer.text
        assert 'value="desk"' in answer.text

    def test_a_file_with_nothing_but_names_of_columns_cannot_be_imported(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", "text,created_at\n")
        assert "Not one row can be imported" in giver.see(place)
        assert giver.start(place).status_code == 422
        assert giver.upload(place).state == "waiting"


class TestImporting:
    def test_stores_each_row_once_says_who_and_deletes_the_file(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", TICKETS)
        assert giver.start(place).status_code == 303
        until(lambda: giver.rung == [MAIN])  # it is rung once the answer has left
        assert "The rows are being stored." in giver.see(place)
        giver.work()
        page = giver.see(place)
        assert "3 new, 0 known already, 0 refused." in page
        assert "Imported by <span>token main write</span>" in page
        assert "The file itself is deleted." in page
        assert "Too few voices for a theme." in page
        assert giver.pieces(place) == []
        assert count(giver.db, Item) == 3
        assert "Imported" in giver.see("/files")

    def test_a_form_that_is_sent_twice_imports_once(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", TICKETS)
        assert [giver.start(place).status_code for _ in range(2)] == [303, 303]
        giver.work()
        assert giver.start(place, {"source": "another"}).status_code == 303
        giver.work()
        assert (count(giver.db, Item), giver.upload(place).source) == (3, "tickets")

    def test_the_same_file_once_more_adds_nothing(self, giver: Giver) -> None:
        for _ in range(2):
            place = giver.brought("tickets.csv", TICKETS)
        assert "0 new, 3 known already, 0 refused." in giver.see(place)
        assert count(giver.db, Item) == 3

    def test_lists_refused_rows_without_personal_data(self, giver: Giver) -> None:
        place = giver.brought("t.csv", "text,date\nIt fails.,2026-05-03\nNo.,aki@example.com\n")
        page = giver.see(place)
        assert "One row was refused" in page
        assert "Row 3: Created: “[email]” is no date" in page
        assert "1行を取り込めませんでした" in giver.see(place, lang="ja")

    def test_a_mapping_holds_for_the_whole_import(self, giver: Giver) -> None:
        place = giver.given("t.csv", "text,comment\nnot this,The printer jams.\n")
        of = giver.see(place).partition('name="of" value="')[2].partition('"')[0]
        giver.start(place, {"of": of, "noun": "feedback", "source": "t", "c1": "text"})
        giver.work()
        with giver.db.begin() as session:
            assert session.exec(select(Item.text)).all() == ["The printer jams."]

    def test_other_rows_than_voices_lead_to_where_they_are_seen(self, giver: Giver) -> None:
        place = giver.brought("help.csv", "title,body,audience\nReset,Open the settings.,public\n")
        assert count(giver.db, Article) == 1
        page = giver.see(place)
        assert "The file is imported: help articles." in page
        assert 'href="/articles"' in page

    def test_an_import_that_fails_leaves_the_file_to_be_read_otherwise(self, giver: Giver) -> None:
        place = giver.given("t.csv", TICKETS)
        giver.start(place, {"source": "desk"})
        with giver.db.begin() as session:
            session.execute(
                text("UPDATE upload SET noun = 'customers', options = options || '{\"mapping\": {}}'")
            )
        giver.work()
        page = giver.see(place)
        assert "The import did not succeed." in page
        assert 'value="desk"' in page
        assert giver.pieces(place)
        assert giver.start(place, {"source": "desk"}).status_code == 303
        giver.work()
        assert giver.upload(place).state == "done"

    def test_goes_on_with_a_file_that_a_stopped_worker_left(self, giver: Giver) -> None:
        def stop(stage: str, done: int, total: int) -> None:  # noqa: ARG001  as Progress wants it
            raise Stopped

        place = giver.given("tickets.csv", TICKETS)
        giver.start(place)
        with pytest.raises(Stopped):
            bring_in.run(giver.db, MAIN, progress=stop)
        assert giver.upload(place).state == "asked"
        giver.work()
        assert (giver.upload(place).state, count(giver.db, Item)) == ("done", 3)

    def test_leaves_a_file_alone_that_another_worker_is_at(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", TICKETS)
        giver.start(place)
        with giver.db.begin() as other:
            assert locks.try_to_hold(other, bring_in.STAGE, giver.upload(place).id)
            assert bring_in.run(giver.db, MAIN).done == 0
        assert bring_in.run(giver.db, MAIN).done == 1

    def test_gives_up_a_file_that_ends_its_worker_time_and_again(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", TICKETS)
        giver.start(place)
        with giver.db.begin() as session:
            session.execute(text("UPDATE upload SET tries = 5"))
        giver.work()
        assert "cut off five times" in giver.see(place)

    def test_the_page_has_news_whenever_a_file_gets_further(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", TICKETS)
        giver.start(place)
        marks = [giver.client.get(f"{place}/live").json()["mark"] for _ in range(2)]
        giver.work()
        marks.append(giver.client.get(f"{place}/live").json()["mark"])
        assert marks[0] == marks[1] != marks[2]

    def test_says_so_where_no_worker_is_there(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", TICKETS)
        giver.start(place)
        assert "No worker is running" in giver.see(place)
        assert "ワーカーが動いていない" in giver.see(place, lang="ja")


class TestKeeping:
    def test_a_file_is_thrown_away_at_once(self, giver: Giver) -> None:
        place = giver.given("tickets.csv", TICKETS)
        answer = giver.client.post(f"{place}/drop")
        assert "tickets.csv</span> was deleted." in giver.see(answer.headers["location"])
        assert giver.pieces(place) == []
        assert "This file was deleted." in giver.see(place)
        assert giver.start(place).status_code == 303
        assert giver.upload(place).state == "gone"

    def test_a_file_that_nobody_imports_is_gone_after_a_day(self, giver: Giver) -> None:
        old, young = (giver.given("tickets.csv", TICKETS) for _ in range(2))
        with giver.db.begin() as session:
            wanted = {"id": old.rpartition("/")[2]}
            session.execute(
                text("UPDATE upload SET created_at = created_at - interval '25 hours' WHERE id = :id"), wanted
            )
        sweep(giver.db, Queue(giver.db), rhythm=Rhythm())
        assert (giver.pieces(old), giver.upload(old).state) == ([], "gone")
        assert giver.pieces(young) == [TICKETS.encode()]

    def test_a_sweep_asks_for_files_that_wait_for_their_import(self, giver: Giver) -> None:
        giver.start(giver.given("tickets.csv", TICKETS))
        sweep(giver.db, Queue(giver.db), rhythm=Rhythm())
        with giver.db.begin() as session:
            asked = session.execute(text("SELECT task_name FROM procrastinate_jobs")).scalars().all()
        assert "bring_in" in asked


class TestWhoMay:
    def test_readers_look_and_give_nothing(self, giver: Giver, db: Database, url: str) -> None:
        place = giver.given("tickets.csv", TICKETS)
        with giving(db, url, "read") as reader:
            assert reader.give("tickets.csv", TICKETS).status_code == 403
            for form in ("start", "drop"):
                assert reader.client.post(f"{place}/{form}").status_code == 403
            assert 'method="post"' not in reader.see(place)
            assert 'type="file"' not in reader.see("/files")
        assert giver.upload(place).state == "waiting"

    def test_another_organisation_finds_none_of_it(self, giver: Giver, db: Database, url: str) -> None:
        place = giver.given("tickets.csv", TICKETS)
        an_organisation(db, "north")
        with giving(db, url, "admin", organisation_id="north") as north:
            assert "tickets.csv" not in north.see("/files")
            assert north.client.get(place).status_code == 404
            for form in ("start", "drop"):
                assert north.client.post(f"{place}/{form}").status_code == 404
        assert giver.pieces(place) == [TICKETS.encode()]

    def test_a_name_that_another_organisation_has_is_taken(self, giver: Giver, db: Database) -> None:
        an_organisation(db, "north")
        with db.begin() as session:
            sources.open_source(session, "north", "desk", kind="file")
        place = giver.given("tickets.csv", TICKETS)
        answer = giver.start(place, {"source": "desk"})
        assert (answer.status_code, "This name is taken." in answer.text) == (409, True)

    def test_only_administrators_add_files_to_what_is_connected(
        self, giver: Giver, db: Database, url: str
    ) -> None:
        open_door(db, "desk")
        place = giver.given("tickets.csv", TICKETS)
        answer = giver.start(place, {"source": "desk"})
        assert (answer.status_code, "connected system" in answer.text) == (403, True)
        with giving(db, url, "admin") as admin:
            assert admin.start(place, {"source": "desk"}).status_code == 303

    def test_what_another_site_sends_is_refused(self, giver: Giver) -> None:
        answer = giver.client.post(
            "/files",
            files={"file": ("t.csv", b"text\na\n")},
            headers={"Sec-Fetch-Site": "cross-site", "Authorization": ""},
        )
        assert answer.status_code in (401, 403)
        assert count(giver.db, Upload) == 0


class TestTheWebhook:
    def test_is_made_once_and_shown_with_a_line_that_tries_it(self, db: Database, url: str) -> None:
        with giving(db, url, "admin") as admin:
            pages = [
                admin.client.post(
                    "/files/webhook", data={"name": "webhook"}, headers={"Accept-Language": "en"}
                )
                for _ in range(2)
            ]
            assert [page.status_code for page in pages] == [200, 200]
            assert all("curl -sS" in page.text and "/webhooks/webhook" in page.text for page in pages)
            with db.begin() as session:
                assert session.exec(select(Source.name)).all() == ["webhook"]
            assert 'value="webhook-2"' in admin.see("/files")
            assert admin.client.get("/files/webhook").headers["location"] == "/files"

    def test_is_made_by_administrators_under_a_name_that_an_address_can_hold(
        self, giver: Giver, db: Database, url: str
    ) -> None:
        assert giver.client.post("/files/webhook", data={"name": "webhook"}).status_code == 403
        with giving(db, url, "admin") as admin:
            answer = admin.client.post("/files/webhook", data={"name": "a b"})
            assert (answer.status_code, 'value="a b"' in answer.text) == (422, True)
            with db.begin() as session:
                sources.open_source(session, an_organisation(db, "north"), "north-desk", kind="file")
            assert admin.client.post("/files/webhook", data={"name": "north-desk"}).status_code == 409
