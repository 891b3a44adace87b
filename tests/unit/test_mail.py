"""E-mail is read as it is found: in any charset, cut, wrong, automatic, quoted, or not mail at all."""

from datetime import UTC, datetime, timedelta, timezone
from email.header import Header
from email.message import EmailMessage
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import Unreadable
from connectors.files.opening import open_file, openings_in
from connectors.ports import BadRow, Row, Rows
from tests.mails import answered, asked, jis, mail, mbox, word

COMPLAINT = "昨日から請求書をダウンロードできません。\n設定は変えていません。\n"
VENDORS = "①の手順で㈱アルファの℡を登録できません。ﾊﾟｽﾜｰﾄﾞは髙橋のものです。"
"""What Windows and half-width keyboards put into mail that says it is ISO-2022-JP."""
JST = timezone(timedelta(hours=9))


def opened(path: Path, data: bytes, **options: Any) -> Rows:
    path.write_bytes(data)
    return open_file(path, **options)


def only(path: Path, data: bytes, **options: Any) -> dict[str, Any]:
    """Return the values of the only mail in a file."""
    (row,) = opened(path, data, **options)
    assert isinstance(row, Row)
    return dict(row.values)


@pytest.fixture
def eml(tmp_path: Path) -> Path:
    return tmp_path / "a.eml"


