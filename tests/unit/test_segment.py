"""What becomes a span, and what sets an item aside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.segment import Segmentation, Turn, asks_again, segment

Said = str | tuple[str, str]


def cut(
    title: str, *said: Said, channel: str = "ticket", lang: str | None = None
) -> tuple[str, list[Turn], Segmentation]:
    """Build an item's text as the stage does, and cut it."""
    text, turns = title, []
    for one in said:
        role, words = one if isinstance(one, tuple) else ("customer", one)
        text += "\n\n" if text and words else ""
        turns.append(Turn(len(text), len(text) + len(words), role))
        text += words
    language = lang or ("ja" if any("ぁ" <= char <= "ん" for char in text) else "en")
    return text, turns, segment(text, turns, title_end=len(title), channel=channel, lang=language)


def spans(title: str, *said: Said, channel: str = "ticket") -> list[str]:
    text, _, found = cut(title, *said, channel=channel)
    return [text[start:end] for start, end in found.spans]


def set_aside(title: str, *said: Said, channel: str = "ticket") -> str | None:
    return cut(title, *said, channel=channel)[2].set_aside


class TestATicket:
    def test_the_title_and_the_first_passage_are_one_span(self) -> None:
        assert spans("Cannot send", "Hi,\n\nIt says error 5.7.\n\nThanks,\n[name]") == [
            "Cannot send\n\nHi,\n\nIt says error 5.7."
        ]

    def test_a_long_greeting_stays_out_and_the_passage_speaks(self) -> None:
        greeting = "いつもお世話になっております。株式会社アルファの[name]です。"
        body = f"{greeting}\n\nCSVを開くと文字化けします。\n\nよろしくお願いいたします。"
        assert spans("CSVについて", body) == ["CSVを開くと文字化けします。"]

    def test_a_passage_that_refers_to_its_title_leaves_the_word_to_it(self) -> None:
        body = "いつもお世話になっております。株式会社アルファの[name]です。\n表題の件、教えてください。"
        assert spans("請求書の宛名を変更できない", body) == ["請求書の宛名を変更できない"]

    def test_another_concern_is_another_span(self) -> None:
        assert spans("Sync", "The sync fails. Also, the calendar is very slow.") == [
            "Sync\n\nThe sync fails.",
            "Also, the calendar is very slow.",
        ]
        assert spans("", "ログインできません。また、請求書が届きません。") == [
            "ログインできません。",
            "また、請求書が届きません。",
        ]

    def test_what_was_tried_is_no_concern_of_its_own(self) -> None:
        assert len(spans("Sync", "The sync fails. Also I tried restarting but it did not help.")) == 1

    def test_an_announced_list_is_a_span_an_item(self) -> None:
        body = "I found the following issues:\n1. Export fails with an error.\n2. The search is very slow."
        assert spans("Two bugs", body) == ["Export fails with an error.", "The search is very slow."]

    def test_quoted_mail_and_signatures_are_in_no_span(self) -> None:
        body = "It still fails.\n\nOn Mon, 1 Jan 2024, [name] <[email]> wrote:\n> Did you try?\n> Yes"
        assert spans("", body) == ["It still fails."]
        assert spans("", "駄目でした。\n\n2026年1月3日(土) 10:00 サポート <[email]>:\n> お試しください") == [
            "駄目でした。"
        ]
        assert spans("", "駄目でした。\n-----Original Message-----\nFrom: [email]\nお試しください") == [
            "駄目でした。"
        ]
        assert spans("", "It fails.\n-- \n[name]\nSales") == ["It fails."]
        assert spans("", "動きません。\n━━━━━━━━━━\n株式会社アルファ\nTEL: [phone]") == ["動きません。"]

    @pytest.mark.parametrize(
        "quoted",
        [
            "2026年5月1日(金) 10:00 カスタマーサポート窓口 <\n[email]>:\n\n> 再起動をお試しください。",
            "2026/05/01 10:00、サポート <[email]>のメール:\n\n再起動をお試しください。",
            "2026/05/01 10:00、サポート さんは書きました:\n> 再起動をお試しください。",
            "On Fri, 1 May 2026 10:00:00 +0900\nサポート <[email]> wrote:\n\n再起動をお試しください。",
            "On Fri, May 1, 2026 at 10:00 AM Support <[email]>\nwrote:\n\n> Please restart it.",
            "サポートさんは書きました：\n＞ 再起動をお試しください。",
            "差出人: サポート <[email]>\n送信日時: 2026年5月1日\n宛先: [name]\n\n再起動をお試しください。",
            "*From:* Support <[email]>\n*Sent:* Friday, May 1, 2026\n\nPlease restart it.",
            "-------- 転送メッセージ --------\n件名: 再起動\n日付: Fri, 1 May 2026\n\nお試しください。",
            "----- Original Message -----\nFrom: [email]\nDate: 2026/05/01 金 10:00\n\nお試しください。",
            "Begin forwarded message:\n\nFrom: [email]\nSubject: Restart\n\nPlease restart it.",
            "Android版 Yahoo!メールから送信",
            "Outlook for iOS を入手",
            "##- この行より上に返信内容を入力してください -##",
        ],
    )
    def test_what_a_mail_program_adds_is_in_no_span(self, quoted: str) -> None:
        assert spans("", f"設定を変えても請求書が届きません。\n\n{quoted}\n") == [
            "設定を変えても請求書が届きません。"
        ]

    @pytest.mark.parametrize(
        "text",
        [
            "2026年5月1日に次のエラーが出ました：\nエラー500で請求書を保存できません。",
            "On Friday, May 1, 2026 we updated it.\nSince then the log says what the manual wrote: it fails.",
            "2026-05-01 10:00:\nThe export failed with an error.",
        ],
    )
    def test_a_day_at_the_beginning_of_a_line_quotes_nobody(self, text: str) -> None:
        assert spans("", text)[-1].endswith(text.splitlines()[-1])

    def test_what_is_written_below_quoted_lines_counts_with_its_place(self) -> None:
        start = "2026年5月1日(金) 10:00 サポート窓口 <\n[email]>:\n> 再起動は\n> されましたか\n\n"
        said = "再起動しましたが、請求書の画面が真っ白です。"
        text, _, found = cut("", start + said)
        assert found.spans == ((text.index(said), len(text)),)

    def test_an_answer_between_quoted_lines_counts(self) -> None:
        assert spans("", "> Did you restart?\nYes, and it still crashes.") == ["Yes, and it still crashes."]

    def test_a_later_reply_carries_none_unless_it_raises_something_new(self) -> None:
        agent = ("agent", "Please update.")
        assert len(spans("", "It crashes.", agent, "I updated and it works better now.")) == 1
        assert spans("", "It crashes.", agent, "Another issue: printing does not work.")[1:] == [
            "Another issue: printing does not work."
        ]

    def test_nobody_elses_words_are_in_a_span(self) -> None:
        found = spans("Help", ("agent", "Hello!"), "The export fails every time.", ("bot", "Noted."))
        assert found == ["The export fails every time."]

    def test_a_title_alone_is_a_span(self) -> None:
        assert spans("Printing does not work") == ["Printing does not work"]

    def test_the_leading_span_ends_at_about_600_characters(self) -> None:
        (found,) = spans("Slow", "The search takes very long today. " * 100)
        assert 500 < len(found) <= 600

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            (
                "1. The export fails 2. The import is slow 3. Please add a dark mode",
                ["The export fails", "The import is slow", "Please add a dark mode"],
            ),
            (
                "①ログインできない②パスワードを変更したい③請求書が欲しい",
                ["ログインできない", "パスワードを変更したい", "請求書が欲しい"],
            ),
            (
                "I cannot log in since Monday, but also the invoice is wrong.",
                ["I cannot log in since Monday", "but also the invoice is wrong."],
            ),
            (
                "ログインできないうえに、請求書も届いていません。",
                ["ログインできないうえに", "請求書も届いていません。"],
            ),
            (
                "It used to work in version 2. Now it crashes.",
                ["It used to work in version 2. Now it crashes."],
            ),
            ("I can read mail, but I cannot send any.", ["I can read mail, but I cannot send any."]),
        ],
    )
    def test_a_sentence_with_two_concerns_is_parted_where_a_word_says_so(
        self, said: str, expected: list[str]
    ) -> None:
        assert spans("", said) == expected

    def test_the_headings_of_a_form_and_what_it_asks_for_are_no_words_of_the_customer(self) -> None:
        form = "## Describe the bug\nA clear and concise description of what the bug is.\n\n## Screenshots\n"
        assert set_aside("", form) == "empty"
        assert spans("", "## 再現手順\n印刷するとエラーになります。\n\n## 環境\n") == [
            "印刷するとエラーになります。"
        ]

    def test_what_an_editor_left_behind_is_taken_off(self) -> None:
        assert spans("", "bold textThe calendar does not sync.") == ["The calendar does not sync."]
        assert spans("", "'''bold text''' The calendar does not sync.") == ["The calendar does not sync."]


