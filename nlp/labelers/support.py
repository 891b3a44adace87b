"""How many texts of a group bear a title out, by the words that both have."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from nlp.tokens import normal_forms

CHARACTERS = 1_200
"""Characters read of a text."""


class Support:
    """The words of a group's texts; each text is one bit of a mask."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = max(1, len(texts))
        self._masks: dict[str, int] = defaultdict(int)
        for row, text in enumerate(texts):
            for word in set(normals(text[:CHARACTERS])):
                self._masks[word] |= 1 << row

    def share(self, word: str) -> float:
        """Return the share of the texts that have the word."""
        return self._masks.get(word, 0).bit_count() / self._size

    def all_of(self, words: Iterable[str]) -> float:
        """Return the share of the texts that have every one of the words."""
        mask = (1 << self._size) - 1
        for word in words:
            mask &= self._masks.get(word, 0)
        return mask.bit_count() / self._size

    def any_with(self, alternatives: Iterable[str], words: Iterable[str]) -> float:
        """Return the share of the texts that have one of the alternatives, and every one of the words."""
        any_of = 0
        for word in alternatives:
            any_of |= self._masks.get(word, 0)
        for word in words:
            any_of &= self._masks.get(word, 0)
        return any_of.bit_count() / self._size

    def of(self, words: Sequence[str]) -> float:
        """Return how far the texts bear out what has these words, 0 to 1.

        A text that has all of them bears it out; one that has some counts by that part, less.
        """
        if not words:
            return 0.0
        some = sum(map(self.share, words)) / len(words)
        return 0.5 * self.all_of(words) + 0.5 * some


@lru_cache(maxsize=65536)
def normals(text: str) -> tuple[str, ...]:
    """Return the normal forms of the content words of a text."""
    return tuple(normal_forms(text))