class TestOneMail:
    def test_a_mail_is_a_record_in_the_fields_of_the_import(self, eml: Path) -> None:
        assert only(eml, mail()) == {
            "external_id": "one@customer.example",
            "thread_id": "one@customer.example",
            "title": "Help",
            "text": "It does not start.",
            "created_at": datetime(2026, 5, 4, 10, tzinfo=JST),
            "customer_email": "aya@customer.example",
            "author_role": "customer",
        }

    @pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "euc-jp", "utf-8"])
    def test_what_another_program_wrote_in_japanese_is_read_as_it_was(self, eml: Path, charset: str) -> None:
        message = MIMEText(COMPLAINT, "plain", charset)
        message["From"] = f"{Header('森 彩', charset).encode()} <aya@customer.example>"
        message["Subject"] = Header("請求書のダウンロードができない件について（五月分）", charset).encode()
        read = only(eml, message.as_bytes())
        assert read["title"] == "請求書のダウンロードができない件について（五月分）"
        assert read["text"] == COMPLAINT.strip()
        assert read["customer_email"] == "aya@customer.example"

    @pytest.mark.parametrize(
        ("charset", "raw"),
        [("ISO-2022-JP", jis(VENDORS)), ("Shift_JIS", VENDORS.encode("cp932"))],
    )
    def test_characters_that_the_named_charset_has_not_are_read(
        self, eml: Path, charset: str, raw: bytes
    ) -> None:
        data = mail(raw, Subject=word(charset, raw), Content_Type=f'text/plain; charset="{charset}"')
        read = only(eml, data)
        assert (read["title"], read["text"]) == (VENDORS, VENDORS)

    @pytest.mark.parametrize("written", ["cp932", "euc-jp", "utf-8", "iso-2022-jp"])
    @pytest.mark.parametrize(
        "named", ["", "us-ascii", "iso-8859-1", "utf-8", "shift_jis", "euc-jp", "iso-2022-jp", "x-unknown"]
    )
    def test_a_wrong_or_missing_charset_is_seen_by_the_bytes(
        self, eml: Path, written: str, named: str
    ) -> None:
        fields = {"Content_Type": f"text/plain; charset={named}"} if named else {}
        data = mail(COMPLAINT.encode(written), Subject="請求書の件で困っています".encode(written), **fields)
        read = only(eml, data)
        assert (read["title"], read["text"]) == ("請求書の件で困っています", COMPLAINT.strip())

    @pytest.mark.parametrize(
        "text", ["It’s broken – I don’t know why…", "Größe geändert, señor. Déjà vu à 5 €"]
    )
    def test_western_mail_is_read_in_what_it_names_or_recognised(self, eml: Path, text: str) -> None:
        raw = text.encode("cp1252")
        for named in ("windows-1252", "ISO-8859-1"):
            assert only(eml, mail(raw, Content_Type=f"text/plain; charset={named}"))["text"] == text
        assert only(eml, mail(raw))["text"] == text

    def test_the_caller_may_name_the_encoding_of_what_names_none(self, eml: Path) -> None:
        assert only(eml, mail("Žluťoučký kůň".encode("cp1250")), encoding="cp1250")["text"] == "Žluťoučký kůň"

    def test_bytes_that_fit_no_charset_are_shown_as_such_and_told(self, eml: Path) -> None:
        data = mail(b"Good so far\r\n\xff\xfe\xfa here not\r\n", Content_Type="text/plain; charset=utf-8")
        rows = opened(eml, data)
        (row,) = rows
        assert isinstance(row, Row)
        assert str(row.values["text"]).startswith("Good so far\n\ufffd")
        assert any("fit no charset" in note for note in rows.notes)

    def test_a_character_cut_in_two_by_encoded_words_is_whole_again(self, eml: Path) -> None:
        raw = "返品について".encode()
        cut = b" ".join(word("utf-8", part) for part in (raw[:7], raw[7:10], raw[10:]))
        assert only(eml, mail(Subject=cut))["title"] == "返品について"

    def test_an_address_may_be_encoded_with_its_name(self, eml: Path) -> None:
        sender = word("utf-8", "森 彩 <Aya@customer.example>".encode())
        assert only(eml, mail(From=sender))["customer_email"] == "aya@customer.example"

    def test_encoded_and_plain_words_of_a_header_keep_their_spaces(self, eml: Path) -> None:
        subject = b"Re: =?utf-8?Q?Gr=C3=B6=C3=9Fe_42?=\r\n =?utf-8?q?_ist_falsch?= (order 7)"
        assert only(eml, mail(Subject=subject))["title"] == "Re: Größe 42 ist falsch (order 7)"

    @pytest.mark.parametrize("transfer", ["base64", "quoted-printable", "8bit"])
    def test_every_transfer_encoding_is_undone(self, eml: Path, transfer: str) -> None:
        message = EmailMessage()
        message["From"] = "aya@customer.example"
        message.set_content(COMPLAINT, cte=transfer)
        assert only(eml, message.as_bytes())["text"] == COMPLAINT.strip()

    def test_of_alternatives_the_plain_one_is_read_and_else_html(self, eml: Path) -> None:
        both = EmailMessage()
        both["From"] = "aya@customer.example"
        both.set_content("Plain words.")
        both.add_alternative("<p>Rich words.</p>", subtype="html")
        assert only(eml, both.as_bytes())["text"] == "Plain words."
        rich = EmailMessage()
        rich["From"] = "aya@customer.example"
        rich.set_content("<p>Rich words.</p>", subtype="html")
        assert only(eml, rich.as_bytes())["text"] == "<p>Rich words.</p>"

    def test_attachments_and_forwarded_mails_are_no_words(self, eml: Path) -> None:
        inner = EmailMessage()
        inner["Subject"] = "An older mail"
        inner.set_content("Somebody else's words.")
        message = EmailMessage()
        message["From"] = "aya@customer.example"
        message.set_content("See the attached files.")
        message.add_attachment("a,b\n1,2\n", subtype="csv", filename="secret.csv")
        message.add_attachment("A log.", filename="log.txt")
        message.add_attachment(
            b"\x78\x9f\x3e\x22", maintype="application", subtype="ms-tnef", filename="winmail.dat"
        )
        message.add_attachment(inner)
        assert only(eml, message.as_bytes())["text"] == "See the attached files."

    def test_words_around_a_picture_are_all_read(self, eml: Path) -> None:
        message = EmailMessage()
        message["From"] = "aya@customer.example"
        message.set_content("Look at this:")
        message.add_attachment(b"\x89PNG", maintype="image", subtype="png", disposition="inline")
        message.add_attachment("The button is gone.", disposition="inline")
        assert only(eml, message.as_bytes())["text"] == "Look at this:\n\nThe button is gone."

    def test_lines_that_flow_are_one_paragraph(self, eml: Path) -> None:
        body = b"The export \r\nstops.\r\n> Which \r\n> version?\r\nThe \r\nnewest.\r\n-- \r\nAya\r\n"
        read = only(eml, mail(body, Content_Type="text/plain; format=flowed"))
        assert read["text"] == "The export stops.\n> Which version?\nThe newest.\n-- \nAya"
        joined = "請求書が \r\n届きません。".encode()
        flowed = "text/plain; charset=utf-8; format=flowed; delsp=yes"
        assert only(eml, mail(joined, Content_Type=flowed))["text"] == "請求書が届きません。"

    @pytest.mark.parametrize(
        ("date", "received", "expected"),
        [
            ("Mon, 4 May 2026 10:00:00 +0900 (JST)", "", datetime(2026, 5, 4, 1, tzinfo=UTC)),
            ("4 May 26 01:00 GMT", "", datetime(2026, 5, 4, 1, tzinfo=UTC)),
            ("Mon, 4 May 2026 01:00:00 -0000", "", datetime(2026, 5, 4, 1, tzinfo=UTC)),
            ("", "Mon, 4 May 2026 10:00:00 +0900", datetime(2026, 5, 4, 1, tzinfo=UTC)),
            (
                "Mon, 4 May 2026 23:00:00",
                "Mon, 4 May 2026 10:00:00 +0900",
                datetime(2026, 5, 4, 1, tzinfo=UTC),
            ),
            (
                "Thu, 1 Jan 1970 00:00:00 +0000",
                "4 May 2026 01:00:00 +0000",
                datetime(2026, 5, 4, 1, tzinfo=UTC),
            ),
            ("Tue, 4 May 2036 10:00 +0900", "4 May 2026 01:00:00 +0000", datetime(2026, 5, 4, 1, tzinfo=UTC)),
            ("Fri, 31 Dec 9999 23:59:59 -1200", "", None),
            ("Mon, 4 May 2026 10:00:00 +9999", "", None),
            ("yesterday", "", None),
        ],
    )
    def test_the_day_is_the_senders_unless_his_clock_is_wrong(
        self, eml: Path, date: str, received: str, expected: datetime | None
    ) -> None:
        hops = f"from pc.customer.example by mx.customer.example; {received}" if received else ""
        read = only(eml, mail(Date=date, Received=hops))["created_at"]
        assert read == expected

    def test_a_date_without_a_zone_is_left_to_the_import(self, eml: Path) -> None:
        assert only(eml, mail(Date="Mon, 4 May 2026 10:00:00"))["created_at"] == datetime(2026, 5, 4, 10)  # noqa: DTZ001

    def test_without_an_id_one_is_made_of_the_content(self, eml: Path) -> None:
        first, again, other = (only(eml, mail(body, Message_ID="")) for body in (b"a", b"a", b"b"))
        assert first == again
        assert first["external_id"] != other["external_id"]
        assert len(first["external_id"]) == 32

    def test_a_nested_part_without_end_is_told(self, eml: Path) -> None:
        body = b"".join(
            b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (level, level + 1)
            for level in range(50)
        )
        (row,) = opened(eml, mail(body, Content_Type="multipart/mixed; boundary=b0"))
        assert isinstance(row, BadRow)
        assert "nested deeper than 20 levels" in row.reason

    def test_more_parts_than_anybody_writes_are_told(self, eml: Path) -> None:
        (row,) = opened(eml, mail(b"--b\r\n\r\nx\r\n" * 5_000, Content_Type="multipart/mixed; boundary=b"))
        assert isinstance(row, BadRow)
        assert "more than 1,000 parts" in row.reason

    def test_what_is_no_mail_is_refused(self, eml: Path) -> None:
        with pytest.raises(Unreadable, match="holds no mail that can be read: it has no header"):
            opened(eml, b"Dear all, this is a letter.\n")


