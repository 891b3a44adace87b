"""What somebody looks for: the words of a search, with what the glossary says means the same.

Texts are kept by the normal forms of their words, so a search is brought to these too: no inflection, one
width, one spelling. The glossary is asked when somebody searches, not when texts are kept: who changes an
entry finds by it at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from nlp.glossary import Glossary
from nlp.normal import fold
from nlp.tokens import Token, words

MOST_CHARACTERS = 1_000
"""Of a search, from its beginning: nobody types more, and what is pasted says by then what it is about."""
MOST_PARTS = 24
"""Words of a search that are looked for."""
SHORTEST_BEGINNING = 2
"""Characters from which on a last word may be one that is still being typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that is looked for."""

    alternatives: tuple[tuple[str, ...], ...]
    """Normal forms: of one alternative, all are to be there."""
    begins: bool = False
    """True where the word may be the beginning of one: it is the last, and no space follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A search as it is looked for."""

    text: str
    """As typed, from its beginning, without space around it."""
    parts: tuple[Part, ...]

    def places_in(self, text: str) -> list[tuple[int, int]]:
        """Return where words of the search stand in a text: half-open, in code points, in their order.

        Of an alternative of several words each is told, so that a reader sees why a text was found.
        """
        whole = {word for part in self.parts for one in part.alternatives for word in one}
        begun = tuple(word for part in self.parts if part.begins for one in part.alternatives for word in one)
        return [
            (token.start, token.end)
            for token in words(text)
            if token.content and (token.normal in whole or (begun and token.normal.startswith(begun)))
        ]


def asked(query: str, glossary: Glossary) -> Asked:
    """Return what is looked for; a search without a word that tells anything has no parts."""
    text = query[:MOST_CHARACTERS].strip()
    found: dict[tuple[tuple[str, ...], ...], Part] = {}
    for part in _parts(text, glossary):
        found.setdefault(part.alternatives, part)
    parts = list(found.values())[:MOST_PARTS]
    is_unfinished = len(query) <= MOST_CHARACTERS and not query[-1:].isspace()
    if parts and is_unfinished and (last := _last(text)) and last.normal == parts[-1].alternatives[0][0]:
        parts[-1] = _begun(last, parts[-1])
    return Asked(text=text, parts=tuple(parts))


def _parts(text: str, glossary: Glossary) -> Iterator[Part]:
    """Yield every word, and every expression of the glossary with its family."""
    alternatives = glossary.alternatives(text) if glossary.entries else ((text,),)
    for alone, group in groupby(alternatives, key=lambda family: len(family) == 1):
        if alone:
            # Words beside each other are cut together: Japanese is written without spaces.
            yield from (Part(alternatives=((each,),)) for each in _normal(" ".join(one for (one,) in group)))
        else:
            for family in group:
                forms = dict.fromkeys(tuple(_normal(each)) for each in family)
                if known := tuple(form for form in forms if form):
                    yield Part(alternatives=known)


def _normal(text: str) -> list[str]:
    return [token.normal for token in words(text) if token.content]


def _last(text: str) -> Token | None:
    """Return the last word, if nothing follows it and it is long enough to begin another."""
    tokens = words(text)
    if not tokens or tokens[-1].end != len(text):
        return None
    return tokens[-1] if len(tokens[-1].surface) >= SHORTEST_BEGINNING else None


def _begun(last: Token, part: Part) -> Part:
    """Return the last part as one that may go on: as it was cut, and as it was typed."""
    typed = fold(last.surface).text.lower()
    forms = dict.fromkeys((*part.alternatives, (typed,)))
    return Part(alternatives=tuple(forms), begins=True)
