"""Titles and keywords: what is taken from the texts, and how it is tidied."""

import pytest

from nlp.labelers import PhraseLabeler, distinct, spaced
from nlp.labelers import japanese as japanese_phrases
from nlp.labelers.listing import Entry, listed
from nlp.labelers.plain import pieces, plain
from nlp.labelers.shortened import shortened
from nlp.labelers.spelling import one_word
from nlp.ports import Label

LOGIN = [
    "Cannot log in since the update\n\nHi there, my name is [name] and I cannot log in.",
    "Login not working. Please help me, I cannot log in since the update, [email]",
    "I can't log in since the update!!!",
    "HELP!! CANNOT LOG IN",
    "Unable to log in after the update, it says wrong code",
]
EXPORT = [
    "CSV export has wrong dates\n\nHello, the dates in the CSV export are wrong.",
    "Wrong dates in CSV export",
    "The CSV export shows wrong dates for our team in Osaka",
    "Dates are wrong in the exported CSV",
    "dates in csv export wrong since monday",
]
SEAT = [
    "We need more seats for our plan",
    "How can I add seats to the plan?",
    "How do I add more seats to our plan",
    "Please add two seats to the plan of my team.",
]


def titles(*groups: list[str]) -> list[str]:
    return [label.title for label in PhraseLabeler().label(groups, lang="en")]


class TestTitles:
    def test_a_title_is_what_customers_said_about_this_and_nothing_else(self) -> None:
        login, export, seat = titles(LOGIN, EXPORT, SEAT)
        assert login in ("Cannot log in since the update", "Cannot log in")
        assert export in ("CSV export has wrong dates", "Wrong dates in CSV export")
        assert seat == "Add seats to the plan"

    def test_a_title_leaves_out_what_only_one_customer_adds(self) -> None:
        quotes = [
            "Please get me a quote for my condo insurance",
            "I want to get a quote for a life insurance",
            "Get a quote for my pet insurance",
            "can I get a quote for your insurance",
        ]
        assert titles(quotes, EXPORT)[0] in ("Get a quote for my insurance", "Get a quote for an insurance")

    def test_where_customers_want_one_of_two_things_the_title_says_both(self) -> None:
        changes = ["Add a dependent to my plan", "Remove a dependent"] * 4
        assert titles(changes, EXPORT)[0] in ("Add or remove a dependent", "Remove or add a dependent")

    def test_japanese_titles_end_plainly(self) -> None:
        mail = [
            "パスワード変更後にメールが送れません。",
            "パスワードを変えたらメールが送れないのですが",
            "メールが送れません",
        ]
        lot = ["駐車場が少なかったです", "駐車場が少ないと思います。", "駐車場がとても少なくて困りました"]
        first, second = (label.title for label in PhraseLabeler().label([mail, lot], lang="ja"))
        assert first in (
            "パスワード変更後にメールが送れない",
            "パスワードを変えたらメールが送れない",
            "メールが送れない",
        )
        assert second in ("駐車場が少ない", "駐車場が少なかった")

    def test_a_title_says_what_most_say_of_its_subject_and_that_there_is_more(self) -> None:
        lot = (
            ["駐車場が少ない"] * 3 + ["駐車場が狭い"] * 3 + ["駐車場が高い", "駐車場案内", "駐車場からの距離"]
        )
        found = titles([*lot, "駐車場が広くて良い"], ["メールが送れない", "メールが届かない"])
        assert found[0] in ("駐車場が少ない・狭いなど", "駐車場が狭い・少ないなど")

    def test_where_one_thing_is_said_of_several_the_title_names_them(self) -> None:
        unclear = [
            "道が分かりにくい",
            "入口がわかりにくかった",
            "案内が分かりづらい",
            "駐車場が分かりにくい",
        ] * 2
        (title, _) = titles(unclear, ["メールが送れない", "メールが届かない"])
        assert title.endswith(("分かりにくい", "わかりにくい", "分かりづらい"))
        assert "・" in title

    def test_a_wish_is_not_taken_for_what_is_so(self) -> None:
        wishes = ["カフェがあると嬉しい", "カフェがほしい", "カフェがもっとあるといい"] * 2
        (title, _) = titles(wishes, ["メールが送れない", "メールが届かない"])
        assert title.startswith("カフェがほしい")

    def test_a_title_does_not_say_the_opposite_of_what_the_others_say(self) -> None:
        asked = [
            "Keeps asking for password",
            "App keeps asking for my password",
            "Asking for password again and again",
            "The app is asking for the password every hour",
            "App not asking for password",
        ]
        assert "not" not in titles(asked, EXPORT, SEAT)[0].split()

    def test_no_mask_no_address_and_no_number_of_one_persons_own_gets_into_a_title(self) -> None:
        texts = ["Order 4711123 for [name] not shipped to [address], see https://example.com/x"] * 3
        for title in titles(texts, ["[name]さん宛 4711123"]):
            assert not any(part in title for part in ("[", "]", "4711123", "https", "name", "address"))

    def test_nobody_shouts(self) -> None:
        shouted = ["MY CALENDAR EVENTS ARE GONE", "Calendar events gone", "All calendar events vanished"]
        (title,) = titles([*shouted[:1] * 3, *shouted[1:]])
        assert not title.isupper()

    def test_two_groups_that_say_the_same_get_different_titles(self) -> None:
        found = titles(LOGIN, list(LOGIN), EXPORT)
        assert len(set(found)) == 3


