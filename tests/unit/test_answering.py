"""Which message answers a theme, and what others add to it."""

import pytest

from nlp.answering import MOST_OTHERS, MOST_WORDS, answer_of, messages
from nlp.choice import Candidate, candidates
from nlp.draft import Passage
from nlp.tokens import normal_forms

REPAIR = "Right-click the folder and choose Properties. Click Repair Folder to rebuild the index."
COMPACT = "Compact the folders of the account monthly to free much space on the disk for later messages."
EMPTY = "Empty the trash bin weekly so that old mail leaves room on your server before its quota ends."


def passages(*texts: str) -> list[Passage]:
    return [
        Passage(text=text, source="desk", external_id=str(number), start=0)
        for number, text in enumerate(texts)
    ]


def anything(text: str) -> bool:
    return bool(text)


def voices(*texts: str) -> list[Candidate]:
    return candidates(passages(*texts), anything)


def said(*lines: Candidate) -> list[str]:
    return [line.text for line in lines]


class TestMessages:
    def test_what_somebody_repeats_from_another_message_is_left_out(self) -> None:
        (message,) = messages(passages("> It works in safe mode only.\nDisable the add-on."), anything)
        assert said(*message.lines) == ["Disable the add-on."]

    def test_an_article_may_quote(self) -> None:
        (message,) = messages(passages("> Back up first.\nDelete the file."), anything, quoted=True)
        assert said(*message.lines) == ["Back up first.", "Delete the file."]

    def test_what_leans_on_a_sentence_that_is_left_out_goes_with_it(self) -> None:
        text = "My server was down. That took an hour. Restart the program."
        (message,) = messages(passages(text), lambda text: "My" not in text)
        assert said(*message.lines) == ["Restart the program."]

    def test_what_leads_on_to_a_sentence_that_is_left_out_goes_with_it(self) -> None:
        text = "Restart the program. Here is the link: \nhttps://x.example\nClear the cache. See also:"
        (message,) = messages(passages(text), lambda text: "http" not in text)
        assert [said(*run) for run in message.runs] == [["Restart the program."], ["Clear the cache."]]

    def test_a_sentence_that_many_wrote_stands_in_each_of_their_messages(self) -> None:
        told = messages(passages(REPAIR, REPAIR), anything)
        assert told[0].lines == told[1].lines
        assert len(told[0].lines[0].places) == 2


class TestAnswer:
    def test_is_the_message_that_says_what_most_say_and_ask(self) -> None:
        odd = (
            "The colour of the toolbar follows the theme of the system. Dark themes were drawn by volunteers "
            "in spring. Their names are listed in the credits of the release."
        )
        told = messages(passages(odd, REPAIR, "Repair the folder: Properties, Repair Folder."), anything)
        asked = voices("How do I repair a folder?", "The index of a folder is broken.")
        assert said(*answer_of(told, (), voices=asked).main) == said(*told[1].lines)

    def test_adds_what_other_messages_say_besides_and_nothing_twice(self) -> None:
        told = messages(passages(REPAIR, REPAIR, COMPACT, COMPACT), anything)
        answer = answer_of(told, (), voices=voices("My folder of messages is full."))
        assert sorted(said(*answer.lines)) == sorted({*said(*told[0].lines), *said(*told[2].lines)})
        assert len(answer.others) == 1

    @pytest.mark.parametrize(("between", "lengths"), [("", [2]), ("SKIP. ", [1, 1])])
    def test_tells_together_only_what_was_told_together(self, between: str, lengths: list[int]) -> None:
        rest = f"{COMPACT} {between}{EMPTY}"
        first = f"{REPAIR} Restart the program afterwards and wait until every message is listed in its pane."
        told = messages(passages(first, first, rest, rest), lambda text: text != "SKIP.")
        answer = answer_of(told, ())
        assert said(*answer.main) == said(*told[0].lines)
        assert [len(stretch) for stretch in answer.others] == lengths

    def test_stays_short_enough_to_be_read(self) -> None:
        many = [" ".join(f"Word{n}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz") for n in range(60)]
        answer = answer_of(messages(passages(*many), anything), ())
        assert 1 < len(answer.lines) <= 1 + MOST_OTHERS
        assert sum(len(normal_forms(line.text)) for line in answer.lines) <= MOST_WORDS

    def test_does_not_say_again_what_is_known(self) -> None:
        told = messages(passages(REPAIR, COMPACT), anything)
        answer = answer_of(told, (), known=candidates(passages(REPAIR), anything))
        assert said(*answer.lines) == [COMPACT]

    @pytest.mark.parametrize("agents", [(), (REPAIR,)])
    def test_takes_an_article_in_where_agents_lack_it(self, agents: tuple[str, ...]) -> None:
        article = messages(passages(COMPACT), anything, quoted=True)
        answer = answer_of(messages(passages(*agents), anything), article)
        assert said(*answer.lines)[-1] == COMPACT

    def test_of_nothing_is_nothing(self) -> None:
        assert answer_of((), ()).lines == []
