"""How bad it is what a customer says, by words, by what was asked for in a hurry, and by the rating given.

- `critical`: something is lost or stolen (data, money, access to what is one's own), somebody may come to
  harm, or nobody can work
- `high`: something does not work, or an answer is urgent
- `medium`: it works, but badly
- `low`: a trifle, or what can be got around
"""

import re
from dataclasses import dataclass

from nlp.kind_cues import PAIN_POINT
from nlp.normal import fold
from nlp.tone.grave import (
    CRITICAL,
    DENIED_BEFORE,
    DENIED_BEHIND,
    ENGLISH,
    ENGLISH_MILDER,
    HIGH,
    JAPANESE,
    JAPANESE_MILDER,
    LOW,
    MEDIUM,
)

LEVELS = ("low", "medium", "high", "critical")

_READ = 1_500
_ANGRY, _CONTENT = 1.5, 4.5
"""A rating up to here takes a level of a pain point up, one from here on takes one off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """How bad it is what a span says."""

    level: int | None
    """1 (low) to 4 (critical), of which `LEVELS` has the words; None where nothing is wrong."""
    reason: str
    """The words, or the rating, that decided; empty where nothing did."""


def _any(patterns: tuple[str, ...], *, edge: str = "") -> re.Pattern[str]:
    return re.compile(rf"{edge}(?:{'|'.join(patterns)}){edge}", re.IGNORECASE)


_ENGLISH = tuple((level, _any(patterns, edge=r"\b")) for level, patterns in ENGLISH)
_JAPANESE = tuple((level, _any(patterns)) for level, patterns in JAPANESE)
_MILDER = {"en": _any(ENGLISH_MILDER, edge=r"\b"), "ja": _any(JAPANESE_MILDER)}


def severity_of(text: str, *, kind: str, rating: float | None, lang: str | None) -> Severity:
    """Return how bad it is what a span of this kind says, and what tells it.

    A pain point always has a level. What asks or praises has one only where it tells of something lost or
    cannot wait. `rating` is on the scale 1 to 5. Languages without cues have the rating alone.
    """
    words = fold(text[:_READ]).text.replace("’", "'").lower()
    japanese = lang == "ja"
    cues = _JAPANESE if japanese else _ENGLISH if lang == "en" else ()
    level, reason = _gravest(words, cues, japanese=japanese)
    if kind != PAIN_POINT:
        return Severity(level=level, reason=reason) if level >= HIGH and kind != "praise" else _NONE
    level = level or MEDIUM
    milder = _MILDER[lang].search(words) if lang in _MILDER else None
    if milder and level < CRITICAL:
        level, reason = level - 1, f"{reason}, {milder.group()}".strip(", ")
    if rating is not None and (step := _step(rating, level)):
        level, reason = level + step, f"{reason}, rating {rating:g}".strip(", ")
    return Severity(level=max(LOW, level), reason=reason)


_NONE = Severity(level=None, reason="")


def _gravest(words: str, cues: tuple[tuple[int, re.Pattern[str]], ...], *, japanese: bool) -> tuple[int, str]:
    """Return the first level of which the words tell, and these; 0 for none."""
    for level, pattern in cues:
        for match in pattern.finditer(words):
            if not _denied(words, match, japanese=japanese):
                return level, match.group().strip()
    return 0, ""


def _denied(words: str, match: re.Match[str], *, japanese: bool) -> bool:
    if japanese:
        return DENIED_BEHIND.match(words, match.end(), match.end() + 10) is not None
    return DENIED_BEFORE.search(words[max(0, match.start() - 30) : match.start()]) is not None


def _step(rating: float, level: int) -> int:
    """Return what a rating does to a level: no rating makes anything critical, or takes that back."""
    if rating <= _ANGRY and level < HIGH:
        return 1
    return -1 if rating >= _CONTENT and MEDIUM <= level < CRITICAL else 0
