"""What every reader of notes and transcripts yields: lines of a document, turns of a talk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_WITHOUT_SPACES = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
"""Kana, kanji, and the signs that stand with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a document, with what its form tells of it. An empty one begins a new paragraph."""

    number: int
    """Counted from 1: of a text file the line, else the paragraph."""
    text: str = ""
    level: int = 0
    """1 to 6 for a heading, 1 the highest; 0 for what is none."""
    quoted: bool = False
    """Whether it is marked as somebody's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What was said, or noted, without a break."""

    text: str
    speaker: str | None = None
    """The name that the file gives; None where it gives none."""
    offset: float | None = None
    """Seconds from the beginning, where the file says so."""
    by_researcher: bool = False
    """Whether it is the researcher's, whoever spoke: a heading, a question of the guide, a section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One talk."""

    turns: Sequence[Turn]
    title: str | None = None
    part: str | None = None
    """What the file calls it, where it holds several: `Participant 3`."""
    line: int = 1
    """Where it begins."""
    about: dict[str, str] = field(default_factory=dict)
    """What the file says of it: `created_at`, `lang`, `customer_id`, `account_id`."""


def joined(pieces: Sequence[str]) -> str:
    """Return pieces of running text as one: with a space, but none where Japanese or Chinese goes on."""
    text = ""
    for piece in pieces:
        piece = piece.strip()
        goes_on = _WITHOUT_SPACES.match(text[-1:]) and _WITHOUT_SPACES.match(piece)
        text += piece if goes_on or not text or not piece else f" {piece}"
    return text
