"""Groups of two languages that may say the same: what they share, and which are proposed."""

import pytest

from nlp import sounds
from nlp.pairs import Group, marks_of, pairs

LOAN_WORDS = (
    ("カレンダー", "calendar"),
    ("パスワード", "password"),
    ("アカウント", "account"),
    ("フォルダ", "folder"),
    ("サーバー", "server"),
    ("ログイン", "login"),
    ("インストール", "install"),
    ("メッセージ", "message"),
    ("セキュリティ", "security"),
    ("プレイリスト", "playlist"),
)


def group(key: str, lang: str, *texts: str, **known: float) -> Group:
    marks = {("article", article): share for article, share in known.items()}
    return Group(key=key, lang=lang, texts=texts, known=marks)


class TestSounds:
    @pytest.mark.parametrize(("japanese", "english"), LOAN_WORDS)
    def test_a_loan_word_sounds_as_where_it_comes_from(self, japanese: str, english: str) -> None:
        assert sounds.of_katakana(japanese) == sounds.of_latin(english) is not None

    def test_other_words_sound_otherwise(self) -> None:
        heard = [sounds.of_katakana(japanese) for japanese, _ in LOAN_WORDS]
        assert len(set(heard)) == len(LOAN_WORDS)

    @pytest.mark.parametrize("word", ["a", "you", "mail", "アイ", "オオ"])
    def test_what_has_too_few_consonants_says_nothing(self, word: str) -> None:
        assert (sounds.of_latin(word) if word.isascii() else sounds.of_katakana(word)) is None


class TestMarks:
    def test_names_codes_and_links_are_seen_beside_kana_and_in_full_width(self) -> None:
        marks = marks_of(
            "Ｓｌａｃｋの通知がエラーE-1042で止まります。https://help.example.com/x/12/を見ました"
        )
        assert {kind for kind, _ in marks} == {"word", "code", "link", "sound"}
        assert marks["word", "slack"] == "Slack"
        assert marks["code", "e-1042"] == "E-1042"
        assert ("link", "help.example.com/x/12") in {
            (kind, value.rstrip("を見ました").rstrip("/")) for kind, value in marks
        }

    def test_masks_of_personal_data_and_stop_words_are_none(self) -> None:
        assert marks_of("the [email] and [phone]") == {}


class TestPairs:
    ENGLISH = (
        group("slack-en", "en", "Slack messages missing", "No Slack alert in our channel", "slack is silent"),
        group("csv-en", "en", "CSV opens garbled in Excel", "The CSV export is broken", "csv with odd signs"),
        group("crash-en", "en", "It closes at once", "Closes when opened", "It just closes"),
    )
    JAPANESE = (
        group("csv-ja", "ja", "CSVが文字化けする", "ExcelでCSVを開けない", "CSVの文字が変"),
        group("slack-ja", "ja", "Slackの通知が来ない", "Slack連携が止まった", "チャンネルに届かない"),
        group("praise-ja", "ja", "とても助かっています", "使いやすいです", "ありがとう"),
    )

    def test_those_that_share_names_are_proposed_with_what_they_share(self) -> None:
        found = pairs([*self.ENGLISH, *self.JAPANESE])
        assert {(pair.left, pair.right) for pair in found} == {
            ("slack-en", "slack-ja"),
            ("csv-en", "csv-ja"),
        }
        slack = next(pair for pair in found if pair.left == "slack-en")
        assert [(each.kind, each.left, each.right) for each in slack.shared] == [("word", "Slack", "Slack")]
        assert 0 < slack.likeness < 1

    def test_the_order_of_the_groups_changes_nothing_but_sides(self) -> None:
        def told(groups: list[Group]) -> set[tuple[frozenset[str], float]]:
            return {(frozenset((pair.left, pair.right)), pair.likeness) for pair in pairs(groups)}

        groups = [*self.ENGLISH, *self.JAPANESE]
        assert told(groups) == told(groups[::-1])

    def test_groups_of_one_language_are_never_proposed(self) -> None:
        assert pairs([self.ENGLISH[0], group("again", "en", *self.ENGLISH[0].texts)]) == []

    def test_an_article_that_answers_both_is_shared(self) -> None:
        (pair,) = pairs(
            [
                group("left", "en", "How do I pay", "paying", a1=0.8),
                group("right", "ja", "払い方を知りたい", "払えない", a1=0.9),
                *(group(f"other{n}", "ja", "別の話です", "違う話です", a2=0.9) for n in range(4)),
            ]
        )
        assert (pair.left, pair.right, pair.shared[0].kind) == ("left", "right", "article")

    def test_what_nearly_all_groups_say_is_no_reason(self) -> None:
        said = [group(f"{lang}{n}", lang, "Koe", "Koe") for lang in ("en", "ja") for n in range(30)]
        assert pairs(said) == []

    @pytest.mark.parametrize("texts", [(), ("",), ("。。。",), ("\U0001f600" * 50,)])
    def test_groups_that_say_nothing_are_in_no_pair(self, texts: tuple[str, ...]) -> None:
        assert pairs([group("left", "en", *texts), group("right", "ja", *texts)]) == []
