"""Which groups of two languages may say the same, by what their texts share although the words differ.

What survives a change of language: product words and other names, error codes and numbers, links, loan words
by their sound, and whatever the caller knows besides (the articles that answer them). A mark that many groups
have says little; a pair is proposed where two groups share telling marks and each is the other's best.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from nlp import sounds
from nlp.normal import fold
from nlp.stopwords import STOP_WORDS

Mark = tuple[str, str]
"""What kind of thing is shared (`word`, `code`, `link`, `sound`, …), and the thing."""

LEAST = 0.2
"""Cosine of two groups' marks below which they are not proposed."""
FEW = 2.0
"""Squared weight that every group has of what no other shares: with few marks nobody is very alike."""
TOLD = 5
"""Shared marks that a pair tells, the heaviest first."""
OFTEN = 0.02
"""A mark counts for a group in which it is in so many of the texts, and in two of them at least."""

_LINK = re.compile(r"https?://([a-z0-9.\-]+)(/[!-~]*)?", re.IGNORECASE)
_MASK = re.compile(r"\[[a-z_]{2,12}\]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f0-9][A-Za-z\u00c0-\u024f0-9.+#_\-]*")
_KATAKANA = re.compile(r"[ァ-ヴー]{3,}")
_END = ".-_+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two groups that may say the same."""

    left: str
    right: str
    likeness: float
    """Cosine of their marks, 0 to 1."""
    shared: tuple[Mark, ...]
    """What they share, the most telling first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of texts in one language."""

    key: str
    lang: str
    texts: Sequence[str]
    known: Mapping[Mark, float]
    """Further marks that it has, with the share of its texts that have each."""


def marks_of(text: str) -> set[Mark]:
    """Return what a text says that another language would say alike."""
    words = fold(text).text
    found: set[Mark] = set()
    for host, path in _LINK.findall(words):
        found.add(("link", f"{host.lower()}{path.rstrip('/.,')}"))
    plain = _MASK.sub(" ", _LINK.sub(" ", words))
    for match in _LATIN.finditer(plain):
        found |= _marks_of_word(match.group().rstrip(_END))
    for match in _KATAKANA.finditer(plain):
        sound = sounds.of_katakana(match.group())
        if sound:
            found.add(("sound", sound))
    return found


def _marks_of_word(word: str) -> set[Mark]:
    lower = word.lower()
    if any(char.isdigit() for char in word):
        return {("code", lower)} if len(word) > 2 else set()
    if len(word) < 3 or lower in STOP_WORDS:
        return set()
    sound = sounds.of_latin(_without_accents(lower))
    return {("word", lower)} | ({("sound", sound)} if sound else set())


def _without_accents(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


def pairs(groups: Sequence[Group]) -> list[Pair]:
    """Return the pairs of groups of different languages that may say the same, the most alike first."""
    weighted = _weighted(groups)
    by_mark: dict[Mark, list[int]] = defaultdict(list)
    for number, marks in enumerate(weighted):
        for mark in marks:
            by_mark[mark].append(number)
    likeness: dict[tuple[int, int], float] = defaultdict(float)
    for mark, numbers in by_mark.items():
        for place, left in enumerate(numbers):
            for right in numbers[place + 1 :]:
                if groups[left].lang != groups[right].lang:
                    likeness[left, right] += weighted[left][mark] * weighted[right][mark]
    return _mutual(groups, weighted, likeness)


def _weighted(groups: Sequence[Group]) -> list[dict[Mark, float]]:
    """Return the marks of each group, weighted by how often and how rarely among the groups, at length 1."""
    shares = [_shares(group) for group in groups]
    languages = Counter(group.lang for group in groups)
    spread: Counter[Mark] = Counter()
    spoken: dict[Mark, set[str]] = defaultdict(set)
    for group, marks in zip(groups, shares, strict=True):
        spread.update(marks.keys())
        for mark in marks:
            spoken[mark].add(group.lang)
    weighted = []
    for marks in shares:
        # What only one language says cannot be shared, and must not make a group look unlike the others.
        weights = {
            mark: sqrt(share) * log(1 + sum(languages.values()) / spread[mark])
            for mark, share in marks.items()
            if len(spoken[mark]) > 1
        }
        length = sqrt(FEW + sum(weight**2 for weight in weights.values()))
        weighted.append({mark: weight / length for mark, weight in weights.items()})
    return weighted


def _shares(group: Group) -> dict[Mark, float]:
    counts: Counter[Mark] = Counter()
    for text in group.texts:
        counts.update(marks_of(text))
    least = max(2.0, OFTEN * len(group.texts))
    return {mark: n / len(group.texts) for mark, n in counts.items() if n >= least} | dict(group.known)


def _mutual(
    groups: Sequence[Group],
    weighted: Sequence[Mapping[Mark, float]],
    likeness: Mapping[tuple[int, int], float],
) -> list[Pair]:
    """Return the pairs of which each is the other's best in that language."""
    best: dict[tuple[int, str], tuple[float, int]] = {}
    for (left, right), alike in sorted(likeness.items()):
        for one, other in ((left, right), (right, left)):
            place = one, groups[other].lang
            if alike > best.get(place, (0.0, -1))[0]:
                best[place] = alike, other
    found = []
    for (left, right), alike in likeness.items():
        mutual = best[left, groups[right].lang][1] == right and best[right, groups[left].lang][1] == left
        if mutual and alike >= LEAST:
            shared = _shared(weighted[left], weighted[right])
            found.append(
                Pair(
                    left=groups[left].key,
                    right=groups[right].key,
                    likeness=round(alike, 4),
                    shared=shared[:TOLD],
                )
            )
    return sorted(found, key=lambda pair: (-pair.likeness, pair.left, pair.right))


def _shared(left: Mapping[Mark, float], right: Mapping[Mark, float]) -> tuple[Mark, ...]:
    common: Iterable[Mark] = left.keys() & right.keys()
    return tuple(sorted(common, key=lambda mark: (-left[mark] * right[mark], mark)))
