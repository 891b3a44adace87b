"""What answers a theme: the message that says most of what it is about, and what other messages add to it.

A word counts for as many people as use it. The message whose sentences hold most of that for their length
is the answer, in its own order; what tells people what to do goes before what only tells them something.
Stretches of other messages follow as long as they are about the theme, say something new, and the whole stays
short enough to be read.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from nlp.answers import leads_on, leans_back, starts_anew
from nlp.choice import Candidate, Text, candidates, group_of, said_by
from nlp.sentences import sentences
from nlp.tokens import normal_forms

MOST_FROM_ONE = 8
"""Sentences taken from the one message that answers best."""
MOST_FROM_ARTICLES = 3
MOST_OTHERS = 4
"""Stretches of other messages that follow."""
LONGEST_STRETCH = 4
"""Sentences of such a stretch."""
SHORTEST_STRETCH = 8
"""Content words from which on a stretch says enough to stand by itself."""
MOST_WORDS = 130
"""Content words of a whole answer, some 250 words of English: a page of a help centre."""
BRIEF = 30
"""Content words that a message that answers may have without being called long."""
BRIEF_STRETCH = 8
TERSENESS = 0.7
"""How much being long counts against a message: 0 nothing at all, 1 as much as what it says counts for it."""
DOING = 0.5
"""How much more a message counts that tells nothing but what to do."""
ALONE = 0.1
"""What a word counts that one person alone writes in answer; everybody else who does adds 1."""
ASKED = 0.5
"""What a word that all customers use counts besides, as a share of what one in all answers does."""
ON_THEME = 0.7
"""Share of what agents' words weigh on average that the words of a stretch must weigh."""
LEAST_NEW = 0.01
"""Share of all weight that a stretch must add."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a message says that others can use too, in its order."""

    group: str
    runs: tuple[tuple[Candidate, ...], ...]
    """Sentences that followed one another; between runs something is left out."""

    @property
    def lines(self) -> tuple[Candidate, ...]:
        """Return all of it."""
        return tuple(line for run in self.runs for line in run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Sentences that answer."""

    main: tuple[Candidate, ...] = ()
    others: tuple[tuple[Candidate, ...], ...] = ()
    """Stretches of other messages."""

    @property
    def lines(self) -> list[Candidate]:
        """Return all sentences in their order."""
        return [*self.main, *(line for stretch in self.others for line in stretch)]


def messages(
    passages: Iterable[Text], wanted: Callable[[str], bool], *, quoted: bool = False
) -> list[Message]:
    """Return what of each passage is wanted.

    A sentence that leans on one that is left out is left out too, and so is one that leads on to one.
    """
    read = list(passages)
    found = {one.text: one for one in candidates(read, wanted, quoted=quoted)}
    told = ((passage, _runs(passage, found, quoted=quoted)) for passage in read)
    return [Message(group=group_of(passage), runs=tuple(runs)) for passage, runs in told if runs]


def _runs(passage: Text, found: Mapping[str, Candidate], *, quoted: bool) -> list[tuple[Candidate, ...]]:
    runs: list[list[Candidate]] = [[]]
    taken = set()
    for stretch in sentences(passage.text):
        line = found.get(passage.text[stretch.start : stretch.end])
        if line is None or (stretch.quoted and not quoted) or (leans_back(line.text) and not runs[-1]):
            runs.append([])
        elif line.text not in taken:
            taken.add(line.text)
            runs[-1].append(line)
    return [run for each in runs if (run := _closed(each))]


def _closed(run: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return a run without a last sentence that leads on to what is not there."""
    return tuple(run[:-1] if run and leads_on(run[-1].text) else run)


def _first(message: Message) -> tuple[Candidate, ...]:
    return _closed(message.lines[:MOST_FROM_ONE])


def answer_of(
    agents: Sequence[Message],
    article: Sequence[Message],
    *,
    voices: Sequence[Candidate] = (),
    known: Sequence[Candidate] = (),
) -> Answer:
    """Return the answer that agents' messages and articles give to what the voices ask.

    `known` is what need not be said again.
    """
    page = _Page([*agents, *article], voices, known)
    best = max(agents, key=page.merit, default=None)
    main = page.take(_first(best)) if best else ()
    others = page.take_others([one for one in agents if one is not best])
    written = page.take([line for one in article for line in one.lines], most=MOST_FROM_ARTICLES)
    if not main:
        return Answer(main=written, others=others)
    return Answer(main=main, others=(*others, written) if written else others)


def steps_within(chosen: Sequence[Candidate]) -> tuple[int, int] | None:
    """Return where a list of steps begins and ends in an answer; None where there are fewer than two.

    What is told between two steps belongs to the step before, but where more is told than done it is no list.
    """
    rows = [row for row, one in enumerate(chosen) if one.step]
    if len(rows) < 2 or len(rows) < (rows[-1] - rows[0] + 1) / 2:
        return None
    return rows[0], rows[-1] + 1


def _joined(
    taken: Sequence[Sequence[Candidate]], told: Sequence[Message]
) -> tuple[tuple[Candidate, ...], ...]:
    """Return stretches in the order in which they were taken, with those in one that followed one another."""
    turn = {line.text: number for number, stretch in enumerate(taken) for line in stretch}
    found: list[tuple[int, tuple[Candidate, ...]]] = []
    for run in (run for message in told for run in message.runs):
        for is_taken, lines in groupby(run, key=lambda line: line.text in turn):
            if is_taken:
                stretch = tuple(lines)
                found.append((min(turn.pop(line.text) for line in stretch), stretch))
    return tuple(stretch for _, stretch in sorted(found, key=lambda each: each[0]))


class _Page:
    """What is chosen so far, and what it is chosen by."""

    def __init__(
        self, told: Sequence[Message], voices: Sequence[Candidate], known: Sequence[Candidate]
    ) -> None:
        lines = {line.text: line for message in told for line in message.lines}
        everything = [*known, *lines.values()]
        self._rows = {one.text: row for row, one in enumerate(everything)}
        self._said = said_by(everything)
        self._words = {one.text: normal_forms(one.text) for one in everything}
        self._weights = self._weigh(told, voices)
        densities = [self._weight([line]) / max(1, len(self._distinct([line]))) for line in lines.values()]
        self._usual = sum(densities) / max(1, len(densities))
        self._total = sum(self._weights.values())
        self._chosen = list(range(len(known)))
        self._covered = set(self._distinct(known))
        self._length = 0

    def _weigh(self, told: Sequence[Message], voices: Sequence[Candidate]) -> dict[str, float]:
        writers: dict[str, set[str]] = defaultdict(set)
        for message in told:
            for word in self._distinct(message.lines):
                writers[word].add(message.group)
        askers: dict[str, set[str]] = defaultdict(set)
        for voice in voices:
            for word in normal_forms(voice.text):
                askers[word].add(voice.group)
        each = ASKED * len({one.group for one in told}) / max(1, len({one.group for one in voices}))
        return {
            word: ALONE + len(groups) - 1 + each * len(askers.get(word, ()))
            for word, groups in writers.items()
        }

    def merit(self, message: Message) -> tuple[bool, float]:
        """Return how good an answer a message would be; one that is no single sentence is the better one."""
        lines = _first(message)
        doing = sum(line.step or line.listed for line in lines) / max(1, len(lines))
        merit = (1 + DOING * doing) * self._gain(lines) / (BRIEF + self._long(lines)) ** TERSENESS
        return len(lines) > 1, round(merit, 6)

    def take(self, lines: Sequence[Candidate], *, most: int | None = None) -> tuple[Candidate, ...]:
        """Choose those of a message's sentences that say what was not said before it, and return them."""
        taken = [line for line in lines if self._is_new(line)][:most]
        self._chosen += [self._rows[line.text] for line in taken]
        self._covered |= self._distinct(taken)
        self._length += self._long(taken)
        return tuple(taken)

    def take_others(self, told: Sequence[Message]) -> tuple[tuple[Candidate, ...], ...]:
        """Choose stretches of messages, each time the one that adds most for its length."""
        taken: list[tuple[Candidate, ...]] = []
        stretches = [stretch for message in told for stretch in self._stretches(message)]
        while len(taken) < MOST_OTHERS and (fitting := [one for one in stretches if self._fits(one)]):
            best = max(fitting, key=lambda one: round(self._gain(one) / self._cost(one), 6))
            taken.append(self.take(best))
        return _joined(taken, told)

    def _stretches(self, message: Message) -> Iterator[tuple[Candidate, ...]]:
        """Yield the stretches of a message that can stand by themselves and are about the theme."""
        for run in message.runs:
            for start, first in enumerate(run):
                for end in range(start + 1, min(start + LONGEST_STRETCH, len(run)) + 1):
                    if starts_anew(first.text) and self._says_enough(run[start:end]):
                        yield run[start:end]

    def _says_enough(self, stretch: Sequence[Candidate]) -> bool:
        return (
            self._long(stretch) >= SHORTEST_STRETCH
            and not leads_on(stretch[-1].text)
            and self._weight(stretch) >= ON_THEME * self._usual * len(self._distinct(stretch))
        )

    def _fits(self, stretch: Sequence[Candidate]) -> bool:
        return (
            self._length + self._long(stretch) <= MOST_WORDS
            and self._gain(stretch) >= LEAST_NEW * self._total
            and all(self._is_new(line) for line in stretch)
        )

    def _is_new(self, line: Candidate) -> bool:
        return self._said.is_new(self._rows[line.text], self._chosen)

    def _gain(self, stretch: Iterable[Candidate]) -> float:
        return sum(self._weights[word] for word in self._distinct(stretch) - self._covered)

    def _cost(self, stretch: Iterable[Candidate]) -> float:
        return math.sqrt(BRIEF_STRETCH + self._long(stretch))

    def _weight(self, lines: Iterable[Candidate]) -> float:
        return sum(self._weights[word] for word in self._distinct(lines))

    def _distinct(self, lines: Iterable[Candidate]) -> set[str]:
        return {word for line in lines for word in self._words[line.text]}

    def _long(self, lines: Iterable[Candidate]) -> int:
        return sum(len(self._words[line.text]) for line in lines)
