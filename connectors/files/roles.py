"""Who of the speakers asks and who answers: the one place that decides it."""

import re
from collections import Counter
from collections.abc import Sequence

from connectors.files.speakers import is_interviewer, is_participant, key
from connectors.files.transcripts import Transcript, Turn

INTERVIEWER, CUSTOMER = "interviewer", "customer"
LEAST_ASKED = 1 / 3
"""Share of an interviewer's turns that ask something."""
MORE_ASKED = 2
"""So many times as many questions as anybody else asks an interviewer."""

ASKS = re.compile(r"[?？]|(?:です|ます|した|せん|しょう|でしょう|ない|たい|の)か(?:[。．、\s]|ね[。\s]|$)")
"""What a question is known by."""


class Roles:
    """Who asks in one transcript.

    Those are the interviewers that `given` names; else those whose names say so; else, where names say who
    answers, all others; else the one speaker who asks in a third of the turns or more, and at least twice as
    often as anybody else. Where nobody does, all are customers. Several who answer are several customers.
    """

    def __init__(self, transcript: Transcript, given: Sequence[str] = ()) -> None:
        names = list(dict.fromkeys(key(turn.speaker) for turn in transcript.turns if turn.speaker))
        self.speakers = len(names)
        self.guessed = False
        """Whether what people say, and not their names, told who asks."""
        self.interviewers = _named(names, given)
        if not self.interviewers and len(names) > 1:
            self.interviewers = _by_questions(transcript.turns)
            self.guessed = bool(self.interviewers)

    @property
    def unknown(self) -> bool:
        """Whether nobody could be told to be the interviewer, though several speak."""
        return self.speakers > 1 and not self.interviewers

    def of(self, turn: Turn) -> str:
        """Return whose a turn is: `interviewer` or `customer`."""
        asks = turn.by_researcher or (turn.speaker is not None and key(turn.speaker) in self.interviewers)
        return INTERVIEWER if asks else CUSTOMER


def _named(names: Sequence[str], given: Sequence[str]) -> set[str]:
    wanted = [key(name) for name in given]
    found = {name for name in names if any(_is_called(name, one) for one in wanted)}
    found |= {name for name in names if is_interviewer(name)}
    answering = {name for name in names if is_participant(name)}
    return found or (set(names) - answering if answering else set())


def _is_called(name: str, wanted: str) -> bool:
    """Say whether a speaker is whom the caller means: by the whole name, or by a whole word of it."""
    return name == wanted or wanted in re.split(r"[\s()（）\[\]・,]+", name)


def _by_questions(turns: Sequence[Turn]) -> set[str]:
    said = Counter(key(turn.speaker) for turn in turns if turn.speaker)
    asked = Counter(key(turn.speaker) for turn in turns if turn.speaker and ASKS.search(turn.text))
    (first, most), (_, next_most) = [*asked.most_common(2), ("", 0), ("", 0)][:2]
    least = MORE_ASKED if len(turns) > 2 * len(said) else 1
    is_clear = most >= max(least, MORE_ASKED * next_most)
    return {first} if is_clear and most >= LEAST_ASKED * said[first] else set()
