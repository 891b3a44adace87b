"""What people's sentences say of the help centre, and which of them others can use."""

import pytest

from nlp.answers import leads_on, leans_back, says_contradicts, speaks_to_all, starts_anew


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


@pytest.mark.parametrize(
    "said",
    [
        "You mentioned several computers.",
        "See the image below.",
        "In your case the server is down.",
        "Please also provide the log.",
        "I guess it is the firewall, but that is just me.",
        "添付の画像のとおりです。",
        "先日の件と同じ原因です。",
        "現在障害が発生しており、復旧作業中です。",
    ],
)
def test_what_supposes_a_talk_is_not_for_all(said: str) -> None:
    assert not speaks_to_all(said)


@pytest.mark.parametrize(
    "said",
    [
        "Each person can choose under My page > Profile > Language.",
        "If you have many folders, repeat the steps for each.",
        "［設定］＞［発行者情報］の「登録番号」欄に入力して保存してください。",
        "障害時間帯の打刻は、まとめて補正できます。",
    ],
)
def test_what_anybody_can_follow_is_for_all(said: str) -> None:
    assert speaks_to_all(said)


@pytest.mark.parametrize(
    "said", ["That should fix it.", "However, the folder stays.", "それでも直りません。"]
)
def test_some_sentences_need_the_one_before(said: str) -> None:
    assert leans_back(said)
    assert not starts_anew(said)


@pytest.mark.parametrize("said", ["click OK", "(they are the same)", "2. Restart it."])
def test_what_begins_loosely_cannot_stand_first(said: str) -> None:
    assert not leans_back(said)
    assert not starts_anew(said)


def test_a_sentence_with_a_colon_at_its_end_needs_the_next() -> None:
    assert leads_on("Follow these steps:")
    assert leads_on("次の手順で行います：")
    assert not leads_on("Set the port to 995: it is encrypted.")
