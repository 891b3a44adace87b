"""What Koe wrote itself: it carries a mark, so that it is not taken for feedback when it comes back."""

import re
from collections.abc import Iterable

_MARK = re.compile(r"<!--\s*koe:[\w-]{1,80}\s*-->|\[koe:[\w-]{1,80}\]")

LABEL = "koe"
"""What things are listed by that Koe made, where they can bear a label."""


def label_of(marker: str) -> str:
    """Return the label, tag or slug that one thing alone bears that Koe writes."""
    return f"{LABEL}-{marker}"


def mark(marker: str, *, hidden: bool) -> str:
    """Return the mark of something that Koe writes; hidden, it is a comment of HTML."""
    return f"<!-- koe:{marker} -->" if hidden else f"[koe:{marker}]"


def is_among(marked: str, texts: Iterable[str | None]) -> bool:
    """Say whether one of several texts carries a mark."""
    return any(marked in (text or "") for text in texts)


def is_own(text: str) -> bool:
    """Say whether Koe wrote a text."""
    return _MARK.search(text) is not None


def unmarked(text: str) -> str:
    """Return a text without marks of Koe's: people may publish what it wrote as it is."""
    return _MARK.sub("", text)
