"""Where in a text there are digits: most patterns of numbers and addresses need be tried nowhere else."""

import re
from collections.abc import Iterator

_DIGITS = re.compile("[0-9]+")
_REACH = 120
"""Characters around a digit that what holds it may take; the longest address anchors are shorter."""


def near_digits(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield what `finditer` finds, for a pattern whose matches hold a digit or stand right before one."""
    start = end = -1
    for digits in _DIGITS.finditer(text):
        if digits.start() - _REACH > end:
            if end >= 0:
                yield from pattern.finditer(text, start, end)
            start = max(0, digits.start() - _REACH)
        end = digits.end() + _REACH
    if end >= 0:
        yield from pattern.finditer(text, start, end)
