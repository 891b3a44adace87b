"""Files into the database: every row once, every broken one listed, nothing lost."""

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import text
from sqlmodel import col, select

from connectors.errors import Unreadable
from service.db import Database
from service.errors import Conflict, WrongUse
from service.imports import ImportReport, Options, import_file
from service.models import (
    MAIN,
    Account,
    Article,
    Event,
    InboxEntry,
    Intervention,
    Item,
    Message,
    Organisation,
    Search,
)
from service.models.columns import digest
from service.pipeline import ingest, redact
from service.repositories import articles, items

HEADER = "external_id,text,created_at"


def take(
    db: Database,
    path: Path,
    data: str | bytes | None = None,
    *,
    noun: str = "feedback",
    source: str = "tickets",
    **options: Any,
) -> ImportReport:
    """Import a file (written first, if `data` is given) and make items of it."""
    if data is not None:
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    report = import_file(db, MAIN, noun, path, source=source, options=Options(**options))
    assert report.received == report.stored + report.duplicates + report.rejected
    ingest.run(db, MAIN)
    return report


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.stored, report.duplicates, report.updated, report.rejected


def stored(db: Database) -> dict[str, list[str]]:
    """Return what each item says: its title, if any, and its messages."""
    with db.begin() as session:
        said: dict[str, list[str]] = {
            item.external_id: [item.raw_title] if item.raw_title else []
            for item in session.exec(select(Item).order_by(col(Item.external_id)))
        }
        query = (
            select(Item.external_id, Message.raw)
            .join(Message, col(Message.item_id) == Item.id)
            .order_by(col(Message.position))
        )
        for external_id, words in session.exec(query):
            said[external_id].append(words or "")
    return said


def only_item(db: Database) -> Item:
    with db.begin() as session:
        return session.exec(select(Item)).one()


def workbook(path: Path, rows: list[list[object]]) -> None:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(path)


