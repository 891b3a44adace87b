"""Where two texts differ, line by line and word by word."""

import time
from itertools import pairwise

from service.rules.differences import Difference, difference


def told(found: Difference) -> list[str]:
    """Return the rows as a reader sees them: what is gone in [-…-], what is new in {+…+}."""
    marks = {"removed": "[-{}-]", "added": "{{+{}+}}"}
    return [
        "".join(marks.get(part.form, "{}").format(part.text) for part in row.parts)
        for stretch in found.stretches
        for row in stretch.rows
        if not stretch.folded
    ]


class TestDifference:
    def test_equal_texts_differ_nowhere_whatever_their_empty_lines(self) -> None:
        found = difference("a\n\nb\n", "a\nb")
        assert found.is_none
        assert told(found) == []

    def test_a_japanese_sentence_shows_the_letters_that_changed(self) -> None:
        found = difference("設定を開いて保存を押します。", "設定を開いて更新を押します。")
        assert told(found) == ["設定を開いて[-保存-]{+更新+}を押します。"]

    def test_katakana_and_latin_words_are_not_cut_in_the_middle(self) -> None:
        found = difference("ログインしてCSVを出力します。", "ログアウトしてPDFを出力します。")
        assert told(found) == ["[-ログイン-]{+ログアウト+}して[-CSV-]{+PDF+}を出力します。"]

    def test_a_new_line_is_added_and_another_one_is_not_called_changed(self) -> None:
        found = difference(
            "Open the menu.\nChoose Save.", "Open the menu.\nWait for the mail to come.\nChoose Save."
        )
        assert told(found) == ["Open the menu.", "{+Wait for the mail to come.+}", "Choose Save."]
        assert (found.removed, found.added) == (0, 1)

    def test_a_long_line_is_compared_sentence_by_sentence(self) -> None:
        line = [f"これは{number}番目の文で、少し長く書いてあります。" for number in range(40)]
        changed = [*line[:20], "ここに新しい文が入りました。", *line[20:]]
        found = difference("".join(line), "".join(changed))
        assert told(found) == [*line[18:20], "{+ここに新しい文が入りました。+}", *line[20:22]]

    def test_what_is_far_from_a_change_is_folded_and_nothing_is_lost(self) -> None:
        before = [f"line {number}" for number in range(100)]
        after = [*before[:50], "between", *before[50:]]
        found = difference("\n".join(before), "\n".join(after))
        assert [len(one.rows) for one in found.stretches if one.folded] == [48, 48]
        assert [row.parts[0].text for one in found.stretches for row in one.rows] == after

    def test_lines_that_moved_are_removed_here_and_added_there(self) -> None:
        found = difference("one\ntwo\nthree", "two\nthree\none")
        assert told(found) == ["[-one-]", "two", "three", "{+one+}"]


class TestCost:
    def test_an_article_of_200000_characters_is_compared_in_seconds_whatever_it_holds(self) -> None:
        words = ["設定", "保存", "更新", "画面", "ログイン"]
        texts = (
            "あ\n" * 100_000,
            "い\nあ\n" * 50_000,
            "あ" * 200_000,
            "いろ" * 100_000,
            "." * 200_000 + "x",
            "!?" * 100_000 + "x",
            "".join(f"{words[n % 5]}{words[n * n % 5]}を{n % 97}回押します。\n" for n in range(12_000)),
            "".join(f"{words[n % 3]}{words[n * n % 4]}を{n % 89}回押しました。\n" for n in range(12_000)),
        )
        for before, after in pairwise(texts):
            began = time.process_time()
            difference(before, after)
            assert time.process_time() - began < 10
