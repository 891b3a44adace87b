"""What people's sentences say of the help centre."""

import pytest

from nlp.answers import says_contradicts


@pytest.mark.parametrize(
    "said",
    [
        "ヘルプには「入社日基準」と書いてあるページと「一斉付与」と書いてあるページがあり、どちらが正しいのか分かりません",
        "2つの記事で説明が食い違っています。",
        "The two articles contradict each other.",
        "One help page says 30 days, another says 14. Which one is correct?",
    ],
)
def test_knows_who_finds_that_the_help_centre_contradicts_itself(said: str) -> None:
    assert says_contradicts(said)


@pytest.mark.parametrize(
    "said",
    [
        "シフトが矛盾しています。",
        "予定が食い違うので困ります。",
        "The article helped, thank you.",
        "My calendar conflicts with yours.",
        "Which plan is right for us?",
        "ヘルプの記事を読みました。",
    ],
)
def test_what_contradicts_something_else_is_nothing_of_the_help_centres(said: str) -> None:
    assert not says_contradicts(said)
