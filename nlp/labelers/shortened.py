"""Shorter forms of a phrase in a language written with spaces: details that few others share taken out."""

from collections.abc import Iterator
from functools import lru_cache

from nlp.tokens import Token, words

_CIRCUMSTANCES = """
of for with on in from to at by about when after before while because since into during via without using
through if that which as and or so where until whenever every called named
de en para con por del di da per mit von für bei im dans pour avec sur
"""
_DETERMINERS = "a an the my your our his her their its this that these those any some no all"
_LINKING = "is are was were has have had be been do does did not cannot can will would"
_ASKING = "how what why where when which who will is are can do does did"
_NUMBERS = "two three four five six seven eight nine ten several many more"
_JOINING = frozenset(_CIRCUMSTANCES.split())
"""Words before which a phrase may end."""
_BEFORE_NOUNS = frozenset(_DETERMINERS.split())
"""Words that a noun follows, whatever stands between."""
_OPEN = _BEFORE_NOUNS | _JOINING | frozenset(_LINKING.split())
"""Words that nothing ends with."""
_QUESTIONS = frozenset(_ASKING.split())
_COUNTS = frozenset(_NUMBERS.split())
LEAST_WORDS = 2
"""A shorter form keeps so many words that mean something."""
MOST_DETAIL = 4
"""Words taken out at once between an article and its noun."""


@lru_cache(maxsize=65536)
def shortened(phrase: str) -> tuple[str, ...]:
    """Return the phrase and its shorter forms, each a part of it with nothing added."""
    forms = dict.fromkeys((phrase, *_cut_ends(phrase)))
    for form in list(forms):
        forms |= dict.fromkeys(_without_detail(form))
    return tuple(forms)


def _cut_ends(phrase: str) -> Iterator[str]:
    """Yield the phrase up to each word that begins a circumstance: "Get a quote | for my condo insurance"."""
    found = words(phrase)
    for place, word in enumerate(found):
        before = found[:place]
        if word.surface.lower() in _JOINING and before and before[-1].content and _enough(before):
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
            ends = noun.content and (not after or _surface(after[0]) in _JOINING)
            if ends and _enough([*found[: start + 1], *found[end:]]):
                yield phrase[: word.end] + " " + phrase[noun.start :]


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
