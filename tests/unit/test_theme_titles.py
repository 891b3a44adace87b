"""Which theme somebody means who writes down its title."""

import pytest

from service.errors import WrongUse
from service.rules.titles import meant

THEMES = {
    "a": ["ログインできない", "Cannot log in"],
    "b": ["請求書が違う", "Wrong invoice"],
    "c": ["請求書が届かない", "Wrong invoice"],
}


@pytest.mark.parametrize("written", ["ログインできない", "ﾛｸﾞｲﾝできない", " CANNOT  log in "])
def test_a_title_in_either_language_names_its_theme_in_any_width_and_case(written: str) -> None:
    assert meant(written, THEMES) == "a"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("wrong invoice", r"Several themes are called “wrong invoice”.* \(b\) · .* \(c\)"),
        ("請求書", r"No theme is called “請求書”; do you mean .*請求書が違う \(b\)"),
        ("解約", "No theme is called “解約”; write"),
    ],
)
def test_what_names_none_or_several_is_told_with_those_that_may_be_meant(written: str, told: str) -> None:
    with pytest.raises(WrongUse, match=told):
        meant(written, THEMES)
