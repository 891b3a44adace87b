"""What kind of thing a customer says, and by which words that is told."""

import pytest

from nlp.kinds import kind_of


def kind(text: str, lang: str | None, *, rating: float | None = None, channel: str = "ticket") -> str:
    return kind_of(text, channel=channel, rating=rating, lang=lang).name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CSVをエクスポートできません", "pain_point"),
        ("画面が分かりにくくて困っています", "pain_point"),
        ("ログイン後にエラーになります。どうすればいいですか？", "pain_point"),
        ("駐車場が少なくて不便でした", "pain_point"),
        ("どうすればパスワードを変更できますか？", "question"),
        ("請求書はいつ届きますか", "question"),
        ("ダークモードを追加してほしいです", "request"),
        ("一括で登録できるようにしていただけると助かります", "request"),
        ("とても便利で助かっています", "praise"),
        ("スタッフの方が親切で素晴らしかった", "praise"),
        ("昨日、東京に行きました", "other"),
        ("特に問題ない", "other"),
        ("トイレがもう少しきれいだとよかった", "request"),
        ("バスの本数をもっと増やしてほしい", "request"),
        ("駐車場の増設", "request"),
        ("案内板があると嬉しい", "request"),
        ("楽しめる場所がなかった", "pain_point"),
        ("不満はありません", "other"),
    ],
)
def test_japanese_words_decide(text: str, expected: str) -> None:
    assert kind(text, "ja") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It doesn't work since the update", "pain_point"),
        ("The app is slow and crashes", "pain_point"),
        ("How do I change my password?", "question"),
        ("Is there a way to export my data?", "question"),
        ("Please add a dark mode", "request"),
        ("It would be nice to have folders", "request"),
        ("I love this app, great work", "praise"),
        ("We are a team of five", "other"),
        ("Great app, I love it, but please add folders", "request"),
        ("We have had no problems with it so far", "praise"),
        ("Hello, I use version 115 and would like to move my mail. Thanks, best regards", "other"),
    ],
)
def test_english_words_decide(text: str, expected: str) -> None:
    assert kind(text, "en") == expected


def test_the_reason_is_the_words_that_decided() -> None:
    found = kind_of("Ｅｘｐｏｒｔ crashes with an error", channel="ticket", rating=None, lang="en")
    assert set(found.reason.split(", ")) == {"crashes", "error"}
    assert 0.5 < found.confidence <= 1


def test_a_rating_speaks_where_words_do_not() -> None:
    assert kind("Version four", "en", rating=1, channel="review") == "pain_point"
    assert kind("Version four", "en", rating=5, channel="review") == "praise"
    assert kind("昨日使いました", "ja", rating=4.6, channel="survey") == "praise"
    assert kind("昨日使いました", "ja", rating=4, channel="survey") == "other"


def test_words_outweigh_a_rating() -> None:
    assert kind("It crashes all the time", "en", rating=5, channel="review") == "pain_point"


@pytest.mark.parametrize("lang", ["es", None])
def test_other_languages_have_a_few_cues(lang: str | None) -> None:
    assert kind("¿Cómo puedo cambiar la contraseña?", lang) == "question"
    assert kind("No funciona", lang) == "pain_point"
    assert kind("Uso la versión cuatro", lang) == "other"


def test_a_kind_word_of_whoever_reaches_out_is_no_praise() -> None:
    words = "Thanks for your help. The folder is empty since yesterday, where did my mail go?"
    assert kind(words, "en", channel="ticket") == "pain_point"
    assert kind("Thank you so much, this is a wonderful tool", "en", channel="ticket") == "praise"
