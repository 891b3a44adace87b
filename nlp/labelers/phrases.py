"""Titles that a person would write, out of what the customers wrote themselves.

A title is a clause or a short sentence of one of the group's own texts, tidied at its ends. Chosen is the one
that carries the group's most telling words, adds little that only one customer said, and reads like a title.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from nlp.labelers import japanese, spaced, statements
from nlp.labelers.covering import Covering, Title
from nlp.labelers.distinct import distinct
from nlp.labelers.either import either
from nlp.labelers.shortened import shortened
from nlp.labelers.support import Support, normals
from nlp.labelers.telling import CHARACTERS, Vocabulary, vocabularies
from nlp.ports import Label, Labeler
from nlp.tokens import normal_forms
from nlp.tokens import words as tokens

TEXTS = 400
"""Texts of a group that titles are taken from and measured on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """How phrases are cut and judged in one way of writing."""

    phrases: Callable[[str], Iterator[str]]
    fitness: Callable[[str], float]
    troubled: Callable[[str], bool]
    longest: int
    shorter: Callable[[str], tuple[str, ...]]
    """The phrase and its shorter forms."""
    either: Callable[[str, Sequence[str], Support], str]
    """The phrase, if need be with an alternative to one of its words."""


JAPANESE = Script(
    shorter=lambda phrase: (phrase,),
    either=lambda phrase, _others, _support: phrase,
    phrases=japanese.phrases,
    fitness=japanese.fitness,
    troubled=japanese.troubled,
    longest=japanese.LONGEST,
)
SPACED = Script(
    phrases=spaced.phrases,
    fitness=spaced.fitness,
    troubled=spaced.troubled,
    longest=spaced.LONGEST,
    shorter=shortened,
    either=partial(either, longest=spaced.LONGEST),
)
FEW_TEXTS = 30
"""In so few texts what is counted is hardly a pattern, and a customer's own clause may say it best …"""
BORNE_OUT = 0.3
"""… if the texts bear it out this far, where nothing but names could be put together …"""
BARELY = 0.15
"""… or this far, where nothing could: it says what happens, which a list of subjects does not …"""
BETTER = 0.15
"""… or by so much further than a whole statement is true."""
BARE = 0.001
"""What a phrase without any telling word, or about all groups, is worth: something where no other is."""
ALONE = 0.75
"""What a phrase with a single content word is worth: a subject without what happens to it."""
HEADING = 1.35
"""What a phrase is worth that a customer wrote as a title."""
FAR = 0.5
"""What holds for so many texts is a title …"""
NEARLY_BEST = 0.8
"""… even where it is worth only this part of one that reaches fewer …"""
FARTHER = 0.15
"""… and of what holds for fewer, a list of subjects is better that reaches so many more of them …"""
LIST_LEAST = 0.3
"""… and this many at the least …"""
LIST_OF_FEW = 0.5
"""… or this, of few texts."""
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

    name = "phrases-2"

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
    """Return the title that is true of most texts, or, where another group has it, the next."""
    read = spread(texts, TEXTS)
    return (_composed if _mostly_japanese(read) else _phrase)(read, words, taken)


def _composed(read: Sequence[str], words: Vocabulary, taken: Container[str]) -> str:
    """Return what can be put together from what Japanese texts say, or a clause that says it better."""
    covering = Covering([statements.read(text) for text in read], words.weight, words.everywhere)
    whole = [title for title in covering.titles() if title.text.casefold() not in taken]
    best, few = _far_reaching(whole), len(read) <= FEW_TEXTS
    if best is not None and best.reach >= FAR and not few:
        return best.text
    phrase = _phrase(read, words, taken)
    normal = sorted(set(normals(phrase)))
    if few and _better(Support(read).of(normal), best):
        return phrase
    if few and best is not None:
        return best.text
    reach = best.reach if best else covering.reach_of(statements.read(phrase), normal)
    listed = covering.list_of(qualities=not few)
    if listed is not None and listed.text.casefold() not in taken and _farther(listed.reach, reach, few=few):
        return listed.text
    return best.text if best else phrase


