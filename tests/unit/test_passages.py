"""Cutting articles into passages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.passages import LENGTH, passages

LETTERS = st.text(alphabet="aあ。.!? \n1)-　x", max_size=3000)


def test_a_short_article_is_one_passage() -> None:
    (cut,) = passages("Sync", "Open the settings. Choose your account.")
    assert cut.text == "Sync\nOpen the settings. Choose your account."
    assert (cut.start, cut.end) == (6, 45)


def test_passages_end_where_sentences_do() -> None:
    body = "パスワードを変更します。" * 100
    cuts = passages("題", body)
    assert len(cuts) == 3
    assert all(cut.text.endswith("。") for cut in cuts)


@pytest.mark.parametrize(("title", "expected"), [("Sync", ["Sync"]), ("", []), (" ", [])])
def test_an_article_without_a_body_is_its_title(title: str, expected: list[str]) -> None:
    assert [cut.text for cut in passages(title, " \n")] == expected


def test_a_sentence_without_an_end_is_cut_all_the_same() -> None:
    assert [len(cut.text) for cut in passages("", "x" * 1200)] == [500, 500, 200]


@given(title=st.text(alphabet="ab 題", max_size=20), body=LETTERS)
def test_passages_follow_each_other_and_none_is_empty_or_too_long(title: str, body: str) -> None:
    full = f"{title}\n\n{body}"
    last = 0
    for cut in passages(title, body):
        assert last <= cut.start < cut.end <= len(full)
        assert cut.end - cut.start <= max(LENGTH, len(title))
        assert full[cut.start : cut.end].strip() in cut.text
        assert cut.text.strip()
        last = cut.end