class TestAChat:
    def test_small_talk_carries_no_span(self) -> None:
        said: list[Said] = [
            "hi",
            ("agent", "Hello"),
            "my laptop does not start",
            ("agent", "Ok?"),
            "yes, thanks",
        ]
        assert spans("", *said, channel="chat") == ["my laptop does not start"]

    def test_a_later_turn_with_a_concern_is_a_span(self) -> None:
        said: list[Said] = [
            "アプリが落ちます",
            ("agent", "はい"),
            "お願いします",
            "請求書も届いていないのですが",
        ]
        assert spans("", *said, channel="chat") == ["アプリが落ちます", "請求書も届いていないのですが"]

    def test_it_is_about_what_is_said_first_at_length_not_about_greetings_and_names(self) -> None:
        said: list[Said] = [
            "hai",
            ("agent", "Your name?"),
            "my name is Kim and the password is 4711",
            ("agent", "And?"),
            "my laptop does not start",
        ]
        assert spans("", *said, channel="chat") == ["my laptop does not start"]

    @pytest.mark.parametrize(
        "said",
        [
            "ok sir nothing else sir",
            "nothing thank you for your help",
            "yes now my problem is solved",
            "hmm thank you for your kind help",
        ],
    )
    def test_the_end_of_a_chat_is_no_concern(self, said: str) -> None:
        assert spans("", "my laptop does not start", ("agent", "Anything else?"), said, channel="chat") == [
            "my laptop does not start"
        ]

    def test_who_gives_a_name_and_a_concern_in_one_turn_is_heard(self) -> None:
        said = "my name is Kim and since monday my laptop does not start at all"
        assert spans("", "hi", ("agent", "Your name?"), said, channel="chat") == [said]
        assert spans("", "my password is not accepted", channel="chat") == ["my password is not accepted"]

    @pytest.mark.parametrize(
        "said",
        [
            "Nothing else works since the update, the app crashes when I export",
            "nothing else work",
            "nothing have changed, I was charged twice",
            "none of the buttons work",
            "no more storage on my plan",
            "name change on my account please",
            "Name is wrong on my invoice",
            "my name is shown twice",
            "my name is misspelled on the invoice",
            "name field too short",
            "payment failed 402",
            "Error 500",
            "500 error",
            "refund order 12345",
            "cancel order 12345",
            "I changed my password in 2023",
            "他に方法がありません",
            "名前は変更できないままです",
            "氏名は旧姓のままです",
            "注文番号は間違いです",
            "電話番号は登録できないエラーです",
            "エラー 500",
            "返金 12345",
        ],
    )
    def test_a_complaint_in_words_of_small_talk_is_heard(self, said: str) -> None:
        assert spans("", said, channel="chat") == [said]

    @pytest.mark.parametrize(
        "said",
        [
            "my name is Kim",
            "name: Kim Lee",
            "my company name is alpha and my password is alpha4711",
            "my name is Kim and my account number is 4711",
            "order number 12345",
            "Account no. 4711",
            "my customer id: AB-4711",
            "AB-4711",
            "名前は佐藤花子です。",
            "氏名は佐藤と申します",
            "注文番号は12345です。",
            "お客様番号：AB-4711",
        ],
    )
    def test_who_only_says_who_they_are_is_set_aside(self, said: str) -> None:
        assert set_aside("", said, channel="chat") == "empty"

    @pytest.mark.parametrize(
        "said",
        [
            "nothing else",
            "no sir, nothing else",
            "Nothing more for now, thank you so much for your help!",
            "no more questions",
            "nothing thank you for the information",
            "いいえ、他にはありません。",
            "ほかは大丈夫です",
        ],
    )
    def test_who_only_says_that_this_was_all_is_set_aside(self, said: str) -> None:
        assert set_aside("", said, channel="chat") == "empty"

    @pytest.mark.parametrize(
        ("asked", "answer", "concern"),
        [
            ("Your name and number?", "jacob smith 747489", "i would like to use it on two machines"),
            (
                "お名前と番号をお願いします。",
                "佐藤 花子 747489",
                "二台のパソコンで使う場合のことで連絡しました",
            ),
        ],
    )
    def test_a_name_with_a_number_gives_way_to_whatever_else_is_said(
        self, asked: str, answer: str, concern: str
    ) -> None:
        assert spans("", answer, concern, channel="chat") == [concern]
        assert set_aside("", ("agent", asked), answer, channel="chat") == "empty"
        assert spans("", answer, channel="chat") == [answer]

    @pytest.mark.parametrize(
        ("asked", "answer"),
        [
            ("Your account number?", "payment failed 402"),
            ("Which name?", "name change on my account please"),
            ("注文番号をお願いします。", "返金 12345"),
        ],
    )
    def test_a_complaint_is_heard_also_where_a_name_or_number_was_asked_for(
        self, asked: str, answer: str
    ) -> None:
        assert spans("", ("agent", asked), answer, channel="chat") == [answer]

    def test_a_chat_without_a_concern_has_no_span(self) -> None:
        said: list[Said] = ["hi", ("agent", "Your name?"), "kim 4711", ("agent", "Anything else?"), "nothing"]
        assert spans("", *said, channel="chat") == []

    def test_what_is_still_wrong_when_something_is_solved_is_a_concern(self) -> None:
        said = "that is solved but the invoice is still wrong"
        assert spans("", "my laptop does not start", ("agent", "?"), said, channel="chat")[1:] == [said]
        nothing = "nothing works since the last update"
        assert spans("", "my laptop does not start", ("agent", "?"), nothing, channel="chat")[1:] == [nothing]