class TestKeywords:
    def test_keywords_are_the_customers_words_without_doubles_and_fillers(self) -> None:
        (login, export, _) = PhraseLabeler().label([LOGIN, EXPORT, SEAT], lang="en")
        assert export.keywords[0].lower() in ("csv", "dates", "wrong", "export")
        lowered = [word.lower() for word in (*login.keywords, *export.keywords)]
        assert not {"the", "hi", "please", "email", "name", "cannot"} & set(lowered)
        assert not {"date", "exported"} & set(lowered)

    def test_japanese_keywords_are_whole_words(self) -> None:
        texts = ["メールが送れません", "メールを送れない", "メールが送れなくなりました"]
        others = ["駐車場が少ない", "駐車場が遠い"]
        (label, _) = PhraseLabeler().label([texts, others], lang="ja")
        assert set(label.keywords) <= {"メール", "送れる", "送る"}

    def test_two_spellings_of_a_word_are_one_keyword(self) -> None:
        texts = ["サーバが落ちる", "サーバーが落ちる", "サーバーが落ちた", "サーバが落ちた"]
        (label, _) = PhraseLabeler().label([texts, ["駐車場が遠い", "駐車場が狭い"]], lang="ja")
        assert len([word for word in label.keywords if word.startswith("サーバ")]) == 1


class TestDistinct:
    def test_a_later_title_adds_a_keyword_that_sets_it_apart(self) -> None:
        labels = [
            Label(title="Cannot log in", keywords=("log",)),
            Label(title="cannot log in", keywords=("log", "SSO")),
            Label(title="Cannot log in", keywords=()),
        ]
        assert [each.title for each in distinct(labels)] == [
            "Cannot log in",
            "cannot log in (SSO)",
            "Cannot log in (2)",
        ]

    def test_titles_that_are_taken_elsewhere_are_avoided(self) -> None:
        labels = [Label(title="Cannot log in", keywords=())]
        assert distinct(labels, taken=["Cannot log in"])[0].title == "Cannot log in (2)"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("サーバ", "サーバー"),
        ("メイル", "メール"),
        ("ﾒｰﾙ", "メール"),
        ("そば", "蕎麦"),
        ("お店", "店"),
        ("E-mail", "email"),
        ("ＰＤＦ", "pdf"),
    ],
)
def test_spellings_of_one_word_are_known(one: str, other: str) -> None:
    assert one_word(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("ビル", "ビール"), ("カード", "角"), ("機会", "機械"), ("mail", "male")]
)
def test_other_words_are_no_spellings(one: str, other: str) -> None:
    assert not one_word(one, other)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("メールが送れません", "メールが送れない"),
        ("バスに乗れませんでした", "バスに乗れなかった"),
        ("何度試しても反映されませんでした", "何度試しても反映されなかった"),
        ("道が混みました", "道が混んだ"),
        ("泳ぎました", "泳いだ"),
        ("行きました", "行った"),
        ("設定を保存しました", "設定を保存した"),
        ("案内がありませんでした", "案内がなかった"),
        ("音が出ますが", "音が出る"),
        ("使えないのですが", "使えない"),
        ("届いていないんですけど", "届いていない"),
        ("電車の本数が少なかったです", "電車の本数が少なかった"),
        ("本数が少ないと思います", "本数が少ない"),
        ("公共交通機関が不便でした", "公共交通機関が不便"),
        ("道が狭くて", "道が狭い"),
        ("休館日が分からなかったこと", "休館日が分からなかった"),
        ("便の少ないこと", "便が少ない"),
        ("会場の良いところ", "会場の良いところ"),
        ("領収書を発行してください", "領収書を発行してほしい"),
        ("返金していただけますか", "返金してほしい"),
        ("退会方法を教えてください", "退会方法"),
        ("退職した人の消し方おしえて", "退職した人の消し方"),
        ("解約手続きについて", "解約手続き"),
        ("設定の変更をお願いします", "設定の変更"),
        ("お願いします", None),
        ("ご確認ください", None),
        ("", None),
    ],
)
def test_polite_japanese_is_made_plain(said: str, expected: str | None) -> None:
    found = plain(pieces(said))
    assert (found and "".join(piece.text for piece in found)) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Hello team, I cannot open the report!", "Cannot open the report"),
        ("I'm having a problem with the calendar view", "Problem with the calendar view"),
        ("Could you please tell me how to cancel my plan?", "How to cancel my plan"),
        ("I would like to change the billing address", "Change the billing address"),
        ("Re: export is broken, thanks", "Export is broken"),
        ("Which time zone does the report use?", "Which time zone does the report use"),
        ("The app keeps logging me out", "The app keeps logging me out"),
    ],
)
def test_english_phrases_lose_greetings_and_the_writer(said: str, expected: str) -> None:
    assert expected in list(spaced.phrases(said))


