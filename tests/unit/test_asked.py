"""What is looked for: the normal forms of what was typed, and what the glossary says means the same."""

from nlp.asked import MOST_PARTS, Part, asked
from nlp.glossary import Entry, Glossary, glossary_of

GLOSSARY = glossary_of(
    [
        Entry(term="サインイン", kind="term"),
        Entry(term="ログイン", kind="synonym", stands_for="サインイン"),
        Entry(term="Smart Shift", kind="term"),
    ]
)


def words(query: str, glossary: Glossary | None = None) -> list[tuple[tuple[str, ...], ...]]:
    """Return the alternatives of each part; a space at the end says that no word goes on."""
    return [part.alternatives for part in asked(f"{query} ", glossary or Glossary()).parts]


class TestWords:
    def test_inflection_width_and_case_make_no_difference(self) -> None:
        assert words("resetting Passwords") == words("reset password") == words("ｒｅｓｅｔ ＰＡＳＳＷＯＲＤ")

    def test_japanese_needs_no_spaces(self) -> None:
        assert words("請求書が届かない") == words("請求書 届かない") == [(("請求書",),), (("届く",),)]

    def test_spellings_of_one_japanese_word_are_one(self) -> None:
        assert words("問合せ") == words("問い合わせ") == words("問い合せ")

    def test_what_tells_nothing_is_not_looked_for(self) -> None:
        for nothing in ("", "   ", "the", "!!! ???", "😡", "%_", "\\", "'", "。、"):
            assert words(nothing) == []

    def test_a_word_that_comes_twice_is_looked_for_once(self) -> None:
        assert words("mail mails MAIL") == words("mail")

    def test_of_ten_thousand_characters_the_first_words_are_looked_for(self) -> None:
        long = " ".join(f"word{number}" for number in range(2_000))
        assert len(words(long)) == MOST_PARTS
        assert words(long)[0] == (("word0",),)


class TestGlossary:
    def test_what_means_the_same_is_looked_for_too(self) -> None:
        (sign_in, fails) = words("ログインが失敗する", GLOSSARY)
        assert sign_in == (("サイン", "イン"), ("ログイン",))
        assert fails == (("失敗",),)

    def test_a_term_of_two_words_is_one_part(self) -> None:
        assert words("Smart Shift crashes", GLOSSARY)[0] == (("smart",),)


class TestTyping:
    def test_the_last_word_may_go_on(self) -> None:
        (first, last) = asked("mail passw", Glossary()).parts
        assert first == Part(alternatives=(("mail",),))
        assert last.begins
        assert ("passw",) in last.alternatives

    def test_a_word_before_a_space_is_whole(self) -> None:
        assert not any(part.begins for part in asked("mail passw ", Glossary()).parts)

    def test_one_letter_begins_nothing(self) -> None:
        assert not any(part.begins for part in asked("mail p", Glossary()).parts)


class TestPlaces:
    def test_matches_are_found_where_they_stand(self) -> None:
        text = "Ｐａｓｓｗｏｒｄｓ again. I reset my password."
        found = [text[start:end] for start, end in asked("password ", Glossary()).places_in(text)]
        assert found == ["Ｐａｓｓｗｏｒｄｓ", "password"]

    def test_what_the_glossary_means_is_lit_too(self) -> None:
        text = "サインインできません"
        found = [text[start:end] for start, end in asked("ログイン", GLOSSARY).places_in(text)]
        assert found == ["サイン", "イン"]

    def test_a_word_that_goes_on_is_lit_whole(self) -> None:
        text = "The password is wrong."
        assert [text[start:end] for start, end in asked("passw", Glossary()).places_in(text)] == ["password"]

    def test_nothing_is_lit_where_nothing_was_asked(self) -> None:
        assert asked("😡", Glossary()).places_in("😡 why") == []