class TestAnAnswer:
    def test_every_sentence_is_a_span(self) -> None:
        assert spans("", "駐車場が少ない。トイレが汚い。", channel="survey") == [
            "駐車場が少ない。",
            "トイレが汚い。",
        ]
        assert spans("", "It is slow. Please add a dark mode.", channel="review") == [
            "It is slow.",
            "Please add a dark mode.",
        ]

    def test_praise_and_what_it_is_set_against_are_two_spans(self) -> None:
        assert spans("", "景色は良かったが、駐車場が狭くて困った。", channel="survey") == [
            "景色は良かったが",
            "駐車場が狭くて困った。",
        ]
        said = "I love the design, but it crashes a lot, and please add a dark mode."
        assert spans("", said, channel="review") == [
            "I love the design",
            "but it crashes a lot",
            "and please add a dark mode.",
        ]

    def test_a_fragment_is_joined_to_its_neighbour(self) -> None:
        assert spans("", "値段が高い。残念。", channel="survey") == ["値段が高い。残念。"]
        assert spans("", "Hm. The price is far too high.", channel="survey") == [
            "Hm. The price is far too high."
        ]

    def test_thanks_are_an_answer(self) -> None:
        assert spans("", "ありがとうございました。", channel="survey") == ["ありがとうございました。"]

    def test_what_only_an_interviewer_asks_is_in_no_span(self) -> None:
        said = "She likes the map. Where would you go for charts? Perhaps here. Can it show two years?"
        assert spans("", said, channel="interview") == [
            "She likes the map.",
            "Perhaps here.",
            "Can it show two years?",
        ]
        assert spans("", "毎朝使う。どう思いますか？遅いと思う。", channel="interview") == [
            "毎朝使う。",
            "遅いと思う。",
        ]

    def test_the_title_of_an_interview_is_the_researchers(self) -> None:
        assert spans("Talk with P3", "The import is hard.", channel="interview") == ["The import is hard."]

    def test_an_interview_has_no_span_of_manners_and_none_that_begins_with_but(self) -> None:
        said = "Yes, thanks. I like the cards but they are hard to find (on a phone)."
        assert spans("", said, channel="interview") == [
            "I like the cards but they are hard to find (on a phone)."
        ]
        assert spans("", "The tabs are not obvious. (Also said by P2)", channel="interview") == [
            "The tabs are not obvious. (Also said by P2)"
        ]

    def test_only_the_interviewed_speak(self) -> None:
        said: list[Said] = [("interviewer", "What is hard?"), "The import is hard to find."]
        assert spans("", *said, channel="interview") == ["The import is hard to find."]