class TestAutomaticMail:
    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"Auto_Submitted": "auto-replied"}, "Auto-Submitted"),
            ({"Precedence": "bulk"}, "Precedence: bulk"),
            ({"Precedence": "list"}, "mail of a list"),
            ({"List_Id": "News <news.other.example>"}, "mail of a list"),
            ({"Return_Path": "<>"}, "empty Return-Path"),
            ({"From": "MAILER-DAEMON@mx.example (Mail Delivery System)"}, "notice of delivery"),
            ({"Content_Type": "multipart/report; report-type=delivery-status"}, "notice of delivery"),
            ({"X_Mozilla_Status": "0009"}, "deleted"),
        ],
    )
    def test_what_nobody_wrote_to_anybody_is_left_out_with_its_reason(
        self, eml: Path, fields: dict[str, str | bytes], reason: str
    ) -> None:
        (row,) = opened(eml, mail(**fields))
        assert isinstance(row, BadRow)
        assert row.left_out
        assert reason in row.reason

    def test_what_says_that_a_person_sent_it_is_read(self, eml: Path) -> None:
        fields = {"Auto_Submitted": "no", "Return_Path": "<aya@customer.example>", "X_Mozilla_Status": "0001"}
        assert only(eml, mail(**fields))["text"] == "It does not start."

    def test_a_list_that_is_an_address_of_ones_own_is_read(self, eml: Path) -> None:
        data = mail(Precedence="list", List_Id="Support <support.shop.example>")
        for own in ("support@shop.example", "shop.example"):
            assert only(eml, data, own=(own,))["text"] == "It does not start."


