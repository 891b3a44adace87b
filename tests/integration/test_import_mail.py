"""Mail as feedback: conversations become items, and what nobody wrote to anybody is told and not kept."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from service.db import Database
from service.errors import WrongUse
from service.imports import ImportReport, Options, import_file
from service.models import MAIN, Item, Message
from service.pipeline import ingest, redact
from tests.cli import Koe
from tests.mails import answered, asked, jis, mail, mbox, word

AUTOMATIC = {"Auto_Submitted": "auto-replied", "Message_ID": "<away@x.example>"}


def take(db: Database, path: Path, **options: Any) -> ImportReport:
    report = import_file(db, MAIN, "feedback", path, source="mail", options=Options(**options))
    assert report.received == report.stored + report.duplicates + report.rejected
    ingest.run(db, MAIN)
    return report


def kept(db: Database) -> dict[str, list[tuple[str, str | None]]]:
    """Return who said what in each item."""
    with db.begin() as session:
        query = (
            select(Item.external_id, Message.author_role, Message.raw)
            .join(Message, col(Message.item_id) == Item.id)
            .order_by(col(Item.external_id), col(Message.position))
        )
        found: dict[str, list[tuple[str, str | None]]] = {}
        for external_id, role, words in session.exec(query):
            found.setdefault(external_id, []).append((role, words))
        return found


def test_a_conversation_in_two_files_is_one_item_however_it_comes(db: Database, tmp_path: Path) -> None:
    (tmp_path / "sent.mbox").write_bytes(mbox(answered(1, Date="Mon, 4 May 2026 12:00:00 +0900")))
    (tmp_path / "inbox.mbox").write_bytes(mbox(asked(1), asked(2)))
    for name in ("sent.mbox", "inbox.mbox"):
        take(db, tmp_path / name, own=("shop.example",))
    expected = {
        "q1@mail1.example": [("customer", "Question 1"), ("agent", "Answer 1")],
        "q2@mail2.example": [("customer", "Question 2")],
    }
    assert kept(db) == expected
    again = take(db, tmp_path)
    assert (again.stored, again.duplicates) == (0, 3)
    assert kept(db) == expected


def test_a_mail_becomes_a_ticket_with_its_customer_title_and_day(db: Database, tmp_path: Path) -> None:
    said = "①のボタンを押しても㈱アルファの請求書が出ません。"
    data = mail(
        jis(said), Subject=word("ISO-2022-JP", jis("請求書①")), Content_Type="text/plain; charset=ISO-2022-JP"
    )
    (tmp_path / "a.eml").write_bytes(data)
    report = take(db, tmp_path / "a.eml")
    assert (report.stored, report.encoding) == (1, "each mail says")
    with db.begin() as session:
        item = session.exec(select(Item)).one()
        assert (item.channel, item.raw_title) == ("ticket", "請求書①")
        assert item.customer_id is not None
        assert "@" not in item.customer_id  # the address is not kept with what was said
        assert item.created_at == datetime(2026, 5, 4, 1, tzinfo=UTC)
    redact.run(db, MAIN)
    with db.begin() as session:
        assert session.exec(select(Item)).one().text == f"請求書①\n\n{said}"


def test_html_is_read_as_text_with_what_it_quotes_marked(db: Database, tmp_path: Path) -> None:
    html = b"<p>It still <b>fails</b>.</p><blockquote>Did you restart?</blockquote>"
    (tmp_path / "a.eml").write_bytes(mail(html, Content_Type="text/html; charset=utf-8"))
    take(db, tmp_path / "a.eml")
    assert kept(db) == {"one@customer.example": [("customer", "It still fails.\n\n> Did you restart?")]}


def test_automatic_mail_is_counted_by_its_reason_and_is_no_fault(koe: Koe, tmp_path: Path) -> None:
    list_mail = mail(List_Id="<news.other.example>", Message_ID="<news@x.example>")
    (tmp_path / "a.mbox").write_bytes(mbox(asked(1), asked(2, **AUTOMATIC), asked(3, **AUTOMATIC), list_mail))
    said = koe("import", "feedback", "a.mbox", "--source", "mail", "--strict", "--json")
    assert said.status == 0
    assert (said.json["received"], said.json["stored"], said.json["rejected"]) == (1, 1, 0)
    assert said.json["left_out"] == {"an automatic mail (Auto-Submitted)": 2, "mail of a list": 1}
    shown = koe("import", "feedback", "a.mbox", "--source", "mail")
    assert "2 left out: an automatic mail (Auto-Submitted)." in shown.out


def test_the_automatic_mail_of_a_folder_is_counted_beside_its_tables(koe: Koe, tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "a.eml").write_bytes(asked(1))
    (tmp_path / "all" / "b.eml").write_bytes(asked(2, **AUTOMATIC))
    (tmp_path / "all" / "c.csv").write_text("id,text\n1,It is slow\n")
    said = koe("import", "feedback", "all", "--source", "mail", "--json")
    assert (said.json["stored"], said.json["rejected"]) == (2, 0)
    assert said.json["left_out"] == {"an automatic mail (Auto-Submitted)": 1}


def test_a_broken_mail_costs_itself_and_is_told_by_its_line(db: Database, tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_bytes(mbox(asked(1), b"lost\n", asked(2)))
    report = take(db, tmp_path / "a.mbox")
    assert report.rejects == ((10, "a mail that cannot be read: it has no header"),)
    assert report.stored == 2


@pytest.mark.parametrize("own", ["", "shop", "a b@shop.example", "a@b@shop.example", "x.example,y.example"])
def test_an_own_address_that_is_none_is_refused(db: Database, tmp_path: Path, own: str) -> None:
    (tmp_path / "a.eml").write_bytes(mail())
    with pytest.raises(WrongUse, match="no mail address and no domain"):
        take(db, tmp_path / "a.eml", own=(own,))