class TestSetAside:
    @pytest.mark.parametrize(
        "text",
        [
            "特になし",
            "なし",
            "特にありません。",
            "無し",
            "N/A",
            "nothing",
            "None.",
            "-",
            "👍",
            "",
            "  ",
            "bold text",
            "'''bold text'''",
            "Type your message here",
            "[email]",
            "1234",
            "https://example.com",
            "今のところ特にないです",
            "特段なし",
            "不便は感じませんでした。",
            "不便と感じたことは一切ない",
            "困ったことはなかったです",
            "特に不満はありません",
            "思いつきません",
            "no complaints",
            "ーー",
        ],
    )
    @pytest.mark.parametrize("channel", ["survey", "ticket"])
    def test_nothing_said_is_empty(self, text: str, channel: str) -> None:
        assert set_aside("", text, channel=channel) == "empty"

    def test_what_only_leads_to_a_complaint_is_no_span(self) -> None:
        text = "不便ではないが、ベンチがもっとほしい。"
        assert [text[start:end] for start, end in cut("", text, channel="survey")[2].spans] == [
            "ベンチがもっとほしい。"
        ]

    @pytest.mark.parametrize("again", ["です", "今回は", "要望は", "が", "不便に感じたことは"])
    def test_long_texts_of_few_words_are_read_at_once(self, again: str) -> None:
        """Each way of writing nothing can be read in one way only, or this would not end."""
        assert set_aside("", f"なし{again * 2_000}x", channel="survey") in (None, "spam")

    def test_greeting_and_manners_alone_are_empty(self) -> None:
        assert set_aside("", "お世話になっております。\nよろしくお願いいたします。") == "empty"
        assert set_aside("", "Hello,\nThanks!") == "empty"

    def test_only_a_bot_spoke(self) -> None:
        assert set_aside("Chat", ("bot", "How can I help?")) == "bot"

    def test_no_customer_spoke(self) -> None:
        assert set_aside("", ("agent", "Closing this.")) == "empty"

    @pytest.mark.parametrize(
        "text", ["best casino, cheap viagra https://example.com", "asdfghjkl", "ああああああああ"]
    )
    def test_spam_is_plain_to_see(self, text: str) -> None:
        assert set_aside("", text) == "spam"

    @pytest.mark.parametrize(
        "text",
        [
            "I get spam about casinos in my inbox, how do I block it?",
            "See https://a.example https://b.example, both fail",
            "不便だった",
            "困った",
            "便利ではない",
            "全く案内がない",
            "不便な点が多い",
            "Crash",
            "高い",
        ],
    )
    def test_real_customers_are_heard(self, text: str) -> None:
        assert set_aside("", text) is None