class TestForms:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp932"])
    @pytest.mark.parametrize("delimiter", [",", "\t", ";"])
    def test_tables_in_any_encoding(
        self, db: Database, tmp_path: Path, encoding: str, delimiter: str
    ) -> None:
        lines = [
            ["問い合わせID", "件名", "本文", "受付日時"],
            ["1", "ログイン", "ログインできません", "2026年5月3日"],
        ]
        data = "\r\n".join(delimiter.join(cells) for cells in lines).encode(encoding)
        report = take(db, tmp_path / "tickets.csv", data)
        assert counts(report) == (1, 0, 0, 0)
        assert stored(db) == {"1": ["ログイン", "ログインできません"]}
        assert only_item(db).created_at == datetime(2026, 5, 2, 15, tzinfo=UTC)

    def test_an_encoding_may_be_given(self, db: Database, tmp_path: Path) -> None:
        report = take(db, tmp_path / "a.csv", "id,text\n1,überhaupt\n".encode("latin-1"), encoding="latin-1")
        assert report.encoding == "iso8859-1"
        assert stored(db) == {"1": ["überhaupt"]}

    def test_json_lines_with_messages(self, db: Database, tmp_path: Path) -> None:
        record = {
            "id": 17,
            "subject": "Export",
            "messages": [
                {
                    "author_role": "customer",
                    "text": "<p>It is <b>slow</b></p>",
                    "created_at": "2026-05-03T00:00:00Z",
                },
                {"role": "admin", "body": "Sorry!", "id": "m2"},
            ],
            "tags": ["export", "slow"],
        }
        take(db, tmp_path / "a.jsonl", json.dumps(record))
        item = only_item(db)
        assert stored(db) == {"17": ["Export", "It is slow", "Sorry!"]}
        assert (item.tags, item.created_at) == (["export", "slow"], datetime(2026, 5, 3, tzinfo=UTC))
        with db.begin() as session:
            said = items.messages(session, MAIN, item.id)
        assert [(message.author_role, message.external_id) for message in said] == [
            ("customer", None),
            ("agent", "m2"),
        ]

    def test_messages_and_tags_as_json_in_cells_hold_no_nul(self, db: Database, tmp_path: Path) -> None:
        cells = r'''1,"[{""text"": ""nul \u0000 lone \ud800""}]","[""a\u0000""]"'''
        report = take(db, tmp_path / "a.csv", f"id,messages,tags\n{cells}\n")
        assert counts(report) == (1, 0, 0, 0)
        assert stored(db) == {"1": ["nul \ufffd lone \ufffd"]}
        assert only_item(db).tags == ["a\ufffd"]

    def test_a_number_too_large_for_anything_costs_its_row_only(self, db: Database, tmp_path: Path) -> None:
        huge = "1" + "0" * 400
        rows = f'{{"id": 1, "text": "a", "created_at": {huge}}}\n{{"id": 2, "text": "b"}}\n'
        assert counts(take(db, tmp_path / "a.jsonl", rows)) == (1, 0, 0, 1)
        views = take(db, tmp_path / "b.csv", f"id,title,views\n1,T,{huge}\n", noun="articles", source="help")
        assert counts(views) == (1, 0, 0, 0)

    @pytest.mark.parametrize("name", ["nul\0", "\udc80", "line\nbreak", "x" * 300])
    def test_a_source_needs_a_name_that_can_be_shown(self, db: Database, tmp_path: Path, name: str) -> None:
        with pytest.raises(WrongUse):
            take(db, tmp_path / "a.csv", "id,text\n1,a\n", source=name)

    def test_a_language_that_is_none_is_refused(self, db: Database, tmp_path: Path) -> None:
        with pytest.raises(WrongUse):
            take(db, tmp_path / "a.csv", "id,text\n1,a\n", lang="Klingon")

    def test_a_workbook_with_real_dates_and_numbers(self, db: Database, tmp_path: Path) -> None:
        workbook(
            tmp_path / "a.xlsx",
            [["ID", "内容", "受付日"], [1.0, "遅い", datetime(2026, 5, 3, 9)], [2, "よい", 46145]],  # noqa: DTZ001
        )
        report = take(db, tmp_path / "a.xlsx", channel="survey")
        assert (report.encoding, counts(report)) == ("binary", (2, 0, 0, 0))
        assert stored(db) == {"1": ["遅い"], "2": ["よい"]}

    def test_a_parquet_file_with_times_and_messages(self, db: Database, tmp_path: Path) -> None:
        at = datetime(2026, 5, 3, 9, tzinfo=UTC)
        said = [
            {"author_role": "customer", "text": "遅い", "created_at": at},
            {"role": "agent", "text": "確認します"},
        ]
        table = pa.table(
            {
                "external_id": [1, 2],
                "messages": [said, None],
                "text": [None, "よい"],
                "created_at": pa.array([at, at], pa.timestamp("ns", "Asia/Tokyo")),
                "rating": pa.array([Decimal("2.0"), None], pa.decimal128(3, 1)),
            }
        )
        pq.write_table(table, tmp_path / "a.parquet")
        report = take(db, tmp_path / "a.parquet")
        assert (report.encoding, counts(report)) == ("binary", (2, 0, 0, 0))
        assert stored(db) == {"1": ["遅い", "確認します"], "2": ["よい"]}
        with db.begin() as session:
            found = session.exec(select(Item).order_by(col(Item.external_id))).all()
            assert [(item.created_at, item.rating) for item in found] == [(at, 2.0), (at, None)]

    def test_a_folder_of_notes(self, db: Database, tmp_path: Path) -> None:
        (tmp_path / "notes").mkdir()
        (tmp_path / "notes" / "b.md").write_text("# Aya\n\nInterviewer: Why?\nAya: It is slow.\n")
        (tmp_path / "notes" / "2026-05-03.txt").write_text("She likes it.")
        (tmp_path / "notes" / "photo.png").write_bytes(b"\x89PNG")
        report = take(db, tmp_path / "notes", source="interviews")
        assert counts(report) == (2, 0, 0, 1)
        assert report.rejects[0][1].startswith("photo.png: ")
        assert stored(db) == {
            "2026-05-03.txt": ["2026-05-03", "She likes it."],
            "b.md": ["Aya", "Why?", "It is slow."],
        }
        with db.begin() as session:
            found = session.exec(select(Item).order_by(col(Item.external_id))).all()
        assert [item.channel for item in found] == ["interview", "interview"]
        assert found[0].created_at == datetime(2026, 5, 2, 15, tzinfo=UTC)
        assert counts(take(db, tmp_path / "notes", source="interviews")) == (0, 2, 0, 1)


