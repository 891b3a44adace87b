"""How a customer sounds, from -1 (angry) to 1 (delighted), by words and by the rating given.

The strengths of words add up and are squashed as in VADER (Hutto and Gilbert 2014): s / sqrt(s² + 15) there,
with a smaller constant here because most spans are one sentence. Words are our own lists, in English and
Japanese; of other languages only the rating and smileys speak.
"""

import math
from dataclasses import dataclass

from nlp.normal import fold
from nlp.tone.words import spoken

POSITIVE, NEGATIVE = 0.15, -0.15
"""From here on people sound pleased, from here down displeased."""

_READ = 1_500
_SQUASH = 9.0
_RATING_SHARE = 0.25
_MOST_REASONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """How a span sounds."""

    score: float | None
    """-1 to 1; None where neither words nor a rating tell."""
    reason: str
    """The words, or the rating, that decided, the strongest first; empty where nothing did."""


def sentiment_of(text: str, *, rating: float | None, lang: str | None) -> Sentiment:
    """Return how a span sounds, and what tells it. `rating` is on the scale 1 to 5."""
    words = fold(text[:_READ]).text.replace("’", "'")
    found = [word for word in spoken(words, lang) if word.strength]
    told = sum(word.strength for word in found)
    by_words = told / math.sqrt(told * told + _SQUASH) if found else None
    by_rating = None if rating is None else max(-1.0, min(1.0, (rating - 3) / 2))
    if by_words is None and by_rating is None:
        return Sentiment(score=None, reason="")
    reasons = [word.text for word in sorted(found, key=lambda word: -abs(word.strength))]
    if rating is not None:
        reasons.insert(_MOST_REASONS - 1, f"rating {rating:g}")
    score = _together(by_words, by_rating)
    return Sentiment(score=round(score, 3), reason=", ".join(dict.fromkeys(reasons[:_MOST_REASONS])))


def _together(by_words: float | None, by_rating: float | None) -> float:
    if by_words is None or by_rating is None:
        return (by_words or 0.0) + (by_rating or 0.0)
    return (1 - _RATING_SHARE) * by_words + _RATING_SHARE * by_rating