WORDS = [
    "Hi,",
    "お世話になります。",
    "It fails.",
    "エラーです。",
    "\n",
    "> quoted",
    "-- ",
    "Also, it is slow.",
    "特になし",
    " ",
    "🎉",
    "[name]",
]


@given(
    st.text(alphabet="aA。\n -1あ", max_size=12),
    st.lists(
        st.tuples(
            st.sampled_from(["customer", "customer", "agent", "bot"]),
            st.lists(st.sampled_from(WORDS), max_size=8).map("".join) | st.text(max_size=20),
        ),
        max_size=5,
    ),
    st.sampled_from(["ticket", "chat", "survey", "interview"]),
)
def test_spans_lie_in_what_the_customer_wrote(title: str, said: list[tuple[str, str]], channel: str) -> None:
    text, turns, found = cut(title, *said, channel=channel)
    allowed = [(0, len(title)), *((turn.start, turn.end) for turn in turns if turn.role == "customer")]
    inside = {place for start, end in allowed for place in range(start, end)}
    position = 0
    for start, end in found.spans:
        assert position <= start < end
        assert text[start:end] == text[start:end].strip() != ""
        assert all(place in inside for place in range(start, end) if not text[place].isspace())
        position = end
    assert bool(found.spans) == (found.set_aside is None)


