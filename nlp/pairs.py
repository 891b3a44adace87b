"""Which groups of two languages may say the same, by what their texts share although the words differ.

What survives a change of language: product words and other names, error codes and numbers, links, loan words
by their sound, and whatever the caller knows besides (the articles that answer them). A mark that many groups
have says little; a pair is proposed where two groups share telling marks and each is the other's best.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log, sqrt

from nlp import sounds
from nlp.normal import fold
from nlp.stopwords import STOP_WORDS

Mark = tuple[str, str]
"""What kind of thing may be shared (`word`, `code`, `link`, `sound`, …), and the thing."""

LEAST = 0.3
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
class Shared:
    """A thing that two groups share, as each of them writes it."""

    kind: str
    left: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two groups that may say the same."""

    left: str
    right: str
    likeness: float
    """Cosine of their marks, 0 to 1."""
    shared: tuple[Shared, ...]
    """What they share, the most telling first; a sound only where it is not the same word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of texts in one language."""

    key: str
    lang: str
    texts: Sequence[str]
    known: Mapping[Mark, float]
    """Further marks that it has, with the share of its texts that have each."""


def marks_of(text: str) -> dict[Mark, str]:
    """Return what a text says that another language would say alike, each as the text writes it."""
    words = fold(text).text
    found: dict[Mark, str] = {}
    for match in _LINK.finditer(words):
        host, path = match.groups(default="")
        found["link", f"{host.lower()}{path.rstrip('/.,')}"] = match.group()
    plain = _MASK.sub(" ", _LINK.sub(" ", words))
    for match in _LATIN.finditer(plain):
        word = match.group().rstrip(_END)
        for mark in _marks_of_word(word):
            found.setdefault(mark, word)
    for match in _KATAKANA.finditer(plain):
        sound = sounds.of_katakana(match.group())
        if sound:
            found.setdefault(("sound", sound), match.group())
    return found


def _marks_of_word(word: str) -> list[Mark]:
    lower = word.lower()
    if any(char.isdigit() for char in word):
        return [("code", lower)] if len(word) > 2 else []
    if len(word) < 3 or lower in STOP_WORDS:
        return []
    sound = sounds.of_latin(_without_accents(lower))
    return [("word", lower), ("sound", sound)] if sound else [("word", lower)]


def _without_accents(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """The marks of a group: in how many of its texts each is, how it is mostly written, and its weight."""

    shares: Mapping[Mark, float]
    written: Mapping[Mark, str]
    weights: Mapping[Mark, float]


def pairs(groups: Sequence[Group]) -> list[Pair]:
    """Return the pairs of groups of different languages that may say the same, the most alike first."""
    said = _weighted(groups, [_counted(group) for group in groups])
    by_mark: dict[Mark, list[int]] = defaultdict(list)
    for number, one in enumerate(said):
        for mark in one.weights:
            by_mark[mark].append(number)
    likeness: dict[tuple[int, int], float] = defaultdict(float)
    for mark, numbers in by_mark.items():
        for place, left in enumerate(numbers):
            for right in numbers[place + 1 :]:
                if groups[left].lang != groups[right].lang:
                    likeness[left, right] += said[left].weights[mark] * said[right].weights[mark]
    found = [
        Pair(
            left=groups[left].key,
            right=groups[right].key,
            likeness=round(likeness[left, right], 4),
            shared=_shared(said[left], said[right]),
        )
        for left, right in _mutual(groups, likeness)
    ]
    return sorted(found, key=lambda pair: (-pair.likeness, pair.left, pair.right))


def _counted(group: Group) -> _Said:
    counts: Counter[Mark] = Counter()
    spellings: dict[Mark, Counter[str]] = defaultdict(Counter)
    for text in group.texts:
        for mark, spelling in marks_of(text).items():
            counts[mark] += 1
            spellings[mark][spelling] += 1
    least = max(2.0, OFTEN * len(group.texts))
    shares = {mark: n / len(group.texts) for mark, n in counts.items() if n >= least}
    shares.update(group.known)
    written = {mark: _commonest(spellings[mark]) if mark in spellings else mark[1] for mark in shares}
    return _Said(shares=shares, written=written, weights={})


def _commonest(counts: Counter[str]) -> str:
    return min(counts, key=lambda word: (-counts[word], word))


def _weighted(groups: Sequence[Group], counted: Sequence[_Said]) -> list[_Said]:
    """Weigh each group's marks by how often it has them and how few groups do, to a length below 1."""
    spread: Counter[Mark] = Counter()
    spoken: dict[Mark, set[str]] = defaultdict(set)
    for group, one in zip(groups, counted, strict=True):
        spread.update(one.shares.keys())
        for mark in one.shares:
            spoken[mark].add(group.lang)
    weighted = []
    for one in counted:
        # What only one language says cannot be shared, and must not make a group look unlike the others.
        weights = {
            mark: sqrt(share) * log(1 + len(groups) / spread[mark])
            for mark, share in one.shares.items()
            if len(spoken[mark]) > 1
        }
        length = sqrt(FEW + sum(weight**2 for weight in weights.values()))
        weighted.append(replace(one, weights={mark: weight / length for mark, weight in weights.items()}))
    return weighted


def _mutual(groups: Sequence[Group], likeness: Mapping[tuple[int, int], float]) -> Iterator[tuple[int, int]]:
    """Yield the pairs, alike enough, of which each is the other's best in that language."""
    best: dict[tuple[int, str], tuple[float, int]] = {}
    for (left, right), alike in sorted(likeness.items()):
        for one, other in ((left, right), (right, left)):
            place = one, groups[other].lang
            if alike > best.get(place, (0.0, -1))[0]:
                best[place] = alike, other
    for (left, right), alike in likeness.items():
        theirs = best[left, groups[right].lang][1], best[right, groups[left].lang][1]
        if alike >= LEAST and theirs == (right, left):
            yield left, right


def _shared(left: _Said, right: _Said) -> tuple[Shared, ...]:
    common = left.weights.keys() & right.weights.keys()
    order = sorted(common, key=lambda mark: (-left.weights[mark] * right.weights[mark], mark))
    told: list[Shared] = []
    for mark in order:
        one, other = left.written[mark], right.written[mark]
        if mark[0] != "sound" or one.lower() != other.lower():
            told.append(Shared(kind=mark[0], left=one, right=other))
    return tuple(told[:TOLD])
