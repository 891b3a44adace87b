"""Which language a text is in."""

import socket

import pytest

from nlp.language import detect


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("駐車場が少ない", "ja"),
        ("安い", "ja"),
        ("ﾒｰﾙが届かない", "ja"),
        ("駐車場不足", "ja"),
        ("Thunderbirdが起動しません", "ja"),
        ("I cannot find the page about 駅すぱあと in your help centre", "en"),
        ("doesn't work", "en"),
        ("THE EXPORT NEVER FINISHES AND I LOSE MY WORK", "en"),
        ("No puedo enviar correos desde mi cuenta desde ayer", "es"),
        ("Nach dem Update kann ich keine E-Mails mehr senden", "de"),
        ("Non riesco più a ricevere la posta sul mio computer", "it"),
        ("请问如何修改登录密码", "zh"),
        ("비밀번호를 변경할 수 없습니다", "ko"),
        ("Не могу отправить письмо", "ru"),
    ],
)
def test_the_language_is_recognised(text: str, expected: str) -> None:
    assert detect(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "🎉👍",
        "12345",
        "0x80004005",
        "[email]",
        "https://example.com/how-to-do-it",
        "。、",
        "a@b.example",
    ],
)
def test_nothing_is_claimed_where_nothing_can_be_told(text: str) -> None:
    assert detect(text) is None


def test_no_connection_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert detect("This is a sentence that the model has to look at.") == "en"


def test_a_very_long_text_is_read_in_part() -> None:
    assert detect("これは長い文章です。" * 100_000) == "ja"
