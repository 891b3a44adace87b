"""What no person wrote is told from what a person wrote about it."""

import pytest

from nlp.automatic import is_automatic


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("Automatic reply: Out of office", "I am away until Monday."),
        ("Re: invoice", "I am currently out of the office with limited access to e-mail."),
        ("Undelivered Mail Returned to Sender", "The address was not found."),
        ("【自動返信】お問い合わせありがとうございます", "内容を確認のうえ、ご連絡します。"),
        ("お知らせ", "本メールは送信専用アドレスより自動で配信しています。"),
        ("", "このメールはシステムから自動的に送信されています。"),
        ("不在のお知らせ", "来週まで戻りません。"),
        ("Re: 請求書", "出張のため、5月7日まで不在にしております。"),
    ],
)
def test_mail_that_says_it_is_automatic_is_no_voice(title: str, message: str) -> None:
    assert is_automatic(title, message)


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("The automatic reply never arrives", "Our customers wait for the automatic reply and get nothing."),
        ("Out of office rule does not work", "I set the rule yesterday."),
        ("自動返信が届かない", "お客様に自動返信メールが届きません。"),
        ("自動返信メールの文面を変えたい", "どこで変えられますか。"),
        ("シフトの自動作成", "この通知は毎回必要ですか。自動で消してほしいです。"),
        ("undelivered messages pile up", "They stay in the outbox."),
        ("", ""),
    ],
)
def test_a_customer_who_writes_about_automatic_mail_is_heard(title: str, message: str) -> None:
    assert not is_automatic(title, message)


def test_a_title_of_nothing_but_space_is_read_at_once() -> None:
    assert not is_automatic(" " * 200_000 + "x", "The bill is wrong.")
