"""Words and their normal forms."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.stem import stem
from nlp.tokens import normal_forms, words


class TestNormalForms:
    def test_japanese_keeps_what_it_is_about(self) -> None:
        assert normal_forms("パスワード変更後にメールが送信できません。") == [
            "パスワード",
            "変更",
            "メール",
            "送信",
        ]

    def test_spellings_of_one_japanese_word_meet(self) -> None:
        assert normal_forms("取消し") == normal_forms("取り消し")
        assert normal_forms("ｻｰﾊﾞｰ") == normal_forms("サーバー")
        assert normal_forms("繋がらなかった") == normal_forms("繋がる")

    def test_english_loses_stop_words_and_inflection(self) -> None:
        assert normal_forms("I can't install the add-ons after updating my settings") == [
            "install",
            "addon",
            "update",
            "setting",
        ]

    def test_a_verb_and_its_noun_with_a_hyphen_are_one_word(self) -> None:
        assert normal_forms("the top-up") == normal_forms("Top-ups") == normal_forms("top up") == ["top"]

    def test_languages_mix_in_one_text(self) -> None:
        assert normal_forms("Thunderbirdのインストール方法とＣＳＶ出力") == [
            "thunderbird",
            "インストール",
            "方法",
            "csv",
            "出力",
        ]

    def test_error_codes_versions_and_hosts_stay_whole(self) -> None:
        assert normal_forms("Error 0x80004005 in 115.6.0 at imap.example.com") == [
            "error",
            "0x80004005",
            "115.6.0",
            "imap.example.com",
        ]

    def test_a_name_of_a_place_says_where_not_what(self) -> None:
        named = [
            token.surface for token in words("松江の受付と京都の更衣室が狭い, and Kyoto") if token.proper
        ]
        assert named == ["松江", "京都"]

    def test_masks_and_web_addresses_are_no_words(self) -> None:
        assert normal_forms("[email]さんのメール [postal_code] https://example.com/a?b=c") == ["メール"]

    @pytest.mark.parametrize("text", ["", "。、！？", "🎉🎉", "です。ます。", "the of and"])
    def test_text_without_content_has_none(self, text: str) -> None:
        assert normal_forms(text) == []

    def test_other_scripts_have_words_too(self) -> None:
        assert "correo" in normal_forms("No puedo enviar correos")
        assert normal_forms("메일을 보낼 수 없습니다")
        assert normal_forms("ไม่สามารถ") == ["ไม่สามารถ"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("planned", "plan"),
        ("saved", "save"),
        ("copies", "copy"),
        ("copied", "copy"),
        ("crashes", "crash"),
        ("crashing", "crash"),
        ("deleting", "delete"),
        ("installed", "install"),
        ("emails", "email"),
        ("status", "status"),
        ("address", "address"),
        ("missing", "miss"),
        ("messages", "message"),
        ("received", "receive"),
        ("failed", "fail"),
        ("stopped", "stop"),
        ("charged", "charge"),
        ("canceled", "cancel"),
        ("opening", "open"),
        ("sorting", "sort"),
        ("string", "string"),
    ],
)
def test_the_stem_is_a_word_to_read(word: str, expected: str) -> None:
    assert stem(word) == expected


class TestWords:
    @given(st.text(max_size=60))
    def test_every_word_stands_where_it_says(self, text: str) -> None:
        last = 0
        for token in words(text):
            assert token.surface == text[token.start : token.end] != ""
            assert token.start >= last or token.end >= last
            last = token.end

    def test_half_width_kana_keep_their_offsets(self) -> None:
        token = words("ﾊﾟｽﾜｰﾄﾞを忘れた")[0]
        assert (token.surface, token.normal, token.start, token.end) == ("ﾊﾟｽﾜｰﾄﾞ", "パスワード", 0, 7)

    def test_a_text_longer_than_the_analyser_takes_is_read_in_pieces(self) -> None:
        assert len(words("駐車場" * 20_000)) > 19_000

    def test_several_threads_may_read_at_once(self) -> None:
        text = "駐車場が少ないので困りました。" * 20
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(normal_forms, [text] * 16))
        assert all(answer == answers[0] for answer in answers)

    @pytest.mark.parametrize("unit", ["a-", "a'", "a.", "あ", "漢字", "[", "[a", "https://", "1.", "_"])
    @pytest.mark.timeout(120)  # squares and worse of this length would take hours
    def test_hostile_text_takes_linear_time(self, unit: str) -> None:
        text = unit * (100_000 // len(unit))
        assert all(0 <= word.start < word.end <= len(text) for word in words(text))