@pytest.mark.parametrize(
    ("words", "again"),
    [
        ("Thanks!", False),
        ("Thanks to your update I lost my files.", True),
        ("Thanks to all in advance.", False),
        ("Thank you, the problem is solved.", False),
        ("That fixed the crash, it works now.", False),
        ("ありがとうございます。エラーは解決しました。", False),
        ("Still the same error.", True),
        ("It is not fixed, it does not work.", True),
        ("まだエラーになります。", True),
    ],
)
def test_a_turn_behind_the_solution_asks_again_or_only_thanks(words: str, *, again: bool) -> None:
    lang = "ja" if words[-1] == "。" else "en"
    assert asks_again(words, Turn(0, len(words), "customer"), lang=lang) is again
    assert not asks_again(words, Turn(0, len(words), "agent"), lang=lang)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "です",
        "ok",
        "hi ",
        "> a\n",
        "--\n",
        "------\n",
        "Also ",
        "On a wrote:\n",
        "thanks ",
        "From: a@\n",
        "1. a\n",
        "特に",
    ],
)
@pytest.mark.timeout(120)  # squares and worse of this length would take hours
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text, _, found = cut("", unit * (100_000 // len(unit)), lang="en")
    assert all(0 <= start < end <= len(text) for start, end in found.spans)


@pytest.mark.parametrize("unit", ["田\n", "より\n", "Aa. ", "From:\n"])
@pytest.mark.timeout(120)
def test_endless_fragments_of_an_answer_take_linear_time_and_make_no_endless_span(unit: str) -> None:
    text = unit * (60_000 // len(unit))
    found = segment(text, [Turn(0, len(text), "customer")], title_end=0, channel="survey", lang="ja")
    assert max(end - begin for begin, end in found.spans) <= 600


@pytest.mark.parametrize("slip", ["あ", "。", "x", "ok"])
def test_a_slip_of_the_finger_is_no_voice(slip: str) -> None:
    assert segment(slip, [Turn(0, len(slip), "customer")], title_end=0, channel="chat", lang=None).spans == ()
