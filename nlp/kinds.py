"""What a span is: a pain point, a question, a request, praise or something else; decided by its words.

Weighted cues in Japanese and English add up for each kind; a rating helps where the words say little. Other
languages are told by question marks, a few words of their own, and the rating.
"""

import re
from dataclasses import dataclass

from nlp.kind_cues import ELSEWHERE, ENGLISH, JAPANESE, OTHER, PAIN_POINT, PRAISE, QUESTION, REQUEST, Cues
from nlp.normal import fold

_STARS = ("review",)
_MEANT_BY_STARS = {1.0: PAIN_POINT, 2.0: PAIN_POINT, 4.0: PRAISE, 5.0: PRAISE}
_RATING_WEIGHT = 0.8
_FURTHER = 0.25
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
    for kind, weight, pattern in _BY_LANGUAGE.get(lang or "", _OF_OTHERS):
        # A cue counts once: a customer who says "error" five times has one problem.
        if match := pattern.search(words):
            weights[kind].append(weight)
            reasons[kind].append(match.group().strip().lower())
    rated = _meaning_of(rating, channel)
    if rating is not None and rated is not None:
        weights[rated].append(_RATING_WEIGHT)
        reasons[rated].append(f"rating {rating:g}")
    scores = {kind: _together(kind, weights[kind]) for kind in _ORDER}
    best = max(_ORDER, key=lambda kind: scores[kind])
    if scores[best] == 0.0:
        return Kind(name=OTHER, confidence=0.5, reason="")
    confidence = scores[best] / (sum(scores.values()) + 0.5)
    return Kind(name=best, confidence=round(confidence, 3), reason=", ".join(reasons[best]))


def _together(kind: str, weights: list[float]) -> float:
    """Add up one kind's cues: the strongest counts whole, each further one a part.

    A question has only its strongest: 「エラーになります。どうすればいいですか？」 asks three times over, and
    is a pain point.
    """
    strongest = max(weights, default=0.0)
    return strongest if kind == QUESTION else strongest + _FURTHER * (sum(weights) - strongest)


def _meaning_of(rating: float | None, channel: str) -> str | None:
    """Return what a rating says by itself: stars in reviews; elsewhere what is low or high on any scale."""
    if rating is None:
        return None
    if channel in _STARS and rating in _MEANT_BY_STARS:
        return _MEANT_BY_STARS[rating]
    return PAIN_POINT if rating <= 2 else PRAISE if rating >= 9 else None