@pytest.mark.parametrize(
    "said", ["see [email] for the code", "http://example.com is down", "I know what it is"]
)
def test_what_cannot_be_a_title_is_no_phrase(said: str) -> None:
    assert list(spaced.phrases(said)) == []


def test_japanese_phrases_lose_what_only_leads_in() -> None:
    assert "駐車場が少ない" in list(japanese_phrases.phrases("また、とても駐車場が少ないです。"))


@pytest.mark.parametrize(
    "phrase",
    [
        "Closing the month is painfully slow",
        "App is english but the form is japanese",
        "The shifts of my team are all in one place",
    ],
)
def test_shorter_forms_of_a_phrase_are_phrases_too(phrase: str) -> None:
    assert not {"Closing the slow", "App is english but the japanese", "App is english"} & set(
        shortened(phrase)
    )
    assert not any(form.endswith((" all", " is", " the")) for form in shortened(phrase))


@pytest.mark.parametrize(
    ("question", "kept", "lost"),
    [
        ("Why is your exchange rate so bad for euros", [], ["Why is your exchange rate"]),
        ("Why the exchange rate for my withdrawal is wrong", [], ["Why the exchange rate"]),
        ("How long will a transfer to Europe take", [], ["How long will a transfer"]),
        ("How many cards for my account can I hold", [], ["How many cards"]),
        ("How much does it cost to exchange money", [], ["How much does it cost"]),
        ("Was the exchange rate for euros wrong", [], ["Was the exchange rate"]),
        ("What is the exchange rate for euros", ["What is the exchange rate"], []),
        ("How do I activate my card in the app", ["How do I activate my card"], []),
        ("Why did the ATM swallow my card on Monday", ["Why did the ATM swallow my card"], []),
    ],
)
def test_a_question_is_not_cut_before_its_verb(question: str, kept: list[str], lost: list[str]) -> None:
    forms = set(shortened(question))
    assert forms.issuperset(kept)
    assert forms.isdisjoint(lost)


def test_names_of_several_words_stay_whole_and_an_article_fits_its_noun() -> None:
    assert "Pay with my Pay" not in shortened("Pay with my Apple Pay")
    assert "Get a quote for an insurance" in shortened("Get a quote for a condo insurance")


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Is there a way to top up with my watch?", "Top up with my watch"),
        ("The card was declined so I cannot pay", "The card was declined"),
        ("The exchange rate is so bad", "The exchange rate is so bad"),
    ],
)
def test_phrases_begin_with_what_is_wanted_and_end_where_a_clause_does(written: str, title: str) -> None:
    assert title in spaced.phrases(written)


def test_an_account_is_no_trouble() -> None:
    assert not spaced.troubled("Open an account")
    assert spaced.troubled("My card doesnt work")


