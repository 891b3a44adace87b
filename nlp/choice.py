"""Which sentences of many people stand for all of them: those that most others support, none twice."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from nlp.centrality import Said
from nlp.sentences import sentences
from nlp.tokens import normal_forms

MOST_CANDIDATES = 300
"""Sentences compared with one another; those that came first are kept."""
MOST_CITATIONS = 5
MOST_VOICES = 3

_ASKS_JA = re.compile(r"(?:ですか|ますか|でしょうか|ませんか)[。？?]*$")
_POLITE_JA = re.compile(r"(?:ません|たいです|たいのですが|ないのですが|ます)[。！!]*$")
_ASKS = re.compile(
    r"^(?:how|why|what|where|when|can|could|is|are|do|does|which|will)\b.*\?$|.*\?$", re.IGNORECASE
)
_HAPPENS = re.compile(
    r"\b(?:when(?:ever)?|after|as soon as|every time|each time|while|if i|once i|since)\b"
    r"|(?:すると|したら|したところ|しようと|とき|時に|後に|あとに|たび|途中|以降|してから|ときに)",
    re.IGNORECASE,
)
SHORTEST_QUESTION, LONGEST_QUESTION = 8, 90
ON_TOPIC = 0.5
"""More than this share of the title's words must a question hold to stand for the whole theme."""


class Text(Protocol):
    """A stretch of a cited text."""

    @property
    def text(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def external_id(self) -> str: ...
    @property
    def start(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence that may be taken, and every place where it stands word for word."""

    text: str
    step: bool
    places: tuple[tuple[str, str, int], ...]
    """Source, external id, start."""
    group: str
    """Whose text it is from: sentences of one group support each other nothing."""
    listed: bool = False
    """True for a line of a list without numbers."""
    begins: bool = False
    """True for what begins any line."""


def candidates(
    passages: Iterable[Text], wanted: Callable[[str], bool], *, quoted: bool = False
) -> list[Candidate]:
    """Return the wanted sentences in their order, equal ones as one with all their places.

    What somebody only repeats from another message is left out unless `quoted`.
    """
    found: dict[str, Candidate] = {}
    for passage in passages:
        for stretch in sentences(passage.text):
            if stretch.quoted and not quoted:
                continue
            text = passage.text[stretch.start : stretch.end]
            place = (passage.source, passage.external_id, passage.start + stretch.start)
            known = found.get(text)
            if known is not None:
                if len(known.places) < MOST_CITATIONS and place not in known.places:
                    found[text] = replace(known, places=(*known.places, place))
            elif len(found) < MOST_CANDIDATES and wanted(text):
                found[text] = Candidate(
                    text=text,
                    step=stretch.step,
                    listed=stretch.listed,
                    begins=stretch.begins,
                    places=(place,),
                    group=group_of(passage),
                )
    return list(found.values())


def group_of(passage: Text) -> str:
    """Return whose text a passage is from."""
    return f"{passage.source}/{passage.external_id}"


def voices_of(voices: Sequence[Candidate], *, most: int = MOST_VOICES) -> list[Candidate]:
    """Return the sentences that most people's words support, one a person and none twice."""
    said = said_by(voices)
    support = said.support()
    chosen: list[int] = []
    for row in sorted(range(len(voices)), key=lambda row: (-support[row] - len(voices[row].places), row)):
        groups = {voices[other].group for other in chosen}
        if len(chosen) < most and voices[row].group not in groups and said.is_new(row, chosen):
            chosen.append(row)
    return [voices[row] for row in chosen]


def happenings(voices: Sequence[Candidate]) -> list[Candidate]:
    """Return the best supported sentences that tell under which circumstances it happens."""
    return voices_of([one for one in voices if _HAPPENS.search(one.text)])


def question_of(voices: Sequence[Candidate], *, title: str, lang: str) -> Candidate | None:
    """Return the customers' sentence that asks best what all of them ask; None where no one fits.

    In Japanese it must be polite (です・ます), because it becomes a title; elsewhere it must be a question.
    `title` is the theme's: a question that holds little of it asks something else, or nothing by itself.
    """
    topic = set(normal_forms(title))
    short = [one for one in voices if SHORTEST_QUESTION <= len(one.text) <= LONGEST_QUESTION]
    support = said_by(short).support()
    for form in (_ASKS_JA, _POLITE_JA) if lang == "ja" else (_ASKS,):
        asking = [
            row
            for row, one in enumerate(short)
            if form.search(one.text) and len(topic & set(normal_forms(one.text))) > ON_TOPIC * len(topic)
        ]
        if asking:
            return short[max(asking, key=lambda row: (support[row], -len(short[row].text), -row))]
    return None


def said_by(chosen: Sequence[Candidate]) -> Said:
    """Return how alike sentences are."""
    return Said([one.text for one in chosen], [one.group for one in chosen])
