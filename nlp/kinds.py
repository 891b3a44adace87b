"""What a span is: a pain point, a question, a request, praise or something else; decided by its words.

Weighted cues in Japanese and English add up for each kind, with the words by which people sound pleased or
displeased; a rating helps where the words say little. Other languages are told by question marks, a few words
of their own, and the rating.
"""

import re
from dataclasses import dataclass

from nlp.kind_cues import ELSEWHERE, ENGLISH, JAPANESE, OTHER, PAIN_POINT, PRAISE, QUESTION, REQUEST, Cues
from nlp.normal import fold
from nlp.tone.words import spoken

_RATING_WEIGHT = 0.8
_BAD, _GOOD, _GOOD_STARS = 2.0, 4.6, 4.0
"""On the scale 1 to 5: a rating up to the first speaks of a pain point, one from the second on (9 of 10) of
praise; in a review, four stars do."""
_TONE_WEIGHT, _MOST_OF_TONE = 0.9, 2.5
_REACHED_OUT = ("ticket", "chat", "call")
_MANNERS = 0.45
"""Whoever reaches out wants something: there a kind word counts less."""
_FURTHER = 0.25
_LEAST = 0.7
"""What speaks less clearly is no kind of its own."""
_ORDER = (PAIN_POINT, REQUEST, QUESTION, PRAISE)
"""Between equal scores the earlier kind wins."""
_READ = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The kind of a span."""

    name: str
    confidence: float
    """How clearly the cues spoke, 0 to 1."""
    reason: str
    """The words, or the rating, that decided; empty where nothing did."""


def _compiled(cues: Cues) -> tuple[tuple[str, float, re.Pattern[str]], ...]:
    return tuple((kind, weight, re.compile(pattern, re.IGNORECASE)) for kind, weight, pattern in cues)


_BY_LANGUAGE = {"ja": _compiled(JAPANESE), "en": _compiled(ENGLISH)}
_OF_OTHERS = _compiled(ELSEWHERE)


def kind_of(text: str, *, channel: str, rating: float | None, lang: str | None) -> Kind:
    """Return the kind of a span, how sure that is, and the words that decided."""
    words = fold(text[:_READ]).text.replace("’", "'")
    weights: dict[str, list[float]] = {kind: [] for kind in _ORDER}
    reasons: dict[str, list[str]] = {kind: [] for kind in _ORDER}
    troubled = words
    for word in spoken(words, lang):
        kind = PRAISE if word.strength > 0 else PAIN_POINT
        share = _MANNERS if kind == PRAISE and channel in _REACHED_OUT else _TONE_WEIGHT
        if word.strength:
            weights[kind].append(min(_MOST_OF_TONE, share * abs(word.strength)))
            reasons[kind].append(word.text)
        if word.strength > 0:  # “no problems” is none
            troubled = troubled[: word.start] + " " * (word.end - word.start) + troubled[word.end :]
    for kind, weight, pattern in _BY_LANGUAGE.get(lang or "", _OF_OTHERS):
        # A cue counts once: a customer who says "error" five times has one problem.
        if match := pattern.search(troubled if kind == PAIN_POINT else words):
            weights[kind].append(weight)
            reasons[kind].append(match.group().strip().lower())
    rated = _meaning_of(rating, channel)
    if rating is not None and rated is not None:
        weights[rated].append(_RATING_WEIGHT)
        reasons[rated].append(f"rating {rating:g}")
    scores = {kind: _together(kind, weights[kind]) for kind in _ORDER}
    best = max(_ORDER, key=lambda kind: scores[kind])
    if scores[best] < _LEAST:
        return Kind(name=OTHER, confidence=0.5, reason="")
    confidence = scores[best] / (sum(scores.values()) + 0.5)
    return Kind(name=best, confidence=round(confidence, 3), reason=", ".join(dict.fromkeys(reasons[best])))


def _together(kind: str, weights: list[float]) -> float:
    """Add up one kind's cues: the strongest counts whole, each further one a part.

    Questions and praise have only their strongest: 「エラーになります。どうすればいいですか？」 asks three
    times over, and is a pain point; who praises at length and then wishes for something makes a request.
    """
    strongest = max(weights, default=0.0)
    return strongest if kind in (QUESTION, PRAISE) else strongest + _FURTHER * (sum(weights) - strongest)


def _meaning_of(rating: float | None, channel: str) -> str | None:
    """Return what a rating (1 to 5) says by itself."""
    if rating is None:
        return None
    good = _GOOD_STARS if channel == "review" else _GOOD
    return PAIN_POINT if rating <= _BAD else PRAISE if rating >= good else None
