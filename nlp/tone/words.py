"""The words of a text by which people sound pleased or displeased, each with its strength where it stands."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.stem import stem
from nlp.tone import english, japanese

_DENIAL_REACH = 12
_TURNED = -0.6
"""What a negation makes of a word: “not bad” is less than good."""
_REACH = 3
"""Words before a word in which a negation turns it round."""
_BEFORE_TURN = 0.5
"""What stands before a “but” counts so much."""
_ENGLISH_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_ENDS = re.compile(r"[.!?;:,。！？\n]")
_SMILE = re.compile(r"[:;=]-?[)D]|[😀-😆😊😍🥰😘🤗👍🙏❤♥💕🎉👏]|\^\^|\(\^")
_FROWN = re.compile(r"[:;=]-?[(/]|[😞-😡😢😭😤🤬👎💩😠]|orz")


@dataclass(frozen=True, slots=True)
class ToneWord:
    """A word that tells how somebody feels."""

    text: str
    """With what turns it round."""
    start: int
    end: int
    """Where it stands, half-open, in code points."""
    strength: float
    """From -3 to 3, more or less where words beside it say so."""


def spoken(words: str, lang: str | None) -> Iterator[ToneWord]:
    """Yield the words that tell something; `words` is in NFKC. Of other languages only smileys speak."""
    for pattern, strength in ((_SMILE, 1.5), (_FROWN, -1.5)):
        if match := pattern.search(words):
            yield ToneWord(match.group(), *match.span(), strength)
    if lang == "ja":
        yield from _japanese(words)
    elif lang == "en":
        yield from _english(words.lower())


def _japanese(words: str) -> Iterator[ToneWord]:
    turn = max((match.end() for match in japanese.TURNS.finditer(words)), default=0)
    position = 0
    while match := japanese.WORDS.search(words, position):
        start, position = match.span()
        strength = japanese.STRENGTHS[match.lastgroup or ""] * japanese.emphasis(words, start)
        if start < turn:
            strength *= _BEFORE_TURN
        if denial := japanese.NEGATED.match(words, position, position + _DENIAL_REACH):
            strength, position = strength * _TURNED, denial.end()
        elif strength > 0 and (missing := japanese.MISSED.match(words, position)):
            strength, position = strength * _TURNED, missing.end()
        elif position == match.end():
            position = _word_end(words, position)
        position = max(position, start + 1)
        yield ToneWord(words[start:position], start, position, strength)


def _word_end(words: str, end: int) -> int:
    """Return the end of a Japanese word with the kana that are its ending."""
    stop = end
    while stop < len(words) and stop < end + 2 and "ぁ" <= words[stop] <= "ん":
        stop += 1
    return stop


def _english(words: str) -> Iterator[ToneWord]:
    found = list(_ENGLISH_WORD.finditer(words))
    turn = max((match.start() for match in found if match.group() in english.TURNS), default=0)
    taken = bytearray(len(words))
    for strength, pattern in english.PHRASES:
        for match in pattern.finditer(words):
            start, end = match.span()
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                yield ToneWord(match.group(), start, end, strength * (_BEFORE_TURN if start < turn else 1.0))
    before: list[re.Match[str]] = []
    for match in found:
        if before and _ENDS.search(words, before[-1].end(), match.start()):
            before = []
        known = english.WORDS.get(stem(match.group()))
        if known is not None and not taken[match.start()]:
            yield _in_context(words, match, before[-_REACH:], known, before_turn=match.start() < turn)
        before = [*before[1 - _REACH :], match]


def _in_context(
    words: str, match: re.Match[str], before: list[re.Match[str]], strength: float, *, before_turn: bool
) -> ToneWord:
    """Return an English word as those before it in its sentence make it."""
    strength *= math.prod(english.STRONGER.get(one.group(), 1.0) for one in before[-2:])
    strength *= _BEFORE_TURN if before_turn else 1.0
    denials = [one.start() for one in before if one.group() in english.DENIES]
    if not denials:
        return ToneWord(match.group(), *match.span(), strength)
    start = denials[-1]
    return ToneWord(words[start : match.end()], start, match.end(), strength * _TURNED)
