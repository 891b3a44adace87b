"""Whether a rewritten text still says what it was made of, and nothing else.

A language model is given no trust: what it writes is looked at word by word. Content words must stand in what
it was allowed to use, numbers must stay, and what was denied must stay denied.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from nlp.labelers.spaced import CONTRACTED
from nlp.normal import fold
from nlp.tokens import normal_forms

KEPT = 0.5
"""Share of a sentence's content words that its rewriting must keep."""
LONGER = 1.3
"""How much longer than the sentence its rewriting may be."""

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_MARKUP = re.compile(r"[<>{}|`\\]|\[|\]|https?:|www\.|@|!\(", re.IGNORECASE)
_DENIED_ENGLISH = re.compile(
    rf"\b(?:no|not|never|none|nothing|cannot|without|unable|fail\w*|missing|lacks?|{CONTRACTED})\b",
    re.IGNORECASE,
)
_DENIED_JAPANESE = re.compile("な(?:い|く|かっ|し)|ませ?ん|ず(?:に|$|、)|不[可能明足]|無|未")
_KANA = re.compile("[ぁ-ヿ]")


def says_nothing_new(text: str, sources: Iterable[str]) -> bool:
    """Say whether every content word and number of a text stands in its sources."""
    known: set[str] = set()
    numbers: set[str] = set()
    for source in sources:
        known.update(normal_forms(source))
        numbers.update(_numbers(source))
    return set(normal_forms(text)) <= known and set(_numbers(text)) <= numbers


def is_faithful(rewritten: str, sentence: str, terms: Iterable[str] = ()) -> bool:
    """Say whether a rewritten sentence says the same; `terms` are words that may stand for others."""
    words, kept = normal_forms(sentence), set(normal_forms(rewritten))
    return (
        is_plain(rewritten)
        and len(rewritten) <= LONGER * len(sentence) + 8
        and says_nothing_new(rewritten, [sentence, *terms])
        and Counter(_numbers(rewritten)) == Counter(_numbers(sentence))
        and denies(rewritten) == denies(sentence)
        and writes_like(rewritten, sentence)
        and sum(word in kept for word in words) >= KEPT * len(words)
    )


def is_plain(text: str) -> bool:
    """Say whether a text is one line of words: no markup, address, mask or invisible character."""
    return (
        bool(text.strip())
        and not _MARKUP.search(fold(text).text)
        and not any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") for char in text)
    )


def denies(text: str) -> bool:
    """Say whether a text denies something: cannot, without, ない, 不可."""
    return bool(_DENIED_JAPANESE.search(text) or _DENIED_ENGLISH.search(text))


def writes_like(text: str, other: str) -> bool:
    """Say whether both are Japanese, or neither is."""
    return bool(_KANA.search(text)) == bool(_KANA.search(other))


def _numbers(text: str) -> list[str]:
    return _NUMBER.findall(fold(text).text)