class TestOnce:
    def test_the_same_file_twice_stores_nothing_twice(self, db: Database, tmp_path: Path) -> None:
        data = f"{HEADER}\n1,a,2026-05-03\n2,b,2026-05-03\n"
        assert counts(take(db, tmp_path / "a.csv", data)) == (2, 0, 0, 0)
        before = stored(db)
        assert counts(take(db, tmp_path / "b.csv", data)) == (0, 2, 0, 0)
        assert stored(db) == before

    def test_equal_answers_of_two_people_stay_two_and_come_once(self, db: Database, tmp_path: Path) -> None:
        data = "text,created_at\nなし,2026-05-03\nなし,2026-05-03\nよい,2026-05-03\n"
        assert counts(take(db, tmp_path / "a.csv", data)) == (3, 0, 0, 0)
        assert sorted(stored(db).values()) == [["なし"], ["なし"], ["よい"]]
        assert counts(take(db, tmp_path / "a.csv", data)) == (0, 3, 0, 0)
        assert counts(take(db, tmp_path / "a.csv", data + "なし,2026-05-03\n")) == (1, 3, 0, 0)

    def test_a_file_without_days_comes_once_though_it_is_copied(self, db: Database, tmp_path: Path) -> None:
        report = take(db, tmp_path / "a.csv", "id,text\n1,a\n")
        assert "1 rows say no day" in report.notes[0]
        os.utime(tmp_path / "a.csv", (1_000_000_000, 1_000_000_000))
        assert counts(take(db, tmp_path / "a.csv")) == (0, 1, 0, 0)

    def test_two_rows_with_one_id_are_versions_and_the_newest_counts(
        self, db: Database, tmp_path: Path
    ) -> None:
        data = "id,text,updated_at\n1,new,2026-05-04\n1,old,2026-05-03\n1,new,2026-05-04\n"
        assert counts(take(db, tmp_path / "a.csv", data)) == (1, 2, 1, 0)
        assert stored(db) == {"1": ["new"]}

    def test_without_times_the_later_row_counts_and_the_report_says_so(
        self, db: Database, tmp_path: Path
    ) -> None:
        report = take(db, tmp_path / "a.csv", f"{HEADER}\n1,old,2026-05-03\n1,new,2026-05-03\n")
        assert counts(report) == (1, 1, 1, 0)
        assert stored(db) == {"1": ["new"]}
        assert report.notes[0].startswith("1 rows repeat the id of an earlier row and say something else")
        with db.begin() as session:
            assert len(session.exec(select(InboxEntry)).all()) == 2

    def test_the_answers_of_one_respondent_are_told_apart(self, db: Database, tmp_path: Path) -> None:
        answers = [
            f"r{person},{field},{field} of {person},2026-05-03" for person in range(3) for field in "pq"
        ]
        data = "\n".join(["response_id,設問区分,text,回答日時", *answers])
        report = take(db, tmp_path / "a.csv", data)
        assert counts(report) == (6, 0, 0, 0)
        assert stored(db)["r1/q"] == ["q of 1"]
        assert "“設問区分”" in report.notes[0]
        # A later file of the same source is read alike, though nothing in it repeats.
        later = "response_id,設問区分,text,回答日時\nr1,q,q of 1,2026-05-03\nr9,p,new,2026-05-03\n"
        assert counts(take(db, tmp_path / "b.csv", later)) == (1, 1, 0, 0)

    def test_the_ratings_of_a_file_share_a_scale(self, db: Database, tmp_path: Path) -> None:
        report = take(db, tmp_path / "a.csv", "id,text,評価\n1,a,10\n2,b,5\n3,c,\n")
        assert "Ratings were read as points from 0 to 10." in report.notes
        with db.begin() as session:
            found = session.exec(select(Item.rating).order_by(col(Item.external_id))).all()
        assert list(found) == [5, 3, None]

    def test_a_changed_item_is_redacted_anew(self, db: Database, tmp_path: Path) -> None:
        take(db, tmp_path / "a.csv", f"{HEADER}\n1,old,2026-05-03\n")
        with db.begin() as session:
            session.execute(text("UPDATE item SET text = 'old', set_aside = 'spam'"))
            session.execute(
                text(
                    'INSERT INTO span (id, organisation_id, item_id, start, "end", text, kind, '
                    "kind_confidence, content_hash) "
                    "SELECT 's', organisation_id, id, 0, 3, 'old', 'other', 0, 'h' FROM item"
                )
            )
        take(db, tmp_path / "a.csv", f"{HEADER}\n1,old,2026-05-03\n")
        assert only_item(db).text == "old"
        take(db, tmp_path / "a.csv", f"{HEADER}\n1,new,2026-05-03\n")
        item = only_item(db)
        assert (item.text, item.set_aside) == (None, None)
        assert stored(db) == {"1": ["new"]}
        redact.run(db, MAIN)
        with db.begin() as session:
            assert session.execute(text("SELECT text FROM span")).scalars().all() == ["new"]

    def test_ids_are_made_of_content(self, db: Database, tmp_path: Path) -> None:
        take(db, tmp_path / "a.csv", f"{HEADER}\n1,a,2026-05-03\n")
        assert only_item(db).id == digest(MAIN, "tickets", "1")


