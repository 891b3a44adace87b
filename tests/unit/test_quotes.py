"""Which few quotes stand for a theme."""

from nlp.quotes import quotes

TEXTS = [
    "駐車場が少ないです",
    "駐車場が少なかった",
    "駐車場が狭くて停めにくい",
    "駐車場の料金が高い",
    "あ",
    "駐車場が狭い。" * 60,
]


def test_quotes_differ_and_are_each_another_persons() -> None:
    chosen = quotes(TEXTS, ["a", "b", "c", "a", "d", "e"])
    assert len(chosen) == len({"abcade"[place] for place in chosen}) >= 2
    assert not {0, 1} <= set(chosen)


def test_what_is_too_long_or_nothing_is_not_quoted_beside_others() -> None:
    assert not {4, 5} & set(quotes(TEXTS, list("abcdef")))
    assert quotes(["あ"], ["a"]) == [0]
    assert quotes([], []) == []