class TestConversations:
    def read(self, path: Path, *mails: bytes, **options: Any) -> list[dict[str, Any]]:
        rows = list(opened(path, mbox(*mails), **options))
        assert all(isinstance(row, Row) for row in rows)
        return [dict(row.values) for row in rows if isinstance(row, Row)]

    def test_answers_belong_to_the_mail_that_began_it(self, tmp_path: Path) -> None:
        again = asked(1, Message_ID="<q1b@x>", In_Reply_To="<a1@shop.example>")
        far = asked(1, Message_ID="<q1c@x>", References="<q1@mail1.example> <a1@shop.example>")
        read = self.read(tmp_path / "a.mbox", far, again, answered(1), asked(1), asked(2))
        assert [one["thread_id"] for one in read] == ["q1@mail1.example"] * 4 + ["q2@mail2.example"]
        assert len({one["external_id"] for one in read}) == 5

    def test_answers_meet_where_the_first_mail_is_missing(self, tmp_path: Path) -> None:
        late = asked(1, Message_ID="<q1b@x>", References="<q1@mail1.example>\r\n <a1@shop.example>")
        read = self.read(tmp_path / "a.mbox", late, answered(1))
        assert {one["thread_id"] for one in read} == {"q1@mail1.example"}

    def test_an_answer_in_another_file_of_the_folder_belongs_to_it(self, tmp_path: Path) -> None:
        (tmp_path / "sent").mkdir()
        (tmp_path / "sent" / "1.eml").write_bytes(answered(1))
        (tmp_path / "inbox.mbox").write_bytes(mbox(asked(1), asked(2)))
        (tmp_path / "z.eml").write_bytes(asked(1, Message_ID="<q1b@x>", In_Reply_To="<a1@shop.example>"))
        (opening,) = openings_in(tmp_path)
        read = [row.values for row in opening.open() if isinstance(row, Row)]
        assert [(one["thread_id"], one["author_role"]) for one in read] == [
            ("q1@mail1.example", "customer"),
            ("q2@mail2.example", "customer"),
            ("q1@mail1.example", "agent"),
            ("q1@mail1.example", "customer"),
        ]

    def test_mails_that_answer_each_other_in_a_circle_are_one_conversation(self, tmp_path: Path) -> None:
        mails = [asked(n, Message_ID=f"<{n}@x>", In_Reply_To=f"<{n % 3 + 1}@x>") for n in (1, 2, 3)]
        mails.append(asked(4, Message_ID="<4@x>", In_Reply_To="<2@x>"))
        assert {one["thread_id"] for one in self.read(tmp_path / "a.mbox", *mails)} == {"1@x"}
        assert {one["thread_id"] for one in self.read(tmp_path / "b.mbox", *mails[::-1])} == {"1@x"}

    def test_a_long_chain_of_answers_has_one_beginning(self, tmp_path: Path) -> None:
        chain = [
            asked(n, Message_ID=f"<{n}@x>", In_Reply_To=f"<{n - 1}@x>" if n else "") for n in range(3_000)
        ]
        assert {one["thread_id"] for one in self.read(tmp_path / "a.mbox", *chain)} == {"0@x"}

    def test_who_writes_from_an_own_address_is_an_agent(self, tmp_path: Path) -> None:
        read = self.read(tmp_path / "a.mbox", answered(1), own=("SHOP.example",))
        assert (read[0]["author_role"], read[0]["customer_email"]) == ("agent", None)
        read = self.read(tmp_path / "a.mbox", answered(1), own=("help@shop.example",))
        assert (read[0]["author_role"], read[0]["customer_email"]) == ("customer", "support@shop.example")

    def test_without_being_told_the_side_is_own_that_most_people_write_with(self, tmp_path: Path) -> None:
        began = answered(4, In_Reply_To="")
        replied = asked(4, In_Reply_To="<a4@shop.example>")
        colleague = answered(1, From="Ken <ken@shop.example>", Message_ID="<k@shop.example>")
        mails = [asked(1), answered(1), colleague, asked(2), asked(3), began, replied]
        rows = opened(tmp_path / "a.mbox", mbox(*mails))
        roles = [row.values["author_role"] for row in rows if isinstance(row, Row)]
        assert roles == ["customer", "agent", "agent", "customer", "customer", "agent", "customer"]
        assert any("addresses of shop.example were taken as your own" in note for note in rows.notes)

    def test_of_one_question_and_its_answer_the_one_written_to_is_own(self, tmp_path: Path) -> None:
        read = self.read(tmp_path / "a.mbox", asked(1), answered(1))
        assert [one["author_role"] for one in read] == ["customer", "agent"]

    def test_customers_at_the_providers_that_an_organisation_uses_stay_customers(
        self, tmp_path: Path
    ) -> None:
        own = {"To": "shop@gmail.com"}
        late = asked(9, From="nine@gmail.com", Message_ID="<n@x>", In_Reply_To="<missing@x>")
        read = self.read(tmp_path / "a.mbox", asked(1, **own), asked(2, **own), late)
        assert [one["author_role"] for one in read] == ["customer"] * 3

    def test_a_form_that_writes_in_a_customers_name_brings_the_customer(self, tmp_path: Path) -> None:
        form = mail(From="form@shop.example", To="support@shop.example", Reply_To="Rie <rie@x.example>")
        read = self.read(tmp_path / "a.mbox", form, own=("shop.example",))
        assert (read[0]["author_role"], read[0]["customer_email"]) == ("customer", "rie@x.example")