class TestBadInput:
    def test_broken_rows_are_listed_and_the_rest_is_stored(self, db: Database, tmp_path: Path) -> None:
        rows = [
            b"1,fine,2026-05-03",
            b"2,too,many,cells",
            b'3,"not closed,2026-05-03',
            b"4,\xff\xfe,2026-05-03",
            b"5,no date,2026-02-30",
            b"6,,2026-05-03",
            b"7,few",
            "8,こんにちは,2026-05-03".encode(),
            f"{'9' * 501},long id,2026-05-03".encode(),
            b"10,fine,2026-05-03",
        ]
        report = take(db, tmp_path / "a.csv", HEADER.encode() + b"\n" + b"\n".join(rows) + b"\n")
        assert counts(report) == (3, 0, 0, 7)
        assert [line for line, _ in report.rejects] == [3, 4, 5, 6, 7, 8, 10]
        assert report.rejects[3][1] == "created_at: “2026-02-30” is no date"
        assert report.rejects[4][1] == "no text"
        assert list(stored(db)) == ["1", "10", "8"]

    def test_nul_and_lone_surrogates_become_replacement_characters(
        self, db: Database, tmp_path: Path
    ) -> None:
        take(db, tmp_path / "a.jsonl", '{"id": "1", "text": "a\\u0000b\\ud800c"}\n')
        take(db, tmp_path / "b.csv", b"id,text\n2,a\x00b" + "\ud800c\n".encode("utf-8", "surrogatepass"))
        assert stored(db) == {"1": ["a\ufffdb\ufffdc"], "2": ["a\ufffdb\ufffdc"]}

    def test_a_cell_of_ten_megabytes_is_kept(self, db: Database, tmp_path: Path) -> None:
        cell = "0123456789" * 1_000_000
        assert counts(take(db, tmp_path / "a.csv", f"id,text\n1,{cell}\n2,b\n")) == (2, 0, 0, 0)
        assert stored(db) == {"1": [cell], "2": ["b"]}

    @pytest.mark.parametrize(
        ("noun", "missing"),
        [("feedback", "text"), ("articles", "title"), ("accounts", "account_id"), ("interventions", "theme")],
    )
    def test_a_missing_column_is_named(self, db: Database, tmp_path: Path, noun: str, missing: str) -> None:
        with pytest.raises(WrongUse, match=f"“foo”, “bar”.*--map {missing}=COLUMN"):
            take(db, tmp_path / "a.csv", "foo,bar\n1,2\n", noun=noun)

    def test_a_wrong_mapping_says_what_exists(self, db: Database, tmp_path: Path) -> None:
        with pytest.raises(WrongUse, match="its columns are “foo”"):
            take(db, tmp_path / "a.csv", "foo\n1\n", mapping={"text": "baz"})
        assert counts(take(db, tmp_path / "a.csv", "foo\n1\n", mapping={"text": "foo"})) == (1, 0, 0, 0)

    def test_an_empty_file_and_an_empty_folder_are_refused(self, db: Database, tmp_path: Path) -> None:
        with pytest.raises(Unreadable, match="empty"):
            take(db, tmp_path / "a.csv", "")
        (tmp_path / "folder").mkdir()
        with pytest.raises(Unreadable, match="holds no files"):
            take(db, tmp_path / "folder")

    def test_wrong_options_are_refused(self, db: Database, tmp_path: Path) -> None:
        with pytest.raises(WrongUse, match="no channel"):
            take(db, tmp_path / "a.csv", "text\na\n", channel="fax")
        with pytest.raises(WrongUse, match="no time zone"):
            take(db, tmp_path / "a.csv", "text\na\n", timezone="Mars")
        with pytest.raises(WrongUse, match="cannot be imported"):
            take(db, tmp_path / "a.csv", "text\na\n", noun="poems")

    def test_a_source_belongs_to_one_organisation(self, db: Database, tmp_path: Path) -> None:
        take(db, tmp_path / "a.csv", "text\na\n")
        with db.begin() as session:
            session.add(Organisation(id="other", name="Other"))
        with pytest.raises(Conflict, match="taken"):
            import_file(db, "other", "feedback", tmp_path / "a.csv", source="tickets", options=Options())

    def test_a_body_that_fits_nothing_is_set_aside_with_its_reason(
        self, db: Database, tmp_path: Path
    ) -> None:
        take(db, tmp_path / "a.csv", "text\na\n")
        with db.begin() as session:
            session.execute(
                text("UPDATE inbox SET state = 'pending', body = :body"), {"body": b'{"external_id": 1}'}
            )
        report = ingest.run(db, MAIN)
        assert (report.done, report.failed) == (0, 1)
        with db.begin() as session:
            entry = session.exec(select(InboxEntry)).one()
        assert (entry.state, entry.reason) == ("dead", "external_id: Input should be a valid string")


