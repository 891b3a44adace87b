"""Text in one width and one form (NFKC), with the way back to where each character came from."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Second halves of canonical compositions that are starters: they join what stands before them.
_JOINING_STARTERS = frozenset(
    chr(code)
    for code in (
        *range(0x1161, 0x1176),
        *range(0x11A8, 0x11C3),
        *(0x09BE, 0x09D7, 0x0B3E, 0x0B56, 0x0B57, 0x0BBE, 0x0BD7, 0x0CC2, 0x0CD5, 0x0CD6),
        *(0x0D3E, 0x0D57, 0x0DCF, 0x0DDF, 0x102E, 0x1B35),
        *(0x11127, 0x1133E, 0x11357, 0x114B0, 0x114BA, 0x114BD, 0x115AF, 0x11930),
    )
)


@dataclass(frozen=True, slots=True)
class Folded:
    """NFKC text, and for each of its characters the half-open stretch of the input that it came from."""

    text: str
    starts: tuple[int, ...] | None
    """None where the text was in this form already and every offset stays what it is."""
    ends: tuple[int, ...] | None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return where the folded stretch [start, end) stands in the input; it must not be empty."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Return `text` in NFKC: full-width letters and digits narrow, half-width kana wide, accents composed."""
    if text.isascii() or unicodedata.is_normalized("NFKC", text):
        return Folded(text, None, None)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        piece = unicodedata.normalize("NFKC", text[start:end])
        pieces.append(piece)
        starts.extend([start] * len(piece))
        ends.extend([end] * len(piece))
    return Folded("".join(pieces), tuple(starts), tuple(ends))


def _clusters(text: str) -> list[tuple[int, int]]:
    """Cut the text where no character changes under the influence of the one before it."""
    cuts = [index for index, char in enumerate(text) if index == 0 or not _joins(char)]
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


@lru_cache(maxsize=8192)
def _joins(char: str) -> bool:
    first = unicodedata.normalize("NFKD", char)[0]
    return unicodedata.combining(first) != 0 or first in _JOINING_STARTERS
