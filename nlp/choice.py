"""Which sentences a draft is made of: those that most others support, none twice, steps in their order."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nlp.centrality import Said
from nlp.sentences import sentences
from nlp.tokens import normal_forms

MOST_CANDIDATES = 300
"""Sentences compared with one another; those that came first are kept."""
MOST_CITATIONS = 5
MOST_FROM_ONE = 8
"""Sentences taken from the one message that answers best."""
MOST_FROM_OTHERS = 3
MOST_FROM_ARTICLES = 3
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
    passage: int
    """The number of the passage that it was first found in."""


def candidates(passages: Iterable[Text], wanted: Callable[[str], bool]) -> list[Candidate]:
    """Return the wanted sentences in their order, equal ones as one with all their places."""
    found: dict[str, Candidate] = {}
    for number, passage in enumerate(passages):
        for stretch in sentences(passage.text):
            text = passage.text[stretch.start : stretch.end]
            place = (passage.source, passage.external_id, passage.start + stretch.start)
            known = found.get(text)
            if known is not None:
                if len(known.places) < MOST_CITATIONS and place not in known.places:
                    found[text] = _also(known, place)
            elif len(found) < MOST_CANDIDATES and wanted(text):
                group = f"{passage.source}/{passage.external_id}"
                found[text] = Candidate(
                    text=text, step=stretch.step, places=(place,), group=group, passage=number
                )
    return list(found.values())


def _also(one: Candidate, place: tuple[str, str, int]) -> Candidate:
    return Candidate(
        text=one.text, step=one.step, places=(*one.places, place), group=one.group, passage=one.passage
    )


def voices_of(voices: Sequence[Candidate], *, most: int = MOST_VOICES) -> list[Candidate]:
    """Return the sentences that most people's words support, one a person and none twice."""
    said = _said(voices)
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
    support = _said(short).support()
    for form in (_ASKS_JA, _POLITE_JA) if lang == "ja" else (_ASKS,):
        asking = [
            row
            for row, one in enumerate(short)
            if form.search(one.text) and len(topic & set(normal_forms(one.text))) > ON_TOPIC * len(topic)
        ]
        if asking:
            return short[max(asking, key=lambda row: (support[row], -len(short[row].text), -row))]
    return None


def steps_within(chosen: Sequence[Candidate]) -> tuple[int, int] | None:
    """Return where a list of steps begins and ends in an answer; None where there are fewer than two.

    What is told between two steps belongs to the step before, but where more is told than done it is no list.
    """
    rows = [row for row, one in enumerate(chosen) if one.step]
    if len(rows) < 2 or len(rows) < (rows[-1] - rows[0] + 1) / 2:
        return None
    return rows[0], rows[-1] + 1


def answer_of(
    agents: Sequence[Candidate], article: Sequence[Candidate], *, known: Sequence[Candidate] = ()
) -> list[Candidate]:
    """Return an answer: the message that others support most, in its order, and what others add to it.

    `known` is what need not be said again.
    """
    everything = [*known, *agents, *article]
    said = _said(everything)
    support = said.support()
    chosen = list(range(len(known)))
    rows = range(len(known), len(known) + len(agents))
    main = _best_message(rows, everything, support)
    for row in main[:MOST_FROM_ONE]:
        if said.is_new(row, chosen):
            chosen.append(row)
    others = sorted((row for row in rows if row not in main), key=lambda row: (-support[row], row))
    told = [row for row in others if support[row] >= 1 and not everything[row].step]
    _add_new(chosen, told, said, most=MOST_FROM_OTHERS)
    _add_new(chosen, range(rows.stop, len(everything)), said, most=MOST_FROM_ARTICLES)
    return [everything[row] for row in chosen[len(known) :]]


def _best_message(
    rows: Sequence[int], everything: Sequence[Candidate], support: Sequence[float]
) -> list[int]:
    """Return the rows of the message whose sentences are best supported together."""
    messages: dict[int, list[int]] = {}
    for row in rows:
        messages.setdefault(everything[row].passage, []).append(row)
    if not messages:
        return []
    # One more for each sentence: where nobody repeats anybody, the fuller answer is the better one.
    weight = {
        passage: sum(1 + support[row] for row in part[:MOST_FROM_ONE]) for passage, part in messages.items()
    }
    return messages[max(messages, key=lambda passage: (round(weight[passage], 6), -passage))]


def _add_new(chosen: list[int], rows: Iterable[int], said: Said, *, most: int) -> None:
    added = 0
    for row in rows:
        if added < most and said.is_new(row, chosen):
            chosen.append(row)
            added += 1


def _said(chosen: Sequence[Candidate]) -> Said:
    return Said([one.text for one in chosen], [one.group for one in chosen])