class TestMbox:
    def test_each_mail_is_known_by_the_line_where_it_starts(self, tmp_path: Path) -> None:
        broken = b"this mail has lost its header\n"
        rows = list(opened(tmp_path / "a.mbox", mbox(asked(1), broken, asked(2))))
        assert [row.line for row in rows] == [1, 10, 13]
        assert [isinstance(row, Row) for row in rows] == [True, False, True]
        assert isinstance(rows[1], BadRow)
        assert rows[1].reason == "a mail that cannot be read: it has no header"
        assert not rows[1].left_out

    @pytest.mark.parametrize(
        "first",
        [
            "From aya@customer.example Mon May  4 10:00:00 2026",
            "From - Mon May 04 10:00:00 2026",
            "From 1864123456789@xxx Mon May 04 01:00:00 +0000 2026",
            "From MAILER-DAEMON Mon May  4 10:00:00 2026",
            "From ???@??? Mon May 04 10:00:00 2026",
            "From aya@customer.example 2026-05-04 10:00:00+09:00",
        ],
    )
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_mails_begin_as_different_programs_begin_them(self, tmp_path: Path, first: str, end: str) -> None:
        data = "".join(f"{first}{end}From: a@x.example{end}{end}Text {n}{end}{end}" for n in range(3))
        rows = list(opened(tmp_path / "a.mbox", data.encode()))
        assert [row.values["text"] for row in rows if isinstance(row, Row)] == ["Text 0", "Text 1", "Text 2"]

    def test_lines_that_begin_with_from_are_text(self, tmp_path: Path) -> None:
        body = b"From here on it fails.\n>From 9:00 to 10:30.\n\nFrom Fri May 1 10:00 on, too.\n>>From\n"
        (row,) = opened(tmp_path / "a.mbox", mbox(mail(body)))
        assert isinstance(row, Row)
        assert row.values["text"] == body.decode().strip().replace("\n>From", "\nFrom")

    def test_a_mail_too_large_costs_itself_only(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("connectors.files.mail.LARGEST", 10_000)
        rows = list(opened(tmp_path / "a.mbox", mbox(asked(1), mail(b"x" * 20_000), asked(2))))
        assert [isinstance(row, Row) for row in rows] == [True, False, True]
        assert isinstance(rows[1], BadRow)
        assert "larger than" in rows[1].reason

    def test_more_mails_than_can_be_seen_together_are_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("connectors.files.mail.MOST_MAILS", 2)
        with pytest.raises(Unreadable, match="more than 2 mails; import them in several parts"):
            opened(tmp_path / "a.mbox", mbox(asked(1), asked(2), asked(3)))

    def test_a_maildir_is_read_without_what_is_still_being_written(self, tmp_path: Path) -> None:
        for part in ("cur", "new", "tmp"):
            (tmp_path / part).mkdir()
        (tmp_path / "cur" / "1777856400.1.host:2,S").write_bytes(asked(1))
        (tmp_path / "new" / "1777856401.2.host").write_bytes(asked(2))
        (tmp_path / "tmp" / "1777856402.3.host").write_bytes(asked(3))
        (opening,) = openings_in(tmp_path)
        assert [row.values["text"] for row in opening.open() if isinstance(row, Row)] == [
            "Question 1",
            "Question 2",
        ]

    def test_in_a_folder_a_broken_mail_is_told_by_its_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.eml").write_bytes(b"nothing\n")
        (tmp_path / "b.eml").write_bytes(asked(1))
        (opening,) = openings_in(tmp_path)
        bad = [row.reason for row in opening.open() if isinstance(row, BadRow)]
        assert bad == ["a.eml: a mail that cannot be read: it has no header"]


_PIECES = st.sampled_from(
    [
        *(
            b"From: a@b\n",
            b"From x Mon May  4 10:00:00 2026\n",
            b"Subject: =?utf-8?B?4pg=?= =?",
            b"\n",
            b"\r\n",
        ),
        *(b'Content-Type: multipart/mixed; boundary="b"\n', b"--b\n", b"--b--\n", b"--", b"=?iso-2022-jp?b?"),
        *(
            b"Content-Type: text/html; charset=",
            b"Content-Transfer-Encoding: base64\n",
            b"References: <a> <b>\n",
        ),
        *(b"\x1b$B", b"\x1b(I", b"\x1b$(D", b"\xff\xfe", b"\x00", b"\x82\xb1", b"=E3=81", b"iso-2022-jp\n"),
        *(b"Date: Mon, 4 May 99999 10:00:00 +99999\n", b"Received: ; ", b"Message-ID: <\x00\xed\xa0\x80>\n"),
        *(
            b"List-Id: <....>\n",
            b'To: <a@b>, "\\',
            b"Message-ID: <a>\n",
            b"utf-7\n",
            b"punycode\n",
            b"unicode_escape\n",
        ),
    ]
)


@settings(max_examples=300)
@given(
    pieces=st.lists(st.one_of(_PIECES, st.binary(max_size=40)), max_size=40),
    ending=st.sampled_from(["eml", "mbox"]),
)
def test_any_bytes_are_read_or_refused_and_always_in_the_same_way(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], ending: str
) -> None:
    path = tmp_path_factory.mktemp("mail") / f"a.{ending}"
    path.write_bytes(b"".join(pieces))
    try:
        rows = open_file(path)
    except Unreadable:
        return
    first = list(rows)
    assert first == list(rows) == list(open_file(path))
    for row in first:
        assert row.line >= 1
        if isinstance(row, Row):
            assert all(value is None or "\0" not in str(value) for value in row.values.values())
            str(row.values).encode()


@pytest.mark.parametrize(
    "unit",
    [
        b'"',
        b'\\"',
        b"<@",
        b"a@",
        b"<a@b",
        b"=?utf-8?B?",
        b"=?a?q?b?= ",
        b"; a=",
        b';a="',
        b"(",
        b"\x1b$B",
        b"\xe3",
    ],
)
@pytest.mark.parametrize("field", ["From", "Subject", "References", "Content_Type", "Date", "Received"])
@pytest.mark.timeout(20)
def test_no_header_takes_time_in_the_square_of_its_length(eml_of: Path, unit: bytes, field: str) -> None:
    list(opened(eml_of, mail(**{field: unit * (500_000 // len(unit))})))


@pytest.fixture(scope="module")
def eml_of(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("long") / "a.eml"
