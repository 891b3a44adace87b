"""How customers sound and how bad things are, and by which words that is told."""

import pytest

from nlp.kinds import kind_of
from nlp.sentiment import NEGATIVE, POSITIVE, sentiment_of
from nlp.severity import LEVELS, severity_of


def tone(text: str, lang: str | None, rating: float | None = None) -> str | None:
    score = sentiment_of(text, rating=rating, lang=lang).score
    if score is None:
        return None
    return "pleased" if score >= POSITIVE else "displeased" if score <= NEGATIVE else "neither"


def severity(text: str, lang: str | None, rating: float | None = None) -> str | None:
    kind = kind_of(text, channel="ticket", rating=rating, lang=lang).name
    level = severity_of(text, kind=kind, rating=rating, lang=lang).level
    return None if level is None else LEVELS[level - 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I love it, works perfectly", "pleased"),
        ("Not bad at all", "pleased"),
        ("We had no problems with the import", "pleased"),
        ("This is not good", "displeased"),
        ("It was great, but now it is terrible", "displeased"),
        ("The search is slow and confusing", "displeased"),
        ("The invoice has two pages", None),
        ("スタッフの方がとても親切で楽しかった", "pleased"),
        ("不満はありません", "pleased"),
        ("特に問題なく使えています", "pleased"),
        ("あまり良くなかった", "displeased"),
        ("楽しめる施設がなかった", "displeased"),
        ("景色は良いが、駐車場が狭くて不便だった", "displeased"),
        ("請求書は二枚あります", None),
    ],
)
def test_words_tell_how_a_customer_sounds(text: str, expected: str | None) -> None:
    assert tone(text, "ja" if text[0] > "぀" else "en") == expected


def test_a_rating_speaks_where_words_do_not() -> None:
    assert tone("Version four", "en", rating=1) == "displeased"
    assert tone("La versión cuatro", "es", rating=5) == "pleased"
    assert tone("La versión cuatro", "es") is None
    assert sentiment_of("Version four", rating=3, lang="en").score == 0


def test_words_outweigh_a_rating() -> None:
    assert tone("The export is terrible", "en", rating=5) == "displeased"


def test_the_reason_is_the_words_that_decided_with_what_turned_them_round() -> None:
    assert sentiment_of("It is not good, and slow", rating=None, lang="en").reason == "slow, not good"
    assert sentiment_of("不便ではなかったです", rating=4, lang="ja").reason == "不便ではなかった, rating 4"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("After the update all my emails are gone", "critical"),
        ("I was charged twice for this month", "critical"),
        ("My account was hacked", "critical"),
        ("Our whole team cannot log in", "critical"),
        ("The app crashes when I open a file", "high"),
        ("I cannot send messages", "high"),
        ("Urgent: which plan do we need?", "high"),
        ("The search is slow", "medium"),
        ("There is a typo in the settings, a minor problem", "low"),
        ("Does it keep my mail without data loss?", None),
        ("How do I change my password?", None),
        ("I love it", None),
        ("更新したらデータがすべて消えました", "critical"),
        ("二重請求されています", "critical"),
        ("全社員がログインできず、業務が止まっています", "critical"),
        ("エラーになって保存できません", "high"),
        ("至急、設定方法を教えてください", "high"),
        ("画面が分かりにくい", "medium"),
        ("表示が少し重いです", "low"),
        ("急ぎではありませんが、色を変える方法を教えてください", None),
        ("とても便利です", None),
    ],
)
def test_words_tell_how_bad_it_is(text: str, expected: str | None) -> None:
    assert severity(text, "ja" if text[0] > "぀" else "en") == expected


def test_a_rating_moves_a_level_but_never_to_critical() -> None:
    assert severity("The search is slow", "en", rating=1) == "high"
    assert severity("The search is slow", "en", rating=5) == "low"
    assert severity("I cannot send messages", "en", rating=1) == "high"
    found = severity_of("The search is slow", kind="pain_point", rating=1, lang="en")
    assert found.reason == "slow, rating 1"


@pytest.mark.parametrize(
    "unit", ["a ", "not ", "が", "ない", "lost my ", "全員が", "charged ", "値段が", "no "]
)
@pytest.mark.timeout(120)  # squares and worse of this length would take hours
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_hostile_text_takes_linear_time(unit: str, lang: str) -> None:
    text = unit * (100_000 // len(unit))
    score = sentiment_of(text, rating=None, lang=lang).score
    assert score is None or -1 <= score <= 1
    assert severity_of(text, kind="pain_point", rating=None, lang=lang).level is not None
