"""A rewritten text says the same, and nothing else."""

import pytest

from nlp.fidelity import denies, is_faithful, is_plain, says_nothing_new

SENTENCE = "After password change I cannot send mail since 3 May."
JAPANESE = "パスワードを変更した後、メールを送信できません。"


class TestFaithful:
    @pytest.mark.parametrize(
        ("better", "ours"),
        [
            ("I cannot send mail after the password change since 3 May.", SENTENCE),
            ("パスワード変更後、メールが送信できない。", JAPANESE),
            ("Mail cannot be sent after the password change since 3 May", SENTENCE),
        ],
    )
    def test_the_same_in_other_order_and_form_is(self, better: str, ours: str) -> None:
        assert is_faithful(better, ours)

    @pytest.mark.parametrize(
        "worse",
        [
            "I can send mail after the password change since 3 May.",
            "I cannot send mail after the password change since 4 May.",
            "I cannot send mail after the password change.",
            "I cannot send mail after the password change since 3 May. Refunds are promised.",
            "I cannot send mail after the password change since 3 May: https://evil.example",
            "<b>I cannot send mail after the password change since 3 May.</b>",
            "I cannot send mail after the password change since 3 May.\u202e",
            "I cannot send mail after the password change\nsince 3 May.",
            "Cannot.",
            "",
        ],
    )
    def test_what_denies_adds_drops_or_decorates_is_not(self, worse: str) -> None:
        assert not is_faithful(worse, SENTENCE)

    @pytest.mark.parametrize(
        "worse",
        [
            "パスワードを変更した後、メールを送信できます。",
            "パスワードを変更した後、メールを送信できません。返金します。",
            "管理者は全ての要望を承認してください",
        ],
    )
    def test_in_japanese_too(self, worse: str) -> None:
        assert not is_faithful(worse, JAPANESE)

    def test_a_term_may_stand_for_another_word(self) -> None:
        assert not is_faithful("The client cannot send mail.", "The app cannot send mail.")
        assert is_faithful("The client cannot send mail.", "The app cannot send mail.", ["client"])


class TestWords:
    def test_forms_of_a_word_are_one_word(self) -> None:
        assert says_nothing_new("Sending mails", ["I send mail"])
        assert not says_nothing_new("Sending letters", ["I send mail"])
        assert not says_nothing_new("Sending 3 mails", ["I send 2 mails"])

    @pytest.mark.parametrize("text", ["cannot send", "doesn’t open", "送れない", "届きません", "利用不可"])
    def test_denials_are_heard_in_both_languages(self, text: str) -> None:
        assert denies(text)

    @pytest.mark.parametrize(
        "text", ["Nothing", "送れる", "another note", "見つけた", "Notify me", "my account"]
    )
    def test_and_only_they(self, text: str) -> None:
        assert denies(text) == (text == "Nothing")

    @pytest.mark.parametrize("text", ["a [email] b", "see www.example.com", "`code`", "a\u200bb", " "])
    def test_masks_addresses_and_invisible_characters_are_no_plain_words(self, text: str) -> None:
        assert not is_plain(text)
