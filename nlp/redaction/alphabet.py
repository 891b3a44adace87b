"""Capital and small letters of Latin, Greek and Cyrillic, as the insides of character classes.

`re` has no class for them, and kana and kanji, which have no case, must be in neither.
"""

_SCRIPTS = (*range(0x41, 0x250), *range(0x370, 0x400), *range(0x400, 0x530), *range(0x1E00, 0x2000))


def _ranges(codes: list[int]) -> str:
    """Write sorted code points as a character class does."""
    starts = [code for code in codes if code - 1 not in codes]
    ends = [code for code in codes if code + 1 not in codes]
    return "".join(
        chr(first) if first == last else f"{chr(first)}-{chr(last)}"
        for first, last in zip(starts, ends, strict=True)
    )


UPPER = _ranges([code for code in _SCRIPTS if chr(code).isupper()])
LOWER = _ranges([code for code in _SCRIPTS if chr(code).islower()])
LETTERS = UPPER + LOWER
