"""Shorter forms of a phrase in a language written with spaces: details that few others share taken out."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from nlp.tokens import Token, words

_CIRCUMSTANCES = """
of for with on in from to at by about when after before while because since into during via without using
through if that which as and or where until whenever every called named
de en para con por del di da per mit von für bei im dans pour avec sur
"""
_DETERMINERS = "a an the my your our his her their its this that these those any some no all"
_LINKING = "is are was were has have had be been do does did not cannot can will would"
_ASKING = "how what why where when which who"
_MEASURED = "long much many often far soon"
_THINGS_ASKED = "what who which where"
_BEFORE_SUBJECTS = "is are was were do does did has have had can could will would"
_SUBJECTS = "i you we it he she they there"
_NUMBERS = "two three four five six seven eight nine ten several many more"
_JOINING = frozenset(_CIRCUMSTANCES.split())
"""Words before which a phrase may end."""
_BEFORE_NOUNS = frozenset(_DETERMINERS.split())
"""Words that a noun follows, whatever stands between."""
_OPEN = _BEFORE_NOUNS | _JOINING | frozenset((_LINKING + " so").split())
"""Words that nothing ends with."""
_COUNTS = frozenset(_NUMBERS.split())
_MEASURES = frozenset(_MEASURED.split())
"""What “how” asks for beside a manner."""
_THINGS = frozenset(_THINGS_ASKED.split())
"""Questions that a noun completes: “what is the fee”."""
_INVERTED = frozenset(_BEFORE_SUBJECTS.split())
"""Verbs that stand before their subject in a question, while the rest of the predicate comes after it."""
_QUESTIONS = frozenset(_ASKING.split()) | _INVERTED
"""Words that a question begins with."""
_BEING = frozenset(("is", "are", "was", "were"))
_PRONOUNS = frozenset(_SUBJECTS.split())
_VOWEL = re.compile("[aeio]|u(?!ni|se|su|k)|hour|honest", re.IGNORECASE)
LEAST_WORDS = 2
"""A shorter form keeps so many words that mean something."""
MOST_DETAIL = 4
"""Words taken out at once between an article and its noun."""


@lru_cache(maxsize=65536)
def shortened(phrase: str) -> tuple[str, ...]:
    """Return the phrase and its shorter forms, each a part of it with nothing added but an article's n."""
    forms = dict.fromkeys((phrase, *_cut_ends(phrase)))
    for form in list(forms):
        forms |= dict.fromkeys(_without_detail(form))
    return tuple(forms)


def _cut_ends(phrase: str) -> Iterator[str]:
    """Yield the phrase up to each word that begins a circumstance: "Get a quote | for my condo insurance"."""
    found = words(phrase)
    for place, word in enumerate(found):
        before = found[:place]
        ends = word.surface.lower() in _JOINING and before and before[-1].content
        if ends and _enough(before) and _asks_still(before, found[place:]):
            yield phrase[: word.start].rstrip(" ,;:–-")


def _without_detail(phrase: str) -> Iterator[str]:
    """Yield the phrase without what stands between an article and its noun: "my (condo) insurance"."""
    found = words(phrase)
    if not found or _surface(found[0]) in _QUESTIONS:  # "how much a new car costs" has a verb at that place
        return
    for start, word in enumerate(found):
        following = found[start + 1 : start + 2]
        if _surface(word) in _COUNTS and start and following and following[0].content:
            yield phrase[: word.start] + phrase[following[0].start :]
        if _surface(word) not in _BEFORE_NOUNS:
            continue
        for end in range(start + 2, min(start + 2 + MOST_DETAIL, len(found))):
            noun, after = found[end], found[end + 1 : end + 2]
            if phrase[found[end - 1].end : noun.start] != " " or _ends_description(found[end - 1]):
                break
            named = noun.surface[0].isupper() and found[end - 1].surface[0].isupper()  # "Apple Pay" is whole
            ends = noun.content and not named and (not after or _surface(after[0]) in _JOINING)
            if ends and _enough([*found[: start + 1], *found[end:]]):
                yield phrase[: word.start] + _article(word, noun) + " " + phrase[noun.start :]


def _article(article: Token, noun: Token) -> str:
    """Return an article in the form that a noun asks for: "a (life) insurance" becomes "an insurance"."""
    if _surface(article) not in ("a", "an"):
        return article.surface
    return article.surface[0] + ("n" if _VOWEL.match(noun.surface) else "")


def _asks_still(kept: Sequence[Token], cut: Sequence[Token]) -> bool:
    """Say whether a question was not cut before its verb: "why is the exchange rate (so bad)" was."""
    said = [_surface(word) for word in kept]
    if said[0] not in _QUESTIONS:
        return True
    measures = said[0] == "how" and not _MEASURES.isdisjoint(said[1:2])
    if measures and _surface(cut[0]) in ("to", "for"):  # what takes so long, or costs so much
        return False
    verb = next((place for place, word in enumerate(said) if word in _INVERTED), None)
    if verb is None:
        return _INVERTED.isdisjoint(map(_surface, cut))
    if verb > 1 + measures or (said[0] in _THINGS and said[verb] in _BEING):
        return True
    least = LEAST_WORDS + 1 if _PRONOUNS.isdisjoint(said[verb + 1 : verb + 2]) else 1
    return sum(word.content for word in kept[verb + 1 :]) >= least


def _ends_description(word: Token) -> bool:
    """Say whether a word cannot describe a noun: "the month is painfully slow" is no slow of any kind."""
    return _surface(word) in _OPEN or _surface(word).endswith("ly")


def _surface(word: Token) -> str:
    return word.surface.lower().partition("'")[0]


def _enough(found: list[Token]) -> bool:
    if not found or _surface(found[-1]) in _OPEN:
        return False
    asks = _surface(found[0]) in _QUESTIONS and len(found) > LEAST_WORDS + 1
    return sum(word.content for word in found) + asks >= LEAST_WORDS
