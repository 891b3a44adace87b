"""An organisation's own words: terms, what is said in their place, and words that are never to be used.

Titles, keywords, search and drafts obey it. Every expression of the glossary is one word wherever texts are
compared: it is `hidden` behind a made-up word first, and `shown` again, as its preferred term, in what comes
out. So a product name of three words, or of two scripts, stays whole in every part that cuts texts.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from nlp.normal import fold

KINDS = ("term", "synonym", "variant", "never")
"""A preferred term; another word for it; another spelling of it; a word that nobody is to use."""
REFUSED = "[never]"
"""Stands for a word that is never to be used and has no other in its place; no title takes it up."""
_LETTERS = "abcdefghjklmnprtuvwxyz"
_CODE = re.compile("qx[a-z]{3}q", re.IGNORECASE)
_SPACED = r"[^\W_ぁ-ゖァ-ヺー一-鿿㐀-䶿]"
"""Letters and digits of scripts that are written with spaces: only a whole word of them is the expression."""
_EDGE = rf"(?:(?<!{_SPACED})|(?!{_SPACED}))"
"""Where an expression may begin or end: not between two of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One expression."""

    term: str
    kind: str
    stands_for: str | None = None
    """The preferred term: of a synonym or variant always, of a word never to use where there is one."""


@dataclass(frozen=True)
class Glossary:
    """The entries of one organisation."""

    entries: tuple[Entry, ...] = ()

    def hidden(self, text: str) -> str:
        """Return the text (NFKC) with every expression as one made-up word, one for all that mean a term."""
        return self._rewritten(fold(text).text, self._codes) if self.entries else text

    def shown(self, text: str) -> str:
        """Return a text with the preferred terms in place of the made-up words."""
        return _CODE.sub(lambda found: self._terms.get(found[0].lower(), found[0]), text)

    def obeyed(self, text: str) -> str:
        """Return one of our own sentences as it is to be written; what nothing stands for stays."""
        folded = fold(text).text
        if next(self._found(folded), None) is None:
            return text
        return self._rewritten(folded, self._preferred)

    def allows(self, text: str) -> bool:
        """Say whether no word stands in the text that is never to be used."""
        return not any(self._never(key) for key, _, _ in self._found(fold(text).text))

    def alternatives(self, query: str) -> tuple[tuple[str, ...], ...]:
        """Return the parts of a search, each with everything that means the same, the term first."""
        text = fold(query).text
        parts: list[tuple[str, ...]] = []
        end = 0
        for key, start, stop in self._found(text):
            parts += [(word,) for word in text[end:start].split()]
            parts.append(self._families[self._term_of(key)])
            end = stop
        return (*parts, *((word,) for word in text[end:].split()))

    def _found(self, folded: str) -> Iterator[tuple[str, int, int]]:
        """Yield every expression in a text that was folded: its key, where it begins and where it ends."""
        for found in self._pattern.finditer(_one_case(folded)) if self.entries else ():
            yield " ".join(found[0].split()), found.start(), found.end()

    def _rewritten(self, folded: str, written: Mapping[str, str]) -> str:
        """Return a text that was folded with what is `written` for each expression."""
        pieces, end = list[str](), 0
        for key, start, stop in self._found(folded):
            pieces += folded[end:start], written[key]
            end = stop
        return "".join((*pieces, folded[end:]))

    @cached_property
    def _by_key(self) -> Mapping[str, Entry]:
        return {key_of(entry.term): entry for entry in self.entries}

    @cached_property
    def _written(self) -> Mapping[str, str]:
        """How each expression is written, by its key: its own entry decides, else whose place it takes."""
        written = {
            key_of(each.stands_for): fold(each.stands_for).text for each in self.entries if each.stands_for
        }
        return written | {key: fold(entry.term).text for key, entry in self._by_key.items()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Matches the longest expression at a place; what begins with another letter is not looked at."""
        by_letter: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self._written, key=lambda key: (-len(key), key)):
            by_letter[key[0]].append(r"\s+".join(map(re.escape, key[1:].split(" "))))
        expressions = (f"{re.escape(one)}(?:{'|'.join(rest)})" for one, rest in by_letter.items())
        return re.compile(f"{_EDGE}(?:{'|'.join(expressions)}){_EDGE}")

    @cached_property
    def _codes(self) -> Mapping[str, str]:
        """The made-up word of every expression."""
        preferred = {key: self._term_of(key) for key in self._written}
        numbers = {term: number for number, term in enumerate(sorted(set(preferred.values())))}
        return {
            key: REFUSED if key == term and self._never(key) else _code(numbers[term])
            for key, term in preferred.items()
        }

    @cached_property
    def _terms(self) -> Mapping[str, str]:
        return {code: self._preferred[key] for key, code in self._codes.items() if code != REFUSED}

    @cached_property
    def _families(self) -> Mapping[str, tuple[str, ...]]:
        """Everything that means a term, the term itself first."""
        families: dict[str, tuple[str, ...]] = {}
        for key, written in sorted(self._written.items()):
            term = self._term_of(key)
            family = families.get(term, (self._written[term],))
            families[term] = family if key == term else (*family, written)
        return families

    @cached_property
    def _preferred(self) -> Mapping[str, str]:
        """What to say for each expression, by its key."""
        return {key: self._written[self._term_of(key)] for key in self._written}

    def _term_of(self, key: str) -> str:
        """Return the key of what to say for an expression, through any number of steps; a circle ends."""
        passed = set[str]()
        while key not in passed:
            passed.add(key)
            entry = self._by_key.get(key)
            if entry is None or not entry.stands_for:
                break
            key = key_of(entry.stands_for)
        return key

    def _never(self, key: str) -> bool:
        entry = self._by_key.get(key)
        return entry is not None and entry.kind == "never"


def glossary_of(entries: Iterable[Entry]) -> Glossary:
    """Return the glossary of these entries; equal entries give an equal one, whatever their order."""
    return Glossary(tuple(sorted(entries, key=lambda each: (each.term, each.kind, each.stands_for or ""))))


def key_of(expression: str) -> str:
    """Return what all ways to type an expression have in common: width, case and spaces."""
    return " ".join(_one_case(fold(expression).text).split())


def _one_case(text: str) -> str:
    """Return the text in one case, every character where it was: one that would become two stays."""
    if len(one := text.casefold()) == len(text):
        return one
    return "".join(one if len(one := char.casefold()) == 1 else char for char in text)


def _code(number: int) -> str:
    letters = []
    for _ in range(3):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return f"qx{''.join(letters)}q"
