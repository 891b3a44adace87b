"""Which words tell a group of texts apart from the others."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from nlp.japanese import morphemes
from nlp.labelers.spelling import without_doubles
from nlp.tokens import Token, words

READ = 300
"""Texts read of a group, in the order given (the surest members first): enough to know its words."""
CHARACTERS = 600
"""Characters read of a text; what a customer is about stands at the beginning."""
SMOOTHING = 0.01
"""Added to both shares, so that a word of one text in a hundred does not beat the group's subject."""
EVERYWHERE = 0.45
"""A name in this part of the groups is that of the place or product that all speak of, not of one group …"""
MANY_GROUPS = 8
"""… if there are so many groups."""
TINY = 3
"""A group of so few texts may have no word that two of them share."""
COMMON = 0.25
"""A word that has this part of the share of the most frequent telling word is common in the group."""
FEWEST = 5
KEYWORDS = 8
"""How many keywords a group has, if it has as many telling words."""
AT_LEAST = 0.12
"""A keyword beyond the fewest weighs at least this part of the first one."""
_INFLECTED_ENDS = frozenset("うくぐすつぬぶむるい")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The content words of a group by normal form."""

    share: Mapping[str, float]
    """Which part of the group's texts has the word, 0 to 1."""
    weight: Mapping[str, float]
    """How telling the word is; only words above 0. The sum of the six highest is 1."""
    common: float
    """The share from which on a word is common in the group."""
    everywhere: frozenset[str]
    """Names that tell no group from another, as all speak of what they name."""
    surface: Mapping[str, str]
    """The word as the customers mostly write it."""

    @property
    def keywords(self) -> tuple[str, ...]:
        """The most telling words, each once, in the customers' writing."""
        ranked = sorted(self.weight, key=lambda normal: (-self.weight[normal], normal))
        first = self.weight[ranked[0]] if ranked else 0.0
        enough = [normal for normal in ranked if self.weight[normal] >= AT_LEAST * first]
        chosen = max(enough, ranked[:FEWEST], key=len)
        return tuple(without_doubles(self.surface[normal] for normal in chosen))[:KEYWORDS]


def vocabularies(groups: Sequence[Sequence[str]]) -> list[Vocabulary]:
    """Return a vocabulary a group.

    A word's weight is its share of the group's texts × how many times (log2) that is its mean share in
    the other groups: frequent and of this group's own. Words of one text alone do not count unless the
    group is tiny, or no word is in two texts.
    """
    read = [[words(text[:CHARACTERS]) for text in texts[:READ]] for texts in groups]
    shares = [_shares(texts) for texts in read]
    total: Counter[str] = Counter()
    for share in shares:
        total.update(share)
    others = max(len(groups) - 1, 1)
    everywhere = _everywhere(shares)
    return [
        _vocabulary(
            texts,
            share,
            _weights(share, total, others=others, size=len(texts), without=everywhere),
            everywhere,
        )
        for share, texts in zip(shares, read, strict=True)
    ]


def _vocabulary(
    texts: Sequence[Sequence[Token]],
    share: Mapping[str, float],
    weight: Mapping[str, float],
    everywhere: frozenset[str],
) -> Vocabulary:
    common = COMMON * max((share[word] for word in weight), default=1.0)
    return Vocabulary(
        share=share, weight=weight, common=common, everywhere=everywhere, surface=_surfaces(texts)
    )


def _shares(texts: Sequence[Sequence[Token]]) -> dict[str, float]:
    counts = Counter(
        normal for tokens in texts for normal in {each.normal for each in tokens if each.content}
    )
    return {normal: count / len(texts) for normal, count in sorted(counts.items())}


def _everywhere(shares: Sequence[Mapping[str, float]]) -> frozenset[str]:
    """Return the Japanese names that so many of the groups have that they tell none from another."""
    if len(shares) < MANY_GROUPS:
        return frozenset()
    groups = Counter(normal for share in shares for normal in share)
    often = (normal for normal, count in groups.items() if count >= EVERYWHERE * len(shares))
    return frozenset(normal for normal in often if _proper(normal))


def _proper(normal: str) -> bool:
    return all(piece.kind[1] == "固有名詞" for piece in morphemes(normal))


def _weights(
    share: Mapping[str, float],
    total: Mapping[str, float],
    *,
    others: int,
    size: int,
    without: Container[str],
) -> dict[str, float]:
    raw = {
        normal: part * log2((part + SMOOTHING) / ((total[normal] - part) / others + SMOOTHING))
        for normal, part in share.items()
        if normal not in without
    }
    telling = {normal: value for normal, value in raw.items() if value > 0}
    said_twice = {normal: value for normal, value in telling.items() if share[normal] * size > 1.5}
    chosen = said_twice if said_twice and size > TINY else telling
    scale = sum(sorted(chosen.values(), reverse=True)[:6]) or 1.0
    return {normal: value / scale for normal, value in chosen.items()}


def _surfaces(texts: Sequence[Sequence[Token]]) -> dict[str, str]:
    counts: dict[str, Counter[str]] = {}
    for tokens in texts:
        for token in tokens:
            if token.content:
                counts.setdefault(token.normal, Counter())[token.surface] += 1
    return {normal: _surface(normal, found) for normal, found in counts.items()}


def _surface(normal: str, counts: Counter[str]) -> str:
    """Return the most frequent writing; for the stem of an inflected Japanese word its normal form."""
    best = min(counts, key=lambda surface: (-counts[surface], surface))
    return normal if normal[-1] in _INFLECTED_ENDS and best[-1] != normal[-1] else best
