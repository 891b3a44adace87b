"""Names of things as titles use them: in their usual writing, whole, each once."""

from collections import Counter
from collections.abc import Iterator, Mapping

from nlp.labelers.plain import pieces
from nlp.labelers.spelling import one_word
from nlp.labelers.statements import Name


def whole_names(
    writings: Mapping[frozenset[str], Counter[str]],
) -> Iterator[tuple[frozenset[str], tuple[Name, int]]]:
    """Yield each name in its usual writing, with how often it comes; not those that are parts of another."""
    usual = {words: min(found, key=lambda text: (-found[text], text)) for words, found in writings.items()}
    for words, text in usual.items():
        count = writings[words].total()
        longer = (
            writings[other].total()
            for other, whole in usual.items()
            if len(other) > len(words) and words < other and whole.endswith(text)
        )
        if max(longer, default=0) < 0.6 * count:
            yield words, (Name(text, words), count)


def same(one: Name, other: Name) -> bool:
    """Say whether two names are one, or one is part of the other: そば and 蕎麦, カニ and 美味しいカニ."""
    return one.words <= other.words or other.words <= one.words or one_word(one.text, other.text)


def one_word_long(name: Name) -> bool:
    """Say whether a name is one word, with お before it at the most: お土産, not 土産物屋."""
    return sum(piece.word_class != "接頭辞" for piece in pieces(name.text)) == 1
