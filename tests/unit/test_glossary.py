"""The glossary as a value: one word for each expression, and what is said for it."""

import pytest

from nlp.glossary import Entry, Glossary, glossary_of
from nlp.tokens import normal_forms

OURS = glossary_of(
    [
        Entry(term="Smart Shift", kind="term"),
        Entry(term="シフト自動作成", kind="term"),
        Entry(term="auto roster", kind="synonym", stands_for="Smart Shift"),
        Entry(term="自動シフト", kind="variant", stands_for="シフト自動作成"),
        Entry(term="blacklist", kind="never", stands_for="blocklist"),
        Entry(term="dummy", kind="never"),
    ]
)


class TestExpressions:
    def test_everything_that_means_a_term_is_one_and_the_same_word(self) -> None:
        said = ["Smart Shift fails", "the auto  roster fails", "ＳＭＡＲＴ ＳＨＩＦＴ fails"]
        first, *others = ({each for each in normal_forms(OURS.hidden(one)) if each != "fail"} for one in said)
        assert len(first) == 1
        assert others == [first, first]

    def test_what_was_hidden_is_shown_as_the_preferred_term(self) -> None:
        assert OURS.shown(OURS.hidden("Auto roster fails")) == "Smart Shift fails"
        assert OURS.shown(OURS.hidden("自動シフトが動かない")) == "シフト自動作成が動かない"
        assert OURS.shown(OURS.hidden("a smart shifter")) == "a smart shifter"

    def test_a_term_in_japanese_text_is_one_word(self) -> None:
        assert len(normal_forms(OURS.hidden("自動シフト"))) == 1

    @pytest.mark.parametrize("text", ["SMART SHİFT fails", "smart shıft", "ſmart ſhift", "Smart\u2003Shift"])
    def test_odd_letters_and_spaces_stop_nobody(self, text: str) -> None:
        assert OURS.shown(OURS.hidden(text))
        assert OURS.obeyed(text)
        assert OURS.alternatives(text)
        assert OURS.allows(text)

    def test_a_letter_that_would_be_two_in_another_case_stays_itself(self) -> None:
        street = glossary_of([Entry(term="Straße", kind="synonym", stands_for="Weg")])
        assert street.shown(street.hidden("Die STRAßE")) == "Die Weg"

    def test_the_longest_expression_at_a_place_is_meant_whatever_its_script(self) -> None:
        ours = glossary_of(
            [
                Entry(term=term, kind="synonym", stands_for=f"<{term}>")
                for term in ("AI", "AIシフト", "シフト")
            ]
        )
        assert ours.obeyed("AIシフトとAIとAIM") == "<AIシフト>と<AI>とAIM"

    @pytest.mark.timeout(120)  # an attempt of every entry at every place would take far longer
    def test_thousands_of_entries_are_looked_for_at_once(self) -> None:
        words = [f"word{number}" for number in range(8_000)]
        ours = glossary_of([Entry(term=word, kind="synonym", stands_for="thing") for word in words])
        assert ours.shown(ours.hidden(" ".join(words * 8))) == " ".join(["thing"] * 64_000)

    def test_a_word_that_nothing_stands_for_is_hidden_for_good(self) -> None:
        assert normal_forms(OURS.shown(OURS.hidden("dummy data"))) == ["data"]


class TestOurSentences:
    def test_they_use_the_preferred_terms(self) -> None:
        assert OURS.obeyed("The blacklist of auto roster") == "The blocklist of Smart Shift"
        assert OURS.obeyed("Ｎｏｔｈｉｎｇ here") == "Ｎｏｔｈｉｎｇ here"

    def test_a_word_never_to_use_is_not_allowed(self) -> None:
        assert not OURS.allows("our Blacklist")
        assert not OURS.allows("dummy")
        assert OURS.allows("auto roster and blacklisted")


class TestSearch:
    def test_a_search_for_a_synonym_means_the_term_and_the_reverse(self) -> None:
        family = {"Smart Shift", "auto roster"}
        assert [set(each) for each in OURS.alternatives("auto roster error")] == [family, {"error"}]
        assert [set(each) for each in OURS.alternatives("error smart shift")] == [{"error"}, family]

    def test_without_a_glossary_a_search_is_its_words(self) -> None:
        assert Glossary().alternatives("a  b") == (("a",), ("b",))


def test_a_circle_of_synonyms_ends() -> None:
    circle = glossary_of(
        [Entry(term="a1", kind="synonym", stands_for="b1"), Entry(term="b1", kind="synonym", stands_for="a1")]
    )
    assert circle.shown(circle.hidden("a1 b1")) in ("a1 a1", "b1 b1", "a1 b1", "b1 a1")


def test_an_empty_glossary_changes_nothing() -> None:
    assert Glossary().hidden("ＡＢＣ") == "ＡＢＣ"
    assert Glossary().obeyed("ＡＢＣ") == "ＡＢＣ"
    assert Glossary().allows("anything")