class TestThreads:
    def test_rows_of_one_thread_make_one_item(self, db: Database, tmp_path: Path) -> None:
        data = (
            "conversationId,turnNumber,sender,utterance\n"
            "t1,2,agent,Sorry to hear\nt1,10,customer,Thanks\nt1,1,customer,It is slow\nt2,1,customer,Hello\n"
        )
        report = take(db, tmp_path / "a.csv", data)
        assert counts(report) == (4, 0, 0, 0)
        assert stored(db) == {"t1": ["It is slow", "Sorry to hear", "Thanks"], "t2": ["Hello"]}
        assert counts(take(db, tmp_path / "a.csv", data)) == (0, 4, 0, 0)
        more = data + "t2,2,bot,How can I help?\n"
        assert counts(take(db, tmp_path / "a.csv", more)) == (1, 4, 0, 0)
        assert stored(db)["t2"] == ["Hello", "How can I help?"]

    def test_the_channel_of_a_thread_is_chat(self, db: Database, tmp_path: Path) -> None:
        take(db, tmp_path / "a.csv", "thread_id,text\nt,a\n")
        assert only_item(db).channel == "chat"

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(order=st.permutations(range(6)))
    def test_items_are_the_same_in_whatever_order_files_come(
        self, db: Database, tmp_path: Path, order: list[int]
    ) -> None:
        with db.begin() as session:
            session.execute(text("DELETE FROM item"))
            session.execute(text("DELETE FROM inbox"))
        versions = [("1", "a"), ("1", "b"), ("1", "c"), ("2", "a"), ("2", "b"), ("2", "c")]
        for number in order:
            external_id, words = versions[number]
            when = f"2026-05-{3 + 'abc'.index(words):02}"
            take(db, tmp_path / "a.csv", f"id,text,updated_at\n{external_id},{words},{when}\n")
        assert stored(db) == {"1": ["c"], "2": ["c"]}