def _far_reaching(titles: Sequence[Title]) -> Title | None:
    """Return the best title, or one nearly as good that reaches most texts where the best does not."""
    good = (title for title in titles if title.value >= NEARLY_BEST * titles[0].value)
    return next((title for title in good if title.reach >= FAR), titles[0] if titles else None)


def _better(borne_out: float, best: Title | None) -> bool:
    """Say whether a clause that few texts bear out so far is better than what was put together."""
    if best is None:
        return borne_out >= BARELY
    return borne_out >= (BORNE_OUT if best.names_only else best.truth + BETTER)


def _farther(listed: float, reach: float, *, few: bool) -> bool:
    """Say whether a list of such reach is better than a title that reaches less."""
    return reach < FAR and listed >= max(LIST_OF_FEW if few else LIST_LEAST, reach + FARTHER)


def spread(texts: Sequence[str], most: int) -> Sequence[str]:
    """Return at most so many of the texts, from the first to the last: the surest members and the others."""
    return texts[:: -(-len(texts) // most)] if len(texts) > most else texts


def _mostly_japanese(texts: Sequence[str]) -> bool:
    return 2 * sum(_JAPANESE.search(text[:CHARACTERS]) is not None for text in texts) > len(texts)


def _phrase(texts: Sequence[str], words: Vocabulary, taken: Container[str]) -> str:
    """Return the best clause that a customer wrote, without the details that few others share."""
    support = Support(texts)
    counts: Counter[str] = Counter()
    weight: dict[str, float] = {}
    for text in texts:
        heading = _heading(text)
        for phrase in dict.fromkeys(_phrases(text)):
            worth = HEADING if phrase[1:] in heading else 1.0
            for form in _script(phrase).shorter(_calm(phrase, words)):
                counts[form] += 1
                weight[form] = max(weight.get(form, 1.0), worth)
    scores = {
        phrase: _score(phrase, count, words, support) * weight[phrase] for phrase, count in counts.items()
    }
    ranked = sorted(scores, key=lambda phrase: (-scores[phrase], len(phrase), phrase))
    written = ranked
    said = [(frozenset(normals(phrase)), _script(phrase).troubled(phrase)) for phrase in scores]
    scores = {phrase: scores[phrase] * _agreement(phrase, said, words) for phrase in ranked[:SHORTLIST]}
    ranked = sorted(scores, key=lambda phrase: (-scores[phrase], len(phrase), phrase))
    good = [phrase for phrase in ranked if scores[phrase] > NEARLY * scores[ranked[0]]]
    free = (phrase for phrase in good if phrase.casefold() not in taken)
    best = next(free, good[0] if good else None)
    if best is None:
        return _fallback(texts, words.keywords)
    script = _script(best)
    joined = ((form, script.either(form, written, support)) for form in script.shorter(best))
    return next((both for form, both in joined if both != form), best)


def _agreement(phrase: str, said: Iterable[tuple[frozenset[str], bool]], words: Vocabulary) -> float:
    """Return how far the group's other phrases about the same words complain, or not, as this one does.

    Between 0.5 and 1; a theme about being asked for a password must not be called "Not asked for a password".
    """
    weight = words.weight
    about = sorted(set(normals(phrase)), key=lambda word: (-weight.get(word, 0.0), word))[:2]
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


def _score(phrase: str, count: int, words: Vocabulary, support: Support) -> float:
    said = set(normals(phrase))
    told = sum(words.weight.get(word, 0.0) for word in said)
    if not told or not words.everywhere.isdisjoint(said):
        return BARE * _script(phrase).fitness(phrase)
    fitness = _script(phrase).fitness(phrase)
    alone = ALONE if len(said) == 1 else 1.0
    return math.sqrt(told) * support.of(sorted(said)) * fitness * alone * (1 + 0.05 * min(count - 1, 5))


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
