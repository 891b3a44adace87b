"""NFKC with the way back."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from nlp.normal import fold


def test_full_width_digits_lead_back_to_where_they_stood() -> None:
    folded = fold("番号：０９０")
    assert folded.text == "番号:090"
    assert folded.origin(3, 6) == (3, 6)


def test_a_half_width_kana_with_its_mark_is_one_character_from_two() -> None:
    folded = fold("ﾊﾞｽ")
    assert folded.text == "バス"
    assert folded.origin(0, 1) == (0, 2)
    assert folded.origin(1, 2) == (2, 3)


def test_one_character_that_becomes_several_leads_back_to_itself() -> None:
    folded = fold("㍿山田")
    assert folded.text == "株式会社山田"
    assert folded.origin(0, 4) == (0, 1)
    assert folded.origin(4, 6) == (1, 3)


@given(st.text(max_size=30))
def test_the_result_is_nfkc_of_the_whole(text: str) -> None:
    assert fold(text).text == unicodedata.normalize("NFKC", text)


@given(st.text(alphabet="ｶﾞｷ゙e\u0301か\u3099①㍿ﾊﾟ각\u1100\u1161\u11a8aＡ", max_size=30))
def test_offsets_cover_the_input_in_order(text: str) -> None:
    folded = fold(text)
    places = [folded.origin(index, index + 1) for index in range(len(folded.text))]
    assert folded.text == unicodedata.normalize("NFKC", text)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)
    if text and folded.text:
        assert places[0][0] == 0
        assert places[-1][1] == len(text)