class TestOtherNouns:
    def test_articles_are_plain_text_and_the_newest_version_stays(self, db: Database, tmp_path: Path) -> None:
        def article(body: str, updated: str) -> str:
            return json.dumps(
                {"slug": "a", "title": "Log in", "body": body, "updated_at": updated, "locale": "en-GB"}
            )

        first = take(
            db, tmp_path / "a.jsonl", article("<p>Press <b>it</b></p>", "2026-05-03"), noun="articles"
        )
        assert counts(first) == (1, 0, 0, 0)
        with db.begin() as session:
            found = session.exec(select(Article)).one()
            session.execute(
                text(
                    'INSERT INTO passage (id, organisation_id, article_id, position, start, "end", text, '
                    "content_hash) VALUES ('p', 'main', :article, 0, 0, 1, 'x', 'h')"
                ),
                {"article": found.id},
            )
        assert (found.body, found.lang, found.audience) == ("Press it", "en", "public")
        assert counts(take(db, tmp_path / "a.jsonl", article("old", "2026-05-01"), noun="articles")) == (
            0,
            1,
            0,
            0,
        )
        with db.begin() as session:
            assert session.execute(text("SELECT count(*) FROM passage")).scalar_one() == 1
        assert counts(take(db, tmp_path / "a.jsonl", article("new", "2026-05-09"), noun="articles")) == (
            0,
            1,
            1,
            0,
        )
        with db.begin() as session:
            assert [row.body for row in articles.list_articles(session, MAIN)] == ["new"]
            assert session.execute(text("SELECT count(*) FROM passage")).scalar_one() == 0

    def test_articles_without_an_id_keep_theirs_when_their_body_changes(
        self, db: Database, tmp_path: Path
    ) -> None:
        take(db, tmp_path / "a.csv", "title,body\nA,one\nA,two\n", noun="articles")
        assert counts(take(db, tmp_path / "a.csv", "title,body\nA,1\nA,two\n", noun="articles")) == (
            0,
            2,
            1,
            0,
        )

    def test_accounts(self, db: Database, tmp_path: Path) -> None:
        data = (
            '会社ID,会社名,プラン,年額,契約開始日\nA1,山田商店,Pro,"¥1,200,000",2025年4月1日\n'
            "A2,B,Free,,\n,C,,,\nA3,D,,lots,\n"
        )
        report = take(db, tmp_path / "a.csv", data, noun="accounts")
        assert counts(report) == (2, 0, 0, 2)
        with db.begin() as session:
            found = session.exec(select(Account).order_by(col(Account.account_id))).all()
        assert [(row.account_id, row.name, row.revenue, row.currency) for row in found] == [
            ("A1", "山田商店", Decimal(1_200_000), "JPY"),
            ("A2", "B", None, None),
        ]
        assert counts(take(db, tmp_path / "a.csv", data.replace("Free", "Pro"), noun="accounts")) == (
            0,
            2,
            1,
            2,
        )

    def test_a_churn_with_words_is_a_voice_too(self, db: Database, tmp_path: Path) -> None:
        data = (
            "occurred_at,kind,account_id,text\n2026-05-03,churn,A1,Too slow for us\n2026-05-03,Renewal,A2,\n"
            "2026-05-04,party,A2,\n,churn,A2,\n"
        )
        report = take(db, tmp_path / "a.csv", data, noun="events")
        assert counts(report) == (2, 0, 0, 2)
        assert report.rejects[0][1].startswith("kind: “party” is none of usage, ")
        with db.begin() as session:
            events = session.exec(select(Event).order_by(col(Event.account_id))).all()
        assert [(event.kind, event.has_text) for event in events] == [("churn", True), ("renewal", False)]
        item = only_item(db)
        assert (item.external_id, item.channel, item.account_id) == (f"event-{events[0].id}", "survey", "A1")
        assert counts(take(db, tmp_path / "a.csv", data, noun="events")) == (0, 2, 0, 2)

    def test_interventions(self, db: Database, tmp_path: Path) -> None:
        data = (
            "theme,occurred_at,kind\nLog in,2026-05-03,fix\n,2026-05-03,fix\nLog in,soon,fix\n"
            "Log in,2026-05-03,prayer\n"
        )
        assert counts(take(db, tmp_path / "a.csv", data, noun="interventions")) == (1, 0, 0, 3)
        with db.begin() as session:
            found = session.exec(select(Intervention)).one()
        assert (found.theme, found.kind, found.theme_id) == ("Log in", "fix", None)

    def test_searches(self, db: Database, tmp_path: Path) -> None:
        data = (
            "Date,Search term,Result count,Clicks,User ID\n"
            "2026-05-03 10:00,export  csv for maki@example.com,0,0,c1\n"
            "2026-05-03 10:00,export  csv for maki@example.com,0,0,c1\n"
            "2026-05-04 10:00,CSVの書き出し,3,1,\n"
            ",csv,0,0,\n2026-05-04,,0,0,\n2026-05-04,csv,many,0,\n"
        )
        report = take(db, tmp_path / "a.csv", data, noun="searches")
        assert counts(report) == (3, 0, 0, 3)
        assert [reason.split(":")[0] for _, reason in report.rejects] == [
            "no searched_at",
            "no query",
            "no results",
        ]
        with db.begin() as session:
            found = session.exec(select(Search).order_by(col(Search.searched_at))).all()
        assert [one.query for one in found] == ["export csv for [email]"] * 2 + ["CSVの書き出し"]
        assert [(one.results, one.clicked, one.customer_id) for one in found[1:]] == [
            (0, False, "c1"),
            (3, True, None),
        ]
        assert found[2].lang == "ja"
        assert counts(take(db, tmp_path / "a.csv", data, noun="searches")) == (0, 3, 0, 3)
