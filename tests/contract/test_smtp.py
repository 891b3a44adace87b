"""The door to mail servers: letters arrive as they were written, and every failure says what to do next."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConnectorError, Refused, RetryLater, Uncertain
from connectors.smtp import AddressRefused, Letter, MailServer, message
from tests.certificates import Authority
from tests.postbox import Postbox, postbox

LETTER = Letter(
    to="aki@example.com",
    name="明希",
    subject="Koe：3件の変化がありました",
    text="写真が消える\n.\nhttps://koe.example.com/themes/1\n",
    html="<p>写真が消える</p>",
    lang="ja",
    at=datetime(2026, 5, 4, 8, tzinfo=UTC),
    message_id="abc@koe.example.com",
    leave="https://koe.example.com/unsubscribe/x",
)
SENDER = "Koe <koe@example.com>"
KNOWN = {
    *("From", "To", "Subject", "Date", "Message-ID", "Content-Language", "Auto-Submitted"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
}


def server(box: Postbox) -> MailServer:
    return MailServer.at(box.url, SENDER)


class TestALetter:
    def test_arrives_with_both_texts_and_the_way_out(self) -> None:
        with postbox() as box:
            server(box).send(LETTER)
        (mail,) = box.mails
        assert (mail.sender, mail.to) == ("koe@example.com", "aki@example.com")
        assert mail.part("plain") == LETTER.text
        assert mail.part("html").strip() == LETTER.html
        told = mail.message
        assert (told["Subject"], told["To"]) == (LETTER.subject, "明希 <aki@example.com>")
        assert told["From"] == SENDER
        assert told["List-Unsubscribe"] == "<https://koe.example.com/unsubscribe/x>"
        assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert told["Message-ID"] == "<abc@koe.example.com>"
        assert set(told.keys()) == KNOWN

    def test_offers_one_click_by_https_alone(self) -> None:
        plain = replace(LETTER, leave="http://127.0.0.1:8000/unsubscribe/x")
        told = message(plain, MailServer.at("smtp://127.0.0.1", SENDER).sender)
        assert told["List-Unsubscribe"]
        assert told["List-Unsubscribe-Post"] is None

    @pytest.mark.parametrize(
        "name",
        [
            "Aki\r\nBcc: everybody@example.com",
            "Aki\nSubject: other",
            'Aki" <x@example.com>, "B',
            "Aki\0\x85\u2028Bcc: a@b.c",
            "",
            "🦊" * 100,
        ],
    )
    def test_no_name_and_no_subject_adds_a_header_or_a_recipient(self, name: str) -> None:
        with postbox() as box:
            server(box).send(replace(LETTER, name=name, subject=f"Koe {name}"))
        (mail,) = box.mails
        assert set(mail.message.keys()) == KNOWN
        (to,) = mail.message["To"].addresses
        assert to.addr_spec == "aki@example.com"

    @given(st.text(max_size=60), st.text(max_size=60))
    def test_no_text_at_all_adds_a_header(self, name: str, subject: str) -> None:
        written = message(
            replace(LETTER, name=name, subject=subject), MailServer.at("smtp://127.0.0.1", SENDER).sender
        )
        read = message_from_bytes(written.as_bytes(policy=SMTP), policy=SMTP)
        assert set(read.keys()) == KNOWN
        (to,) = read["To"].addresses
        assert to.addr_spec == "aki@example.com"

    def test_goes_to_an_address_with_other_letters_where_the_server_can(self) -> None:
        there = replace(LETTER, to="明希@例え.jp")
        with postbox() as box:
            server(box).send(there)
        assert box.mails[0].to == "明希@例え.jp"
        with postbox(offers=()) as old, pytest.raises(AddressRefused, match="no address with such letters"):
            server(old).send(there)

    @pytest.mark.parametrize(
        ("at", "answer", "error"),
        [
            ("EHLO HELO", "421 busy", RetryLater),
            ("MAIL", "451 later", RetryLater),
            ("MAIL", "550 5.7.1 not you", Refused),
            ("RCPT", "450 4.2.0 greylisted", RetryLater),
            ("RCPT", "550 5.1.1 nobody", AddressRefused),
            ("RCPT", "554 5.7.1 no relaying", Refused),
            ("DATA", "452 full", RetryLater),
            ("DATA", "554 not like this", Refused),
            ("DATA", "", Uncertain),
            (".", "451 later", RetryLater),
            (".", "554 5.6.0 spam", Refused),
            (".", "", Uncertain),
            ("RCPT", "", RetryLater),
        ],
    )
    def test_that_does_not_arrive_says_what_to_do_next(
        self, at: str, answer: str, error: type[ConnectorError]
    ) -> None:
        def say(line: str) -> str | None:
            return answer if line.startswith(tuple(at.split())) else None

        with postbox(answer=say) as box, pytest.raises(ConnectorError) as raised:
            server(box).send(LETTER)
        assert type(raised.value) is error
        assert "aki" not in str(raised.value)

    def test_is_noted_once_all_is_agreed_and_before_its_text_is_sent(self) -> None:
        with postbox() as box:
            seen = []
            server(box).send(LETTER, before=lambda: seen.append(list(box.lines)))
        assert [line.split(":")[0] for line in seen[0]][-2:] == ["MAIL FROM", "RCPT TO"]

    def test_waits_where_nobody_answers(self) -> None:
        with postbox() as box:
            away = server(box)
        with pytest.raises(RetryLater, match="does not answer"):
            away.send(LETTER)


class TestTheWayThere:
    @pytest.fixture
    def authority(self, tmp_path: Path) -> Authority:
        return Authority(tmp_path)

    def test_is_closed_to_others_before_the_password_is_said(self, authority: Authority) -> None:
        with postbox(tls=authority.serve("localhost"), login="koe:s3cret/pass") as box:
            url = f"smtp://koe:s3cret%2Fpass@localhost:{box.port}"
            replace(MailServer.at(url, SENDER), trust=authority.trust).send(LETTER)
        assert len(box.mails) == 1
        verbs = [line.split()[0] for line in box.lines]
        assert verbs.index("STARTTLS") < verbs.index("AUTH")

    def test_ends_where_the_server_cannot_prove_who_it_is(self, authority: Authority, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        stranger = Authority(tmp_path / "other")
        with postbox(tls=stranger.serve("localhost"), login="koe:pass") as box:
            url = f"smtp://koe:pass@localhost:{box.port}"
            with pytest.raises(Refused, match="does not prove who it is"):
                replace(MailServer.at(url, SENDER), trust=authority.trust).send(LETTER)
        assert [line for line in box.lines if line.startswith("AUTH")] == []

    def test_is_not_taken_without_tls_but_on_this_machine(self) -> None:
        with postbox(login="koe:pass") as box:
            there = replace(
                MailServer.at("smtp://koe:pass@mail.example.com", SENDER), host="127.0.0.1", port=box.port
            )
            with pytest.raises(Refused, match="offers no TLS"):
                there.send(LETTER)
        assert [line for line in box.lines if line.startswith("AUTH")] == []

    def test_says_that_credentials_are_wrong_and_never_what_they_are(self) -> None:
        refused = pytest.raises(Refused, match=r"refuses the credentials \(535\)")
        with postbox(login="koe:right") as box, refused as raised:
            MailServer.at(f"smtp://koe:wr0ng@127.0.0.1:{box.port}", SENDER).send(LETTER)
        assert "wr0ng" not in str(raised.value)
        assert "wr0ng" not in repr(MailServer.at("smtp://koe:wr0ng@127.0.0.1", SENDER))

    @pytest.mark.parametrize(
        "url",
        [
            "https://mail.example.com",
            "smtp://",
            "smtp://koe:pw@mail.example.com?tls=never",
            "smtps://mail.example.com?tls=never",
            "smtp://mail.example.com:99999",
            "smtp://mail.example.com/inbox",
            "mail.example.com",
        ],
    )
    def test_needs_an_address_that_keeps_credentials_closed(self, url: str) -> None:
        with pytest.raises(ValueError, match=r".") as raised:
            MailServer.at(url, SENDER)
        assert "pw" not in str(raised.value)

    @pytest.mark.parametrize("sender", ["", "koe", "Koe <koe>", "Koe <koe@example.com>\r\nBcc: x@y.z"])
    def test_needs_a_sender(self, sender: str) -> None:
        with pytest.raises(ValueError, match="write it like"):
            MailServer.at("smtp://127.0.0.1", sender)
