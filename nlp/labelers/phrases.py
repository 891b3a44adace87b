"""Titles that a person would write, out of what the customers wrote themselves.

A title is a clause or a short sentence of one of the group's own texts, tidied at its ends. Chosen is the one
that carries the group's most telling words, adds little that only one customer said, and reads like a title.
"""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlp.labelers import japanese, spaced
from nlp.labelers.distinct import distinct
from nlp.labelers.telling import CHARACTERS, Vocabulary, vocabularies
from nlp.ports import Label, Labeler
from nlp.tokens import normal_forms
from nlp.tokens import words as tokens

TEXTS = 200
"""Texts that phrases are taken from, in the order given: the surest members are the most typical."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """How phrases are cut and judged in one way of writing."""

    phrases: Callable[[str], Iterator[str]]
    fitness: Callable[[str], float]
    troubled: Callable[[str], bool]
    longest: int


JAPANESE = Script(
    phrases=japanese.phrases,
    fitness=japanese.fitness,
    troubled=japanese.troubled,
    longest=japanese.LONGEST,
)
SPACED = Script(
    phrases=spaced.phrases, fitness=spaced.fitness, troubled=spaced.troubled, longest=spaced.LONGEST
)
BARE = 0.001
"""What a phrase without any telling word is worth: something only where no phrase has one."""
ALONE = 0.75
"""What a phrase with a single content word is worth: a subject without what happens to it."""
HEADING = 1.15
"""What a phrase is worth that a customer wrote as a title."""
NEARLY = 0.6
"""A phrase is nearly as good as the best from this part of its score on."""
SHORTLIST = 25
"""The best phrases are looked at again: do they complain, or not, as the others do?"""
_JAPANESE = re.compile("[ぁ-ゖァ-ヺ㐀-䶿一-鿿]")
_SHOUTED = re.compile("[^\\W\\d_a-z]{2}")
_ONES_OWN = re.compile(r"\[[a-z_]{2,12}\]|https?://\S+|\S*\d{4,}\S*")
"""Masks of redacted values, addresses and numbers: what says something about one person only."""
UNTITLED = "?"
"""The title of a group in which nobody used a word."""


class PhraseLabeler(Labeler):
    """Takes titles and keywords from the texts, in any language; nothing is made up and no model asked."""

    name = "phrases-1"

    def label(self, groups: Sequence[Sequence[str]], *, lang: str) -> list[Label]:  # noqa: ARG002
        """Return a label a group. The script, not `lang`, decides how a text is cut."""
        found = vocabularies(groups)
        labels: list[Label] = []
        taken: set[str] = set()
        for texts, words in zip(groups, found, strict=True):
            title = _title(texts, words, taken)
            taken.add(title.casefold())
            labels.append(Label(title=title, keywords=words.keywords))
        return distinct(labels)


def _title(texts: Sequence[str], words: Vocabulary, taken: Container[str]) -> str:
    """Return the best phrase; where another group has it already, the next one if it is nearly as good."""
    counts: Counter[str] = Counter()
    weight: dict[str, float] = {}
    for text in texts[:TEXTS]:
        heading = _heading(text)
        for phrase in dict.fromkeys(_phrases(text)):
            calm = _calm(phrase, words)
            counts[calm] += 1
            weight[calm] = max(weight.get(calm, 1.0), HEADING if phrase[1:] in heading else 1.0)
    scores = {phrase: _score(phrase, count, words) * weight[phrase] for phrase, count in counts.items()}
    ranked = sorted(scores, key=lambda phrase: (-scores[phrase], len(phrase), phrase))
    said = [(frozenset(_normals(phrase)), _script(phrase).troubled(phrase)) for phrase in scores]
    scores = {phrase: scores[phrase] * _agreement(phrase, said, words) for phrase in ranked[:SHORTLIST]}
    ranked = sorted(scores, key=lambda phrase: (-scores[phrase], len(phrase), phrase))
    good = [phrase for phrase in ranked if scores[phrase] > NEARLY * scores[ranked[0]]]
    free = (phrase for phrase in good if phrase.casefold() not in taken)
    return next(free, good[0] if good else _fallback(texts, words.keywords))


def _agreement(phrase: str, said: Iterable[tuple[frozenset[str], bool]], words: Vocabulary) -> float:
    """Return how far the group's other phrases about the same words complain, or not, as this one does.

    Between 0.5 and 1; a theme about being asked for a password must not be called "Not asked for a password".
    """
    weight = words.weight
    about = sorted(set(_normals(phrase)), key=lambda word: (-weight.get(word, 0.0), word))[:2]
    troubled = _script(phrase).troubled(phrase)
    answers = [other == troubled for normals, other in said if normals.issuperset(about)]
    return 0.5 + 0.5 * (sum(answers) + 1) / (len(answers) + 2)


def _heading(text: str) -> str:
    """Return the title that a ticket begins with: a line with a blank line below."""
    heading, blank, _ = text.partition("\n\n")
    return heading if blank else ""


def _calm(phrase: str, words: Vocabulary) -> str:
    """Return the phrase without shouting: a word in capitals as the others write it."""
    if not _SHOUTED.search(phrase):
        return phrase
    pieces = []
    end = 0
    for word in tokens(phrase):
        pieces.append(phrase[end : word.start])
        shouted = len(word.surface) > 1 and word.surface.isupper()
        usual = words.surface.get(word.normal, word.surface) if word.content else word.surface.lower()
        pieces.append(usual if shouted else word.surface)
        end = word.end
    calmed = "".join([*pieces, phrase[end:]])
    return calmed[:1].upper() + calmed[1:]


def _phrases(text: str) -> Iterator[str]:
    """Yield the phrases of a text, each stretch cut as its script asks."""
    read = text[:CHARACTERS]
    yield from _script(read).phrases(read)


def _script(text: str) -> Script:
    return JAPANESE if _JAPANESE.search(text) else SPACED


def _score(phrase: str, count: int, words: Vocabulary) -> float:
    said = set(_normals(phrase))
    told = sum(words.weight.get(word, 0.0) for word in said)
    if not told:
        return BARE * _script(phrase).fitness(phrase)
    foreign = sum(1 - min(words.share.get(word, 0.0) / words.common, 1) for word in said)
    fitness = _script(phrase).fitness(phrase)
    alone = ALONE if len(said) == 1 else 1.0
    return told * (1 - foreign / (len(said) + 1)) * fitness * alone * (1 + 0.1 * min(count - 1, 5))


@lru_cache(maxsize=65536)
def _normals(phrase: str) -> tuple[str, ...]:
    return tuple(normal_forms(phrase))


def _fallback(texts: Sequence[str], keywords: Sequence[str]) -> str:
    """Return keywords where no phrase can be had, else the first words of a text that says anything."""
    if len(keywords) > 1:
        joined = " · ".join(keywords[:3])
        return joined if len(joined) <= SPACED.longest else joined[: SPACED.longest - 1].rstrip() + "…"
    for text in texts:
        line = " ".join(_ONES_OWN.sub(" ", text[:CHARACTERS]).split())
        if normal_forms(line):
            longest = _script(line).longest
            return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    return UNTITLED