class TestMixtures:
    """Groups without one subject, as customers' texts about a made-up gym."""

    def test_a_group_of_several_things_is_named_by_those_that_reach_most_of_it(self) -> None:
        weather = [
            "プールの水が冷たい",
            "水が冷たすぎた",
            "冷たくて泳げない",
            "サウナが熱すぎる",
            "熱くて入れなかった",
            "サウナの室温がきつい",
            "更衣室に暖房がない",
            "暖房が弱い",
            "暖房をつけてほしい",
        ]
        mixed = [f"{text}{more}" for text in weather for more in ("", "です", "と感じました", "、残念")]
        (title, _) = titles(mixed, ["予約の電話がつながらない", "電話がつながりません"] * 4)
        assert title.endswith("など")
        assert sum(word in title for word in ("冷たい", "サウナ", "熱", "暖房")) >= 2

    def test_a_name_that_all_groups_have_is_no_subject(self) -> None:
        subjects = ("駐車場", "受付", "更衣室", "シャワー", "ロッカー", "プール", "マシン", "鏡")
        groups = [
            [f"松江の{each}が狭い", f"松江の{each}が古い", f"{each}が狭い", f"松江は{each}が狭いです"]
            for each in subjects
        ]
        for subject, title in zip(subjects, titles(*groups), strict=True):
            assert subject in title
            assert "松江" not in title

    @pytest.mark.parametrize(
        ("texts", "wrong"),
        [
            (["床がきれいじゃない", "床がきれいでなかった", "床がきれいではない"], "床がきれい"),
            (["特に不便はない", "不便は感じなかった", "不便はありません"], "不便"),
            (["子どもが遊べる施設", "子どもが遊べる施設がほしい", "子どもが喜ぶ施設"], "子どもが施設"),
        ],
    )
    def test_no_title_says_what_nobody_said(self, texts: list[str], wrong: str) -> None:
        (title, _) = titles(texts * 12, ["予約の電話がつながらない", "電話がつながりません"] * 4)
        assert title != wrong

    def test_of_several_examples_more_are_named(self) -> None:
        few = [f"{thing}が少ない" for thing in ("ロッカー", "鏡", "ベンチ", "椅子", "コンセント", "傘立て")]
        texts = [*few * 4, "ロッカーが少なかった", "鏡が少ないです", "ベンチの数が少ない", *few[:3] * 3]
        (title, _) = titles(texts, ["予約の電話がつながらない", "電話がつながりません"] * 4)
        assert title.endswith("などが少ない")
        assert all(thing in title for thing in ("ロッカー", "鏡", "ベンチ"))

    def test_a_title_does_not_end_in_a_form_of_letters(self) -> None:
        texts = ["ロッカーが分からず", "ロッカーが分からない", "ロッカーが古い", "ロッカーが分からず、古い"]
        (title, _) = titles(texts * 12, ["予約の電話がつながらない", "電話がつながりません"] * 4)
        assert "ず" not in title

    def test_what_only_is_a_thing_of_a_kind_is_named_with_its_kind(self) -> None:
        wanted = [
            "飲みたいものがない",
            "飲みたいものが売り切れ",
            "飲みたいものが少ない",
            "飲みたいものがなかった",
        ]
        (title, _) = titles(wanted * 9, ["予約の電話がつながらない", "電話がつながりません"] * 4)
        assert title.startswith("飲みたいもの")


class TestLists:
    def test_a_list_names_what_reaches_most_first_and_says_that_there_is_more(self) -> None:
        entries = [
            Entry("宿", frozenset({"宿"}), 0b0000111111, 1.0),
            Entry("温泉", frozenset({"温泉"}), 0b0111000000, 1.0),
            Entry("旅", frozenset({"旅"}), 0b0000000011, 1.0),
        ]
        assert listed(entries, 10) == ("宿・温泉など", 0.9)

    def test_two_forms_of_one_word_are_one_entry(self) -> None:
        entries = [
            Entry("宿", frozenset({"宿"}), 0b0000111111, 1.0),
            Entry("宿泊", frozenset({"宿泊"}), 0b1111000000, 1.0),
        ]
        assert listed(entries, 10) is None

    def test_a_single_entry_that_reaches_nearly_all_stands_beside_another_that_many_share(self) -> None:
        entries = [
            Entry("車", frozenset({"車"}), 0b1111111111, 1.0),
            Entry("電車", frozenset({"電車"}), 0b0000000111, 0.5),
        ]
        assert listed(entries, 10) == ("車・電車など", 1.0)

    def test_judgements_alone_are_no_list(self) -> None:
        entries = [
            Entry("残念", frozenset({"残念"}), 0b0000011111, 1.0, judges=True),
            Entry("大変", frozenset({"大変"}), 0b1111100000, 1.0, judges=True),
        ]
        assert listed(entries, 10) is None


@pytest.mark.parametrize("said", ["今回は会場の良いところ", "できれば個室"])
def test_a_phrase_that_breaks_off_is_no_phrase(said: str) -> None:
    assert list(japanese_phrases.phrases(said)) == []
