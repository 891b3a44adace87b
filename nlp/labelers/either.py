"""Two phrases that differ in one word, as one: "Add or remove a dependent"."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from nlp.labelers.support import Support
from nlp.tokens import Token, words

MORE = 0.12
"""Both together must be true of so many more of the texts."""
MOST_COMPARED = 200


def either(phrase: str, others: Sequence[str], support: Support, *, longest: int) -> str:
    """Return the phrase with the word, as an alternative to one of its own, that makes it true of most texts.

    `others` are phrases that customers wrote. The phrase comes back as it is where no other differs in one
    word only and adds enough.
    """
    frames: Mapping[tuple[str, str], dict[str, Token]] = _frames(others[:MOST_COMPARED])
    found = [word for word in words(phrase) if word.content]
    normal = [word.normal for word in found]
    best, gain = phrase, MORE
    for place, word in enumerate(found):
        rest = [each for row, each in enumerate(normal) if row != place]
        alone = support.all_of(normal)
        for other in frames.get(_frame(phrase, word), {}).values():
            if other.normal in normal or other.surface.endswith("ing") != word.surface.endswith("ing"):
                continue
            joined = phrase[: word.end] + f" or {_lowered(other.surface)}" + phrase[word.end :]
            more = support.any_with((word.normal, other.normal), rest) - alone
            if more > gain and len(joined) <= longest:
                best, gain = joined, more
    return best


def _frames(phrases: Sequence[str]) -> dict[tuple[str, str], dict[str, Token]]:
    found: dict[tuple[str, str], dict[str, Token]] = defaultdict(dict)
    for phrase in phrases:
        for word in words(phrase):
            if word.content:
                found[_frame(phrase, word)].setdefault(word.normal, word)
    return found


def _frame(phrase: str, word: Token) -> tuple[str, str]:
    return phrase[: word.start].casefold(), phrase[word.end :].casefold()


def _lowered(surface: str) -> str:
    """Return a word as it is written inside a sentence; PDF and McAfee stay."""
    return surface.lower() if surface.istitle() else surface
